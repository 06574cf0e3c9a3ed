#include "record/record_text.hpp"

#include <algorithm>

#include "sched/seam/error_name.hpp"

namespace rehearsal::sched {
namespace {

bool has_number(RecordKind kind) {
  return kind != RecordKind::task && kind != RecordKind::clock && kind != RecordKind::wait &&
         kind != RecordKind::delay && kind != RecordKind::turn && kind != RecordKind::random &&
         kind != RecordKind::choose && kind != RecordKind::quiescent;
}

std::string nanoseconds(std::uint64_t count) {
  return static_cast<std::int64_t>(count) == never.time_since_epoch().count()
             ? "never"
             : std::to_string(static_cast<std::int64_t>(count)) + " ns";
}

std::string outcome(const RecordHeader& header, ConstBytes data) {
  const std::string value = std::to_string(header.value);
  switch (header.kind) {
    case RecordKind::recv:
    case RecordKind::send:
    case RecordKind::send_to:
      return value + " of " + std::to_string(header.asked);
    case RecordKind::recv_from:
      return std::to_string(header.value & 0xffffffffU) + " of " +
             std::to_string(header.value >> 32U);
    case RecordKind::accept:
      return value + " from " + endpoint_in(data).to_string();
    case RecordKind::listen:
    case RecordKind::connect:
    case RecordKind::bind:
    case RecordKind::set_peer:
    case RecordKind::local:
    case RecordKind::peer:
      return endpoint_in(data).to_string();
    case RecordKind::connection_name:
    case RecordKind::resolve:
    case RecordKind::inbox:
    case RecordKind::task:
      return as_text(data);
    case RecordKind::resolved:
      return std::to_string(data.size() / sizeof(RecordedEndpoint)) + " addresses";
    case RecordKind::choose:
      return value + " of " + std::to_string(header.asked) + " for " + as_text(data);
    case RecordKind::wait:
      return std::to_string(data.size() / sizeof(RecordedReady)) + " ready, until " +
             nanoseconds(header.asked);
    case RecordKind::clock:
    case RecordKind::turn:
      return nanoseconds(header.value);
    case RecordKind::next_signal:
    case RecordKind::next_message:
    case RecordKind::blocking_result:
    case RecordKind::delay:
    case RecordKind::random:
      return value;
    default:
      return {};
  }
}

}  // namespace

std::string describe(const RecordHeader& header, ConstBytes data) {
  std::string text(name(header.kind));
  if (has_number(header.kind)) {
    text += ' ' + std::to_string(header.number);
  }
  if (!header.ok()) {
    return text + " fails with " +
           (header.error == other_exception ? "an exception" : error_name(header.code()));
  }
  const std::string came = outcome(header, data);
  return came.empty() ? text : text + " = " + came;
}

std::string excerpt(ConstBytes bytes, std::size_t most) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes.first(std::min(bytes.size(), most))) {
    const auto c = static_cast<unsigned char>(byte);
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      text += static_cast<char>(c);
    } else {
      text += "\\x";
      text += digits[c >> 4U];
      text += digits[c & 15U];
    }
  }
  return bytes.size() > most ? text + "..." : text;
}

}  // namespace rehearsal::sched

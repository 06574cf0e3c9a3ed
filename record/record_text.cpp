#include "record/record_text.hpp"

#include <algorithm>
#include <cstring>

#include "sched/seam/error_name.hpp"

namespace rehearsal::record {
namespace {

// Returns true if the number of such a record is a descriptor.
bool has_descriptor(RecordKind kind) {
  return kind == RecordKind::watch ||
         (kind < RecordKind::end && kind > RecordKind::next_segment && kind != RecordKind::random &&
          kind != RecordKind::choose && kind != RecordKind::wall_clock);
}

std::string nanoseconds(std::uint64_t count) {
  return static_cast<std::int64_t>(count) == sched::never.time_since_epoch().count()
             ? "never"
             : std::to_string(static_cast<std::int64_t>(count)) + " ns";
}

std::string outcome(const RecordHeader& header, sched::ConstBytes data) {
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
    case RecordKind::resolved:
      return std::to_string(endpoints_in(data).size()) + " addresses";
    case RecordKind::choose:
      return value + " of " + std::to_string(header.asked) + " for " + sched::as_text(data);
    case RecordKind::wait:
      return std::to_string(data.size() / sizeof(RecordedReady)) + " ready, until " +
             nanoseconds(header.asked);
    case RecordKind::clock:
    case RecordKind::turn:
    case RecordKind::wall_clock:
      return nanoseconds(header.value);
    case RecordKind::next_signal:
    case RecordKind::next_message:
    case RecordKind::blocking_result:
    case RecordKind::delay:
    case RecordKind::random:
      return value;
    default:
      return describe_data(data_of(header.kind), data);
  }
}

}  // namespace

std::string describe_data(RecordData form, sched::ConstBytes data) {
  std::string text;
  switch (form) {
    case RecordData::ready:
      for (std::size_t at = 0; at < data.size(); at += sizeof(RecordedReady)) {
        RecordedReady ready;
        std::memcpy(&ready, data.data() + at, sizeof ready);
        text += (at == 0 ? "" : " ") + std::to_string(ready.descriptor) + ':' +
                std::to_string(ready.what);
      }
      return text;
    case RecordData::listener:
    case RecordData::datagram:
      return endpoint_in(data).to_string();
    case RecordData::endpoint:
    case RecordData::endpoints:
      for (const sched::Endpoint& endpoint : endpoints_in(data)) {
        text += (text.empty() ? "" : " ") + endpoint.to_string();
      }
      return text;
    case RecordData::options: {
      RecordedOptions options;
      std::memcpy(&options, data.data(), sizeof options);
      return "keep-alive " + std::to_string(options.keep_alive_idle) + " s, " +
             std::to_string(options.keep_alive_interval) + " s, " +
             std::to_string(options.keep_alive_count) + " times; user timeout " +
             std::to_string(options.user_timeout) + " ms" +
             (options.reset_on_close != 0 ? "; reset on close" : "");
    }
    case RecordData::numbers:
      for (std::size_t at = 0; at < data.size(); at += sizeof(std::int32_t)) {
        std::int32_t number = 0;
        std::memcpy(&number, data.data() + at, sizeof number);
        text += (at == 0 ? "" : " ") + std::to_string(number);
      }
      return text;
    default:
      return sched::as_text(data);
  }
}

std::string describe(const RecordHeader& header, sched::ConstBytes data) {
  std::string text(name(header.kind));
  if (has_descriptor(header.kind)) {
    text += ' ' + std::to_string(header.number);
  }
  if (!header.ok()) {
    return text + " fails with " +
           (header.error == other_exception ? "an exception" : sched::error_name(header.code()));
  }
  const std::string came = outcome(header, data);
  return came.empty() ? text : text + " = " + came;
}

std::string excerpt(sched::ConstBytes bytes, std::size_t most) {
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

}  // namespace rehearsal::record

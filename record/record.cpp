#include "record/record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sched/base/hash.hpp"

namespace rehearsal::record {
namespace {

// In nanoseconds, about 146 years: adding to it cannot overflow an Instant.
constexpr std::uint64_t most_instant = std::uint64_t{1} << 62U;

constexpr std::uint8_t unix_family = 1;

RecordedEndpoint fixed_part(sched::ConstBytes data) {
  RecordedEndpoint recorded;
  std::memcpy(&recorded, data.data(), sizeof recorded);
  return recorded;
}

bool are_endpoints(sched::ConstBytes data) {
  while (!data.empty()) {
    const auto size = endpoint_size(data);
    if (!size) {
      return false;
    }
    data = data.subspan(*size);
  }
  return true;
}

// Returns the size of a record's payload in bytes.
std::uint64_t payload_size(const Record& record) {
  switch (record.kind) {
    case RecordKind::send_to:
      return record.asked;
    case RecordKind::recv_from:
      return record.value & 0xffffffffU;
    default:
      return record.value;
  }
}

bool is_payload(const Record& record, sched::ConstBytes data) {
  switch (record.kept()) {
    case PayloadKept::full:
      return data.size() == payload_size(record);
    case PayloadKept::hash:
      return data.size() == sizeof(std::uint64_t);
    case PayloadKept::none:
      return data.empty();
  }
  return false;
}

// Returns true if the record of a failed call has data too: the arguments of the call, or the text
// of an exception.
bool has_data_of_failure(RecordKind kind) {
  switch (kind) {
    case RecordKind::accept:
    case RecordKind::recv:
    case RecordKind::recv_from:
    case RecordKind::send:
    case RecordKind::local:
    case RecordKind::peer:
    case RecordKind::resolved:
    case RecordKind::next_message:
      return false;
    default:
      return true;
  }
}

bool header_is_of_its_kind(const RecordHeader& header) {
  switch (header.kind) {
    case RecordKind::clock:
    case RecordKind::turn:
      return header.value < most_instant;
    case RecordKind::wait:
      return header.number >= 0 && header.number <= 2;
    default:
      return true;
  }
}

}  // namespace

std::string_view name(RecordKind kind) {
  using Kind = RecordKind;
  switch (kind) {
    REHEARSAL_SEAM_CALLS(REHEARSAL_CALL_TEXT)
    case RecordKind::none:
      return "none";
    case RecordKind::segment:
      return "segment";
    case RecordKind::head:
      return "head";
    case RecordKind::more:
      return "more";
    case RecordKind::next_segment:
      return "next_segment";
    case RecordKind::end:
      return "end";
    case RecordKind::quiescent:
      return "quiescent";
    case RecordKind::task:
      return "task";
    case RecordKind::clock:
      return "clock";
    case RecordKind::wait:
      return "wait";
    case RecordKind::watch:
      return "watch";
    case RecordKind::delay:
      return "delay";
    case RecordKind::turn:
      return "turn";
  }
  return {};
}

RecordData data_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::segment:
      return RecordData::number;
    case RecordKind::head:
      return RecordData::head;
    case RecordKind::wait:
      return RecordData::ready;
    case RecordKind::listen:
      return RecordData::listener;
    case RecordKind::set_options:
      return RecordData::options;
    case RecordKind::accept:
    case RecordKind::connect:
    case RecordKind::bind:
    case RecordKind::set_peer:
    case RecordKind::local:
    case RecordKind::peer:
      return RecordData::endpoint;
    case RecordKind::resolved:
      return RecordData::endpoints;
    case RecordKind::signals:
      return RecordData::numbers;
    case RecordKind::recv:
    case RecordKind::send:
    case RecordKind::next_message:
    case RecordKind::blocking_result:
      return RecordData::payload;
    case RecordKind::recv_from:
    case RecordKind::send_to:
      return RecordData::datagram;
    case RecordKind::task:
    case RecordKind::connection_name:
    case RecordKind::resolve:
    case RecordKind::inbox:
    case RecordKind::choose:
      return RecordData::text;
    case RecordKind::none:
    case RecordKind::more:
    case RecordKind::next_segment:
    case RecordKind::connected:
    case RecordKind::shutdown_send:
    case RecordKind::close:
    case RecordKind::abort:
    case RecordKind::next_signal:
    case RecordKind::start_blocking:
    case RecordKind::random:
    case RecordKind::wall_clock:
    case RecordKind::end:
    case RecordKind::quiescent:
    case RecordKind::clock:
    case RecordKind::watch:
    case RecordKind::delay:
    case RecordKind::turn:
      break;
  }
  return RecordData::none;
}

std::uint32_t record_check(const RecordHeader& header, std::uint64_t data_hash,
                           std::uint64_t salt) {
  std::array<std::uint64_t, sizeof(RecordHeader) / sizeof(std::uint64_t)> words{};
  std::memcpy(words.data(), &header, sizeof header);
  const std::uint64_t first =
      sched::fold(words[1] ^ salt ^ 0xa0761d6478bd642f, words[2] ^ data_hash ^ 0x589965cc75374cc3);
  const std::uint64_t second =
      sched::fold(words[3] ^ 0xe7037ed1a0b428db, words[4] ^ salt ^ 0x1d8e4e27c47d124f);
  return static_cast<std::uint32_t>(sched::fold(first, second ^ 0x8ebc6af09c88c6e3));
}

std::string RecordingHead::flag(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < flags.size(); i += 2) {
    if (flags[i] == name) {
      return flags[i + 1];
    }
  }
  return {};
}

std::vector<std::byte> to_record(const RecordingHead& head) {
  std::vector<std::byte> bytes;
  const auto put = [&bytes](const std::string& text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    const auto length_bytes = std::as_bytes(std::span(&length, 1));
    bytes.insert(bytes.end(), length_bytes.begin(), length_bytes.end());
    const auto text_bytes = std::as_bytes(std::span(text));
    bytes.insert(bytes.end(), text_bytes.begin(), text_bytes.end());
  };
  put(head.build);
  put(head.server);
  std::ranges::for_each(head.flags, put);
  return bytes;
}

std::optional<RecordingHead> head_in(sched::ConstBytes data) {
  std::vector<std::string> texts;
  while (!data.empty()) {
    std::uint32_t length = 0;
    if (data.size() < sizeof length) {
      return std::nullopt;
    }
    std::memcpy(&length, data.data(), sizeof length);
    data = data.subspan(sizeof length);
    if (length > data.size()) {
      return std::nullopt;
    }
    texts.emplace_back(reinterpret_cast<const char*>(data.data()), length);
    data = data.subspan(length);
  }
  if (texts.size() < 2 || texts.size() % 2 != 0) {
    return std::nullopt;
  }
  RecordingHead head;
  head.build = texts[0];
  head.server = texts[1];
  head.flags.assign(texts.begin() + 2, texts.end());
  return head;
}

EndpointBytes::EndpointBytes(const sched::Endpoint& endpoint) {
  RecordedEndpoint recorded;
  if (endpoint.is_unix()) {
    recorded.port = static_cast<std::uint16_t>(endpoint.unix_name().size());
    recorded.family = unix_family;
  } else {
    recorded.bytes = endpoint.bytes();
    recorded.scope = endpoint.scope();
    recorded.port = endpoint.port();
    recorded.family = endpoint.family() == sched::Endpoint::Family::ipv4 ? 4 : 6;
  }
  append(std::as_bytes(std::span(&recorded, 1)));
  if (endpoint.is_unix()) {
    append(std::as_bytes(std::span(endpoint.unix_name())));
  }
}

EndpointBytes::EndpointBytes(const sched::Endpoint& at, const RecordedOptions& clients)
    : EndpointBytes(at) {
  append(std::as_bytes(std::span(&clients, 1)));
}

void EndpointBytes::append(sched::ConstBytes bytes) {
  std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

RecordedOptions to_record(const sched::StreamOptions& options) {
  RecordedOptions recorded;
  recorded.keep_alive_idle = options.keep_alive_idle.count();
  recorded.keep_alive_interval = options.keep_alive_interval.count();
  recorded.user_timeout = options.user_timeout.count();
  recorded.keep_alive_count = options.keep_alive_count;
  recorded.reset_on_close = options.reset_on_close ? 1 : 0;
  return recorded;
}

std::uint64_t listen_word(const sched::ListenOptions& options) {
  return static_cast<std::uint32_t>(options.backlog) |
         (options.reuse_port ? std::uint64_t{1} << 32U : 0) |
         (options.ipv6_only ? std::uint64_t{1} << 33U : 0) |
         (options.replace_stale ? std::uint64_t{1} << 34U : 0);
}

std::uint64_t bind_word(const sched::BindOptions& options) {
  return (options.reuse_port ? 1U : 0U) | (options.broadcast ? 2U : 0U) |
         (options.replace_stale ? 4U : 0U);
}

std::optional<std::size_t> endpoint_size(sched::ConstBytes data) {
  constexpr std::size_t fixed = sizeof(RecordedEndpoint);
  if (data.size() < fixed) {
    return std::nullopt;
  }
  const RecordedEndpoint recorded = fixed_part(data);
  if (recorded.family == 4 || recorded.family == 6) {
    return fixed;
  }
  const std::size_t size = fixed + recorded.port;
  const bool valid =
      recorded.family == unix_family && size <= data.size() &&
      sched::Endpoint::is_unix_name(sched::as_text(data.subspan(fixed, recorded.port)));
  return valid ? std::optional(size) : std::nullopt;
}

sched::Endpoint endpoint_in(sched::ConstBytes data) {
  const RecordedEndpoint recorded = fixed_part(data);
  if (recorded.family == unix_family) {
    return sched::Endpoint::of_unix(sched::as_text(data.subspan(sizeof recorded, recorded.port)));
  }
  const auto family =
      recorded.family == 4 ? sched::Endpoint::Family::ipv4 : sched::Endpoint::Family::ipv6;
  return {family, recorded.bytes, recorded.port, recorded.scope};
}

std::vector<sched::Endpoint> endpoints_in(sched::ConstBytes data) {
  std::vector<sched::Endpoint> endpoints;
  while (!data.empty()) {
    endpoints.push_back(endpoint_in(data));
    data = data.subspan(*endpoint_size(data));
  }
  return endpoints;
}

bool data_is_of_its_kind(const Record& record) {
  const sched::ConstBytes data = record.data;
  if (!header_is_of_its_kind(record)) {
    return false;
  }
  if (!record.ok()) {
    if (!has_data_of_failure(record.kind)) {
      return data.empty();
    }
    if (record.kind == RecordKind::blocking_result) {
      return true;  // the text of the exception
    }
  }
  const auto endpoint = endpoint_size(data);
  switch (data_of(record.kind)) {
    case RecordData::none:
      return data.empty();
    case RecordData::number:
      return data.size() == sizeof(std::uint64_t);
    case RecordData::head:
      return head_in(data).has_value();
    case RecordData::text:
      return true;
    case RecordData::ready:
      return data.size() % sizeof(RecordedReady) == 0;
    case RecordData::listener:
      return endpoint && data.size() == *endpoint + sizeof(RecordedOptions);
    case RecordData::options:
      return data.size() == sizeof(RecordedOptions);
    case RecordData::endpoint:
      return endpoint && *endpoint == data.size();
    case RecordData::endpoints:
      return !data.empty() && are_endpoints(data);
    case RecordData::numbers:
      return data.size() % sizeof(std::int32_t) == 0;
    case RecordData::payload:
      return is_payload(record, data);
    case RecordData::datagram:
      return endpoint && is_payload(record, data.subspan(*endpoint));
  }
  return false;
}

}  // namespace rehearsal::record

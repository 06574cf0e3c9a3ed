#include "record/record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "sched/base/hash.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::array<std::string_view, record_kind_count> names = {
    "none",    "segment",  "head",      "more",    "next_segment", "end",      "quiescent",
    "task",    "clock",    "wait",      "watch",   "delay",        "turn",     "listen",
    "accept",  "connect",  "connected", "recv",    "send",         "shutdown", "close",
    "abort",   "bind",     "recv_from", "send_to", "local",        "peer",     "name",
    "resolve", "resolved", "signals",   "signal",  "inbox",        "message",  "blocking",
    "result",  "random",   "choose"};

// Nanoseconds, about 146 years: what is added to it stays an instant.
constexpr std::uint64_t most_instant = std::uint64_t{1} << 62U;

bool are_endpoints(ConstBytes data, bool exactly_one) {
  constexpr std::size_t size = sizeof(RecordedEndpoint);
  if (data.size() % size != 0 || (exactly_one && data.size() != size)) {
    return false;
  }
  for (std::size_t at = 0; at < data.size(); at += size) {
    const auto family = static_cast<unsigned>(data[at + offsetof(RecordedEndpoint, family)]);
    if (family != 4 && family != 6) {
      return false;
    }
  }
  return true;
}

// Bytes that came in or went out, `size` of them.
bool is_payload(const Record& record, std::size_t size, ConstBytes data) {
  switch (record.kept()) {
    case PayloadKept::full:
      return data.size() == size;
    case PayloadKept::hash:
      return data.size() == sizeof(std::uint64_t);
    case PayloadKept::none:
      return data.empty();
  }
  return false;
}

}  // namespace

std::string_view name(RecordKind kind) { return names.at(static_cast<std::size_t>(kind)); }

std::uint32_t record_check(const RecordHeader& header, std::uint64_t data_hash,
                           std::uint64_t salt) {
  std::array<std::uint64_t, sizeof(RecordHeader) / sizeof(std::uint64_t)> words{};
  std::memcpy(words.data(), &header, sizeof header);
  const std::uint64_t first =
      fold(words[1] ^ salt ^ 0xa0761d6478bd642f, words[2] ^ data_hash ^ 0x589965cc75374cc3);
  const std::uint64_t second =
      fold(words[3] ^ 0xe7037ed1a0b428db, words[4] ^ salt ^ 0x1d8e4e27c47d124f);
  return static_cast<std::uint32_t>(fold(first, second ^ 0x8ebc6af09c88c6e3));
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

std::optional<RecordingHead> head_in(ConstBytes data) {
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

RecordedEndpoint to_record(const Endpoint& endpoint) {
  RecordedEndpoint recorded;
  recorded.bytes = endpoint.bytes();
  recorded.scope = endpoint.scope();
  recorded.port = endpoint.port();
  recorded.family = endpoint.family() == Endpoint::Family::ipv4 ? 4 : 6;
  return recorded;
}

RecordedOptions to_record(const StreamOptions& options) {
  RecordedOptions recorded;
  recorded.keep_alive_idle = options.keep_alive_idle.count();
  recorded.keep_alive_interval = options.keep_alive_interval.count();
  recorded.user_timeout = options.user_timeout.count();
  recorded.keep_alive_count = options.keep_alive_count;
  recorded.reset_on_close = options.reset_on_close ? 1 : 0;
  return recorded;
}

RecordedListener to_record(const Endpoint& at, const ListenOptions& options) {
  return {to_record(at), to_record(options.clients)};
}

std::uint64_t listen_word(const ListenOptions& options) {
  return static_cast<std::uint32_t>(options.backlog) |
         (options.reuse_port ? std::uint64_t{1} << 32U : 0) |
         (options.ipv6_only ? std::uint64_t{1} << 33U : 0);
}

Endpoint endpoint_in(ConstBytes data, std::size_t index) {
  RecordedEndpoint recorded;
  std::memcpy(&recorded, data.subspan(index * sizeof recorded).data(), sizeof recorded);
  const auto family = recorded.family == 4 ? Endpoint::Family::ipv4 : Endpoint::Family::ipv6;
  return {family, recorded.bytes, recorded.port, recorded.scope};
}

std::vector<Endpoint> endpoints_in(ConstBytes data) {
  const std::size_t count = data.size() / sizeof(RecordedEndpoint);
  std::vector<Endpoint> endpoints;
  endpoints.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    endpoints.push_back(endpoint_in(data, i));
  }
  return endpoints;
}

bool data_is_of_its_kind(const Record& record) {
  constexpr std::size_t endpoint = sizeof(RecordedEndpoint);
  const ConstBytes data = record.data;
  switch (record.kind) {
    case RecordKind::segment:
      return data.size() == sizeof(std::uint64_t);
    case RecordKind::head:
      return head_in(data).has_value();
    case RecordKind::clock:
    case RecordKind::turn:
      return record.value < most_instant && data.empty();
    case RecordKind::wait:
      return record.number >= 0 && record.number <= 2 && data.size() % sizeof(RecordedReady) == 0;
    case RecordKind::listen:
      return data.size() == sizeof(RecordedListener) && are_endpoints(data.first(endpoint), true);
    case RecordKind::set_options:
      return data.size() == sizeof(RecordedOptions);
    case RecordKind::connect:
    case RecordKind::bind:
    case RecordKind::set_peer:
      return are_endpoints(data, true);
    case RecordKind::accept:
    case RecordKind::local:
    case RecordKind::peer:
      return record.ok() ? are_endpoints(data, true) : data.empty();
    case RecordKind::resolved:
      return are_endpoints(data, false) && record.ok() != data.empty();
    case RecordKind::blocking_result:
      return !record.ok() || is_payload(record, record.value, data);
    case RecordKind::recv:
    case RecordKind::next_message:
    case RecordKind::send:
      return record.ok() ? is_payload(record, record.value, data) : data.empty();
    case RecordKind::recv_from:
      return record.ok()
                 ? data.size() >= endpoint && are_endpoints(data.first(endpoint), true) &&
                       is_payload(record, record.value & 0xffffffffU, data.subspan(endpoint))
                 : data.empty();
    case RecordKind::send_to:
      return data.size() >= endpoint && are_endpoints(data.first(endpoint), true) &&
             is_payload(record, record.asked, data.subspan(endpoint));
    case RecordKind::signals:
      return data.size() % sizeof(std::int32_t) == 0;
    case RecordKind::task:
    case RecordKind::connection_name:
    case RecordKind::resolve:
    case RecordKind::inbox:
    case RecordKind::choose:
      return true;
    default:
      return data.empty();
  }
}

}  // namespace rehearsal::sched

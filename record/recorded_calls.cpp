// The calls of a recorded network.
#include <algorithm>
#include <cstring>
#include <utility>

#include "record/record_log.hpp"
#include "record/record_text.hpp"
#include "record/recorded.hpp"

namespace rehearsal::sched {
namespace {

ConstBytes text(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

// What a call opened, where a kernel would have given it.
Result<Descriptor> Recorded::opened(const Record& record, std::uint64_t descriptor) {
  constexpr std::uint64_t most = std::uint64_t{1} << 20U;
  if (descriptor >= most || (descriptor < open_.size() && open_[descriptor])) {
    stop(ReplayImpossible{record.at, std::string(name(record.kind)) +
                                         " gives a descriptor that is open, or is none"});
    return over;
  }
  if (descriptor >= open_.size()) {
    open_.resize(descriptor + 1);
  }
  open_[descriptor] = true;
  return static_cast<Descriptor>(descriptor);
}

Result<Descriptor> Recorded::take_opened(const RecordHeader& call, ConstBytes data) {
  const Record* const record = take(call, data, true);
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  return opened(*record, static_cast<std::uint32_t>(record->number));
}

Result<Descriptor> Recorded::listen(const Endpoint& at, const ListenOptions& options) {
  const RecordedListener listener = to_record(at, options);
  return take_opened({.kind = RecordKind::listen, .asked = listen_word(options)},
                     std::as_bytes(std::span(&listener, 1)));
}

Result<Accepted> Recorded::accept(Descriptor listener) {
  const Record* const record = take({.kind = RecordKind::accept, .number = listener});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const Endpoint from = endpoint_in(record->data);
  const Result<Descriptor> descriptor = opened(*record, record->value);
  if (!descriptor.ok()) {
    return descriptor.error();
  }
  return Accepted{descriptor.value(), from};
}

Result<Connecting> Recorded::connect(const Endpoint& to) {
  const RecordedEndpoint endpoint = to_record(to);
  const Record* const record =
      take({.kind = RecordKind::connect}, std::as_bytes(std::span(&endpoint, 1)), true);
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const bool in_progress = record->value != 0;
  const Result<Descriptor> descriptor = opened(*record, static_cast<std::uint32_t>(record->number));
  if (!descriptor.ok()) {
    return descriptor.error();
  }
  return Connecting{descriptor.value(), in_progress};
}

// What came in, where it was kept.
std::optional<ConstBytes> Recorded::payload_of(const Record& record, std::size_t behind) {
  if (record.kept() != PayloadKept::full && record.value != 0) {
    stop(ReplayImpossible{record.at, std::string(name(record.kind)) + ' ' +
                                         std::to_string(record.number) +
                                         ": the bytes that came were not kept"});
    return std::nullopt;
  }
  return record.data.subspan(behind);
}

Result<std::size_t> Recorded::recv(Descriptor descriptor, Bytes into) {
  const Record* const record =
      take({.kind = RecordKind::recv, .number = descriptor, .asked = into.size()});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const auto bytes = payload_of(*record);
  if (!bytes) {
    return over;
  }
  const std::size_t size = std::min(bytes->size(), into.size());
  if (size != 0) {
    std::memcpy(into.data(), bytes->data(), size);
  }
  return size;
}

bool Recorded::same_payload(const Record& record, Pieces pieces, std::size_t size,
                            ConstBytes kept) {
  if (record.kept() == PayloadKept::hash) {
    const std::uint64_t hash = hash_of_pieces(pieces, size);
    if (std::memcmp(&hash, kept.data(), sizeof hash) != 0) {
      part("other bytes of the same number");
    }
  } else if (record.kept() == PayloadKept::full) {
    std::size_t at = 0;
    for (const ConstBytes& piece : pieces) {
      const ConstBytes now = piece.first(std::min(piece.size(), size - at));
      const ConstBytes then = kept.subspan(at, now.size());
      const auto first = std::ranges::mismatch(then, now).in1 - then.begin();
      if (first != static_cast<std::ptrdiff_t>(now.size())) {
        const auto from = static_cast<std::size_t>(first);
        part("byte " + std::to_string(at + from) + " of them differs: '" +
             excerpt(now.subspan(from)) + "', not '" + excerpt(then.subspan(from)) + "'");
        break;
      }
      at += now.size();
    }
  }
  return !ended_;
}

Result<std::size_t> Recorded::send(Descriptor descriptor, Pieces pieces) {
  RecordHeader call{.kind = RecordKind::send, .number = descriptor};
  for (const ConstBytes& piece : pieces) {
    call.asked += piece.size();
  }
  const Record* const record = take(call);
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const std::size_t size = std::min<std::uint64_t>(record->value, call.asked);
  if (!same_payload(*record, pieces, size, record->data)) {
    return over;
  }
  return size;
}

Result<> Recorded::take_result(const RecordHeader& call, ConstBytes data) {
  const Record* const record = take(call, data, !data.empty());
  if (record == nullptr) {
    return over;
  }
  return record->ok() ? Result<>() : record->code();
}

Result<> Recorded::set_options(Descriptor descriptor, const StreamOptions& options) {
  const RecordedOptions recorded = to_record(options);
  return take_result({.kind = RecordKind::set_options, .number = descriptor},
                     std::as_bytes(std::span(&recorded, 1)));
}

Result<Descriptor> Recorded::bind(const Endpoint& at, const BindOptions& options) {
  const RecordedEndpoint endpoint = to_record(at);
  return take_opened({.kind = RecordKind::bind, .asked = options.reuse_port ? 1U : 0U},
                     std::as_bytes(std::span(&endpoint, 1)));
}

Result<> Recorded::set_peer(Descriptor descriptor, const Endpoint& peer) {
  const RecordedEndpoint endpoint = to_record(peer);
  return take_result({.kind = RecordKind::set_peer, .number = descriptor},
                     std::as_bytes(std::span(&endpoint, 1)));
}

Result<Received> Recorded::recv_from(Descriptor descriptor, Bytes into) {
  const Record* const record =
      take({.kind = RecordKind::recv_from, .number = descriptor, .asked = into.size()});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const auto bytes = payload_of(*record, sizeof(RecordedEndpoint));
  if (!bytes) {
    return over;
  }
  const std::size_t size = std::min(bytes->size(), into.size());
  if (size != 0) {
    std::memcpy(into.data(), bytes->data(), size);
  }
  return Received{size, record->value >> 32U, endpoint_in(record->data)};
}

Result<std::size_t> Recorded::send_to(Descriptor descriptor, ConstBytes from, const Endpoint& to) {
  const Record* const record =
      take({.kind = RecordKind::send_to, .number = descriptor, .asked = from.size()});
  if (record == nullptr) {
    return over;
  }
  const RecordedEndpoint endpoint = to_record(to);
  if (std::memcmp(record->data.data(), &endpoint, sizeof endpoint) != 0) {
    part("send_to " + std::to_string(descriptor) + " to " + to.to_string());
    return over;
  }
  if (!same_payload(*record, Pieces(&from, 1), from.size(),
                    record->data.subspan(sizeof endpoint))) {
    return over;
  }
  if (!record->ok()) {
    return record->code();
  }
  return record->value;
}

Result<Endpoint> Recorded::take_endpoint(RecordKind kind, Descriptor descriptor) {
  const Record* const record = take({.kind = kind, .number = descriptor});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  return endpoint_in(record->data);
}

std::string Recorded::connection_name(Descriptor descriptor) {
  return as_text(take_or_throw({.kind = RecordKind::connection_name, .number = descriptor}).data);
}

Result<Descriptor> Recorded::resolve(std::string_view name) {
  return take_opened({.kind = RecordKind::resolve}, text(name));
}

Result<std::vector<Endpoint>> Recorded::resolved(Descriptor descriptor) {
  const Record* const record = take({.kind = RecordKind::resolved, .number = descriptor});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  return endpoints_in(record->data);
}

Result<Descriptor> Recorded::signals(std::span<const int> numbers) {
  return take_opened({.kind = RecordKind::signals}, std::as_bytes(numbers));
}

Result<int> Recorded::next_signal(Descriptor descriptor) {
  const Record* const record = take({.kind = RecordKind::next_signal, .number = descriptor});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  return static_cast<int>(record->value);
}

Result<Descriptor> Recorded::inbox(std::string_view name) {
  return take_opened({.kind = RecordKind::inbox}, text(name));
}

Result<Message> Recorded::next_message(Descriptor descriptor) {
  const Record* const record = take({.kind = RecordKind::next_message, .number = descriptor});
  if (record == nullptr || !record->ok()) {
    return record == nullptr ? over : record->code();
  }
  const auto bytes = payload_of(*record);
  if (!bytes) {
    return over;
  }
  return Message(bytes->begin(), bytes->end());
}

Result<Descriptor> Recorded::start_blocking(std::function<void()> /*work*/) {
  return take_opened({.kind = RecordKind::start_blocking}, {});
}

std::optional<BlockingOutcome> Recorded::blocking_outcome(Descriptor descriptor) {
  if (!ended_ && peek() &&
      (next_.kind != RecordKind::blocking_result || next_.number != descriptor)) {
    return std::nullopt;
  }
  const Record& record = take_or_throw(
      {.kind = RecordKind::blocking_result, .number = descriptor, .asked = next_.asked});
  BlockingOutcome outcome;
  if (!record.ok()) {
    outcome.what = as_text(record.data);
    outcome.error = record.error == other_exception ? std::errc{} : record.code();
    return outcome;
  }
  outcome.is_bytes = record.asked != 0;
  const auto bytes = payload_of(record);
  if (!bytes) {
    throw ReplayStopped();
  }
  outcome.value.assign(bytes->begin(), bytes->end());
  return outcome;
}

std::uint64_t Recorded::random() { return take_or_throw({.kind = RecordKind::random}).value; }

std::uint32_t Recorded::choose(std::string_view name, std::uint32_t outcomes) {
  const Record& record =
      take_or_throw({.kind = RecordKind::choose, .asked = outcomes}, text(name), true);
  return std::min(static_cast<std::uint32_t>(record.value), outcomes - 1);
}

}  // namespace rehearsal::sched

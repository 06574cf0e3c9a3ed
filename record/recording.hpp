// Recording<Net>: a network that passes every call on to another and writes down all that crosses
// the seam: what the program asked for and what it was told. It is itself a Network, so the same
// program runs on it; a program that runs on Net directly pays nothing.
//
// It is used by one thread; only what Net allows to other threads (post) may be called by them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/record_log.hpp"
#include "sched/core/executor.hpp"
#include "sched/io/blocking_result.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::sched {

template <Network Net>
class Recording {
 public:
  // Both must outlive it.
  Recording(Net& network, RecordLog& log) : network_(network), log_(log) {}
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  [[nodiscard]] Net& network() { return network_; }
  // The program says that it is as at its start: nothing is open, no task is left, and from here on
  // it does what a fresh one does. A replay may begin here where what came before is missing.
  void declare_quiescent() { log_.quiescent(); }

  // The scheduler over this network calls it: its tasks are part of what is recorded.
  void follow(Executor& executor) { executor.observe(log_); }

  // Source.
  static constexpr bool holds_back = sched::holds_back<Net>;
  Instant now() {
    const Instant now = network_.now();
    log_.clock(now);
    return now;
  }
  Result<> watch(Descriptor descriptor, Direction way) {
    const Result<> result = network_.watch(descriptor, way);
    log_.watched(descriptor, way, result);
    return result;
  }
  void unwatch(Descriptor descriptor, Direction way) {
    log_.unwatched(descriptor, way);
    network_.unwatch(descriptor, way);
  }
  Wake wait(Deadline until, ReadyList& ready) {
    const std::size_t before = ready.size();
    const Wake wake = network_.wait(until, ready);
    log_.wait(until, wake, std::span(ready).subspan(before));
    return wake;
  }
  std::uint32_t delay(const TaskRecord& task) {
    const std::uint32_t held = network_.delay(task);
    if constexpr (holds_back) {
      if (held != 0) {
        log_.append({.kind = RecordKind::delay, .value = held, .asked = task.key()});
      }
    }
    return held;
  }
  Instant resume(const TaskRecord& task)
    requires TakesTime<Net>
  {
    const Instant now = network_.resume(task);
    log_.append({.kind = RecordKind::turn,
                 .value = static_cast<std::uint64_t>(now.time_since_epoch().count()),
                 .asked = task.key()});
    return now;
  }

  // Network.
  Result<Descriptor> listen(const Endpoint& at, const ListenOptions& options);
  Result<Accepted> accept(Descriptor listener);
  Result<Connecting> connect(const Endpoint& to);
  Result<> connected(Descriptor descriptor) {
    return note(RecordKind::connected, descriptor, network_.connected(descriptor));
  }
  Result<std::size_t> recv(Descriptor descriptor, Bytes into);
  Result<std::size_t> send(Descriptor descriptor, Pieces pieces);
  Result<> shutdown_send(Descriptor descriptor) {
    return note(RecordKind::shutdown_send, descriptor, network_.shutdown_send(descriptor));
  }
  void close(Descriptor descriptor) {
    log_.append({.kind = RecordKind::close, .number = descriptor});
    network_.close(descriptor);
  }
  void abort(Descriptor descriptor) {
    log_.append({.kind = RecordKind::abort, .number = descriptor});
    network_.abort(descriptor);
  }
  Result<> set_options(Descriptor descriptor, const StreamOptions& options);
  Result<Descriptor> bind(const Endpoint& at, const BindOptions& options);
  Result<> set_peer(Descriptor descriptor, const Endpoint& peer);
  Result<Received> recv_from(Descriptor descriptor, Bytes into);
  Result<std::size_t> send_to(Descriptor descriptor, ConstBytes from, const Endpoint& to);
  Result<Endpoint> local(Descriptor descriptor) {
    return note_endpoint(RecordKind::local, descriptor, network_.local(descriptor));
  }
  Result<Endpoint> peer(Descriptor descriptor) {
    return note_endpoint(RecordKind::peer, descriptor, network_.peer(descriptor));
  }
  std::string connection_name(Descriptor descriptor);
  Result<Descriptor> resolve(std::string_view name);
  Result<std::vector<Endpoint>> resolved(Descriptor descriptor);
  Result<Descriptor> signals(std::span<const int> numbers);
  Result<int> next_signal(Descriptor descriptor);
  Result<Descriptor> inbox(std::string_view name);
  Result<Message> next_message(Descriptor descriptor);
  Result<Descriptor> start_blocking(std::function<void()> work) {
    const Result<Descriptor> opened = network_.start_blocking(std::move(work));
    return note_opened({.kind = RecordKind::start_blocking}, {}, opened);
  }
  // What the work gave or threw (blocking_result.hpp).
  void blocking_result(Descriptor descriptor, const BlockingOutcome& outcome);
  std::uint64_t random() {
    const std::uint64_t bits = network_.random();
    log_.append({.kind = RecordKind::random, .value = bits});
    return bits;
  }
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes) {
    const std::uint32_t value = network_.choose(name, outcomes);
    log_.append({.kind = RecordKind::choose, .value = value, .asked = outcomes}, text(name));
    return value;
  }

  // Where Net has it: as Net's, by any thread.
  Result<> post(std::string_view name, ConstBytes message)
    requires requires(Net& net) { net.post(name, message); }
  {
    return network_.post(name, message);
  }

 private:
  static ConstBytes text(std::string_view text) { return std::as_bytes(std::span(text)); }
  static std::uint16_t code(std::errc error) { return static_cast<std::uint16_t>(error); }

  Result<> note(RecordKind kind, Descriptor descriptor, Result<> result) {
    log_.append({.kind = kind, .error = code(result.error()), .number = descriptor});
    return result;
  }
  Result<Endpoint> note_endpoint(RecordKind kind, Descriptor descriptor, Result<Endpoint> result);
  Result<Descriptor> note_opened(RecordHeader header, ConstBytes data, Result<Descriptor> opened) {
    header.error = code(opened.error());
    header.number = opened.ok() ? opened.value() : -1;
    log_.append(header, data);
    return opened;
  }

  Net& network_;
  RecordLog& log_;
};

// Implementation.

template <Network Net>
Result<Descriptor> Recording<Net>::listen(const Endpoint& at, const ListenOptions& options) {
  const RecordedListener listener = to_record(at, options);
  return note_opened({.kind = RecordKind::listen, .asked = listen_word(options)},
                     std::as_bytes(std::span(&listener, 1)), network_.listen(at, options));
}

template <Network Net>
Result<Accepted> Recording<Net>::accept(Descriptor listener) {
  const Result<Accepted> client = network_.accept(listener);
  RecordHeader header{.kind = RecordKind::accept, .error = code(client.error())};
  header.number = listener;
  if (!client.ok()) {
    log_.append(header);
    return client;
  }
  header.value = static_cast<std::uint32_t>(client.value().descriptor);
  const RecordedEndpoint endpoint = to_record(client.value().peer);
  log_.append(header, std::as_bytes(std::span(&endpoint, 1)));
  return client;
}

template <Network Net>
Result<Connecting> Recording<Net>::connect(const Endpoint& to) {
  const Result<Connecting> connecting = network_.connect(to);
  RecordHeader header{.kind = RecordKind::connect, .error = code(connecting.error())};
  header.number = connecting.ok() ? connecting.value().descriptor : -1;
  header.value = connecting.ok() && connecting.value().in_progress ? 1 : 0;
  const RecordedEndpoint endpoint = to_record(to);
  log_.append(header, std::as_bytes(std::span(&endpoint, 1)));
  return connecting;
}

template <Network Net>
Result<std::size_t> Recording<Net>::recv(Descriptor descriptor, Bytes into) {
  const Result<std::size_t> received = network_.recv(descriptor, into);
  RecordHeader header{.kind = RecordKind::recv, .error = code(received.error())};
  header.number = descriptor;
  header.asked = into.size();
  if (!received.ok()) {
    log_.append(header);
    return received;
  }
  header.value = received.value();
  log_.append_payload(header, {}, into.first(received.value()));
  return received;
}

template <Network Net>
Result<std::size_t> Recording<Net>::send(Descriptor descriptor, Pieces pieces) {
  const Result<std::size_t> sent = network_.send(descriptor, pieces);
  RecordHeader header{.kind = RecordKind::send, .error = code(sent.error())};
  header.number = descriptor;
  for (const ConstBytes& piece : pieces) {
    header.asked += piece.size();
  }
  if (!sent.ok()) {
    log_.append(header);
    return sent;
  }
  header.value = sent.value();
  log_.append_sent(header, pieces, sent.value());
  return sent;
}

template <Network Net>
Result<> Recording<Net>::set_options(Descriptor descriptor, const StreamOptions& options) {
  const Result<> set = network_.set_options(descriptor, options);
  const RecordedOptions recorded = to_record(options);
  log_.append({.kind = RecordKind::set_options, .error = code(set.error()), .number = descriptor},
              std::as_bytes(std::span(&recorded, 1)));
  return set;
}

template <Network Net>
Result<Descriptor> Recording<Net>::bind(const Endpoint& at, const BindOptions& options) {
  const RecordedEndpoint endpoint = to_record(at);
  return note_opened({.kind = RecordKind::bind, .asked = options.reuse_port ? 1U : 0U},
                     std::as_bytes(std::span(&endpoint, 1)), network_.bind(at, options));
}

template <Network Net>
Result<> Recording<Net>::set_peer(Descriptor descriptor, const Endpoint& peer) {
  const Result<> set = network_.set_peer(descriptor, peer);
  const RecordedEndpoint endpoint = to_record(peer);
  log_.append({.kind = RecordKind::set_peer, .error = code(set.error()), .number = descriptor},
              std::as_bytes(std::span(&endpoint, 1)));
  return set;
}

template <Network Net>
Result<Received> Recording<Net>::recv_from(Descriptor descriptor, Bytes into) {
  const Result<Received> received = network_.recv_from(descriptor, into);
  RecordHeader header{.kind = RecordKind::recv_from, .error = code(received.error())};
  header.number = descriptor;
  header.asked = into.size();
  if (!received.ok()) {
    log_.append(header);
    return received;
  }
  const Received& one = received.value();
  header.value = one.size | static_cast<std::uint64_t>(one.full_size) << 32U;
  const RecordedEndpoint endpoint = to_record(one.from);
  log_.append_payload(header, std::as_bytes(std::span(&endpoint, 1)), into.first(one.size));
  return received;
}

template <Network Net>
Result<std::size_t> Recording<Net>::send_to(Descriptor descriptor, ConstBytes from,
                                            const Endpoint& to) {
  const Result<std::size_t> sent = network_.send_to(descriptor, from, to);
  RecordHeader header{.kind = RecordKind::send_to, .error = code(sent.error())};
  header.number = descriptor;
  header.value = sent.ok() ? sent.value() : 0;
  header.asked = from.size();
  log_.append_datagram(header, to, from);
  return sent;
}

template <Network Net>
Result<Endpoint> Recording<Net>::note_endpoint(RecordKind kind, Descriptor descriptor,
                                               Result<Endpoint> result) {
  RecordHeader header{.kind = kind, .error = code(result.error())};
  header.number = descriptor;
  if (!result.ok()) {
    log_.append(header);
    return result;
  }
  const RecordedEndpoint endpoint = to_record(result.value());
  log_.append(header, std::as_bytes(std::span(&endpoint, 1)));
  return result;
}

template <Network Net>
std::string Recording<Net>::connection_name(Descriptor descriptor) {
  std::string name = network_.connection_name(descriptor);
  log_.append({.kind = RecordKind::connection_name, .number = descriptor}, text(name));
  return name;
}

template <Network Net>
Result<Descriptor> Recording<Net>::resolve(std::string_view name) {
  return note_opened({.kind = RecordKind::resolve}, text(name), network_.resolve(name));
}

template <Network Net>
Result<std::vector<Endpoint>> Recording<Net>::resolved(Descriptor descriptor) {
  Result<std::vector<Endpoint>> found = network_.resolved(descriptor);
  std::vector<RecordedEndpoint> endpoints;
  for (const Endpoint& endpoint : found.value()) {
    endpoints.push_back(to_record(endpoint));
  }
  RecordHeader header{.kind = RecordKind::resolved, .error = code(found.error())};
  header.number = descriptor;
  log_.append(header, std::as_bytes(std::span(endpoints)));
  return found;
}

template <Network Net>
Result<Descriptor> Recording<Net>::signals(std::span<const int> numbers) {
  return note_opened({.kind = RecordKind::signals}, std::as_bytes(numbers),
                     network_.signals(numbers));
}

template <Network Net>
Result<int> Recording<Net>::next_signal(Descriptor descriptor) {
  const Result<int> signal = network_.next_signal(descriptor);
  RecordHeader header{.kind = RecordKind::next_signal, .error = code(signal.error())};
  header.number = descriptor;
  header.value = signal.ok() ? static_cast<std::uint64_t>(signal.value()) : 0;
  log_.append(header);
  return signal;
}

template <Network Net>
Result<Descriptor> Recording<Net>::inbox(std::string_view name) {
  return note_opened({.kind = RecordKind::inbox}, text(name), network_.inbox(name));
}

template <Network Net>
Result<Message> Recording<Net>::next_message(Descriptor descriptor) {
  Result<Message> message = network_.next_message(descriptor);
  RecordHeader header{.kind = RecordKind::next_message, .error = code(message.error())};
  header.number = descriptor;
  if (!message.ok()) {
    log_.append(header);
    return message;
  }
  header.value = message.value().size();
  log_.append_payload(header, {}, message.value());
  return message;
}

template <Network Net>
void Recording<Net>::blocking_result(Descriptor descriptor, const BlockingOutcome& outcome) {
  RecordHeader header{.kind = RecordKind::blocking_result, .number = descriptor};
  if (outcome.what) {
    header.error = outcome.error == std::errc{} ? other_exception : code(outcome.error);
    log_.append(header, text(*outcome.what));
    return;
  }
  header.value = outcome.value.size();
  header.asked = outcome.is_bytes ? 1 : 0;
  log_.append_payload(header, {}, outcome.value);
}

}  // namespace rehearsal::sched

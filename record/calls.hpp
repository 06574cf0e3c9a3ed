// Describes each call of a network as a record, once: its arguments and the fields of its result.
// `Way` is the class that derives from this and makes the calls. One writes each call down
// (recording.hpp). The other compares each call with the next record and returns the result that is
// recorded there (recorded.hpp). A way has
//
//   R call<R>(asked, make, told)   make(network) makes the call on a network; told(fields, value)
//                                  names the fields of its result, which are written or read
//   void ends(kind, descriptor, make)   close and abort, which destructors call: does not throw
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/record.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::record {

// The arguments of a call, as its record holds them.
struct Asked {
  RecordKind kind = RecordKind::none;
  std::optional<sched::Descriptor> number = {};  // none if the call returns it
  std::uint64_t asked = 0;
  std::optional<sched::ConstBytes> data = {};      // none if the call returns it
  std::optional<sched::ConstBytes> datagram = {};  // the payload, which follows `data`
};

template <class Way>
class RecordedCalls {
 public:
  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options) {
    const EndpointBytes listener(at, to_record(options.clients));
    return opens(
        {.kind = RecordKind::listen, .asked = listen_word(options), .data = listener.bytes()},
        [&](auto& network) { return network.listen(at, options); });
  }
  sched::Result<sched::Accepted> accept(sched::Descriptor listener) {
    return call<sched::Result<sched::Accepted>>(
        {.kind = RecordKind::accept, .number = listener},
        [&](auto& network) { return network.accept(listener); },
        [](auto& fields, auto& client) {
          fields.opened_value(client.descriptor);
          fields.endpoint(client.peer);
        });
  }
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to) {
    const EndpointBytes endpoint(to);
    return call<sched::Result<sched::Connecting>>(
        {.kind = RecordKind::connect, .data = endpoint.bytes()},
        [&](auto& network) { return network.connect(to); },
        [](auto& fields, auto& connecting) {
          fields.opened(connecting.descriptor);
          fields.value(connecting.in_progress);
        });
  }
  sched::Result<> connected(sched::Descriptor descriptor) {
    return call<sched::Result<>>({.kind = RecordKind::connected, .number = descriptor},
                                 [&](auto& network) { return network.connected(descriptor); });
  }
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into) {
    return call<sched::Result<std::size_t>>(
        {.kind = RecordKind::recv, .number = descriptor, .asked = into.size()},
        [&](auto& network) { return network.recv(descriptor, into); },
        [into](auto& fields, auto& size) {
          fields.value(size);
          fields.received(into, size);
        });
  }
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces) {
    std::size_t offered = 0;
    for (const sched::ConstBytes& piece : pieces) {
      offered += piece.size();
    }
    return call<sched::Result<std::size_t>>(
        {.kind = RecordKind::send, .number = descriptor, .asked = offered},
        [&](auto& network) { return network.send(descriptor, pieces); },
        [&](auto& fields, auto& size) {
          fields.value_up_to(size, offered);
          fields.sent(pieces, size);
        });
  }
  sched::Result<> shutdown_send(sched::Descriptor descriptor) {
    return call<sched::Result<>>({.kind = RecordKind::shutdown_send, .number = descriptor},
                                 [&](auto& network) { return network.shutdown_send(descriptor); });
  }
  void close(sched::Descriptor descriptor) {
    way().ends(RecordKind::close, descriptor, [&](auto& network) { network.close(descriptor); });
  }
  void abort(sched::Descriptor descriptor) {
    way().ends(RecordKind::abort, descriptor, [&](auto& network) { network.abort(descriptor); });
  }
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options) {
    const RecordedOptions recorded = to_record(options);
    return call<sched::Result<>>(
        {.kind = RecordKind::set_options, .number = descriptor, .data = bytes_of(recorded)},
        [&](auto& network) { return network.set_options(descriptor, options); });
  }
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options) {
    const EndpointBytes endpoint(at);
    return opens({.kind = RecordKind::bind, .asked = bind_word(options), .data = endpoint.bytes()},
                 [&](auto& network) { return network.bind(at, options); });
  }
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer) {
    const EndpointBytes endpoint(peer);
    return call<sched::Result<>>(
        {.kind = RecordKind::set_peer, .number = descriptor, .data = endpoint.bytes()},
        [&](auto& network) { return network.set_peer(descriptor, peer); });
  }
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into) {
    return call<sched::Result<sched::Received>>(
        {.kind = RecordKind::recv_from, .number = descriptor, .asked = into.size()},
        [&](auto& network) { return network.recv_from(descriptor, into); },
        [into](auto& fields, auto& received) {
          fields.values(received.size, received.full_size);
          fields.endpoint(received.from);
          fields.received(into, received.size);
        });
  }
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to) {
    const EndpointBytes endpoint(to);
    return call<sched::Result<std::size_t>>(
        {.kind = RecordKind::send_to,
         .number = descriptor,
         .asked = from.size(),
         .data = endpoint.bytes(),
         .datagram = from},
        [&](auto& network) { return network.send_to(descriptor, from, to); },
        [](auto& fields, auto& size) { fields.value(size); });
  }
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor) {
    return call<sched::Result<sched::Endpoint>>(
        {.kind = RecordKind::local, .number = descriptor},
        [&](auto& network) { return network.local(descriptor); },
        [](auto& fields, auto& at) { fields.endpoint(at); });
  }
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor) {
    return call<sched::Result<sched::Endpoint>>(
        {.kind = RecordKind::peer, .number = descriptor},
        [&](auto& network) { return network.peer(descriptor); },
        [](auto& fields, auto& at) { fields.endpoint(at); });
  }
  std::string connection_name(sched::Descriptor descriptor) {
    return call<std::string>(
        {.kind = RecordKind::connection_name, .number = descriptor},
        [&](auto& network) { return network.connection_name(descriptor); },
        [](auto& fields, auto& name) { fields.text(name); });
  }
  sched::Result<sched::Descriptor> resolve(std::string_view name) {
    return opens({.kind = RecordKind::resolve, .data = bytes_of(name)},
                 [&](auto& network) { return network.resolve(name); });
  }
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor) {
    return call<sched::Result<std::vector<sched::Endpoint>>>(
        {.kind = RecordKind::resolved, .number = descriptor},
        [&](auto& network) { return network.resolved(descriptor); },
        [](auto& fields, auto& found) { fields.endpoints(found); });
  }
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers) {
    return opens({.kind = RecordKind::signals, .data = std::as_bytes(numbers)},
                 [&](auto& network) { return network.signals(numbers); });
  }
  sched::Result<int> next_signal(sched::Descriptor descriptor) {
    return call<sched::Result<int>>(
        {.kind = RecordKind::next_signal, .number = descriptor},
        [&](auto& network) { return network.next_signal(descriptor); },
        [](auto& fields, auto& number) { fields.value(number); });
  }
  sched::Result<sched::Descriptor> inbox(std::string_view name) {
    return opens({.kind = RecordKind::inbox, .data = bytes_of(name)},
                 [&](auto& network) { return network.inbox(name); });
  }
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor) {
    return call<sched::Result<sched::Message>>(
        {.kind = RecordKind::next_message, .number = descriptor},
        [&](auto& network) { return network.next_message(descriptor); },
        [](auto& fields, auto& message) { fields.message(message); });
  }
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work) {
    return opens({.kind = RecordKind::start_blocking},
                 [&](auto& network) { return network.start_blocking(std::move(work)); });
  }
  sched::WallTime wall_clock() {
    const auto since_1970 = call<std::int64_t>(
        {.kind = RecordKind::wall_clock},
        [](auto& network) { return network.wall_clock().time_since_epoch().count(); },
        [](auto& fields, auto& count) { fields.value(count); });
    return sched::WallTime(sched::Duration(since_1970));
  }
  std::uint64_t random() {
    return call<std::uint64_t>(
        {.kind = RecordKind::random}, [](auto& network) { return network.random(); },
        [](auto& fields, auto& bits) { fields.value(bits); });
  }
  std::uint32_t choose(std::string_view name, std::uint32_t outcomes) {
    return call<std::uint32_t>(
        {.kind = RecordKind::choose, .asked = outcomes, .data = bytes_of(name)},
        [&](auto& network) { return network.choose(name, outcomes); },
        [&](auto& fields, auto& outcome) { fields.value_up_to(outcome, outcomes - 1); });
  }

 private:
  template <class T>
  static sched::ConstBytes bytes_of(const T& record) {
    return std::as_bytes(std::span(&record, 1));
  }
  static sched::ConstBytes bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
  }

  Way& way() { return static_cast<Way&>(*this); }
  template <class R, class Make>
  R call(const Asked& asked, Make make) {
    return way().template call<R>(asked, make, [](auto& /*fields*/) {});
  }
  template <class R, class Make, class Told>
  R call(const Asked& asked, Make make, Told told) {
    return way().template call<R>(asked, make, told);
  }
  template <class Make>
  sched::Result<sched::Descriptor> opens(const Asked& asked, Make make) {
    return call<sched::Result<sched::Descriptor>>(
        asked, make, [](auto& fields, auto& descriptor) { fields.opened(descriptor); });
  }
};

}  // namespace rehearsal::record

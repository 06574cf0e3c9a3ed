#include "simnet/kernel/kernel.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/task_record.hpp"
#include "simnet/kernel/addresses.hpp"
#include "simnet/kernel/any_socket.hpp"
#include "simnet/kernel/connection.hpp"
#include "simnet/kernel/judged_call.hpp"
#include "simnet/kernel/kernel_note.hpp"
#include "simnet/kernel/report_order.hpp"
#include "simnet/kernel/socket_info.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Instant;
using sched::Readiness;
using sched::Result;

namespace {

sched::Endpoint address_of(std::uint32_t number) {
  sched::check(number < (1U << 24U) - 2, "a world has at most 2^24 - 2 hosts");
  const std::uint32_t host = number + 1;
  const auto byte = [host](unsigned shift) {
    return static_cast<std::uint8_t>((host >> shift) & 0xffU);
  };
  return {sched::Endpoint::Family::ipv4, {10, byte(16), byte(8), byte(0)}, 0};
}

}  // namespace

static_assert(sched::Network<Kernel>);

Kernel::Kernel(Fabric& fabric, std::string name, const HostOptions& options)
    : fabric_(fabric),
      key_(sched::extend_key(sched::empty_key, name)),
      process_key_(key_),
      number_(fabric.add(*this, name, key_)),
      clock_(options.clock_offset, options.clock_drift),
      descriptors_(options.descriptors),
      options_(options),
      name_(std::move(name)),
      process_(name_),
      address_(address_of(number_)),
      ports_(options.first_ephemeral_port, options.last_ephemeral_port),
      event_sources_(*this),
      datagrams_(*this),
      unix_sockets_(*this) {
  sched::check(options.send_buffer <= Buffer::most_bytes / 2, "a send buffer has at most 1 GiB");
  sched::check(options.recv_buffer <= Buffer::most_bytes / 2, "a receive buffer has at most 1 GiB");
}

void Kernel::begin_process(std::uint32_t boot) {
  process_ = name_;
  if (boot != 1) {
    process_ += '~' + std::to_string(boot);
  }
  process_key_ = sched::extend_key(sched::empty_key, process_);
  waits_ = 0;
  randoms_ = 0;
}

SocketName Kernel::socket_name(std::string_view asked, bool of_task) {
  const sched::TaskRecord* task = of_task ? caller() : nullptr;
  SocketName made;
  made.text = (task != nullptr ? task->path() : process_) + ':';
  made.text.append(asked);
  made.key = sched::extend_key(sched::empty_key, made.text);
  fabric_.claim(made.key, made.text);
  return made;
}

[[gnu::hot]] void Kernel::report(OpenFile& socket, Readiness what) {
  if (socket.descriptor() < 0) {
    return;
  }
  if (has_watchers_) [[unlikely]] {
    if (Watcher* watcher = watchers_.find(socket.descriptor()); watcher != nullptr) {
      fabric_.queue.lower(number_, std::max(at_, busy_until_));
      watcher->changed(what, false);
      return;
    }
  }
  if (!found_.empty() && found_.back().descriptor == socket.descriptor()) {
    found_.back().what |= what;
  } else {
    found_.push_back({socket.descriptor(), what});
  }
  fabric_.queue.lower(number_, std::max(at_, busy_until_));
}

void Kernel::report_room(const OpenFile& socket) const {
  if (Watcher* watcher = watchers_.find(socket.descriptor()); watcher != nullptr) {
    watcher->changed(Readiness::send, false);
  }
}

void Kernel::touch_socket(Descriptor descriptor) {
  if (const OpenFile* socket = descriptors_.find(descriptor); socket != nullptr) {
    sched::touch(simnet::key_of(*socket));
  } else {
    sched::touch(key_of(Part::descriptors), sched::Access::read);
  }
}

// Lets a choice report a socket that begins to be watched, later and in any case.
template <class S>
[[gnu::always_inline]] inline void Kernel::ask_spurious(S& socket, sched::Direction way) {
  const std::uint32_t ordinal = socket.ordinals.watches++;
  const Choice after = fabric_.choices.choose(
      Site::spurious, socket.key(), ordinal, UINT32_MAX, [&] { return socket.name(); },
      [this] { return Subject{number_, at_}; });
  if (after.deviates()) [[unlikely]] {
    const auto what = way == sched::Direction::recv ? Readiness::recv : Readiness::send;
    delayed_reports_.emplace_front(*this, socket.descriptor(), what, socket.key(), ordinal, after);
    DelayedReport& delayed = delayed_reports_.front();
    delayed.self = delayed_reports_.begin();
    set_timer(delayed, at_ + std::chrono::microseconds(after.value()));
  }
}

void Kernel::report_now(DelayedReport& delayed, Descriptor descriptor, Readiness what) {
  const Choice after = delayed.after();
  delayed_reports_.erase(delayed.self);
  touch(descriptor);
  if (OpenFile* socket = descriptors_.find(descriptor); socket != nullptr) {
    after.matters();
    if (Watcher* watcher = watchers_.find(descriptor); watcher != nullptr) {
      fabric_.queue.lower(number_, std::max(at_, busy_until_));
      watcher->changed(what, true);
    } else {
      report(*socket, what);
    }
  }
}

[[gnu::hot]] Result<> Kernel::watch(Descriptor descriptor, sched::Direction way) {
  touch(descriptor);
  OpenFile* socket = descriptors_.find(descriptor);
  sched::check(socket != nullptr, "what is watched is an open descriptor");
  if (socket->kind() == OpenFile::Kind::stream) {
    ask_spurious(static_cast<TcpEnd&>(*socket), way);
  } else if (socket->kind() == OpenFile::Kind::unix_socket) {
    ask_spurious(static_cast<UnixSocket&>(*socket), way);
  }
  return {};
}

[[gnu::hot]] sched::Wake Kernel::wait(sched::Deadline /*until*/, sched::ReadyList& ready) {
  if (fabric_.choices
          .choose(Site::interrupt, process_key_, waits_++, 2, [this] { return process_; })
          .matters() != 0) [[unlikely]] {
    return sched::Wake::ready;
  }
  if (found_.size() > 1) {
    reorder(*this, found_);
  }
  ready.append(found_);
  found_.clear();
  return sched::Wake::ready;
}

[[gnu::hot]] std::uint32_t Kernel::delay(const sched::TaskRecord& task) {
  if (fabric_.steering != nullptr) [[unlikely]] {
    return 0;
  }
  const std::uint32_t held = fabric_.choices
                                 .choose(Site::run, task.key(), task.times_ready(), UINT32_MAX,
                                         [&] { return task.path(); })
                                 .matters();
  return held;
}

[[gnu::hot]] sched::Instant Kernel::resume(const sched::TaskRecord& task) {
  task_ = &task;
  at_ = busy_until_;
  busy_until_ += options_.resumption_cost;
  ++fabric_.steps;
  fabric_.note({Op::resume, number_, -1, at_, task.key()});
  return now();
}

std::uint64_t Kernel::random() {
  sched::touch(key_of(Part::random));
  const std::uint64_t value = draw(mix(fabric_.data_seed), process_key_, randoms_++);
  fabric_.note({Op::random, number_, -1, at_, key_, value});
  return value;
}

std::uint32_t Kernel::choose(std::string_view name, std::uint32_t outcomes) {
  sched::check(outcomes >= 1, "a choice has at least one outcome");
  const std::string entity = process_ + ':' + std::string(name);
  const std::uint64_t key = sched::extend_key(sched::empty_key, entity);
  sched::touch(key);
  const std::uint32_t value =
      fabric_.choices.choose(Site::program, key, chosen_[key]++, outcomes, [&] { return entity; })
          .matters();
  fabric_.note({Op::choose, number_, -1, at_, key, value});
  return value;
}

std::size_t Kernel::open_descriptors() const { return descriptors_.count(); }

// Returns the error of a call that accepts only a stream.
std::errc Kernel::unfit(Descriptor descriptor, std::errc not_of_tcp, std::errc not_of_udp) const {
  const OpenFile* socket = descriptors_.find(descriptor);
  if (socket == nullptr) {
    return std::errc::bad_file_descriptor;
  }
  switch (socket->kind()) {
    case OpenFile::Kind::listener:
    case OpenFile::Kind::stream:
      return not_of_tcp;
    case OpenFile::Kind::datagram:
      return not_of_udp;
    default:
      return std::errc::not_a_socket;
  }
}

Verdict Kernel::judge(Operation on, const Kernel* other, const std::string& entity) {
  sched::touch(sched::everything);  // rules count what they see
  static const std::string nobody;
  return fabric_.faults.judge(on, name_, other == nullptr ? nobody : other->name(), entity,
                              fabric_.choices);
}

std::string Kernel::connection_name(Descriptor descriptor) const {
  const auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end != nullptr) {
    return end->connection().name();
  }
  const UnixSocket* socket = unix_socket(descriptor);
  return socket == nullptr ? "unconnected" : socket->connection_name();
}

Result<Readiness> Kernel::probe(Descriptor descriptor) const {
  OpenFile* socket = descriptors_.find(descriptor);
  return socket == nullptr ? Result<Readiness>(std::errc::bad_file_descriptor)
                           : readiness_of(*socket);
}

Result<Descriptor> Kernel::listen(const Endpoint& at, const sched::ListenOptions& options) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::listeners));
  sched::touch(key_of(Part::ports));
  const auto listen_at = [&]() -> Result<Descriptor> {
    if (fabric_.faults.any(Operation::listen)) {
      const Verdict verdict = judge(Operation::listen, nullptr, process_);
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    if (!options.clients.valid()) {
      return std::errc::invalid_argument;
    }
    if (at.is_unix()) {
      return unix_sockets_.listen(at, options);
    }
    const Result<Descriptor> bound = add_listener(at, options);
    if (bound.ok()) {
      find<TcpListener>(bound.value(), OpenFile::Kind::listener)
          ->start(TcpListener::length_of(options));
    }
    return bound;
  };
  return note(*this, Op::listen, -1, key_, listen_at());
}

// Opens a TCP socket that is bound and does not listen yet. REQUIRES: a descriptor is free.
Result<Descriptor> Kernel::add_listener(const Endpoint& at, const sched::ListenOptions& options) {
  const Result<> address = check_address(at);
  if (!address.ok()) {
    return address.error();
  }
  const auto here = ports_.place(
      at, options, [&](const Endpoint& place) { return is_clients(place, options.ipv6_only); });
  if (!here.ok()) {
    return here.error();
  }
  return descriptors_.open(ports_.add(std::make_unique<TcpListener>(
      *this, socket_name("tcp/" + std::to_string(at.port()), at.port() == 0), here.value(),
      options)));
}

Result<Descriptor> Kernel::bind_stream(const Endpoint& at, const sched::ListenOptions& options) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::listeners));
  sched::touch(key_of(Part::ports));
  return note(*this, Op::bind, -1, key_,
              descriptors_.full() ? Result<Descriptor>(std::errc::too_many_files_open)
                                  : add_listener(at, options));
}

Result<> Kernel::listen(Descriptor bound, int backlog) {
  touch(bound);
  sched::touch(key_of(Part::listeners));
  auto* listener = find<TcpListener>(bound, OpenFile::Kind::listener);
  sched::check(listener != nullptr, "what listens is a bound TCP socket");
  // A negative backlog is a large one, as for Linux.
  listener->start(static_cast<std::size_t>(backlog));
  return note(*this, Op::listen, bound, listener->key(), Result<>());
}

void Kernel::unlisten(Descriptor descriptor) {
  touch(descriptor);
  sched::touch(key_of(Part::listeners));
  auto* listener = find<TcpListener>(descriptor, OpenFile::Kind::listener);
  sched::check(listener != nullptr, "what stops to listen is a listener");
  sched::touch(listener->embryos_key());
  listener->stop();
  fabric_.note({Op::shutdown_send, number_, descriptor, at_, listener->key()});
  report(*listener, Readiness::recv | Readiness::send | Readiness::hang_up);
}

Result<std::size_t> Kernel::peek(Descriptor descriptor, sched::Bytes into) {
  touch(descriptor);
  if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
    return socket->peek(into);
  }
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  return end == nullptr ? Result<std::size_t>(unfit(descriptor, std::errc::not_connected,
                                                    std::errc::operation_not_supported))
                        : end->peek(into);
}

Result<sched::Accepted> Kernel::accept(Descriptor descriptor) {
  touch(descriptor);
  sched::touch(key_of(Part::descriptors));
  if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
    return unix_sockets_.accept(*socket);
  }
  auto* listener = find<TcpListener>(descriptor, OpenFile::Kind::listener);
  const auto accept_one = [&]() -> Result<sched::Accepted> {
    if (listener == nullptr) {
      return unfit(descriptor, std::errc::invalid_argument, std::errc::operation_not_supported);
    }
    if (listener->empty()) {
      return listener->listening() ? sched::would_block : std::errc::invalid_argument;
    }
    const std::uint32_t fault =
        fabric_.choices
            .choose(Site::accept, listener->key(), listener->accepts++, accept_errors.size() + 1,
                    [&] { return listener->name(); })
            .matters();
    if (fault != 0) {
      return accept_errors[fault - 1];
    }
    if (fabric_.faults.any(Operation::accept)) {
      const Verdict verdict = judge(Operation::accept, nullptr, listener->name());
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    TcpEnd& end = listener->pop();
    end.listener = nullptr;
    end.shows_mapped = is_ipv6(listener->local()) && !is_ipv6(end.local());
    descriptors_.open(end);
    end.report_early_end();
    return sched::Accepted{end.descriptor(), end.shown(end.remote())};
  };
  const auto accepted = accept_one();
  if (accepted.error() != sched::would_block) {
    fabric_.note({Op::accept, number_, descriptor, at_, listener == nullptr ? 0 : listener->key(),
                  accepted.ok() ? static_cast<std::uint64_t>(accepted.value().descriptor)
                                : result_of(accepted.error())});
  }
  return accepted;
}

Result<sched::Connecting> Kernel::connect(const Endpoint& to, Descriptor bound) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::ports));
  // Outside of every task, as in a test of single calls, the process itself connects.
  const sched::TaskRecord* task = caller();
  const std::uint64_t by = task == nullptr ? process_key_ : task->key();
  const std::uint32_t ordinal = connects_[by]++;
  const std::string suffix = '#' + std::to_string(ordinal);
  const std::uint64_t key = sched::extend_key(by, suffix);
  const auto name = [&] { return (task == nullptr ? process_ : task->path()) + suffix; };
  Kernel* host = to.is_unix() ? this : host_at(to);
  const auto begin = [&]() -> Result<sched::Connecting> {
    const std::uint32_t fault =
        to.is_unix()
            ? 0U
            : fabric_.choices.choose(Site::connect, key, 0, connect_errors.size() + 1, name)
                  .matters();
    if (fault != 0) {
      return connect_errors[fault - 1];
    }
    if (fabric_.faults.any(Operation::connect)) {
      const Verdict verdict = judge(Operation::connect, host, name());
      if (verdict.kind == Verdict::Kind::fail) {
        fabric_.faults.mattered();
        return verdict.error;
      }
    }
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    if (to.is_unix()) {
      return unix_sockets_.connect(to, {name(), key});
    }
    if (host == nullptr && (to.family() != Endpoint::Family::ipv4 || to.bytes()[0] != 10)) {
      return std::errc::network_unreachable;
    }
    const Endpoint remote = meant_by(to);
    const auto local = client_address(remote, find<TcpListener>(bound, OpenFile::Kind::listener));
    if (!local.ok()) {
      return local.error();
    }
    TcpEnd& end = Connection::open(*this, host == nullptr ? *this : *host, name(), key,
                                   local.value(), remote);
    descriptors_.open(end);
    if (host == nullptr) {
      end.expect_unreachable();
    } else {
      end.connect();
    }
    return sched::Connecting{end.descriptor(), true};
  };
  const auto connecting = begin();
  fabric_.note({Op::connect, number_, -1, at_, key,
                connecting.ok() ? static_cast<std::uint64_t>(connecting.value().descriptor)
                                : result_of(connecting.error())});
  return connecting;
}

// Returns the address of a new client, and takes its port. Closes the socket that was bound to it.
Result<Endpoint> Kernel::client_address(const Endpoint& remote, TcpListener* bound) {
  if (bound == nullptr) {
    const auto port = ports_.take_for_client();
    return port.ok() ? source_for(remote).with_port(port.value()) : Result<Endpoint>(port.error());
  }
  sched::touch(key_of(Part::listeners));
  const Endpoint at = bound->local();
  free_descriptor(*bound);
  ports_.remove(*bound);
  ports_.take_for_client(at.port());
  return is_wildcard(at) ? source_for(remote).with_port(at.port()) : at;
}

Result<> Kernel::connected(Descriptor descriptor) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) {
    if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
      return unix_sockets_.connected(*socket);
    }
    auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
    const std::errc error =
        socket == nullptr ? unfit(descriptor, sched::would_block, {}) : socket->take_error();
    if (error != std::errc{}) {
      return error;
    }
    return peer(descriptor).ok() ? Result<>() : Result<>(sched::would_block);
  }
  const Result<> answer = end->connected();
  return answer.error() == sched::would_block
             ? answer
             : note(*this, Op::connected, descriptor, end->key(), answer);
}

Result<> Kernel::shutdown_send(Descriptor descriptor) {
  touch(descriptor);
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) {
    if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
      return unix_sockets_.shutdown_send(*socket);
    }
    // It has no effect on a listener, but on a UDP socket it has, even if that is not connected.
    if (auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram); socket != nullptr) {
      socket->may_send = false;
    }
    return descriptors_.find(descriptor) == nullptr ? Result<>(std::errc::bad_file_descriptor)
                                                    : Result<>();
  }
  return note(*this, Op::shutdown_send, descriptor, end->key(), end->shutdown_send());
}

Result<> Kernel::set_options(Descriptor descriptor, const sched::StreamOptions& options) {
  touch(descriptor);
  if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
    return unix_sockets_.set_options(*socket, options);
  }
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  sched::check(end != nullptr, "options are set of a connection");
  if (!options.valid()) {
    return note(*this, Op::set_options, descriptor, end->key(),
                Result<>(std::errc::invalid_argument));
  }
  end->set_options(options);
  return note(*this, Op::set_options, descriptor, end->key(), Result<>());
}

void Kernel::close(Descriptor descriptor) { close(descriptor, Op::close); }
void Kernel::abort(Descriptor descriptor) { close(descriptor, Op::abort); }

void Kernel::close(Descriptor descriptor, Op op) {
  OpenFile* socket = descriptors_.find(descriptor);
  sched::check(socket != nullptr, "what is closed is an open descriptor");
  touch(descriptor);
  sched::touch(key_of(Part::descriptors));
  fabric_.note({op, number_, descriptor, at_, 0});
  free_descriptor(*socket);
  switch (socket->kind()) {
    case OpenFile::Kind::stream: {
      auto& end = static_cast<TcpEnd&>(*socket);
      op == Op::abort ? end.abort() : end.close();
      break;
    }
    case OpenFile::Kind::listener: {
      auto& listener = static_cast<TcpListener&>(*socket);
      sched::touch(key_of(Part::listeners));
      sched::touch(listener.embryos_key());
      listener.refuse_all();
      ports_.remove(listener);
      break;
    }
    case OpenFile::Kind::datagram:
      sched::touch(key_of(Part::datagrams));
      ports_.remove(static_cast<UdpSocket&>(*socket));
      break;
    case OpenFile::Kind::unix_socket:
      unix_sockets_.close(static_cast<UnixSocket&>(*socket), descriptor);
      break;
    default:
      event_sources_.close(static_cast<EventSource&>(*socket), descriptor);
  }
}

Result<Endpoint> Kernel::local(Descriptor descriptor) {
  touch(descriptor);
  const OpenFile* socket = descriptors_.find(descriptor);
  return socket == nullptr ? Result<Endpoint>(std::errc::bad_file_descriptor) : local_of(*socket);
}

Result<Endpoint> Kernel::peer(Descriptor descriptor) {
  touch(descriptor);
  OpenFile* socket = descriptors_.find(descriptor);
  return socket == nullptr ? Result<Endpoint>(std::errc::bad_file_descriptor) : peer_of(*socket);
}

// Returns the error of an injected reset or fault, or none.
[[gnu::always_inline]] inline std::errc Kernel::call_fault(Operation on, TcpEnd& end,
                                                           std::size_t& limit) {
  const std::uint32_t ordinal = end.ordinals.calls++;
  if (fabric_.choices.choose(Site::reset, end.key(), ordinal, 2, [&] { return end.name(); })
          .matters() != 0) [[unlikely]] {
    end.break_off();
    return std::errc::connection_reset;
  }
  return fabric_.faults.any(on) ? judge_call(*this, on, end, end.peer().kernel(), limit)
                                : std::errc{};
}

[[gnu::hot]] Result<std::size_t> Kernel::recv(Descriptor descriptor, sched::Bytes into) {
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) [[unlikely]] {
    if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
      return unix_sockets_.recv(*socket, into);
    }
    if (find<UdpSocket>(descriptor, OpenFile::Kind::datagram) != nullptr) {
      const auto datagram = recv_from(descriptor, into);
      return datagram.ok() ? Result<std::size_t>(datagram.value().size) : datagram.error();
    }
    return unfit(descriptor, std::errc::not_connected, std::errc::not_connected);
  }
  std::size_t limit = into.size();
  if (end->state() == TcpEnd::State::established) {
    const std::errc fault = call_fault(Operation::recv, *end, limit);
    if (fault != std::errc{}) [[unlikely]] {
      return note(*this, Op::recv, descriptor, end->key(), Result<std::size_t>(fault));
    }
  }
  if (limit < into.size()) [[unlikely]] {
    fabric_.faults.mattered();
    report(*end, Readiness::recv);
    into = into.first(limit);
  }
  const auto received = end->recv(into);
  if (received.error() == sched::would_block) {
    return received;
  }
  fabric_.note({Op::recv, number_, descriptor, at_, end->key(), noted_value(received),
                into.first(received.ok() ? received.value() : 0), false});
  return received;
}

[[gnu::hot]] Result<std::size_t> Kernel::send(Descriptor descriptor, sched::Pieces pieces) {
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) [[unlikely]] {
    if (UnixSocket* socket = unix_socket(descriptor); socket != nullptr) {
      return unix_sockets_.send(*socket, pieces);
    }
    if (auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram); socket != nullptr) {
      return datagrams_.send(*socket, pieces);
    }
    return unfit(descriptor, std::errc::broken_pipe, {});
  }
  std::size_t limit = SIZE_MAX;
  if (end->state() == TcpEnd::State::established) {
    const std::errc fault = call_fault(Operation::send, *end, limit);
    if (fault != std::errc{}) [[unlikely]] {
      return note(*this, Op::send, descriptor, end->key(), Result<std::size_t>(fault));
    }
  }
  const auto sent = end->send(pieces, limit);
  if (sent.error() == sched::would_block) {
    return sent;
  }
  // The data is what was sent of the first piece; the rest counts in the digest by its size.
  const bool hashed = sent.ok() && !pieces.empty();
  fabric_.note({Op::send, number_, descriptor, at_, end->key(), noted_value(sent),
                hashed ? pieces.front().first(std::min(pieces.front().size(), sent.value()))
                       : sched::ConstBytes()});
  return sent;
}

Kernel* Kernel::host_at(const Endpoint& to) {
  return is_loopback(to) || is_wildcard(to) ? this : fabric_.route(to);
}

Endpoint Kernel::source_for(const Endpoint& to) const {
  if (!is_loopback(to)) {
    return address_;
  }
  return {to.family() == Endpoint::Family::ipv4 ? "127.0.0.1" : "::1", 0};
}

Result<> Kernel::check_address(const Endpoint& at) const {
  if (is_wildcard(at) || is_loopback(at) || is_broadcast(at) || at.with_port(0) == address_) {
    return {};
  }
  return std::errc::address_not_available;
}

// Returns whether an open connection was made from this address.
bool Kernel::is_clients(const Endpoint& at, bool ipv6_only) const {
  if (!ports_.is_clients(at.port())) {
    return false;
  }
  bool found = false;
  descriptors_.for_each([&](const OpenFile& socket) {
    if (socket.kind() == OpenFile::Kind::stream) {
      const auto& end = static_cast<const TcpEnd&>(socket);
      found = found || (takes(at, ipv6_only, end.local()) && end.state() != TcpEnd::State::closed);
    }
  });
  return found;
}

std::vector<SocketInfo> Kernel::sockets() const {
  std::vector<SocketInfo> sockets;
  descriptors_.for_each([&](const OpenFile& socket) {
    sockets.push_back(describe(socket));
    sockets.back().descriptor = socket.descriptor();
  });
  return sockets;
}

void Kernel::end_process() {
  task_ = nullptr;
  descriptors_.for_each([this](OpenFile& socket) { close(socket.descriptor()); });
  event_sources_.end_process();
  found_.clear();
  delayed_reports_.clear();
}

void Kernel::power_off() {
  has_power_ = false;
  descriptors_.for_each([this](OpenFile& socket) {
    if (socket.kind() == OpenFile::Kind::stream) {
      free_descriptor(socket);
      static_cast<TcpEnd&>(socket).vanish();
    } else if (socket.kind() == OpenFile::Kind::listener) {
      static_cast<TcpListener&>(socket).forget_all();
    }
  });
  end_process();
  datagrams_.power_off();
}

void Kernel::power_on(sched::Instant at) {
  has_power_ = true;
  at_ = busy_until_ = at;
}

}  // namespace rehearsal::simnet

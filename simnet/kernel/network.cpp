// What a simulated kernel does for its program: time, readiness, and what is no socket.
#include "simnet/kernel/network.hpp"

#include <algorithm>
#include <limits>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/scheduler.hpp"
#include "simnet/kernel/network_note.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Readiness;
using sched::Result;

static_assert(sched::Network<Network>);

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

Network::Network(Fabric& fabric, std::string name, const HostOptions& options)
    : fabric_(fabric),
      key_(sched::extend_key(sched::empty_key, name)),
      process_key_(key_),
      number_(fabric.add(*this, name)),
      clock_(options.clock_offset, options.clock_drift),
      descriptors_(options.descriptors),
      options_(options),
      name_(std::move(name)),
      process_(name_),
      address_(address_of(number_)),
      next_port_(options.first_ephemeral_port),
      next_udp_port_(options.first_ephemeral_port),
      connecting_ports_(options.first_ephemeral_port) {
  sched::check(options.send_buffer <= Buffer::most_bytes / 2, "a send buffer has at most 1 GiB");
  sched::check(options.recv_buffer <= Buffer::most_bytes / 2, "a receive buffer has at most 1 GiB");
}

void Network::begin_process(std::uint32_t boot) {
  process_ = name_;
  if (boot != 1) {
    process_ += '~' + std::to_string(boot);
  }
  process_key_ = sched::extend_key(sched::empty_key, process_);
  waits_ = 0;
  randoms_ = 0;
}

SocketName Network::socket_name(std::string_view protocol, std::uint16_t port_asked) {
  const sched::TaskRecord* task = port_asked == 0 ? caller() : nullptr;
  SocketName made;
  made.text = (task != nullptr ? task->path() : process_) + ':';
  made.text.append(protocol) += '/' + std::to_string(port_asked);
  made.key = sched::extend_key(sched::empty_key, made.text);
  fabric_.claim(made.key, made.text);
  return made;
}

void Network::report(Socket& socket, Readiness what) {
  if (socket.descriptor() < 0) {
    return;
  }
  if (!found_.empty() && found_.back().descriptor == socket.descriptor()) {
    found_.back().what |= what;
  } else {
    found_.push_back({socket.descriptor(), what});
  }
  fabric_.agenda.lower(number_, std::max(at_, busy_until_));
}

void Network::touch_socket(Descriptor descriptor) {
  const Socket* socket = descriptors_.find(descriptor);
  if (socket == nullptr) {
    sched::touch(key_of(Part::descriptors), sched::Access::read);
    return;
  }
  switch (socket->kind()) {
    case Socket::Kind::stream:
      return sched::touch(static_cast<const TcpEnd&>(*socket).key());
    case Socket::Kind::listener:
      return sched::touch(static_cast<const TcpListener&>(*socket).key());
    case Socket::Kind::datagram:
      return sched::touch(static_cast<const UdpSocket&>(*socket).key());
    default:
      return sched::touch(static_cast<const Service&>(*socket).key());
  }
}

void Network::report_later(const TcpEnd& end, std::uint32_t ordinal, Readiness what,
                           sched::Duration after) {
  delayed_reports_.emplace_front(*this, end.descriptor(), what, end.key(), ordinal);
  DelayedReport& delayed = delayed_reports_.front();
  delayed.self = delayed_reports_.begin();
  set_timer(delayed, at_ + after);
}

void Network::report_now(DelayedReport& delayed, Descriptor descriptor, Readiness what) {
  delayed_reports_.erase(delayed.self);
  touch(descriptor);
  if (Socket* socket = descriptors_.find(descriptor); socket != nullptr) {
    fabric_.choices.mattered(Site::spurious);
    report(*socket, what);
  }
}

Result<> Network::watch(Descriptor descriptor, sched::Direction way) {
  touch(descriptor);
  Socket* socket = descriptors_.find(descriptor);
  sched::check(socket != nullptr, "what is watched is an open descriptor");
  if (socket->kind() == Socket::Kind::stream) {
    const auto& end = static_cast<TcpEnd&>(*socket);
    const std::uint32_t ordinal = socket->ordinals.watches++;
    const std::uint32_t after = fabric_.choices.choose(Site::spurious, end.key(), ordinal,
                                                       UINT32_MAX, [&] { return end.name(); });
    if (after != 0) [[unlikely]] {
      const auto what = way == sched::Direction::recv ? Readiness::recv : Readiness::send;
      report_later(end, ordinal, what, std::chrono::microseconds(after));
    }
  }
  return {};
}

sched::Wake Network::wait(sched::Deadline /*until*/, sched::ReadyList& ready) {
  if (fabric_.choices.choose(Site::interrupt, process_key_, waits_++, 2,
                             [this] { return process_; }) != 0) [[unlikely]] {
    fabric_.choices.mattered(Site::interrupt);
    return sched::Wake::ready;
  }
  if (found_.size() > 1) {
    reorder(found_);
  }
  ready.append(found_);
  found_.clear();
  return sched::Wake::ready;
}

// Each report may be put off behind later ones; those that are not keep their order.
void Network::reorder(sched::ReadyList& ready) {
  struct Place {
    std::size_t place;
    std::size_t arrival;
    sched::Ready report;
  };
  std::vector<Place> places;
  bool moved = false;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    std::uint32_t later = 0;
    if (auto* end = find<TcpEnd>(ready[i].descriptor, Socket::Kind::stream); end != nullptr) {
      later = fabric_.choices.choose(Site::order, end->key(), end->ordinals.reports++, UINT32_MAX,
                                     [&] { return end->name(); });
    }
    moved = moved || later != 0;
    places.push_back({i + later, i, ready[i]});
  }
  if (moved) {
    fabric_.choices.mattered(Site::order);
    // Of two at one place the later arrival goes first, as in the ready queue.
    std::ranges::sort(places, [](const Place& a, const Place& b) {
      return a.place != b.place ? a.place < b.place : a.arrival > b.arrival;
    });
    std::ranges::transform(places, ready.begin(), &Place::report);
  }
}

std::uint32_t Network::delay(const sched::TaskRecord& task) {
  if (fabric_.steering != nullptr) [[unlikely]] {
    return 0;
  }
  const std::uint32_t held = fabric_.choices.choose(Site::run, task.key(), task.times_ready(),
                                                    UINT32_MAX, [&] { return task.path(); });
  if (held != 0) [[unlikely]] {
    fabric_.choices.mattered(Site::run);
  }
  return held;
}

sched::Instant Network::resume(const sched::TaskRecord& task) {
  task_ = &task;
  at_ = busy_until_;
  busy_until_ += options_.resumption_cost;
  ++fabric_.steps;
  fabric_.note({Op::resume, number_, -1, at_, task.key()});
  return now();
}

std::uint64_t Network::random() {
  sched::touch(key_of(Part::random));
  const std::uint64_t value = draw(mix(fabric_.data_seed), process_key_, randoms_++);
  fabric_.note({Op::random, number_, -1, at_, key_, value});
  return value;
}

std::uint32_t Network::choose(std::string_view name, std::uint32_t outcomes) {
  sched::check(outcomes >= 1, "a choice has at least one outcome");
  const std::string entity = process_ + ':' + std::string(name);
  const std::uint64_t key = sched::extend_key(sched::empty_key, entity);
  sched::touch(key);
  const std::uint32_t value =
      fabric_.choices.choose(Site::program, key, chosen_[key]++, outcomes, [&] { return entity; });
  if (value != 0) {
    fabric_.choices.mattered(Site::program);
  }
  fabric_.note({Op::choose, number_, -1, at_, key, value});
  return value;
}

Result<Descriptor> Network::open(std::unique_ptr<Service> service) {
  sched::touch(key_of(Part::descriptors));
  if (descriptors_.full()) {
    return std::errc::too_many_files_open;
  }
  const Descriptor descriptor = descriptors_.open(*service);
  services_[descriptor] = std::move(service);
  return descriptor;
}

// Of signals or an inbox that are opened now.
std::uint64_t Network::service_key(std::string_view what) {
  std::string name = process_ + ':';
  name.append(what);
  std::uint64_t key = sched::extend_key(sched::empty_key, name);
  fabric_.claim(key, name);
  return key;
}

Result<Descriptor> Network::resolve(std::string_view name) {
  const Network* host = fabric_.named(name);
  const std::string entity = process_ + ':' + std::string(name);
  const std::uint64_t key = sched::extend_key(sched::empty_key, entity);
  sched::touch(key + 1);  // apart from what choose() touches by the same name
  const std::uint32_t ordinal = lookups_[key]++;
  const std::uint32_t late =
      fabric_.choices.choose(Site::resolve, key, ordinal, UINT32_MAX, [&] { return entity; });
  if (late != 0) {
    fabric_.choices.mattered(Site::resolve);
  }
  const auto takes = options_.resolving_takes + std::chrono::microseconds(late);
  auto completion =
      std::make_unique<Completion>(*this, draw(key, 1, ordinal), at_ + takes, nullptr);
  if (host != nullptr) {
    completion->addresses = std::vector<sched::Endpoint>{host->address()};
  } else {
    completion->addresses = std::errc::no_such_device_or_address;
  }
  return note(Op::resolve, -1, key, open(std::move(completion)));
}

Result<std::vector<sched::Endpoint>> Network::resolved(Descriptor descriptor) {
  touch(descriptor);
  const auto* completion = find<Completion>(descriptor, Socket::Kind::completion);
  sched::check(completion != nullptr, "resolved() is asked of a look-up");
  if (!completion->ready()) {
    return sched::would_block;
  }
  return completion->addresses;
}

Result<Descriptor> Network::start_blocking(std::function<void()> work) {
  sched::check(task_ != nullptr, "blocking work is started by a task");
  const std::uint64_t key = task_->key();
  const std::uint32_t ordinal = works_[key]++;
  const std::uint32_t late = fabric_.choices.choose(Site::blocking, key, ordinal, UINT32_MAX,
                                                    [this] { return task_->path(); });
  if (late != 0) {
    fabric_.choices.mattered(Site::blocking);
  }
  const auto takes = options_.blocking_takes + std::chrono::microseconds(late);
  return note(Op::start_blocking, -1, key,
              open(std::make_unique<Completion>(*this, draw(key, 2, ordinal), at_ + takes,
                                                std::move(work))));
}

Result<Descriptor> Network::signals(std::span<const int> numbers) {
  return note(
      Op::signals, -1, key_,
      open(std::make_unique<SignalQueue>(*this, service_key("signals"),
                                         std::vector<int>(numbers.begin(), numbers.end()))));
}

Result<int> Network::next_signal(Descriptor descriptor) {
  touch(descriptor);
  auto* queue = find<SignalQueue>(descriptor, Socket::Kind::signals);
  sched::check(queue != nullptr, "next_signal() is asked of signals");
  if (!queue->ready()) {
    return sched::would_block;
  }
  return note(Op::next_signal, descriptor, key_, Result<int>(queue->take()));
}

Result<Descriptor> Network::inbox(std::string_view name) {
  return note(Op::inbox, -1, sched::extend_key(key_, name),
              open(std::make_unique<MessageQueue>(*this, service_key("inbox/" + std::string(name)),
                                                  std::string(name))));
}

Result<sched::Message> Network::next_message(Descriptor descriptor) {
  touch(descriptor);
  auto* queue = find<MessageQueue>(descriptor, Socket::Kind::inbox);
  sched::check(queue != nullptr, "next_message() is asked of an inbox");
  if (!queue->ready()) {
    return sched::would_block;
  }
  Result<sched::Message> message = queue->take();
  fabric_.note(
      {Op::next_message, number_, descriptor, at_, key_, message.value().size(), message.value()});
  return message;
}

void Network::raise(int signal) {
  sched::touch(sched::everything);
  for (auto& [descriptor, service] : services_) {
    if (service->kind() == Socket::Kind::signals &&
        static_cast<SignalQueue&>(*service).offer(signal)) {
      return;
    }
  }
}

void Network::post(std::string_view inbox, sched::Message message) {
  sched::touch(sched::everything);
  for (auto& [descriptor, service] : services_) {
    if (service->kind() == Socket::Kind::inbox) {
      auto& queue = static_cast<MessageQueue&>(*service);
      if (queue.name() == inbox) {
        queue.push(std::move(message));
        report(queue, Readiness::recv);
        return;
      }
    }
  }
}

std::size_t Network::open_descriptors() const { return descriptors_.count(); }

// What a call gives that only a stream takes.
std::errc Network::unfit(Descriptor descriptor, std::errc not_of_tcp, std::errc not_of_udp) const {
  const Socket* socket = descriptors_.find(descriptor);
  if (socket == nullptr) {
    return std::errc::bad_file_descriptor;
  }
  switch (socket->kind()) {
    case Socket::Kind::listener:
    case Socket::Kind::stream:
      return not_of_tcp;
    case Socket::Kind::datagram:
      return not_of_udp;
    default:
      return std::errc::not_a_socket;
  }
}

Verdict Network::judge(Operation on, const Network* other, const std::string& entity) {
  sched::touch(sched::everything);  // rules count what they see
  static const std::string nobody;
  return fabric_.faults.judge(on, name_, other == nullptr ? nobody : other->name(), entity,
                              fabric_.choices);
}

std::string Network::connection_name(Descriptor descriptor) const {
  const auto* end = find<TcpEnd>(descriptor, Socket::Kind::stream);
  return end == nullptr ? "unconnected" : end->connection().name();
}

Result<Readiness> Network::probe(Descriptor descriptor) const {
  Socket* socket = descriptors_.find(descriptor);
  if (socket == nullptr) {
    return std::errc::bad_file_descriptor;
  }
  switch (socket->kind()) {
    case Socket::Kind::listener:
      return static_cast<TcpListener&>(*socket).empty() ? Readiness::none : Readiness::recv;
    case Socket::Kind::stream:
      return static_cast<TcpEnd&>(*socket).readiness();
    case Socket::Kind::datagram:
      return static_cast<UdpSocket&>(*socket).readiness();
    default:
      return static_cast<Service&>(*socket).ready() ? Readiness::recv : Readiness::none;
  }
}

}  // namespace rehearsal::simnet

template class rehearsal::sched::Scheduler<rehearsal::simnet::Network>;

#include "realnet/real_network.hpp"

#include <memory>
#include <utility>

#include "realnet/inboxes.hpp"
#include "realnet/random.hpp"
#include "realnet/resolver.hpp"
#include "realnet/signals.hpp"
#include "realnet/thread_pool.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Result;

struct RealNetwork::Services {
  Signals signals;
  Inboxes inboxes;
  ThreadPool blocking;
  Resolver resolver{blocking};
  Random random;
};

RealNetwork::RealNetwork() : services_(std::make_unique<Services>()) {}
RealNetwork::~RealNetwork() = default;

Result<Descriptor> RealNetwork::note(Result<Descriptor> opened, Kind kind) {
  if (opened.ok()) {
    const auto at = static_cast<std::size_t>(opened.value());
    if (at >= kinds_.size()) {
      kinds_.resize(at + 1);
    }
    kinds_[at] = kind;
  }
  return opened;
}

void RealNetwork::close(Descriptor descriptor) {
  const auto at = static_cast<std::size_t>(descriptor);
  switch (at < kinds_.size() ? std::exchange(kinds_[at], Kind::socket) : Kind::socket) {
    case Kind::socket:
      return Sockets::close(descriptor);
    case Kind::resolution:
      return services_->resolver.close(descriptor);
    case Kind::signals:
      return services_->signals.close(descriptor);
    case Kind::inbox:
      return services_->inboxes.close(descriptor);
    case Kind::blocking:
      return services_->blocking.close(descriptor);
  }
}

void RealNetwork::abort(Descriptor descriptor) {
  const auto at = static_cast<std::size_t>(descriptor);
  if (at < kinds_.size() && kinds_[at] != Kind::socket) {
    return close(descriptor);
  }
  Sockets::abort(descriptor);
}

Result<Descriptor> RealNetwork::resolve(std::string_view name) {
  return note(services_->resolver.start(name), Kind::resolution);
}
Result<std::vector<sched::Endpoint>> RealNetwork::resolved(Descriptor descriptor) {
  return services_->resolver.finish(descriptor);
}

Result<Descriptor> RealNetwork::signals(std::span<const int> numbers) {
  return note(services_->signals.open(numbers), Kind::signals);
}
Result<int> RealNetwork::next_signal(Descriptor descriptor) {
  return services_->signals.next(descriptor);
}

Result<Descriptor> RealNetwork::inbox(std::string_view name) {
  return note(services_->inboxes.open(name), Kind::inbox);
}
Result<sched::Message> RealNetwork::next_message(Descriptor descriptor) {
  return services_->inboxes.next(descriptor);
}
Result<> RealNetwork::post(std::string_view name, sched::ConstBytes message) {
  return services_->inboxes.post(name, message);
}

Result<Descriptor> RealNetwork::start_blocking(std::function<void()> work) {
  return note(services_->blocking.start(std::move(work)), Kind::blocking);
}

std::uint64_t RealNetwork::random() { return services_->random.next(); }

std::optional<timespec> RealNetwork::time_left(sched::Deadline until) {
  if (until == sched::never) {
    return std::nullopt;
  }
  if (known_past(until) || until <= now()) {
    return timespec{};
  }
  const sched::Duration left = until - known_;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return timespec{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
}

}  // namespace rehearsal::realnet

#include "realnet/real_network.hpp"

#include <utility>

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Result;

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
      return resolver_.close(descriptor);
    case Kind::signals:
      return signals_.close(descriptor);
    case Kind::inbox:
      return inboxes_.close(descriptor);
    case Kind::blocking:
      return blocking_.close(descriptor);
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
  return note(resolver_.start(name), Kind::resolution);
}
Result<std::vector<sched::Endpoint>> RealNetwork::resolved(Descriptor descriptor) {
  return resolver_.finish(descriptor);
}

Result<Descriptor> RealNetwork::signals(std::span<const int> numbers) {
  return note(signals_.open(numbers), Kind::signals);
}
Result<int> RealNetwork::next_signal(Descriptor descriptor) { return signals_.next(descriptor); }

Result<Descriptor> RealNetwork::inbox(std::string_view name) {
  return note(inboxes_.open(name), Kind::inbox);
}
Result<sched::Message> RealNetwork::next_message(Descriptor descriptor) {
  return inboxes_.next(descriptor);
}
Result<> RealNetwork::post(std::string_view name, sched::ConstBytes message) {
  return inboxes_.post(name, message);
}

Result<Descriptor> RealNetwork::start_blocking(std::function<void()> work) {
  return note(blocking_.start(std::move(work)), Kind::blocking);
}

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

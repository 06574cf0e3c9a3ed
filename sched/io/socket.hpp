// Socket: what every socket of a host has. It owns its handle.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "sched/core/scheduler.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::sched {

/// The common part of Stream, Listener, Datagram, Signals and Inbox. It owns its descriptor, and
/// must not outlive the host.
template <Network Net>
class Socket {
 public:
  Socket(Socket&& other) noexcept
      : scheduler_(other.scheduler_), handle_(std::exchange(other.handle_, Handle{})) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(scheduler_, other.scheduler_);
    std::swap(handle_, other.handle_);
    return *this;
  }

  /// Returns true until the socket is closed or moved from.
  [[nodiscard]] bool is_open() const { return scheduler_->handles().is_open(handle_); }
  /// Returns the handle, for Scheduler::wait.
  [[nodiscard]] Handle handle() const { return handle_; }
  /// Returns the scheduler of its host.
  [[nodiscard]] Scheduler<Net>& scheduler() const { return *scheduler_; }
  /// Returns the endpoint that the socket is bound to. Throws std::system_error.
  [[nodiscard]] Endpoint local() const {
    require_open("local endpoint");
    const Result<Endpoint> endpoint = network().local(handle_.descriptor);
    if (!endpoint.ok()) {
      throw_error(endpoint.error(), "local endpoint");
    }
    return endpoint.value();
  }
  /// Closes the socket. Tasks that wait for it wake up with
  /// std::errc::operation_canceled. Idempotent.
  void close() {
    if (is_open()) {
      scheduler_->handles().close(handle_);
      network().close(handle_.descriptor);
    }
  }

 protected:
  // Takes ownership of `descriptor`, which is not open yet in the scheduler.
  Socket(Scheduler<Net>& scheduler, Descriptor descriptor, Readiness latched)
      : scheduler_(&scheduler), handle_(scheduler.handles().open(descriptor, latched)) {}
  ~Socket() { close(); }

  [[nodiscard]] Net& network() const { return scheduler_->source(); }
  // Throws std::errc::bad_file_descriptor if the socket is closed: its number may belong to another
  // socket by now.
  void require_open(const char* what) const {
    if (!is_open()) {
      throw_error(std::errc::bad_file_descriptor, what);
    }
  }

 private:
  Scheduler<Net>* scheduler_;
  Handle handle_;
};

}  // namespace rehearsal::sched

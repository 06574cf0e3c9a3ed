// What every socket of a host has: its handle, which it owns.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "sched/core/scheduler.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::sched {

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

  [[nodiscard]] bool is_open() const { return scheduler_->handles().is_open(handle_); }
  [[nodiscard]] Handle handle() const { return handle_; }
  [[nodiscard]] Scheduler<Net>& scheduler() const { return *scheduler_; }
  // The endpoint it is bound to. Throws std::system_error.
  [[nodiscard]] Endpoint local() const {
    require_open("local endpoint");
    const Result<Endpoint> endpoint = network().local(handle_.descriptor);
    if (!endpoint.ok()) {
      throw_error(endpoint.error(), "local endpoint");
    }
    return endpoint.value();
  }
  // Wakes the tasks that wait for it with std::errc::operation_canceled, then closes. Idempotent.
  void close() {
    if (is_open()) {
      scheduler_->handles().close(handle_);
      network().close(handle_.descriptor);
    }
  }

 protected:
  // Takes over `descriptor`, which is not open yet in the scheduler.
  Socket(Scheduler<Net>& scheduler, Descriptor descriptor, Readiness latched)
      : scheduler_(&scheduler), handle_(scheduler.handles().open(descriptor, latched)) {}
  ~Socket() { close(); }

  [[nodiscard]] Net& network() const { return scheduler_->source(); }
  // Throws std::errc::bad_file_descriptor where it is closed: its number may be another socket's by
  // now.
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

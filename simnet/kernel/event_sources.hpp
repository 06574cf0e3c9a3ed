// The descriptors of a simulated host that are no sockets: look-ups, blocking work, signals and
// inboxes.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "sched/base/draw.hpp"
#include "sched/base/ring.hpp"
#include "sched/core/timers.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

class EventSource : public OpenFile {
 public:
  virtual ~EventSource() = default;
  // Tells it from all others of the run.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] virtual bool ready() const = 0;

 protected:
  EventSource(Kind kind, Kernel& kernel, std::uint64_t key) : OpenFile(kind, kernel), key_(key) {}

 private:
  std::uint64_t key_;
};

// Readable from an instant on, at which `work` runs: also if it was closed before, because work
// that was begun is not taken back.
class Completion final : public EventSource, private sched::Timer {
 public:
  Completion(Kernel& kernel, std::uint64_t key, sched::Instant at, std::function<void()> work);
  [[nodiscard]] bool ready() const override { return done_; }
  [[nodiscard]] bool has_work_left() const { return !done_ && work_ != nullptr; }

  sched::Result<std::vector<sched::Endpoint>> addresses{sched::would_block};  // of a look-up

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return key(); }

  std::function<void()> work_;
  bool done_ = false;
};

class SignalQueue final : public EventSource {
 public:
  SignalQueue(Kernel& kernel, std::uint64_t key, std::vector<int> numbers)
      : EventSource(Kind::signals, kernel, key), numbers_(std::move(numbers)) {}
  [[nodiscard]] bool ready() const override { return !queued_.empty(); }
  // A signal that waits already is not queued again, as with signal(7).
  bool offer(int number);
  // REQUIRES: ready().
  int take() {
    const int number = queued_.front();
    queued_.erase(queued_.begin());
    return number;
  }

 private:
  std::vector<int> numbers_;
  std::vector<int> queued_;
};

class MessageQueue final : public EventSource {
 public:
  MessageQueue(Kernel& kernel, std::uint64_t key, std::string name)
      : EventSource(Kind::inbox, kernel, key), name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool ready() const override { return !queued_.empty(); }
  void push(sched::Message message) { queued_.push(std::move(message)); }
  // REQUIRES: ready().
  sched::Message take() { return queued_.pop(); }

 private:
  std::string name_;
  sched::Ring<sched::Message> queued_;
};

// A report that comes later than its cause. The network owns it until it has come.
class DelayedReport final : public sched::Timer {
 public:
  // The `ordinal`th that a wait for the connection's end of this key brought about.
  DelayedReport(Kernel& kernel, sched::Descriptor descriptor, sched::Readiness what,
                std::uint64_t end, std::uint32_t ordinal)
      : kernel_(kernel), end_(end), descriptor_(descriptor), ordinal_(ordinal), what_(what) {}
  std::list<DelayedReport>::iterator self;

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return draw(end_, 0, ordinal_); }

  Kernel& kernel_;
  std::uint64_t end_;
  sched::Descriptor descriptor_;
  std::uint32_t ordinal_;
  sched::Readiness what_;
};

}  // namespace rehearsal::simnet

// The descriptors of a simulated host that are not sockets: name resolutions, blocking work,
// signals and inboxes.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/draw.hpp"
#include "sched/base/key_table.hpp"
#include "sched/base/ring.hpp"
#include "sched/core/timers.hpp"
#include "sched/seam/network.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

class EventSource : public OpenFile {
 public:
  virtual ~EventSource() = default;
  // Returns its key, unique in the run.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] virtual bool ready() const = 0;

 protected:
  EventSource(Kind kind, Kernel& kernel, std::uint64_t key) : OpenFile(kind, kernel), key_(key) {}

 private:
  std::uint64_t key_;
};

// Becomes readable at a fixed instant, at which `work` runs. The work runs even if the descriptor
// was closed before, because work that has begun is not cancelled.
class Completion final : public EventSource, private sched::Timer {
 public:
  Completion(Kernel& kernel, std::uint64_t key, sched::Instant at, std::function<void()> work);
  [[nodiscard]] bool ready() const override { return done_; }
  [[nodiscard]] bool has_work_left() const { return !done_ && work_ != nullptr; }

  sched::Result<std::vector<sched::Endpoint>> addresses{sched::would_block};  // of a lookup

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return key(); }
  [[nodiscard]] std::string describe() const override;

  std::function<void()> work_;
  bool done_ = false;
};

class SignalQueue final : public EventSource {
 public:
  SignalQueue(Kernel& kernel, std::uint64_t key, std::vector<int> numbers)
      : EventSource(Kind::signals, kernel, key), numbers_(std::move(numbers)) {}
  [[nodiscard]] bool ready() const override { return !queued_.empty(); }
  // Queues a signal if it is wanted. A signal that is already pending is not queued again
  // (signal(7)). Returns whether the signal is wanted.
  bool offer(int number);
  // Takes the next signal. REQUIRES: ready().
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
  // Takes the next message. REQUIRES: ready().
  sched::Message take() { return queued_.pop(); }

 private:
  std::string name_;
  sched::Ring<sched::Message> queued_;
};

// Owns the event sources that the process of one host has open, and implements the calls of the
// sched::Network interface for them.
class EventSources {
 public:
  explicit EventSources(Kernel& kernel) : kernel_(kernel) {}

  sched::Result<sched::Descriptor> resolve(std::string_view name);
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);

  // A signal for the process; a message for the inbox of this name, dropped if there is none.
  void raise(int signal);
  void post(std::string_view inbox, sched::Message message);
  // Closes a source. Work that is closed before it is done is kept until then.
  void close(EventSource& source, sched::Descriptor descriptor);
  // Destroys work that was closed before it was done, and is done now.
  void forget(const Completion& done);
  // Drops the work that is left when the process has ended and its descriptors are closed.
  void end_process() { abandoned_.clear(); }

 private:
  sched::Result<sched::Descriptor> open(std::unique_ptr<EventSource> source);
  // Returns the addresses that the lookup `ordinal` finds for `host`, or its error.
  [[nodiscard]] sched::Result<std::vector<sched::Endpoint>> look_up(const Kernel& host,
                                                                    std::uint64_t key,
                                                                    std::uint32_t ordinal,
                                                                    const std::string& entity);
  // Returns the key of signals or of an inbox that is opened now.
  [[nodiscard]] std::uint64_t key_of(std::string_view what);
  [[nodiscard]] Subject done_after(sched::Duration takes) const;

  Kernel& kernel_;
  std::map<sched::Descriptor, std::unique_ptr<EventSource>> open_;
  std::vector<std::unique_ptr<EventSource>> abandoned_;  // closed before it was done
  // Counters.
  KeyTable<std::uint32_t> works_;         // by task
  KeyTable<std::uint32_t> lookups_;       // by process and name
  KeyTable<sched::Instant> stale_until_;  // by process and name
};

// A report that comes later than its cause. The kernel owns it until it is delivered.
class DelayedReport final : public sched::Timer {
 public:
  // Creates the report that the wait number `ordinal` of the end with this key caused.
  DelayedReport(Kernel& kernel, sched::Descriptor descriptor, sched::Readiness what,
                std::uint64_t end, std::uint32_t ordinal, const Choice& after)
      : kernel_(kernel),
        end_(end),
        descriptor_(descriptor),
        ordinal_(ordinal),
        what_(what),
        after_(after) {}
  // Returns the choice that made the report and its delay.
  [[nodiscard]] const Choice& after() const { return after_; }
  std::list<DelayedReport>::iterator self;

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return draw(end_, 0, ordinal_); }
  [[nodiscard]] std::string describe() const override;

  Kernel& kernel_;
  std::uint64_t end_;
  sched::Descriptor descriptor_;
  std::uint32_t ordinal_;
  sched::Readiness what_;
  Choice after_;
};

}  // namespace rehearsal::simnet

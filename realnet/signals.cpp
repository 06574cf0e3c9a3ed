#include "realnet/signals.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <thread>

#include "realnet/event_descriptor.hpp"
#include "realnet/system_call.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Result;

namespace {

using Numbers = std::uint64_t;  // bit n - 1 is signal n
constexpr int highest_number = 64;

constexpr Numbers bit(int number) { return Numbers{1} << static_cast<unsigned>(number - 1); }
constexpr int lowest(Numbers numbers) { return std::countr_zero(numbers) + 1; }

struct Subscription {
  std::atomic<Numbers> wanted{0};
  std::atomic<Numbers> come{0};
  std::atomic<Descriptor> event{-1};  // -1 if this entry is free
};
// A handler must not wait for a lock.
static_assert(std::atomic<Numbers>::is_always_lock_free);
static_assert(std::atomic<Descriptor>::is_always_lock_free);

struct Disposition {
  struct sigaction before;
  int users;
};

// A handler gets no context and a disposition belongs to the process, so these, unlike everything
// else here, belong to the process too. The mutex guards everything that the handler does not read.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
constinit std::array<Subscription, 32> subscriptions;
constinit std::atomic<int> handlers_running{0};
constinit std::array<Disposition, highest_number> dispositions{};
constinit std::mutex table_mutex;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void on_signal(int number) {
  // Between these two, a subscription that is being closed stays unchanged.
  handlers_running.fetch_add(1);
  for (Subscription& subscription : subscriptions) {
    if ((subscription.wanted.load() & bit(number)) != 0) {
      subscription.come.fetch_or(bit(number));
      raise_event(subscription.event.load());
    }
  }
  handlers_running.fetch_sub(1);
}

Disposition& disposition(int number) { return dispositions[static_cast<std::size_t>(number - 1)]; }

bool can_be_caught(int number) {
  constexpr std::array faults{SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  return number >= 1 && number <= highest_number &&
         std::find(faults.begin(), faults.end(), number) == faults.end();
}

// REQUIRES for these two functions: table_mutex is held.
void give_back(Numbers numbers) {
  for (; numbers != 0; numbers &= numbers - 1) {
    Disposition& of = disposition(lowest(numbers));
    if (--of.users == 0) {
      ::sigaction(lowest(numbers), &of.before, nullptr);
    }
  }
}

std::errc take(Numbers numbers) {
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  for (Numbers left = numbers; left != 0; left &= left - 1) {
    Disposition& of = disposition(lowest(left));
    if (of.users == 0 && ::sigaction(lowest(left), &action, &of.before) < 0) {
      const std::errc error = last_error();
      give_back(numbers & ~left);
      return error;
    }
    ++of.users;
  }
  return {};
}

// Returns the signals that it had subscribed to. REQUIRES: table_mutex is held.
Numbers release(Subscription& subscription) {
  const Numbers wanted = subscription.wanted.exchange(0);
  // A handler on another thread that has read the subscription may still raise the event. Its
  // descriptor number must not be reused before that. Handlers are short and block every signal.
  while (handlers_running.load() != 0) {
    std::this_thread::yield();
  }
  subscription.come.store(0);
  ::close(subscription.event.load());
  subscription.event.store(-1);
  return wanted;
}

}  // namespace

Signals::~Signals() {
  while (!open_.empty()) {
    close(open_.back().descriptor);
  }
}

std::vector<Signals::Open>::iterator Signals::find(Descriptor descriptor) {
  return std::find_if(open_.begin(), open_.end(),
                      [descriptor](const Open& open) { return open.descriptor == descriptor; });
}

Result<Descriptor> Signals::open(std::span<const int> numbers) {
  Numbers wanted = 0;
  for (const int number : numbers) {
    if (!can_be_caught(number)) {
      return std::errc::invalid_argument;
    }
    wanted |= bit(number);
  }
  if (wanted == 0) {
    return std::errc::invalid_argument;
  }
  const auto event = open_event_descriptor(false);
  if (!event.ok()) {
    return event;
  }
  const std::lock_guard lock(table_mutex);
  const auto free = std::find_if(subscriptions.begin(), subscriptions.end(),
                                 [](const Subscription& each) { return each.event.load() < 0; });
  if (free == subscriptions.end()) {
    ::close(event.value());
    return std::errc::too_many_files_open;
  }
  // In this order, a signal that arrives as soon as it is caught is stored.
  free->event.store(event.value());
  free->wanted.store(wanted);
  if (const std::errc error = take(wanted); error != std::errc{}) {
    release(*free);
    return error;
  }
  open_.push_back({event.value(), static_cast<std::size_t>(free - subscriptions.begin())});
  return event;
}

Result<int> Signals::next(Descriptor descriptor) {
  const auto open = find(descriptor);
  if (open == open_.end()) {
    return std::errc::bad_file_descriptor;
  }
  std::atomic<Numbers>& come = subscriptions[open->place].come;
  if (come.load() == 0) {
    // In this order, a signal that arrives in between is stored, and raises the event again.
    clear_event(descriptor);
  }
  const Numbers numbers = come.load();
  if (numbers == 0) {
    return sched::would_block;
  }
  const int number = lowest(numbers);
  come.fetch_and(~bit(number));
  return number;
}

void Signals::close(Descriptor descriptor) {
  const auto open = find(descriptor);
  Subscription& subscription = subscriptions[open->place];
  open_.erase(open);
  const std::lock_guard lock(table_mutex);
  give_back(release(subscription));
}

}  // namespace rehearsal::realnet

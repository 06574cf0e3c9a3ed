#include "tests/properties/fairness/model/desk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <ostream>

#include "sched/core/join_handle.hpp"
#include "sched/core/spawn.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::fairness {

void showValue(const Crowd& crowd, std::ostream& out) {
  constexpr std::array names{"an event",    "a mutex",   "a semaphore",
                             "a condition", "receiving", "sending"};
  out << crowd.comers << " at " << names.at(static_cast<std::size_t>(crowd.what)) << ", "
      << crowd.turns << " turns each, room " << crowd.room << ", naps";
  for (const std::uint32_t nap : crowd.naps) {
    out << ' ' << nap;
  }
  out << ", cancelled";
  for (const std::size_t victim : crowd.victims) {
    out << ' ' << victim;
  }
}

rc::Gen<Crowd> any_crowd(Shared what) {
  namespace gen = rc::gen;
  const auto of = [what](std::size_t most) {
    const auto victims = gen::container<std::vector<std::size_t>>(
        gen::resize(100, gen::inRange<std::size_t>(0, most)));
    const int most_victims = static_cast<int>(most) / 4;
    return gen::resize(
        100, gen::build<Crowd>(gen::set(&Crowd::what, gen::just(what)),
                               gen::set(&Crowd::comers, gen::inRange<std::size_t>(1, most)),
                               gen::set(&Crowd::turns, gen::inRange(1, 5)),
                               gen::set(&Crowd::room, gen::inRange<std::uint32_t>(1, 4)),
                               gen::set(&Crowd::naps, gen::container<std::vector<std::uint32_t>>(
                                                          gen::inRange<std::uint32_t>(0, 10))),
                               gen::set(&Crowd::victims, gen::resize(most_victims, victims))));
  };
  return gen::weightedOneOf<Crowd>({{30, of(8)}, {9, of(40)}, {1, of(600)}});
}

void Line::is_ready(std::uint64_t task) {
  const auto place = std::ranges::find(waiting_, task);
  if (place != waiting_.end()) {
    in_turn_ = in_turn_ && place == waiting_.begin();
    waiting_.erase(place);
  }
}

// The visit of one task of the crowd. It starts before the task does, because the task may
// be cancelled earlier.
class Desk::Visit {
 public:
  explicit Visit(Desk& desk) : desk_(desk) {}
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    desk_.line_.leaves(task);
    --desk_.left_;
  }

  std::uint64_t task = 0;

 private:
  Desk& desk_;
};

Desk::Desk(const Crowd& crowd)
    : crowd_(crowd), permits_(crowd.room), items_(crowd.room - 1), left_(crowd.comers) {}

sched::Task<> Desk::open(sched::Executor& executor) {
  const sched::SpawnInto into{.executor = executor, .parent = executor.current()};
  std::vector<sched::JoinHandle<>> comers;
  for (std::size_t i = 0; i < crowd_.comers; ++i) {
    comers.push_back(sched::spawn(into, come(executor, std::make_unique<Visit>(*this))));
  }
  sched::spawn(into, attend());
  for (const std::size_t victim : crowd_.victims) {
    co_await nap();
    comers[victim % comers.size()].cancel();
  }
}

sched::Task<> Desk::nap() {
  const std::uint32_t length = crowd_.naps.empty() ? 1 : crowd_.naps[naps_++ % crowd_.naps.size()];
  if (length % 2 == 1) {
    co_await sched::sleep_for(std::chrono::microseconds(length));
    co_return;
  }
  for (std::uint32_t turn = 0; turn <= length; turn += 2) {
    co_await sched::yield();
  }
}

sched::Task<> Desk::come(sched::Executor& executor, std::unique_ptr<Visit> visit) {
  visit->task = executor.current()->key();
  for (int turn = 0; turn < crowd_.turns; ++turn) {
    co_await nap();
    co_await take_turn(visit->task);
  }
}

sched::Task<> Desk::take_turn(std::uint64_t task) {
  switch (crowd_.what) {
    case Shared::event:
      return wait_for_event(task);
    case Shared::mutex:
      return hold_mutex(task);
    case Shared::semaphore:
      return hold_permit(task);
    case Shared::condition:
      return wait_for_notice(task);
    case Shared::to_receive:
      return receive(task);
    case Shared::to_send:
      return send(task);
  }
  return nap();
}

// An event serves any number of tasks: one that finds it set overtakes no other.
sched::Task<> Desk::wait_for_event(std::uint64_t task) {
  if (!event_.is_set()) {
    line_.comes(task);
  }
  co_await event_.wait();
}

sched::Task<> Desk::hold_mutex(std::uint64_t task) {
  line_.comes(task);
  const sched::Mutex::Lock lock = co_await mutex_.lock();
  line_.is_served(task);
  co_await nap();
}

sched::Task<> Desk::hold_permit(std::uint64_t task) {
  line_.comes(task);
  const sched::Semaphore::Permit permit = co_await permits_.acquire();
  line_.is_served(task);
  co_await nap();
}

sched::Task<> Desk::wait_for_notice(std::uint64_t task) {
  sched::Mutex::Lock lock = co_await mutex_.lock();
  line_.comes(task);
  co_await changed_.wait(lock);
  line_.is_served(task);
}

sched::Task<> Desk::receive(std::uint64_t task) {
  line_.comes(task);
  [[maybe_unused]] const auto item = co_await items_.recv();
  line_.is_served(task);
}

sched::Task<> Desk::send(std::uint64_t task) {
  line_.comes(task);
  co_await items_.send(0);
  line_.is_served(task);
}

// Gives up in the end, so that the run ends even if the scheduler forgets a task.
sched::Task<> Desk::attend() {
  const std::size_t enough = 1'000 + 40 * crowd_.comers;
  for (std::size_t turn = 0; turn < enough && !is_done(); ++turn) {
    co_await nap();
    co_await serve();
  }
}

sched::Task<> Desk::serve() {
  if (crowd_.what == Shared::event) {
    event_.set();
    co_await nap();
    event_.clear();
  } else if (crowd_.what == Shared::condition) {
    changed_.notify_one();
  } else if (crowd_.what == Shared::to_receive) {
    co_await items_.send(0);
  } else if (crowd_.what == Shared::to_send) {
    [[maybe_unused]] const auto item = co_await items_.recv();
  } else {
    co_return;
  }
}

}  // namespace rehearsal::fairness

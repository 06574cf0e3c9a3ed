#include "tests/properties/fairness/model/model.hpp"

#include <algorithm>

#include "tests/properties/fairness/model/stage.hpp"

namespace rehearsal::fairness {

using sched::RunEnd;
using sched::Wake;

Model::Model(const Program& program, const Script& script) : script_(script) {
  std::ranges::copy(permits_of, free_permits_.begin());
  for (const Steps& steps : program.tasks) {
    spawn(steps);
  }
}

RunEnd Model::run() {
  for (;;) {
    round();
    if (living_ == 0) {
      return RunEnd::done;
    }
    const auto is_ready = [this](std::size_t task) { return at(task).state == State::ready; };
    const bool busy = std::ranges::any_of(woken_, is_ready) ||
                      std::ranges::any_of(queue_, is_ready, &Arrival::task);
    const Wake wake = poll(!busy);
    if (!busy && wake == Wake::quiescent && woken_.empty()) {
      return RunEnd::quiescent;
    }
  }
}

void Model::spawn(const Steps& steps) {
  tasks_.push_back({.bodies = {Body{.steps = &steps}}});
  ++living_;
  add(Kind::spawned, tasks_.size() - 1);
  woken_.push_back(tasks_.size() - 1);
}

std::size_t Model::round() {
  arrive();
  const std::size_t count = queue_.size();
  for (std::size_t left = count; left > 0; --left) {
    const std::size_t task = take_next();
    if (at(task).state == State::ready) {
      resume(task);
    }
    arrive();
  }
  return count;
}

void Model::arrive() {
  for (const std::size_t task : std::exchange(woken_, {})) {
    if (at(task).state == State::ready) {
      const bool scripted = next_delay_ < script_.delays.size();
      const std::uint32_t delay = scripted ? script_.delays[next_delay_++] : 0;
      add(Kind::arrived, task, nullptr, delay);
      queue_.push_back({arrivals_ + delay, arrivals_, task});
      ++arrivals_;
    }
  }
}

// Lowest (arrival + delay) first; of two in one place, the later arrival first.
std::size_t Model::take_next() {
  const auto next = std::ranges::min_element(queue_, [](const Arrival& a, const Arrival& b) {
    return a.place != b.place ? a.place < b.place : a.arrival > b.arrival;
  });
  const std::size_t task = next->task;
  queue_.erase(next);
  return task;
}

void Model::make_ready(std::size_t task) {
  at(task).state = State::ready;
  woken_.push_back(task);
}

Wake Model::poll(bool waits) {
  const auto nearest = std::ranges::min_element(timers_, {}, &Timer::deadline);
  std::optional<std::int64_t> until;
  if (nearest != timers_.end()) {
    until = nearest->deadline;
  }
  if (!waits) {
    until = std::min(until.value_or(noticed_now_), noticed_now_);
  }
  Wake wake = Wake::deadline;
  std::vector<sched::Ready> found;
  if (next_wait_ < script_.waits.size()) {
    const simnet::ScriptedWait& scripted = script_.waits[next_wait_++];
    now_ += scripted.takes.count();
    found = scripted.ready;
    wake = found.empty() && until && now_ >= *until ? Wake::deadline : Wake::ready;
  } else if (until) {
    now_ = std::max(now_, *until);
  } else {
    wake = Wake::quiescent;
  }
  for (const sched::Ready& ready : found) {
    entries_.push_back({Kind::reported, noticed_now_, nobody, Action{},
                        static_cast<std::uint32_t>(ready.descriptor),
                        static_cast<std::int64_t>(ready.what)});
  }
  noticed_now_ = now_;
  for (const sched::Ready& ready : found) {
    report(ready);
  }
  entries_.push_back({Kind::polled, noticed_now_, nobody, Action{},
                      static_cast<std::uint32_t>(found.size()), static_cast<std::int64_t>(wake)});
  fire_timers();
  return wake;
}

// In the order of (deadline, setting).
void Model::fire_timers() {
  for (;;) {
    const auto next = std::ranges::min_element(timers_, {}, &Timer::deadline);
    if (next == timers_.end() || next->deadline > noticed_now_) {
      return;
    }
    const Timer timer = *next;
    timers_.erase(next);
    if (timer.keeps == at(timer.task).bodies.size()) {
      make_ready(timer.task);
    } else {
      cut(timer.task, timer.keeps);
    }
  }
}

void Model::cut(std::size_t task, std::size_t keeps) {
  const Step* timeout = at(task).bodies[keeps].timeout;
  drop_wait(task);
  drop_bodies(task, keeps);
  at(task).at = timeout;
  at(task).outcome = static_cast<std::int64_t>(std::errc::timed_out);
  if (at(task).state == State::waiting) {
    make_ready(task);
  }
}

void Model::report(const sched::Ready& ready) {
  using enum sched::Readiness;
  if (ready.descriptor < 0 || ready.descriptor >= static_cast<int>(sockets_.size())) {
    return;
  }
  auto& socket = sockets_[static_cast<std::size_t>(ready.descriptor)];
  if (any(ready.what, recv | hang_up | error)) {
    latch(socket[0]);
  }
  if (any(ready.what, send | hang_up | error)) {
    latch(socket[1]);
  }
}

void Model::latch(Side& side) {
  side.latched = true;
  if (std::exchange(side.watched, false)) {
    make_ready(*side.claimed);
  }
}

void Model::resume(std::size_t task) {
  at(task).state = State::running;
  add(Kind::resumed, task);
  finish(task);
  advance(task);
  if (at(task).state == State::done) {
    end(task, at(task).end);
  } else {
    add(Kind::suspended, task);
  }
  destroy_marked();
}

void Model::destroy_marked() {
  for (std::size_t i = 0; i < marked_.size(); ++i) {
    const std::size_t task = marked_[i];
    if (at(task).state != State::done) {
      at(task).state = State::done;
      drop_wait(task);
      drop_bodies(task, 0);
      end(task, Kind::cancelled);
    }
  }
  marked_.clear();
}

void Model::end(std::size_t task, Kind kind) {
  at(task).end = kind;
  --living_;
  add(kind, task);
  if (const auto joiner = std::exchange(at(task).joiner, {})) {
    make_ready(*joiner);
  }
}

void Model::add(Kind kind, std::size_t task, const Step* step, std::int64_t value) {
  entries_.push_back({kind, noticed_now_, static_cast<int>(task),
                      step != nullptr ? step->action : Action{}, step != nullptr ? step->which : 0,
                      value});
}

}  // namespace rehearsal::fairness

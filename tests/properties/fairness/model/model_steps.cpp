// The steps of a modelled task.
#include <algorithm>
#include <utility>

#include "tests/properties/fairness/model/model.hpp"
#include "tests/properties/fairness/model/stage.hpp"

namespace rehearsal::fairness {
namespace {

constexpr auto cancelled = static_cast<std::int64_t>(std::errc::operation_canceled);
constexpr auto busy = static_cast<std::int64_t>(std::errc::device_or_resource_busy);
constexpr auto broken = static_cast<std::int64_t>(std::errc::broken_pipe);

std::size_t take_first(std::vector<std::size_t>& tasks) {
  const std::size_t first = tasks.front();
  tasks.erase(tasks.begin());
  return first;
}

}  // namespace

// Runs the task's steps until one of them waits.
void Model::advance(std::size_t task) {
  while (at(task).state == State::running) {
    Body& body = at(task).bodies.back();
    if (body.next == body.steps->size()) {
      leave_body(task);
      continue;
    }
    const Step& step = (*body.steps)[body.next++];
    add(Kind::begins, task, &step, step.number);
    if (perform(task, step)) {
      at(task).at = nullptr;
    } else if (at(task).state == State::running && step.action != Action::timeout) {
      at(task).state = State::waiting;
    }
  }
}

// Handles the end of a body.
void Model::leave_body(std::size_t task) {
  const Step* timeout = at(task).bodies.back().timeout;
  drop_bodies(task, at(task).bodies.size() - 1);
  if (timeout != nullptr) {
    add(Kind::ends, task, timeout, well);
  } else {
    at(task).state = State::done;
    at(task).end = Kind::returned;
  }
}

// Starts or continues a step. Returns false if the step has not ended.
bool Model::perform(std::size_t task, const Step& step) {
  at(task).at = &step;
  at(task).granted = false;
  at(task).outcome = well;
  switch (step.action) {
    case Action::timeout:
      timers_.push_back({noticed_now_ + step.number, task, at(task).bodies.size()});
      at(task).bodies.push_back({.steps = &step.bodies.at(0), .timeout = &step});
      return false;
    case Action::fail:
      drop_bodies(task, 0);
      at(task).state = State::done;
      at(task).end = Kind::failed;
      return false;
    default:
      return perform_at_once(task, step) || perform_wait(task, step);
  }
}

bool Model::perform_at_once(std::size_t task, const Step& step) {
  const std::uint32_t which = step.which;
  std::int64_t outcome = well;
  switch (step.action) {
    case Action::set_event:
      event_set_[which] = true;
      while (!event_waiters_[which].empty()) {
        make_ready(take_first(event_waiters_[which]));
      }
      break;
    case Action::clear_event:
      event_set_[which] = false;
      break;
    case Action::release:
      if (auto& permits = at(task).bodies.back().permits; permits.empty()) {
        outcome = skipped;
      } else {
        const std::uint32_t permit = permits.back();
        permits.pop_back();
        give_permit(permit);
      }
      break;
    case Action::close_channel:
      close(channels_[which]);
      break;
    case Action::reopen:
      reopen(which);
      break;
    case Action::cancel:
      marked_.push_back(step.number % tasks_.size());
      break;
    case Action::spawn:
      spawn(step.bodies.at(0));
      break;
    default:
      return false;
  }
  add(Kind::ends, task, &step, outcome);
  return true;
}

bool Model::perform_wait(std::size_t task, const Step& step) {
  const std::uint32_t which = step.which;
  switch (step.action) {
    case Action::yield:
      make_ready(task);
      return false;
    case Action::sleep:
      timers_.push_back({noticed_now_ + step.number, task, at(task).bodies.size()});
      return false;
    case Action::wait_event:
      if (!event_set_[which]) {
        event_waiters_[which].push_back(task);
        return false;
      }
      break;
    case Action::acquire:
      if (free_permits_[which] == 0) {
        permit_waiters_[which].push_back(task);
        return false;
      }
      --free_permits_[which];
      break;
    case Action::send:
      return begin_send(task, step);
    case Action::recv:
      return begin_recv(task, step);
    case Action::join:
      return begin_join(task, step);
    default:
      return begin_socket(task, step);
  }
  finish(task);
  return true;
}

bool Model::begin_socket(std::size_t task, const Step& step) {
  Side& side = side_of(step);
  if (side.claimed) {
    at(task).outcome = busy;
  } else if (!side.latched) {
    side.claimed = task;
    side.watched = true;
    return false;
  }
  finish(task);
  return true;
}

bool Model::begin_send(std::size_t task, const Step& step) {
  Channel& channel = channels_[step.which];
  at(task).outcome = channel.next_number++;
  if (!channel.closed) {
    channel.senders.push_back(task);
    settle(channel, capacity_of[step.which]);
  }
  if (!channel.closed && !at(task).granted) {
    return false;
  }
  finish(task);
  return true;
}

bool Model::begin_recv(std::size_t task, const Step& step) {
  Channel& channel = channels_[step.which];
  channel.receivers.push_back(task);
  settle(channel, capacity_of[step.which]);
  if (!at(task).granted && !channel.closed) {
    return false;
  }
  std::erase(channel.receivers, task);
  finish(task);
  return true;
}

bool Model::begin_join(std::size_t task, const Step& step) {
  at(task).joins = step.number % tasks_.size();
  Task& target = at(at(task).joins);
  if (target.joined || at(task).joins == task) {
    at(task).outcome = skipped;
  } else {
    target.joined = true;
    if (target.state != State::done) {
      target.joiner = task;
      return false;
    }
  }
  finish(task);
  return true;
}

// Ends the step that the task has begun.
void Model::finish(std::size_t task) {
  Task& it = at(task);
  const Step* step = std::exchange(it.at, nullptr);
  if (step == nullptr) {
    return;
  }
  switch (step->action) {
    case Action::acquire:
      it.bodies.back().permits.push_back(step->which);
      break;
    case Action::send:
      it.outcome = it.granted ? std::int64_t{well} : broken;
      break;
    case Action::recv: {
      // If the channel was closed during the wait, the task still takes what is left.
      Channel& channel = channels_[step->which];
      if (!it.granted && !channel.items.empty()) {
        it.outcome = channel.items.front();
        channel.items.erase(channel.items.begin());
      } else if (!it.granted) {
        it.outcome = nothing_left;
      }
      break;
    }
    case Action::join:
      if (const Task& target = at(it.joins); it.outcome == well) {
        it.outcome = target.end == Kind::cancelled ? cancelled
                     : target.end == Kind::failed  ? std::int64_t{it_failed}
                                                   : std::int64_t{well};
      }
      break;
    case Action::wait_recv:
    case Action::wait_send:
      if (it.outcome == well) {
        side_of(*step) = Side{};
      }
      break;
    default:
      break;
  }
  it.granted = false;
  add(Kind::ends, task, step, it.outcome);
}

// The task stops waiting, or returns what it was granted.
void Model::drop_wait(std::size_t task) {
  Task& it = at(task);
  const Step* step = std::exchange(it.at, nullptr);
  std::erase_if(timers_, [&](const Timer& timer) {
    return timer.task == task && timer.keeps == it.bodies.size();
  });
  if (step == nullptr || step->action == Action::timeout) {
    return;
  }
  const std::uint32_t which = step->which;
  Channel& channel = channels_[which];
  std::erase(event_waiters_[which], task);
  std::erase(permit_waiters_[which], task);
  std::erase(channel.senders, task);
  std::erase(channel.receivers, task);
  for (Task& target : tasks_) {
    if (target.joiner == task) {
      target.joiner.reset();
    }
  }
  if (step->action == Action::acquire && it.granted) {
    give_permit(which);
  } else if (step->action == Action::recv && it.granted) {
    channel.items.insert(std::ranges::upper_bound(channel.items, it.outcome), it.outcome);
    settle(channel, capacity_of[which]);
  } else if (step->action == Action::wait_recv || step->action == Action::wait_send) {
    if (Side& side = side_of(*step); side.claimed == task) {
      side.claimed.reset();
      side.watched = false;
    }
  }
  it.granted = false;
}

// Ends bodies, innermost first; each releases its permits, the newest first.
void Model::drop_bodies(std::size_t task, std::size_t keeps) {
  auto& bodies = at(task).bodies;
  while (bodies.size() > keeps) {
    while (!bodies.back().permits.empty()) {
      const std::uint32_t permit = bodies.back().permits.back();
      bodies.back().permits.pop_back();
      give_permit(permit);
    }
    bodies.pop_back();
    std::erase_if(timers_, [&](const Timer& timer) {
      return timer.task == task && timer.keeps == bodies.size();
    });
  }
}

void Model::give_permit(std::uint32_t which) {
  if (permit_waiters_[which].empty()) {
    ++free_permits_[which];
  } else {
    const std::size_t first = take_first(permit_waiters_[which]);
    at(first).granted = true;
    make_ready(first);
  }
}

// Moves items to receivers, and senders' items into the channel, as far as possible.
void Model::settle(Channel& channel, std::size_t capacity) {
  for (;;) {
    const bool room = channel.items.size() < capacity || !channel.receivers.empty();
    if (!channel.items.empty() && !channel.receivers.empty()) {
      const std::size_t receiver = take_first(channel.receivers);
      at(receiver).granted = true;
      at(receiver).outcome = channel.items.front();
      channel.items.erase(channel.items.begin());
      if (at(receiver).state == State::waiting) {
        make_ready(receiver);
      }
    } else if (!channel.senders.empty() && room) {
      const std::size_t sender = take_first(channel.senders);
      at(sender).granted = true;
      channel.items.push_back(at(sender).outcome);
      if (at(sender).state == State::waiting) {
        make_ready(sender);
      }
    } else {
      return;
    }
  }
}

void Model::close(Channel& channel) {
  channel.closed = true;
  while (!channel.senders.empty()) {
    make_ready(take_first(channel.senders));
  }
  while (!channel.receivers.empty()) {
    make_ready(take_first(channel.receivers));
  }
}

void Model::reopen(std::uint32_t which) {
  for (Side& side : sockets_[which]) {
    if (side.claimed) {
      at(*side.claimed).outcome = cancelled;
      if (side.watched) {
        make_ready(*side.claimed);
      }
    }
    side = Side{};
  }
}

Model::Side& Model::side_of(const Step& step) {
  return sockets_[step.which][step.action == Action::wait_recv ? 0 : 1];
}

}  // namespace rehearsal::fairness

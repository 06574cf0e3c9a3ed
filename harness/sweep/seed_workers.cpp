#include "harness/sweep/seed_workers.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "harness/process/attempts.hpp"

namespace rehearsal::harness {

SeedWorkers::SeedWorkers(const simnet::Scenario& scenario, const WorkPlan& plan,
                         std::uint64_t count, std::uint64_t jobs)
    : scenario_(scenario),
      plan_(plan),
      claims_(count),
      workers_(std::min({jobs, count, most_workers})) {}

void SeedWorkers::start() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i].share.worker = i;
    start(workers_[i]);
  }
}

void SeedWorkers::start(Worker& worker) {
  worker.child = std::make_unique<Child>([this, share = worker.share](const Parent& parent) {
    run_share(scenario_, plan_, share, claims_, parent);
  });
}

bool SeedWorkers::busy() const {
  return std::ranges::any_of(workers_, [](const Worker& one) { return one.child != nullptr; });
}

void SeedWorkers::wait(int descriptor, std::chrono::milliseconds limit) {
  std::vector<pollfd> waits = {{descriptor, POLLIN, 0}};
  std::vector<Worker*> of;
  for (Worker& worker : workers_) {
    if (worker.child != nullptr) {
      waits.push_back({worker.child->descriptor(), POLLIN, 0});
      of.push_back(&worker);
    }
  }
  if (::poll(waits.data(), waits.size(), static_cast<int>(limit.count())) <= 0) {
    return;
  }
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (waits[i + 1].revents != 0) {
      hear(*of[i]);
    }
  }
}

void SeedWorkers::hear(Worker& worker) {
  const bool more = worker.child->receive();
  while (const std::optional<Message> message = worker.child->next()) {
    take(worker, *message);
  }
  if (!more) {
    worker_is_gone(worker);
  }
}

void SeedWorkers::take(Worker& worker, const Message& message) {
  if (const auto* failure = std::get_if<RunFailed>(&message)) {
    find({failure->seed, failure->kind, failure->what, failure->digest, {}});
  } else if (const auto* tallied = std::get_if<Tallied>(&message)) {
    tally_.merge(tallied->tally);
    done_.add({tallied->begin, tallied->end});
  } else if (std::holds_alternative<RunDiffers>(message)) {
    first_differs_ = true;
  } else if (const auto* ends = std::get_if<Ends>(&message)) {
    worker.ended = true;
    leaked_ = leaked_ || ends->leaked;
  }
}

void SeedWorkers::worker_is_gone(Worker& worker) {
  const ChildEnd end = worker.child->wait();
  worker.child.reset();
  if (worker.ended) {
    return;
  }
  const std::optional<WorkQueue::Standing> standing = claims_.standing(worker.share.worker);
  if (killed_) {
    if (standing) {
      unfinished_.push_back(plan_.seeds.first + standing->at);
    }
    return;
  }
  if (!standing) {
    throw std::runtime_error("a process of the sweep ended before its first run: " + end.how);
  }
  crashed(worker, *standing, end);
}

// Repeats the runs whose results were lost with the process, except the run that crashed.
void SeedWorkers::crashed(Worker& worker, const WorkQueue::Standing& standing,
                          const ChildEnd& end) {
  const auto& [claim, at] = standing;
  worker.share.crashed.push_back(plan_.seeds.first + at);
  if (at < claim.begin || at >= claim.end) {
    // A run on which one of the claim depends. The process that claimed it reports it.
    std::erase_if(worker.share.again,
                  [&](const Claim& one) { return done_.contains(one.begin) || one == claim; });
    worker.share.again.insert(worker.share.again.begin(), claim);
    start(worker);
    return;
  }
  std::vector<Claim> again;
  if (!done_.contains(at)) {
    for (std::uint64_t place = claim.begin; place < claim.end; ++place) {
      if (place != at) {
        again.push_back({place, place + 1});
      }
    }
    done_.add({at, at + 1});
    ++tally_.runs;
  }
  // The rest of the share of the process, which it had not reached.
  std::ranges::copy_if(worker.share.again, std::back_inserter(again), [&](const Claim& one) {
    return !done_.contains(one.begin) && one != claim;
  });
  worker.share.again = std::move(again);
  find({plan_.seeds.first + at, std::string(name(simnet::FailureKind::crash)),
        crash(end).to_string(), std::nullopt, end.errors});
  start(worker);
}

void SeedWorkers::find(Finding finding) {
  // A failure is found twice if its process crashed in a later run of the same claim.
  found_.try_emplace(finding.seed, std::move(finding));
  if (plan_.stops_at_failure) {
    close();
  }
}

std::optional<Finding> SeedWorkers::next() {
  const std::uint64_t missing = plan_.seeds.first + done_.first_missing();
  if (found_.empty() || (found_.begin()->first >= missing && !killed_)) {
    return std::nullopt;
  }
  Finding next = std::move(found_.begin()->second);
  found_.erase(found_.begin());
  ++released_;
  return next;
}

void SeedWorkers::kill() {
  killed_ = true;
  for (const Worker& worker : workers_) {
    if (worker.child != nullptr) {
      worker.child->kill();
    }
  }
}

// Returns the claim of a worker that it has not reported, and the run that it is in.
std::optional<WorkQueue::Standing> SeedWorkers::at_work(const Worker& worker) const {
  const auto standing = claims_.standing(worker.share.worker);
  const bool works = worker.child != nullptr && standing && !done_.contains(standing->claim.begin);
  return works ? standing : std::nullopt;
}

std::uint64_t SeedWorkers::runs_done() const {
  std::uint64_t done = tally_.runs;
  for (const Worker& worker : workers_) {
    if (const auto standing = at_work(worker)) {
      done += standing->at - standing->claim.begin;
    }
  }
  return done;
}

std::optional<std::uint64_t> SeedWorkers::running() const {
  std::optional<std::uint64_t> first;
  for (const Worker& worker : workers_) {
    if (const auto standing = at_work(worker); standing && standing->at < first.value_or(~0ULL)) {
      first = standing->at;
    }
  }
  return first ? std::optional(plan_.seeds.first + *first) : std::nullopt;
}

}  // namespace rehearsal::harness

#include "harness/sweep/sweep.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/stop_signals.hpp"
#include "harness/process/work_queue.hpp"
#include "harness/run_text.hpp"
#include "harness/sweep/progress.hpp"
#include "harness/sweep/results_file.hpp"
#include "harness/sweep/sweep_worker.hpp"
#include "realnet/clock.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr sched::Duration grace = 2s;  // time for the current runs after a signal to stop
constexpr int wake_every = 50;         // timeout of poll(), in milliseconds

// Returns the seeds to run, or nothing if the shard has none.
std::optional<Seeds> seeds_of(const SweepOptions& options) {
  return options.shard.value_or(Shard()).part_of(options.plan.seeds);
}

// Workers run the seeds and report failures. A failure is printed as soon as all smaller seeds are
// done. The first one is repeated at the end, to be explained.
class Sweep {
 public:
  // `results` is null if no results are written. The signals must be caught before anything shows
  // that the sweep has begun.
  Sweep(const simnet::Scenario& scenario, const SweepOptions& options, StopSignals& signals,
        ResultsWriter* results);

  int run();

 private:
  struct Worker {
    std::unique_ptr<Child> child;  // null after it has ended
    Share share;
    bool ended = false;
  };

  void start(Worker& worker);
  [[nodiscard]] bool busy() const;
  void wait_for_news();
  void hear(Worker& worker);
  void take(Worker& worker, const Message& message);
  void worker_is_gone(Worker& worker);
  void crashed(Worker& worker, const WorkQueue::Standing& standing, const ChildEnd& end);
  void find(Finding finding);
  void release();
  void look_at_the_clock();
  void stop();
  void show_progress();
  int conclude();
  [[nodiscard]] bool overdue() const { return stop_by_ && realnet::monotonic_now() >= *stop_by_; }

  StopSignals& signals_;
  const simnet::Scenario& scenario_;
  const SweepOptions& options_;
  SweepPlan plan_;  // the plan with the seeds of this shard
  std::uint64_t total_;
  WorkQueue claims_;
  std::vector<Worker> workers_;
  DoneRanges done_;
  simnet::Tally tally_;
  std::map<std::uint64_t, Finding> found_;  // failures by seed that wait for smaller seeds
  std::uint64_t released_ = 0;              // number of failures that no longer wait
  std::optional<Finding> first_;            // the first released failure
  std::vector<FailureReport> told_;         // released failures that were printed
  std::vector<std::uint64_t> unfinished_;   // seeds whose runs were killed
  std::optional<sched::Instant> stop_by_;   // set after a signal to stop
  ResultsWriter* results_;
  SweepReport report_;
  Progress progress_;
};

Sweep::Sweep(const simnet::Scenario& scenario, const SweepOptions& options, StopSignals& signals,
             ResultsWriter* results)
    : signals_(signals),
      scenario_(scenario),
      options_(options),
      plan_(options.plan),
      total_(seeds_of(options) ? seeds_of(options)->count() : 0),
      claims_(total_),
      workers_(std::min(options.jobs, total_)),
      results_(results),
      report_(scenario, plan_) {
  plan_.seeds = seeds_of(options).value_or(plan_.seeds);
}

void Sweep::start(Worker& worker) {
  worker.child = std::make_unique<Child>([this, share = worker.share](const Parent& parent) {
    run_share(scenario_, plan_.policy, plan_.report.program, share, claims_, parent);
  });
}

bool Sweep::busy() const {
  return std::ranges::any_of(workers_, [](const Worker& one) { return one.child != nullptr; });
}

int Sweep::run() {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i].share = {i, plan_.seeds.first, {}, {}};
    start(workers_[i]);
  }
  while (busy()) {
    wait_for_news();
    if (signals_.came()) {
      stop();
    }
    look_at_the_clock();
    release();
    show_progress();
  }
  signals_.release();
  return conclude();
}

void Sweep::wait_for_news() {
  std::vector<pollfd> waits = {{signals_.descriptor(), POLLIN, 0}};
  std::vector<Worker*> of;
  for (Worker& worker : workers_) {
    if (worker.child != nullptr) {
      waits.push_back({worker.child->descriptor(), POLLIN, 0});
      of.push_back(&worker);
    }
  }
  if (::poll(waits.data(), waits.size(), wake_every) <= 0) {
    return;
  }
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (waits[i + 1].revents != 0) {
      hear(*of[i]);
    }
  }
}

void Sweep::hear(Worker& worker) {
  const bool more = worker.child->receive();
  while (const std::optional<Message> message = worker.child->next()) {
    take(worker, *message);
  }
  if (!more) {
    worker_is_gone(worker);
  }
}

void Sweep::take(Worker& worker, const Message& message) {
  if (const auto* failure = std::get_if<RunFailed>(&message)) {
    find({failure->seed, failure->kind, failure->what, failure->digest, {}});
  } else if (const auto* tallied = std::get_if<Tallied>(&message)) {
    tally_.merge(tallied->tally);
    done_.add({tallied->begin, tallied->end});
  } else if (std::holds_alternative<Ends>(message)) {
    worker.ended = true;
  }
}

void Sweep::worker_is_gone(Worker& worker) {
  const ChildEnd end = worker.child->wait();
  worker.child.reset();
  if (worker.ended) {
    return;
  }
  const std::optional<WorkQueue::Standing> standing = claims_.standing(worker.share.worker);
  if (!standing) {
    throw std::runtime_error("a process of the sweep ended before its first run: " + end.how);
  }
  if (overdue()) {
    unfinished_.push_back(plan_.seeds.first + standing->at);
    return;
  }
  crashed(worker, *standing, end);
}

// Repeats the runs whose results were lost with the process, except the run that crashed.
void Sweep::crashed(Worker& worker, const WorkQueue::Standing& standing, const ChildEnd& end) {
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

void Sweep::find(Finding finding) {
  // A failure is found twice if its process crashed in a later run of the same claim.
  found_.try_emplace(finding.seed, std::move(finding));
}

void Sweep::release() {
  const std::uint64_t missing = plan_.seeds.first + done_.first_missing();
  while (!found_.empty() && (found_.begin()->first < missing || overdue())) {
    Finding& next = found_.begin()->second;
    if (released_++ < most_failures_told) {
      progress_.clear();
      told_.push_back({next.seed, next.kind, next.what, {}, {}});
      report_.add(told_.back());
    }
    if (!first_) {
      first_ = std::move(next);
    }
    found_.erase(found_.begin());
  }
}

void Sweep::look_at_the_clock() {
  const bool began = claims_.claimed() != 0;  // even the smallest budget allows one run
  if (options_.budget && began && progress_.elapsed() >= *options_.budget) {
    claims_.close();
  }
  if (!overdue()) {
    return;
  }
  for (const Worker& worker : workers_) {
    if (worker.child != nullptr) {
      worker.child->kill();
    }
  }
}

void Sweep::stop() {
  claims_.close();
  // A second signal stops the sweep at once.
  stop_by_ = realnet::monotonic_now() + (stop_by_ ? sched::Duration(0) : grace);
}

void Sweep::show_progress() {
  SweepState state;
  state.scenario = scenario_.name;
  state.total = total_;
  state.done = tally_.runs;
  for (const Worker& worker : workers_) {
    const auto standing = claims_.standing(worker.share.worker);
    if (worker.child != nullptr && standing && !done_.contains(standing->claim.begin)) {
      state.done += standing->at - standing->claim.begin;
    }
  }
  state.failed = released_ + found_.size();
  state.time = tally_.time;
  state.budget = options_.budget;
  progress_.show(state);
}

int Sweep::conclude() {
  const sched::Duration took = progress_.elapsed();
  progress_.clear();
  release();
  const std::uint64_t claimed = claims_.claimed();
  Seeds seeds = plan_.seeds;
  if (options_.budget) {
    seeds.last = seeds.first + claimed - 1;
  }
  const bool cut = stop_by_ && (claimed != total_ || !unfinished_.empty());
  const bool explains = !stop_by_ && !options_.shard;
  if (first_ && !cut && (explains || results_ != nullptr)) {
    told_.front() = rerun(scenario_, plan_.policy, plan_.report.program, *first_);
    if (explains) {
      report_.explain(told_.front());
    }
  }
  report_.conclude(tally_, seeds, released_ - report_.failures());
  int status = report_.status();
  if (options_.budget) {
    fmt::print("  these seeds started within {}; run them again with --seeds {}..{}\n",
               in_words(*options_.budget), seeds.first, seeds.last);
  }
  for (const std::uint64_t seed : unfinished_) {
    fmt::print("  seed {} was still running and was killed; run it again:\n{}\n", seed,
               run_command(plan_.report.program, scenario_.name, {seed, plan_.policy}));
  }
  if (cut) {
    fmt::print("  interrupted after seeds {}..{}{}; faults that never fired are not reported\n",
               seeds.first, seeds.first + done_.first_missing() - 1,
               done_.first_missing() == claimed ? "" : " and some after them");
    status = interrupted;
  } else {
    sched::check(done_.first_missing() == claimed, "a sweep has run every seed that was claimed");
    if (options_.shard) {
      status = std::min(status, failed);  // `merge` reports the kind of failure
      fmt::print("  shard {}: `merge` checks whether every fault fired\n",
                 options_.shard->to_string());
    } else {
      status = report_.judge(tally_);
    }
  }
  if (results_ != nullptr) {
    std::ranges::for_each(told_, [&](const FailureReport& one) { results_->add(one); });
    if (!cut) {
      results_->end(tally_, report_.failures());
    }
  }
  std::fflush(stdout);
  fmt::print(stderr, "{}, {} runs/s, {}\n", in_words(took), grouped(per_second(tally_.runs, took)),
             counted(workers_.size(), "worker"));
  return status;
}

}  // namespace

int sweep(const simnet::Scenario& scenario, const SweepOptions& options) {
  StopSignals signals;
  if (options.results_file.empty()) {
    return Sweep(scenario, options, signals, nullptr).run();
  }
  const SweepPlan& plan = options.plan;
  ResultsWriter results(options.results_file,
                        {scenario.name, plan.policy.to_string(), plan.seeds,
                         options.shard.value_or(Shard()), build_of_this_program()});
  const int status = results.good() ? Sweep(scenario, options, signals, &results).run() : bad_input;
  if (!results.good()) {
    throw BadInput(options.results_file +
                   ": cannot be written; check the folder and the space on the disk");
  }
  return status;
}

}  // namespace rehearsal::harness

#include "servers/sweep.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "realnet/clock.hpp"
#include "realnet/signals.hpp"
#include "servers/flags.hpp"
#include "servers/progress.hpp"
#include "servers/run_text.hpp"
#include "servers/words.hpp"

namespace rehearsal::servers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::size_t most_described = 10;  // failures that are shown in full
constexpr std::size_t most_named = 100;     // of the others, those of which the command is shown
constexpr sched::Duration grace = 2s;       // for the runs under way, once the sweep is to end
constexpr int wake_every = 50;              // milliseconds

class Sweep {
 public:
  Sweep(const simnet::Scenario& scenario, const SweepOptions& options)
      : scenario_(scenario), options_(options) {
    state_.scenario = scenario.name;
    state_.total = options.last_seed - options.first_seed + 1;
  }

  int run();

 private:
  struct Worker {
    std::unique_ptr<Child> child;  // null: it has ended
    Share share;
    std::optional<std::uint64_t> seed;  // of the run that began last
    std::uint64_t untold = 0;           // runs that began since the last tally
    bool ended = false;
  };

  void start(Worker& worker);
  void wait_for_news(sched::Descriptor stop_asked);
  void hear(Worker& worker);
  void take(Worker& worker, const Message& message);
  void worker_is_gone(Worker& worker);
  void crashed(std::uint64_t seed, const std::string& how, const std::string& errors);
  void fails(std::uint64_t seed, const std::string& what, const std::string& command,
             const std::string& log);
  void stop();
  int summary();

  const simnet::Scenario& scenario_;
  const SweepOptions& options_;
  std::vector<Worker> workers_;
  simnet::Tally tally_;
  std::set<std::uint64_t> failed_;
  std::set<std::uint64_t> crashed_;
  std::vector<std::uint64_t> unfinished_;  // still ran when the sweep had to end
  std::optional<sched::Instant> stop_by_;
  SweepState state_;
  Progress progress_;
};

void Sweep::start(Worker& worker) {
  worker.share.crashed = crashed_;
  worker.seed.reset();
  worker.untold = 0;
  worker.child = std::make_unique<Child>([this, share = worker.share](const Parent& parent) {
    run_share(scenario_, options_, share, parent);
  });
}

int Sweep::run() {
  realnet::Signals signals;
  const std::array numbers = {SIGINT, SIGTERM};
  const sched::Result<sched::Descriptor> stop_asked = signals.open(numbers);
  if (!stop_asked.ok()) {
    sched::throw_error(stop_asked.error(), "wait for signals");
  }
  const std::uint64_t jobs = std::min(options_.jobs, state_.total);
  for (std::uint64_t job = 0; job < jobs; ++job) {
    workers_.emplace_back();
    workers_.back().share = {job, jobs, {}};
  }
  for (Worker& worker : workers_) {
    start(worker);
  }
  while (std::ranges::any_of(workers_, [](const Worker& one) { return one.child != nullptr; })) {
    wait_for_news(stop_asked.value());
    if (signals.next(stop_asked.value()).ok()) {
      stop();
    }
    if (stop_by_ && realnet::monotonic_now() >= *stop_by_) {
      std::ranges::for_each(workers_, [](Worker& one) {
        if (one.child != nullptr) {
          one.child->kill();
        }
      });
    }
    state_.done = tally_.runs + crashed_.size();
    for (const Worker& worker : workers_) {
      state_.done += worker.untold;
    }
    state_.failed = failed_.size();
    state_.time = tally_.time;
    progress_.show(state_);
  }
  signals.close(stop_asked.value());
  progress_.clear();
  return summary();
}

void Sweep::wait_for_news(sched::Descriptor stop_asked) {
  std::vector<pollfd> waits = {{stop_asked, POLLIN, 0}};
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
  if (const auto* begins = std::get_if<Begins>(&message)) {
    worker.seed = begins->seed;
    ++worker.untold;
  } else if (const auto* failure = std::get_if<RunFailed>(&message)) {
    fails(failure->seed, failure->what, failure->command, failure->log);
  } else if (const auto* tallied = std::get_if<Tallied>(&message)) {
    tally_.merge(tallied->tally);
    worker.share.from = tallied->next;
    worker.untold = 0;
  } else if (std::holds_alternative<Ends>(message)) {
    worker.ended = true;
  }
}

void Sweep::worker_is_gone(Worker& worker) {
  const std::string how = worker.child->wait();
  const std::string errors = worker.child->errors();
  worker.child.reset();
  if (worker.ended) {
    return;
  }
  if (!worker.seed) {
    throw std::runtime_error("a process of the sweep ended before its first run: " + how);
  }
  const std::uint64_t seed = *worker.seed;
  if (stop_by_ && realnet::monotonic_now() >= *stop_by_) {
    unfinished_.push_back(seed);
    return;
  }
  crashed_.insert(seed);
  crashed(seed, how, errors);
  if (!stop_by_) {
    start(worker);
  }
}

// The process is gone, and with it what it knew of the run: it is run once more to learn that.
void Sweep::crashed(std::uint64_t seed, const std::string& how, const std::string& errors) {
  const std::string by_seed =
      run_command(options_.program, scenario_.name, {seed, options_.policy});
  std::string what = "the process crashed: " + how + '\n';
  if (failed_.size() >= most_described) {
    fails(seed, what, by_seed, "");
    return;
  }
  progress_.clear();
  Child again([&](const Parent& parent) { run_to_the_crash(scenario_, options_, seed, parent); });
  simnet::Schedule schedule{scenario_.name, seed, {}};
  std::string log;
  bool survived = false;
  while (again.receive()) {
    while (const std::optional<Message> message = again.next()) {
      if (const auto* deviates = std::get_if<Deviates>(&*message)) {
        schedule.deviations.push_back(deviates->deviation);
      } else if (const auto* logs = std::get_if<Logs>(&*message)) {
        log += logs->line + '\n';
      }
      survived = survived || std::holds_alternative<Ends>(*message);
    }
  }
  what += indented(errors, "  ");
  if (survived) {
    what += "  (when this seed was run again alone, it did not crash)\n";
  }
  fails(seed, what, survived ? by_seed : replay_command(options_.program, schedule, by_seed), log);
}

void Sweep::fails(std::uint64_t seed, const std::string& what, const std::string& command,
                  const std::string& log) {
  if (!failed_.insert(seed).second) {
    return;  // told before its process crashed in a later run
  }
  if (failed_.size() > most_described + most_named) {
    return;  // only counted
  }
  progress_.clear();
  if (failed_.size() <= most_described) {
    fmt::print("FAILED {}, seed {}: {}", scenario_.name, seed, what);
    fmt::print("{}", what.ends_with('\n') ? "" : "\n");
    if (!log.empty()) {
      fmt::print("  its log:\n{}", indented(log, "  "));
    }
    fmt::print("  replay it:\n{}\n\n", command);
  } else {
    fmt::print("FAILED {}, seed {}: {}\n", scenario_.name, seed,
               run_command(options_.program, scenario_.name, {seed, options_.policy}));
  }
  if (failed_.size() == most_described + most_named) {
    fmt::print("further failures are only counted\n");
  }
  std::fflush(stdout);
}

void Sweep::stop() {
  if (stop_by_) {  // asked again: at once
    stop_by_ = realnet::monotonic_now();
    return;
  }
  stop_by_ = realnet::monotonic_now() + grace;
  for (Worker& worker : workers_) {
    if (worker.child != nullptr) {
      worker.child->ask_to_stop();
    }
  }
}

int Sweep::summary() {
  const std::uint64_t runs = tally_.runs + crashed_.size();
  const sched::Duration took = progress_.elapsed();
  fmt::print("{}: {} of seeds {}..{} in {} ({}/s), {} of virtual time, {} failed, digest {:016x}\n",
             scenario_.name, counted(runs, "run"), options_.first_seed, options_.last_seed,
             in_words(took), grouped(per_second(runs, took)), in_words(tally_.time),
             grouped(failed_.size()), tally_.digest);
  for (const auto& [name, fault] : tally_.faults) {
    fmt::print("  fault {}: fired {} of {} times, changed something {} times\n", name,
               grouped(fault.fired), grouped(fault.matched), grouped(fault.mattered));
  }
  for (const simnet::Site site : simnet::raised_sites(scenario_)) {
    fmt::print("  site {}: deviated {} times\n", name(site), grouped(tally_.fired[index(site)]));
  }
  for (const std::uint64_t seed : unfinished_) {
    fmt::print("  seed {} still ran and was killed: {}\n", seed,
               run_command(options_.program, scenario_.name, {seed, options_.policy}));
  }
  int status = failed_.empty() ? 0 : failed;
  if (stop_by_) {
    fmt::print("  stopped before its end: whether every fault fires is not judged\n");
    status = interrupted;
  } else if (!options_.policy.nominal()) {
    for (const std::string& missing : tally_.missing(scenario_)) {
      fmt::print("FAILED {}: {}\n", scenario_.name, missing);
      status = failed;
    }
  }
  std::fflush(stdout);
  return status;
}

}  // namespace

int sweep(const simnet::Scenario& scenario, const SweepOptions& options) {
  return Sweep(scenario, options).run();
}

}  // namespace rehearsal::servers

// The worker processes of a sweep: they run its seeds, and a crash of a run is a failure like
// others. The failures come in the order of the seeds, whatever the number of workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "harness/process/child.hpp"
#include "harness/process/work_queue.hpp"
#include "harness/sweep/finding.hpp"
#include "harness/sweep/sweep_worker.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

class SeedWorkers {
 public:
  // Prepares at most `jobs` workers, at most one for each of `count` seeds, and no more than
  // `most_workers`. `scenario` and `plan` must outlive this object.
  SeedWorkers(const simnet::Scenario& scenario, const WorkPlan& plan, std::uint64_t count,
              std::uint64_t jobs);

  void start();
  // Returns whether a worker still runs.
  [[nodiscard]] bool busy() const;
  // Waits until a worker reports something, `descriptor` is readable (-1: none), or `limit` of real
  // time has passed.
  void wait(int descriptor, std::chrono::milliseconds limit);
  // Starts no run outside of the ranges that workers have claimed.
  void close() { claims_.close(); }
  // Kills the workers. What they had not reported is lost; unfinished() has the seeds they were in.
  void kill();

  // Returns the next failure in the order of the seeds, once all smaller seeds are done or the
  // workers were killed; nothing if there is none.
  [[nodiscard]] std::optional<Finding> next();
  // Returns how many failures were found, those of next() included.
  [[nodiscard]] std::uint64_t failures() const { return released_ + found_.size(); }
  // Returns whether the first seed was repeated and had another result (WorkPlan::repeats_first).
  [[nodiscard]] bool first_differs() const { return first_differs_; }

  // Returns whether a worker has lost memory (WorkPlan::looks_for_leaks).
  [[nodiscard]] bool leaked() const { return leaked_; }

  [[nodiscard]] const simnet::Tally& tally() const { return tally_; }
  [[nodiscard]] std::size_t workers() const { return workers_.size(); }
  // Returns the number of seeds that workers have claimed: the first ones.
  [[nodiscard]] std::uint64_t claimed() const { return claims_.claimed(); }
  // Returns the number of first seeds that are done.
  [[nodiscard]] std::uint64_t first_missing() const { return done_.first_missing(); }
  // Returns the number of runs that are done, with those that workers have not reported yet.
  [[nodiscard]] std::uint64_t runs_done() const;
  // Returns the smallest seed that is running, if any.
  [[nodiscard]] std::optional<std::uint64_t> running() const;
  [[nodiscard]] const std::vector<std::uint64_t>& unfinished() const { return unfinished_; }

 private:
  struct Worker {
    std::unique_ptr<Child> child;  // null after it has ended
    Share share;
    bool ended = false;
  };

  void start(Worker& worker);
  void hear(Worker& worker);
  void take(Worker& worker, const Message& message);
  void worker_is_gone(Worker& worker);
  void crashed(Worker& worker, const WorkQueue::Standing& standing, const ChildEnd& end);
  void find(Finding finding);
  [[nodiscard]] std::optional<WorkQueue::Standing> at_work(const Worker& worker) const;

  const simnet::Scenario& scenario_;
  const WorkPlan& plan_;
  WorkQueue claims_;
  std::vector<Worker> workers_;
  DoneRanges done_;
  simnet::Tally tally_;
  std::map<std::uint64_t, Finding> found_;  // failures by seed that wait for smaller seeds
  std::uint64_t released_ = 0;              // number of failures that no longer wait
  std::vector<std::uint64_t> unfinished_;   // seeds whose runs were killed
  bool killed_ = false;
  bool first_differs_ = false;
  bool leaked_ = false;
};

}  // namespace rehearsal::harness

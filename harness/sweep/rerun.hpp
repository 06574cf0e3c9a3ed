// The retelling of a run that failed: it runs once more, in a process of its own, to say what a
// sweep does not keep of every run: its schedule, for one.
#pragma once

#include <optional>
#include <string>

#include "harness/process/child.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// How a run failed, as the process of the sweep that ran it knows it.
struct Finding {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;                     // one line
  std::optional<std::uint64_t> digest;  // nothing: its process crashed
  std::string errors;                   // what that had written to stderr
};

// A failure as it is shown, and as it stands in a file of results.
struct FailureReport {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;  // one line
  // Of one that was retold:
  std::string details;   // what was said of the run, several lines, each with its break
  std::string schedule;  // a line; empty: run again, it came out otherwise, as the details say
};

class Rerun {
 public:
  // Starts it. The scenario must outlive this.
  Rerun(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
        const std::string& program, Finding finding);

  [[nodiscard]] const Finding& finding() const { return finding_; }
  // Readable where hear() has something.
  [[nodiscard]] int descriptor() const { return child_.descriptor(); }
  // Takes what was told; false at the end of it.
  [[nodiscard]] bool hear();
  // What became of it. REQUIRES: it was heard to its end.
  [[nodiscard]] FailureReport failure();

 private:
  Finding finding_;
  Child child_;
  simnet::Schedule schedule_;  // as far as it is known
  std::optional<Retold> retold_;
};

}  // namespace rehearsal::harness

// The retelling of a run that failed: it runs once more, in a process of its own, to say all that a
// sweep does not keep of every run. What it says is the same whether the run crashes or not.
#pragma once

#include <optional>
#include <string>

#include "servers/child.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::servers {

// How a run failed, as the process of the sweep that ran it knows it.
struct Finding {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;
  std::optional<std::uint64_t> digest;  // nothing: its process crashed
  std::string errors;                   // what that had written to stderr
};

// A failure as it is shown, and as it stands in a file of results.
struct FailureReport {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;
  std::string schedule;  // a line; empty: the seed repeats the run
  std::string log;
};

class Retelling {
 public:
  // Starts it. The scenario must outlive this.
  Retelling(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
            const std::string& program, Finding finding);

  [[nodiscard]] const Finding& finding() const { return finding_; }
  // Readable where hear() has something.
  [[nodiscard]] int descriptor() const { return child_.descriptor(); }
  // Takes what was told; false at the end of it.
  [[nodiscard]] bool hear();
  // What became of it, so far.
  [[nodiscard]] FailureReport failure();

 private:
  Finding finding_;
  Child child_;
  simnet::Schedule schedule_;  // as far as it is known
  std::string log_;
  std::optional<Retold> retold_;
};

}  // namespace rehearsal::servers

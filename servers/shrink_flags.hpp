// The flags that say how a failure is shrunk: --shrink-runs, and --no-shrink.
#pragma once

#include <cstdint>

#include <CLI/CLI.hpp>

#include "simnet/shrink.hpp"

namespace rehearsal::servers {

class ShrinkFlags {
 public:
  // `app` writes here when it is parsed.
  void add_to(CLI::App& app);
  // Only the bound, for a command that always shrinks.
  void add_bound_to(CLI::App& app);

  [[nodiscard]] bool shrinks() const { return !no_shrink_; }
  [[nodiscard]] simnet::ShrinkBound bound() const;

 private:
  std::uint64_t runs_ = simnet::ShrinkBound().runs;
  bool no_shrink_ = false;
};

}  // namespace rehearsal::servers

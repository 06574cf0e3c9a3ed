#include "harness/process/gdb.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/process/attempts.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::harness {

void CallsReached::begins(simnet::World& world) {
  if (step_ == 0) {
    return;
  }
  auto& listener = world.fabric().listener;
  listener = [this, &world, before = std::move(listener)](const simnet::RunEvent& event) {
    if (before) {
      before(event);
    }
    if (event.op == simnet::Op::resume && world.steps() == step_) {
      rehearsal_reached(step_);
    }
  };
}

std::string run_under_gdb(const std::vector<std::string>& arguments) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return "gdb cannot be started: the path of this program is unknown (" + error.message() + ")";
  }
  // The breakpoint needs no condition, for which gdb would need symbols: the program calls the
  // function only at the chosen step.
  std::vector<std::string> all = {"gdb",    "-q",
                                  "-ex",    "set breakpoint pending on",
                                  "-ex",    "break rehearsal_reached",
                                  "-ex",    "run",
                                  "--args", self.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  ::execvp("gdb", pointers(all).data());
  return fmt::format("gdb cannot be started ({}); install gdb or add it to PATH",
                     std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

void replay_under_gdb(const simnet::Scenario& scenario, const simnet::Schedule& schedule) {
  const std::string step = std::to_string(length_of(scenario, schedule).end.step);
  throw BadInput("replay: --gdb: " +
                 run_under_gdb({"replay", schedule.to_string(), "--no-fork", "--reach", step}));
}

}  // namespace rehearsal::harness

extern "C" [[gnu::noinline]] void rehearsal_reached(std::uint64_t step) {
  asm volatile("" : : "r"(step) : "memory");  // keeps the compiler from removing the call
}

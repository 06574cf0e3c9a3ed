#include "harness/gdb/gdb.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/gdb/shown.hpp"
#include "harness/process/attempts.hpp"
#include "simnet/network/fabric.hpp"

namespace rehearsal::harness {
namespace {

// Returns the file that contains rehearsal.py: this program, whose path is `self`, or a shared
// library.
std::string file_with_script(const std::string& self) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&rehearsal_reached), &info) == 0 ||
      std::string_view(info.dli_fname).find('/') == std::string_view::npos) {
    return self;  // the program, started by its name alone
  }
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(info.dli_fname, error);
  return error ? self : file.string();
}

}  // namespace

CallsReached::~CallsReached() { show_events_of(nullptr, nullptr); }

void CallsReached::begins(simnet::World& world) {
  if (step_ == 0) {
    return;
  }
  recorder_.begins(world);
  show_events_of(&world, &recorder_.history());
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

void CallsReached::ends(simnet::World& world, const simnet::RunReport& report) {
  if (step_ != 0) {
    recorder_.ends(world, report);
  }
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
                                  "-iex",   "add-auto-load-safe-path " + file_with_script(self),
                                  "-ex",    "handle SIGSYS nostop noprint pass",  // of guests
                                  "-ex",    "set breakpoint pending on",
                                  "-ex",    "break rehearsal_reached",
                                  "-ex",    "run",
                                  "--args", self.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  ::execvp("gdb", pointers(all).data());
  return fmt::format("gdb cannot be started ({}); install gdb or add it to PATH",
                     std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

void replay_under_gdb(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                      std::uint64_t step) {
  const std::uint64_t stop = step != 0 ? step : length_of(scenario, schedule).end.step;
  throw BadInput("replay: --gdb: " + run_under_gdb({"replay", schedule.to_string(), "--no-fork",
                                                    "--reach", std::to_string(stop)}));
}

}  // namespace rehearsal::harness

extern "C" [[gnu::noinline]] void rehearsal_reached(std::uint64_t step) {
  asm volatile("" : : "r"(step) : "memory");  // keeps the compiler from removing the call
}

#include "servers/gdb.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "servers/flags.hpp"
#include "servers/run_length.hpp"

namespace rehearsal::servers {

int replay_under_gdb(const std::string& program, const simnet::Scenario& scenario,
                     const simnet::Schedule& schedule) {
  const std::string step = std::to_string(length_of(scenario, schedule).end.step);
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  // The condition is in the program, which knows the step without the symbols that gdb would need.
  std::vector<std::string> arguments = {"gdb",       "-q",
                                        "-ex",       "set breakpoint pending on",
                                        "-ex",       "break rehearsal_reached",
                                        "-ex",       "run",
                                        "--args",    error ? program : self.string(),
                                        "replay",    schedule.to_string(),
                                        "--no-fork", "--reach",
                                        step};
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  return refuse(program,
                fmt::format("replay: --gdb: gdb cannot be started ({}); expected it in the "
                            "PATH",
                            std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace rehearsal::servers

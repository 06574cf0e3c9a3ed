#include "harness/sweep/determinism.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/process/child.hpp"
#include "harness/report/trace_files.hpp"
#include "sched/base/draw.hpp"

namespace rehearsal::harness {
namespace {

constexpr const char* scramble_variable = "REHEARSAL_SCRAMBLED_HEAP";
// Values put in front of these variables in the environment of the second process. The first one
// fills memory at malloc and free (mallopt(3)). The second one does so under AddressSanitizer, and
// lets it reuse freed memory at once.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> changes = {{
    {"MALLOC_PERTURB_", "170"},
    {"ASAN_OPTIONS",
     "malloc_fill_byte=170:max_malloc_fill_size=1073741824:quarantine_size_mb=0:"
     "thread_local_quarantine_size_kb=0:"},
    {scramble_variable, "1"},
}};

// Returns a file without a name, so that it disappears however this process ends.
OwnedDescriptor temporary_file() {
  std::string name = (std::filesystem::temp_directory_path() / "rehearsal-XXXXXX").string();
  OwnedDescriptor file(::mkstemp(name.data()));
  if (file.number() < 0) {
    throw std::system_error(errno, std::generic_category(), "create " + name);
  }
  ::unlink(name.c_str());
  return file;
}

// Returns a path to the file that is valid in this process and in its children.
std::string path_of(const OwnedDescriptor& file) {
  return "/dev/fd/" + std::to_string(file.number());
}

std::vector<std::string> environment(bool changed) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  if (!changed) {
    return variables;
  }
  for (const auto& [name, value] : changes) {
    const std::string begin = std::string(name) + '=';
    const auto found = std::ranges::find_if(
        variables, [&](const std::string& variable) { return variable.starts_with(begin); });
    if (found == variables.end()) {
      variables.push_back(begin + std::string(value));
    } else {
      found->insert(begin.size(), value);
    }
  }
  return variables;
}

// Runs this program with `arguments` and without output. Returns its status, as of waitpid(2).
int run_this_program(std::vector<std::string> arguments, bool changed) {
  std::vector<std::string> variables = environment(changed);
  posix_spawn_file_actions_t silent{};
  posix_spawn_file_actions_init(&silent);
  posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  const int error = ::posix_spawn(&process, "/proc/self/exe", &silent, nullptr,
                                  pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&silent);
  if (error != 0) {
    throw std::system_error(error, std::generic_category(), "start " + arguments.front());
  }
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

bool came_to_an_end(int status) {
  return WIFEXITED(status) &&
         (WEXITSTATUS(status) != bad_input && WEXITSTATUS(status) < nondeterministic);
}

}  // namespace

int check_determinism(const std::string& program, const simnet::Scenario& scenario,
                      const simnet::SeededRun& how) {
  const std::array<OwnedDescriptor, 2> traces = {temporary_file(), temporary_file()};
  for (const bool changed : {false, true}) {
    const int status = run_this_program(
        {program, "run", scenario.name, "--seed", std::to_string(how.seed), "--policy",
         how.policy.to_string(), "--trace", path_of(traces[changed ? 1U : 0U]), "--no-fork"},
        changed);
    if (!came_to_an_end(status)) {
      fmt::print("FAILED {}, seed {}: crashed in a fresh process\n", scenario.name, how.seed);
      return crashed;
    }
  }
  fmt::print("{}, seed {}, in two processes: ", scenario.name, how.seed);
  std::fflush(stdout);
  const int status = diff_traces(path_of(traces[0]), path_of(traces[1]));
  return status == failed ? nondeterministic : status;
}

void scramble_heap_where_asked() {
  if (std::getenv(scramble_variable) == nullptr) {  // NOLINT(concurrency-mt-unsafe)
    return;
  }
  constexpr std::size_t largest = 1024;
  constexpr std::size_t blocks = 64;
  for (std::size_t size = 16; size <= largest; size += 16) {
    std::vector<std::unique_ptr<char[]>> taken;
    taken.reserve(blocks);
    for (std::size_t i = 0; i < blocks; ++i) {
      taken.push_back(std::make_unique<char[]>(size));
    }
    // The heap returns the block that was freed last first, so the order of freeing is shuffled.
    for (std::size_t left = blocks; left > 0; --left) {
      const std::size_t next =
          simnet::below(simnet::draw(1, size, left), static_cast<std::uint32_t>(left));
      std::swap(taken[next], taken[left - 1]);
      taken[left - 1].reset();
    }
  }
}

}  // namespace rehearsal::harness

#include "harness/run_text.hpp"

#include <sys/ioctl.h>

#include <algorithm>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "simnet/search/nondeterminism.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t longest_schedule = 100'000;

std::string_view why(simnet::WorldEnd end) {
  switch (end) {
    case simnet::WorldEnd::done:
      return "done";
    case simnet::WorldEnd::condition:
      return "ended";
    case simnet::WorldEnd::quiescent:
      return "deadlock: tasks wait, and nothing can wake them";
    case simnet::WorldEnd::step_limit:
      return "livelock suspected: step limit reached";
    case simnet::WorldEnd::time_limit:
      return "virtual time limit reached";
    case simnet::WorldEnd::failed:
      return "failed";
  }
  return "ended";
}

// Returns the end of a line about a check or an action that a run did not come to.
std::string unreached(const simnet::Planned& one) {
  switch (one.kind) {
    case simnet::Planned::Kind::invariant:
      return "was not evaluated";
    case simnet::Planned::Kind::eventually:
      return "was not judged: the run ended before its deadline, at " + in_words(one.at);
    case simnet::Planned::Kind::action:
      return "did not happen: the run ended before its time, " + in_words(one.at);
  }
  return "was not reached";
}

}  // namespace

std::string run_command(const std::string& program, const std::string& scenario,
                        const simnet::SeededRun& how) {
  const bool usual = how.policy == simnet::NamedPolicy();
  return fmt::format("{} run {} --seed {}{}", shell_quoted(program), shell_quoted(scenario),
                     how.seed, usual ? "" : " --policy " + how.policy.to_string());
}

bool fits_a_shell(const std::string& line) {
  return !line.empty() && line.size() <= longest_schedule;
}

std::string replay_command(const std::string& program, const std::string& line,
                           const std::string& otherwise) {
  if (!fits_a_shell(line)) {
    return otherwise;
  }
  return fmt::format("{} replay {}", shell_quoted(program), shell_quoted(line));
}

std::string stop_command(const std::string& program, const std::string& line) {
  return fits_a_shell(line) ? fmt::format("{} replay {} --gdb --reach {{step}}",
                                          shell_quoted(program), shell_quoted(line))
                            : std::string();
}

std::uint64_t resuming_runs(const simnet::ShrinkBound& bound) {
  return std::max<std::uint64_t>(bound.runs, 2);
}

std::string resuming_flags(const simnet::Shrunk& shrunk, const simnet::ShrinkBound& bound) {
  return fmt::format("--shrink-runs {} --shrink-tried {}", resuming_runs(bound), shrunk.tried);
}

std::string resuming_command(const std::string& program, const simnet::Shrunk& shrunk,
                             const simnet::ShrinkBound& bound) {
  const std::string line = shrunk.schedule.to_string();
  return fits_a_shell(line) ? fmt::format("{} shrink {} {}", shell_quoted(program),
                                          shell_quoted(line), resuming_flags(shrunk, bound))
                            : std::string(too_long_for_a_shell);
}

std::string shrunk_text(const simnet::Shrunk& shrunk, std::string_view took) {
  return fmt::format(
      "from {} to {} in {}{}{}", counted(shrunk.deviations_before, "deviation"),
      grouped(shrunk.schedule.deviations.size()), counted(shrunk.runs, "run"), took,
      shrunk.minimal ? "" : " (run limit reached; may not be minimal). Continue with:");
}

std::string find_command(const std::string& program, const std::string& scenario,
                         const simnet::SeededRun& how) {
  return run_command(program, scenario, how) + " --check-determinism";
}

std::string find_command(const std::string& program, const simnet::Schedule& schedule,
                         const std::optional<simnet::SeededRun>& seeded) {
  return find_command(program, schedule.scenario,
                      seeded.value_or(simnet::SeededRun{schedule.data_seed, {}}));
}

std::string nondeterminism_text(std::string_view difference, const std::string& command) {
  return fmt::format("{} Find it with:\n{}\n", simnet::nondeterminism_text(difference), command);
}

std::string describe(const simnet::RunReport& report) {
  std::string text = fmt::format("{}, after {} and {} of virtual time", why(report.end),
                                 counted(report.steps, "step"), in_words(report.time));
  for (const simnet::Failure& failure : report.failures) {
    text += "\n  " + failure.to_string();
  }
  for (const std::string& task : report.tasks) {
    text += "\n  " + task;
  }
  return text;
}

std::string unreached_text(const simnet::RunResult& result) {
  constexpr std::size_t most_listed = 10;
  std::string text;
  std::size_t count = 0;
  const auto add = [&](const std::string& line) {
    if (++count <= most_listed) {
      text += fmt::format("  {}\n", line);
    }
  };
  for (const simnet::Planned& one : result.planned) {
    if (!one.reached) {
      add(fmt::format("{} {}", one.to_string(), unreached(one)));
    }
  }
  for (const std::string& name : result.sometimes_early) {
    add(fmt::format("sometimes '{}' was evaluated only before a task ran", name));
  }
  for (const std::string& program : result.unended) {
    add(fmt::format("program '{}' had not ended: checks after its last wait did not run", program));
  }
  return count <= most_listed ? text
                              : text + fmt::format("  and {} more\n", grouped(count - most_listed));
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

std::string wrapped(std::string_view text, std::size_t width) {
  if (width == 0) {
    return std::string(text);
  }
  std::string result;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size()) + 2;
    std::size_t room = width;
    while (line.size() > room) {
      std::size_t end = line.rfind(' ', room);
      if (end == std::string_view::npos || end <= indent) {
        end = room;
      }
      result += fmt::format("{}\n{:{}}", line.substr(0, end), "", indent);
      line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
      room = std::max(width, 2 * indent) - indent;
    }
    result += fmt::format("{}\n", line);
  }
  return result;
}

std::string clipped(std::string_view text, std::size_t width) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    result += width == 0 || line.size() <= width ? fmt::format("{}\n", line)
                                                 : fmt::format("{}~\n", line.substr(0, width - 1));
  }
  return result;
}

std::string indented(std::string_view text, std::string_view by) {
  std::string result;
  while (!text.empty()) {
    result += fmt::format("{}{}\n", by, take_line(text));
  }
  return result;
}

}  // namespace rehearsal::harness

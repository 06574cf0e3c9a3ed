// Texts about a run: the command that repeats it, why it ended, and the layout of its lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

// Returns PROGRAM run SCENARIO --seed N, ready to be pasted into a shell. The policy follows if it
// is not the default.
[[nodiscard]] std::string run_command(const std::string& program, const std::string& scenario,
                                      const simnet::SeededRun& how);
// Returns whether the line of a schedule fits in a shell command: it is not empty and below the
// limit of 128 KiB for a word.
[[nodiscard]] bool fits_a_shell(const std::string& line);
// Returns PROGRAM replay 'LINE' with the line of a schedule, or `otherwise` if the line does not
// fit in a shell command.
[[nodiscard]] std::string replay_command(const std::string& program, const std::string& line,
                                         const std::string& otherwise);
// Returns the command that stops in gdb as step {step} of the schedule begins; empty if the line is
// too long for a shell.
[[nodiscard]] std::string stop_command(const std::string& program, const std::string& line);
// Returns "from 3 deviations to 1 in 7 runs", `took`, and, if the shrinking is not finished, an
// announcement of the command that continues it.
[[nodiscard]] std::string shrunk_text(const simnet::Shrunk& shrunk, std::string_view took = {});
// Returns the command that looks for the cause of nondeterminism in the run of a seed.
[[nodiscard]] std::string find_command(const std::string& program, const std::string& scenario,
                                       const simnet::SeededRun& how);
// Returns the command for `seeded`, the run of a seed with this schedule. If no such run is known,
// returns it for the run of the schedule's data seed.
[[nodiscard]] std::string find_command(const std::string& program, const simnet::Schedule& schedule,
                                       const std::optional<simnet::SeededRun>& seeded);
// Returns simnet::nondeterminism_text() with a command that looks for the cause.
// `difference` is what the replay does: "passes".
[[nodiscard]] std::string nondeterminism_text(std::string_view difference,
                                              const std::string& command);
// Printed instead of a command whose line does not fit.
inline constexpr std::string_view too_long_for_a_shell = "(its schedule is too long for a shell)";
// Returns the run limit for resuming a shrink that `bound` stopped: at least 2, since 1 makes no
// progress.
[[nodiscard]] std::uint64_t resuming_runs(const simnet::ShrinkBound& bound);
// Returns the flags that resume shrinking.
[[nodiscard]] std::string resuming_flags(const simnet::Shrunk& shrunk,
                                         const simnet::ShrinkBound& bound);
// Returns PROGRAM shrink 'LINE' with the flags that resume shrinking, or too_long_for_a_shell.
[[nodiscard]] std::string resuming_command(const std::string& program, const simnet::Shrunk& shrunk,
                                           const simnet::ShrinkBound& bound);
// Returns why and when the run ended, then a line for each failure and each task that still ran.
// The first line has no indent; the text has no newline at its end.
[[nodiscard]] std::string describe(const simnet::RunReport& report);
// Returns a line for each check and each action at a time that a run which passed has not come to,
// and for each sometimes() that was evaluated only before a task ran.
[[nodiscard]] std::string unreached_text(const simnet::RunResult& result);
// Removes the first line from `text`, and returns it without its newline.
[[nodiscard]] std::string_view take_line(std::string_view& text);
// Wraps `text` into lines of at most `width` characters, at spaces if possible. Continuation lines
// are indented by two more than their line. A width of 0 means no limit.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);
// Cuts each line of `text` to `width` characters; `~` marks a cut. A width of 0 means no limit.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width);
// Returns the width of the terminal behind `descriptor` in characters, or 80 if it is unknown.
[[nodiscard]] std::size_t terminal_width(int descriptor);
// Returns `text` with `by` in front of each line.
[[nodiscard]] std::string indented(std::string_view text, std::string_view by);

}  // namespace rehearsal::harness

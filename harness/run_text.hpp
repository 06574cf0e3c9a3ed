// What is said of a run, and the command that repeats it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

// PROGRAM run SCENARIO --seed N, ready to be pasted into a shell.
[[nodiscard]] std::string run_command(const std::string& program, const std::string& scenario,
                                      const simnet::SeededRun& how);
// Whether this line of a schedule can be a word of a shell's command.
[[nodiscard]] bool fits_a_shell(const std::string& line);
// PROGRAM replay 'LINE', the line of a schedule. A shell takes no word above 128 KiB: a run whose
// line is longer, or empty, is repeated by `otherwise`.
[[nodiscard]] std::string replay_command(const std::string& program, const std::string& line,
                                         const std::string& otherwise);
// As it stands for a command with such a line.
inline constexpr std::string_view too_long_for_a_shell = "(its schedule is too long for a shell)";
// With how many runs a shrinking goes on that was stopped by `bound`: of 1 it would not.
[[nodiscard]] std::uint64_t resuming_runs(const simnet::ShrinkBound& bound);
// The flags by which it goes on.
[[nodiscard]] std::string resuming_flags(const simnet::Shrunk& shrunk,
                                         const simnet::ShrinkBound& bound);
// PROGRAM shrink 'LINE' with them.
[[nodiscard]] std::string resuming_command(const std::string& program, const simnet::Shrunk& shrunk,
                                           const simnet::ShrinkBound& bound);
// Why the run ended, when, and what failed; the first line without its indent.
[[nodiscard]] std::string describe(const simnet::RunReport& report);
// Takes the first line off `text`, and gives it without its break.
[[nodiscard]] std::string_view take_line(std::string_view& text);
// The same text in lines of at most `width` characters, broken at blanks where there are any; what
// goes on is indented by two more than its line. With a width of 0, the text as it is.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);
// Each line of `text`, cut where it is longer than `width`; 0: as it is.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t width);
// The width of the terminal that `descriptor` is, in characters; 80 where that is not known.
[[nodiscard]] std::size_t terminal_width(int descriptor);
// Each line of `text`, further to the right.
[[nodiscard]] std::string indented(std::string_view text, std::string_view by);

}  // namespace rehearsal::harness

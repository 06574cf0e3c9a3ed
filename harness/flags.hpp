// What all flags share: checks of their values, and the report of a mistake.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/exit_status.hpp"
#include "sched/base/time.hpp"

namespace rehearsal::harness {

// Checks the value of a flag. Returns what is wrong with it, or an empty string if it is valid.
using FlagCheck = std::function<std::string(const std::string& text)>;

// Accepts ADDRESS:PORT and unix:PATH.
[[nodiscard]] std::string check_endpoint(const std::string& text);
// Accepts a number of seconds, from 0 to 1,000,000, with or without a fraction.
[[nodiscard]] std::string check_seconds(const std::string& text);
// Accepts what parse_duration() reads.
[[nodiscard]] std::string check_duration(const std::string& text);
// Accepts the name of a file without folder and extension.
[[nodiscard]] std::string check_file_name(const std::string& text);
// Returns a check that accepts an integer from `least` to `most`.
[[nodiscard]] FlagCheck whole_number(std::uint64_t least, std::uint64_t most = ~std::uint64_t{0});
// Returns a check that accepts one of `words`.
[[nodiscard]] FlagCheck one_of(const std::vector<std::string>& words);

// Parses all of `text` as a number into `value`. Returns false if `text` is not one.
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t& value);

// Parses an integer of at least 1 and a unit: "500ms", "10s", "5min", "2h". Returns nothing if
// `text` has another form or does not fit in a Duration.
[[nodiscard]] std::optional<sched::Duration> parse_duration(std::string_view text);

// Converts seconds to a Duration. Rounds up, so that a positive value never becomes 0.
[[nodiscard]] sched::Duration in_nanoseconds(double seconds);

// Prints "PROGRAM: WHAT" on stderr: the first line of `what`, with control characters replaced.
// Returns the exit status, `bad_input`.
int refuse(std::string_view program, std::string_view what);

// Parses the command line. Returns false if the program must exit (after a mistake or --help), with
// the exit status in `status`.
[[nodiscard]] bool parsed(CLI::App& app, int argc, char** argv, int& status);

// Returns `text` quoted as one word of a shell command.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace rehearsal::harness

// What the flags of the program have in common: checks of their texts, and how a mistake is told.
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

// A check says what is wrong with the text of a flag, and nothing where it is right.
using FlagCheck = std::function<std::string(const std::string& text)>;

[[nodiscard]] std::string check_endpoint(const std::string& text);
[[nodiscard]] std::string check_seconds(const std::string& text);
[[nodiscard]] std::string check_duration(const std::string& text);
// Of a file whose folder and ending are known.
[[nodiscard]] std::string check_file_name(const std::string& text);
[[nodiscard]] FlagCheck whole_number(std::uint64_t least, std::uint64_t most = ~std::uint64_t{0});
[[nodiscard]] FlagCheck one_of(const std::vector<std::string>& words);

// Whether all of `text` is a number of this type; gives it in `value`.
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t& value);

// "500ms", "10s", "5min", "2h": a whole number of them, 1 at least. Nothing where it is not so, or
// is more than a Duration can say.
[[nodiscard]] std::optional<sched::Duration> parse_duration(std::string_view text);

// Rounded up: what is more than nothing stays so.
[[nodiscard]] sched::Duration in_nanoseconds(double seconds);

// One line on stderr that says what is wrong; gives the exit status, 2.
int refuse(std::string_view program, std::string_view what);

// Parses; where that ends the program (a mistake, or --help), gives its exit status in `status`.
[[nodiscard]] bool parsed(CLI::App& app, int argc, char** argv, int& status);

// `text` as one word of a shell command.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace rehearsal::harness

#include "harness/flags.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sched/seam/endpoint.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint64_t most_seconds = 1'000'000;

// Parses all of `text` as a number into `value`. Returns false if `text` is not one.
bool parse(std::string_view text, auto& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

template <class Number>
bool is_number(std::string_view text, Number least, Number most) {
  Number value{};
  return parse(text, value) && value >= least && value <= most;
}

// CLI11 may report several lines; the first one names the mistake.
std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-+./:,@").find(c) != std::string_view::npos;
}

// Returns "rehearsal trace show" for that command.
std::string command_line_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name()
                           : command_line_of(*parent) + ' ' + command.get_name();
}

// Says what is wrong with the arguments of a command.
std::string wrong_arguments(const CLI::App& command, const CLI::ParseError& error) {
  const auto with_help = [&](std::string_view problem, std::string_view what) {
    return fmt::format("{}: {} '{}'; {} --help lists the arguments", command.get_name(), problem,
                       what, command_line_of(command));
  };
  constexpr std::string_view required = " is required";
  const std::string_view what = first_line(error.what());
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) &&
      what.ends_with(required)) {
    return with_help("no", what.substr(0, what.size() - required.size()));
  }
  // "The following argument was not expected: --flag" or "The following arguments were ...: a b"
  const std::size_t colon = what.find(": ");
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) &&
      colon != std::string_view::npos) {
    return with_help("unexpected", what.substr(colon + 2));
  }
  return error.what();
}

// Names the unknown command and the valid ones, which CLI11 does not.
std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& error) {
  if (!app.get_subcommands().empty()) {
    const CLI::App& command = *app.get_subcommands().front();
    return command.get_require_subcommand_min() == 0
               ? wrong_arguments(command, error)
               : fmt::format("{}: {}", command.get_name(), what_is_wrong(command, error));
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    names.push_back(command->get_name());
  }
  const std::vector<std::string> words = app.remaining();
  return words.empty() ? fmt::format("no command; expected one of {}", fmt::join(names, ", "))
                       : fmt::format("unknown command '{}'; expected one of {}", words.front(),
                                     fmt::join(names, ", "));
}

}  // namespace

std::string check_endpoint(const std::string& text) {
  return sched::Endpoint::parse(text)
             ? std::string()
             : fmt::format(
                   "'{}' is not ADDRESS:PORT or unix:PATH, as in 127.0.0.1:25000 or [::1]:25000",
                   text);
}

std::string check_seconds(const std::string& text) {
  return is_number(text, 0.0, static_cast<double>(most_seconds))
             ? std::string()
             : fmt::format("'{}' is not a number of seconds from 0 to {}", text, most_seconds);
}

std::string check_duration(const std::string& text) {
  return parse_duration(text)
             ? std::string()
             : fmt::format("'{}' is not a time from 1ms on, as in 500ms, 10s, 5min or 2h", text);
}

std::string check_file_name(const std::string& text) {
  return text.empty() || text.front() == '.' || text.find('/') != std::string::npos
             ? fmt::format("'{}' is not a plain file name; omit its folder and extension", text)
             : std::string();
}

FlagCheck whole_number(std::uint64_t least, std::uint64_t most) {
  return [=](const std::string& text) {
    // CLI11 would read a number with leading zeros as an octal one.
    const bool padded = text.size() > 1 && text.front() == '0';
    return !padded && is_number(text, least, most)
               ? std::string()
               : fmt::format("'{}' is not a whole number from {} to {}", text, least, most);
  };
}

FlagCheck one_of(const std::vector<std::string>& words) {
  return [=](const std::string& text) {
    return std::find(words.begin(), words.end(), text) != words.end()
               ? std::string()
               : fmt::format("'{}' is not one of {}", text, fmt::join(words, ", "));
  };
}

bool parse_number(std::string_view text, std::uint64_t& value) { return parse(text, value); }

std::optional<sched::Duration> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, sched::Duration>, 4> units = {
      {{"ms", std::chrono::milliseconds(1)},
       {"min", std::chrono::minutes(1)},
       {"s", std::chrono::seconds(1)},
       {"h", std::chrono::hours(1)}}};
  for (const auto& [name, unit] : units) {
    std::uint64_t count = 0;
    if (text.ends_with(name) && parse_number(text.substr(0, text.size() - name.size()), count)) {
      const auto most = static_cast<std::uint64_t>(sched::Duration::max() / unit);
      return count != 0 && count <= most ? std::optional(static_cast<std::int64_t>(count) * unit)
                                         : std::nullopt;
    }
  }
  return std::nullopt;
}

sched::Duration in_nanoseconds(double seconds) {
  return std::chrono::ceil<sched::Duration>(std::chrono::duration<double>(seconds));
}

int refuse(std::string_view program, std::string_view what) {
  std::string line(first_line(what));
  // The text may quote a file, so it may contain control characters.
  std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  std::fflush(stdout);
  fmt::print(stderr, "{}: {}\n", program, line);
  return bad_input;
}

bool parsed(CLI::App& app, int argc, char** argv, int& status) {
  try {
    app.parse(argc, argv);
    return true;
  } catch (const CLI::Success& success) {
    status = app.exit(success);
  } catch (const CLI::ParseError& error) {
    status = refuse(app.get_name(), what_is_wrong(app, error));
  }
  return false;
}

std::string shell_quoted(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace rehearsal::harness

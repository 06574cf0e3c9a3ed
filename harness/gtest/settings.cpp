#include "harness/gtest/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <tuple>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/flags.hpp"
#include "harness/process/work_queue.hpp"
#include "harness/sweep/search_run.hpp"
#include "simnet/choices/schedule.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::string_view flag_prefix = "--rehearsal_";

std::string check_folder(const std::string& text) {
  std::error_code error;
  return text.empty() || std::filesystem::is_directory(text, error)
             ? std::string()
             : fmt::format("folder '{}' does not exist", text);
}

std::string check_schedule(const std::string& text) {
  const auto schedule = simnet::parse_schedule(text);
  const auto* error = std::get_if<simnet::ScheduleError>(&schedule);
  return error == nullptr ? std::string() : error->to_string();
}

std::string check_writable(const std::string& text) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(text, error).parent_path();
  if (text.empty() || std::filesystem::is_directory(text, error)) {
    return fmt::format("'{}' is not the name of a file", text);
  }
  return std::filesystem::is_directory(folder, error)
             ? std::string()
             : fmt::format("folder '{}' does not exist", folder.string());
}

// A setting, by the common part of the names of its variable and its flag.
struct Setting {
  std::string_view name;
  std::variant<std::optional<std::uint64_t> Demands::*, std::optional<std::string> Demands::*>
      demand;
  FlagCheck check;
};
const std::array<Setting, 14>& settings() {
  static const std::array<Setting, 14> all = {{
      {"policy", &Demands::policy, check_policy},
      {"replay", &Demands::replay, check_schedule},
      {"traces", &Demands::traces, check_folder},
      {"keep", &Demands::keep, check_file_name},
      {"runs", &Demands::runs, whole_number(1)},
      {"seconds", &Demands::seconds, whole_number(1, 1'000'000)},
      {"seed", &Demands::seed, whole_number(0)},
      {"shrink_runs", &Demands::shrink_runs, whole_number(0)},
      {"shrink_tried", &Demands::shrink_tried, whole_number(0)},
      {"jobs", &Demands::jobs, whole_number(1, most_workers)},
      {"write_trace", &Demands::write_trace, check_writable},
      {"html", &Demands::html, check_folder},
      {"gdb", &Demands::gdb, whole_number(0, 1)},
      {"reach", &Demands::reach, whole_number(1)},
  }};
  return all;
}

std::string variable_of(std::string_view name) {
  std::string variable = "REHEARSAL_";
  for (const char c : name) {
    variable += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

std::vector<std::string> command_line() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) {
    words.push_back(word);
  }
  return words;
}

// Checks the settings of the process before any test starts. GoogleTest owns this object.
class ChecksDemands final : public testing::Environment {
 public:
  void SetUp() override {
    Demands demands;
    std::string wrong = demands.set_from_process();
    if (wrong.empty() && demands.replay) {
      // With a mistyped name every test would be skipped, so it is an error.
      const auto named = std::get<simnet::Schedule>(simnet::parse_schedule(*demands.replay));
      if (!is_test_of_this_program(named.scenario)) {
        wrong = "REHEARSAL_REPLAY: unknown test '" + named.scenario + "'";
      }
    }
    if (wrong.empty() && demands.keep && !demands.replay) {
      wrong = "REHEARSAL_KEEP needs REHEARSAL_REPLAY";
    }
    if (wrong.empty() && demands.shrink_tried && !demands.replay) {
      wrong = "REHEARSAL_SHRINK_TRIED needs REHEARSAL_REPLAY";
    }
    if (wrong.empty() && (demands.gdb.value_or(0) != 0 || demands.reach) && !demands.replay) {
      wrong = std::string(demands.reach ? "REHEARSAL_REACH" : "REHEARSAL_GDB") +
              " needs REHEARSAL_REPLAY";
    }
    if (!wrong.empty()) {
      refuse(program_path(), wrong);
      std::fflush(nullptr);
      ::_exit(2);  // destructors may print, which must not follow the error
    }
  }
};

const testing::Environment* const checks_demands =
    testing::AddGlobalTestEnvironment(new ChecksDemands);

}  // namespace

std::string Demands::set(std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(settings(), name, &Setting::name);
  if (found == settings().end()) {
    std::vector<std::string> names;
    for (const Setting& setting : settings()) {
      names.emplace_back(setting.name);
    }
    return one_of(names)(std::string(name));
  }
  const std::string text(value);
  std::string wrong = found->check(text);
  if (wrong.empty()) {
    if (const auto* number = std::get_if<std::optional<std::uint64_t> Demands::*>(&found->demand)) {
      std::ignore = parse_number(text, (this->**number).emplace());
    } else {
      this->*std::get<std::optional<std::string> Demands::*>(found->demand) = text;
    }
  }
  return wrong;
}

std::string Demands::set_from_process() {
  for (const Setting& setting : settings()) {
    const std::string variable = variable_of(setting.name);
    const char* value = std::getenv(variable.c_str());  // NOLINT: no thread sets it
    const std::string wrong = value == nullptr ? std::string() : set(setting.name, value);
    if (!wrong.empty()) {
      return variable + ": " + wrong;
    }
  }
  for (const std::string& word : command_line()) {
    if (!word.starts_with(flag_prefix)) {
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    const std::string wrong = equals == std::string::npos
                                  ? "no value; expected " + flag + "=VALUE"
                                  : set(flag.substr(flag_prefix.size()), word.substr(equals + 1));
    if (!wrong.empty()) {
      return flag + ": " + wrong;
    }
  }
  return {};
}

std::string Demands::page_folder() const {
  constexpr std::string_view xml = "xml:";
  const std::string output = GTEST_FLAG_GET(output) + ':';
  if (html || std::getenv("CI") == nullptr || !output.starts_with(xml)) {  // NOLINT: as above
    return html.value_or(std::string());
  }
  // "xml:FILE:", or "xml:" if GoogleTest chooses the name.
  const std::filesystem::path file =
      output.substr(xml.size(), std::max(output.size() - 1, xml.size()) - xml.size());
  // GoogleTest takes a name that ends in a slash for a folder.
  const std::filesystem::path folder = file.has_filename() ? file.parent_path() : file;
  return folder.empty() ? "." : folder.string();
}

RehearseOptions Demands::over(RehearseOptions options) const {
  options.runs = runs.value_or(options.runs);
  options.seconds = seconds.value_or(runs ? 0 : options.seconds);
  options.policy = policy ? std::string_view(*policy) : options.policy;
  options.seed = seed.value_or(options.seed);
  options.shrink.runs = shrink_runs.value_or(options.shrink.runs);
  options.shrink.tried = shrink_tried.value_or(options.shrink.tried);
  return options;
}

const Demands& process_demands() {
  static const Demands demands = [] {
    Demands read;
    // The settings are valid: they were checked before the first test.
    [[maybe_unused]] const std::string wrong = read.set_from_process();
    return read;
  }();
  return demands;
}

bool is_test_of_this_program(std::string_view name) {
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      if (std::string(suite.name()) + '.' + suite.GetTestInfo(j)->name() == name) {
        return true;
      }
    }
  }
  return false;
}

std::vector<std::string> program_arguments() {
  std::vector<std::string> words = command_line();
  words.erase(words.begin(), words.begin() + (words.empty() ? 0 : 1));
  return words;
}

std::string program_path() {
  const std::vector<std::string> words = command_line();
  return words.empty() ? "program" : words.front();
}

}  // namespace rehearsal::harness

#include "harness/gtest/settings.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sweep/search_run.hpp"
#include "simnet/choices/schedule.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::string_view flag_prefix = "--rehearsal_";
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

struct Number {
  std::string_view name;
  std::optional<std::uint64_t> Demands::* demand;
  std::uint64_t least;
  std::uint64_t most;
};
constexpr std::array<Number, 7> numbers = {{
    {"runs", &Demands::runs, 1, most},
    {"seconds", &Demands::seconds, 1, 1'000'000},
    {"seed", &Demands::seed, 0, most},
    {"shrink_runs", &Demands::shrink_runs, 0, most},
    {"shrink_tried", &Demands::shrink_tried, 0, most},
    {"gdb", &Demands::gdb, 0, 1},
    {"reach", &Demands::reach, 1, most},
}};

struct Text {
  std::string_view name;
  std::optional<std::string> Demands::* demand;
};
constexpr std::array<Text, 4> texts = {{
    {"policy", &Demands::policy},
    {"replay", &Demands::replay},
    {"traces", &Demands::traces},
    {"keep", &Demands::keep},
}};

std::string in_quotes(std::string_view text) { return '\'' + std::string(text) + '\''; }

std::string variable_of(std::string_view name) {
  std::string variable = "REHEARSAL_";
  for (const char c : name) {
    variable += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

std::string set_number(const Number& number, std::string_view text,
                       std::optional<std::uint64_t>& value) {
  std::uint64_t read = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc{} || end != text.data() + text.size() || read < number.least ||
      read > number.most) {
    return in_quotes(text) + " is not a whole number from " + std::to_string(number.least) +
           " to " + std::to_string(number.most);
  }
  value = read;
  return {};
}

// What is wrong with a text that has no number in it.
std::string wrong_text(std::string_view name, std::string_view text) {
  if (name == "policy") {
    return wrong_policy(text);
  }
  if (name == "keep" &&
      (text.empty() || text.front() == '.' || text.find('/') != std::string_view::npos)) {
    return in_quotes(text) + " is no name of a file, without its folder and ending";
  }
  if (std::error_code error;
      name == "traces" && !text.empty() && !std::filesystem::is_directory(text, error)) {
    return in_quotes(text) + " is no folder";
  }
  if (name == "replay") {
    const auto schedule = simnet::parse_schedule(text);
    const auto* error = std::get_if<simnet::ScheduleError>(&schedule);
    return error == nullptr ? std::string() : error->to_string();
  }
  return {};
}

std::vector<std::string> command_line() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(in, word, '\0');) {
    words.push_back(word);
  }
  return words;
}

// Looks at what the process was asked for before any test begins. GoogleTest owns it.
class ChecksDemands final : public testing::Environment {
 public:
  void SetUp() override {
    Demands demands;
    std::string wrong = demands.set_from_process();
    if (wrong.empty() && demands.replay) {
      // A name that is mistyped would skip every test.
      const auto named = std::get<simnet::Schedule>(simnet::parse_schedule(*demands.replay));
      if (!is_test_of_this_program(named.scenario)) {
        wrong = "REHEARSAL_REPLAY: " + in_quotes(named.scenario) + " is no test of this program";
      }
    }
    if (wrong.empty() && demands.keep && !demands.replay) {
      wrong = "REHEARSAL_KEEP: there is nothing to keep; REHEARSAL_REPLAY says what";
    }
    if (wrong.empty() && demands.shrink_tried && !demands.replay) {
      wrong = "REHEARSAL_SHRINK_TRIED: there is nothing to go on with; REHEARSAL_REPLAY says what";
    }
    if (wrong.empty() && (demands.gdb.value_or(0) != 0 || demands.reach) && !demands.replay) {
      wrong = "REHEARSAL_GDB: there is nothing to stop in; REHEARSAL_REPLAY says what";
    }
    if (!wrong.empty()) {
      std::fprintf(stderr, "%s: %s\n", program_path().c_str(), wrong.c_str());
      std::fflush(nullptr);
      ::_exit(2);  // no destructor has anything to say
    }
  }
};

const testing::Environment* const checks_demands =
    testing::AddGlobalTestEnvironment(new ChecksDemands);

}  // namespace

std::string Demands::set(std::string_view name, std::string_view value) {
  for (const Number& number : numbers) {
    if (number.name == name) {
      return set_number(number, value, this->*number.demand);
    }
  }
  std::string names;
  for (const Text& text : texts) {
    if (text.name == name) {
      this->*text.demand = std::string(value);
      return wrong_text(name, value);
    }
    names += ", " + std::string(text.name);
  }
  for (const Number& number : numbers) {
    names += ", " + std::string(number.name);
  }
  return in_quotes(name) + " is not one of " + names.substr(2);
}

std::string Demands::set_from_process() {
  const auto from_environment = [this](std::string_view name) {
    const std::string variable = variable_of(name);
    const char* value = std::getenv(variable.c_str());  // NOLINT: no thread sets it
    const std::string wrong = value == nullptr ? std::string() : set(name, value);
    return wrong.empty() ? wrong : variable + ": " + wrong;
  };
  std::string wrong;
  for (const Number& number : numbers) {
    wrong = wrong.empty() ? from_environment(number.name) : wrong;
  }
  for (const Text& text : texts) {
    wrong = wrong.empty() ? from_environment(text.name) : wrong;
  }
  for (const std::string& word : command_line()) {
    if (!wrong.empty() || !word.starts_with(flag_prefix)) {
      continue;
    }
    const std::string_view rest = std::string_view(word).substr(flag_prefix.size());
    const std::size_t equals = rest.find('=');
    const std::string flag = word.substr(0, word.find('='));
    wrong = equals == std::string_view::npos ? flag + ": it has no value, as in " + flag + "=VALUE"
                                             : set(rest.substr(0, equals), rest.substr(equals + 1));
    wrong = wrong.empty() || equals == std::string_view::npos ? wrong : flag + ": " + wrong;
  }
  return wrong;
}

std::string wrong_policy(std::string_view policy) {
  return simnet::NamedPolicy::parse(policy) || SearchPlan::parse(policy)
             ? std::string()
             : in_quotes(policy) + " is not one of " + simnet::NamedPolicy::names() + ", " +
                   SearchPlan::names();
}

RehearseOptions Demands::over(RehearseOptions options) const {
  if (seconds && !runs) {
    options.runs = most;
  }
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
    // Found right before the first test.
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

#include "harness/gtest/failure_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/failure/explained_failure.hpp"
#include "harness/flags.hpp"
#include "harness/gtest/capture.hpp"
#include "harness/gtest/settings.hpp"
#include "harness/number_text.hpp"
#include "harness/process/child.hpp"
#include "harness/run_text.hpp"
#include "simnet/search/kept.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_listed = 20;  // deviations

// Returns the command that resumes shrinking.
std::string resuming(const simnet::Shrunk& shrunk, const simnet::ShrinkBound& bound) {
  if (!fits_a_shell(shrunk.schedule.to_string())) {
    return std::string(too_long_for_a_shell);
  }
  return "REHEARSAL_SHRINK_RUNS=" + std::to_string(resuming_runs(bound)) +
         " REHEARSAL_SHRINK_TRIED=" + std::to_string(shrunk.tried) + ' ' +
         replay_command(shrunk.schedule);
}

std::string shrinking(const simnet::Shrunk& shrunk, const simnet::ShrinkBound& bound) {
  return "Shrunk " + shrunk_text(shrunk) +
         (shrunk.minimal ? ".\n" : '\n' + resuming(shrunk, bound) + '\n');
}

// Returns the commands that reproduce the failure, run it in gdb, and keep it.
std::string how_to_see_it(const FailureText& text, const simnet::Schedule& schedule) {
  const bool replays = fits_a_shell(schedule.to_string());
  const std::string command = replays ? replay_command(schedule) : text.otherwise;
  std::string said = command + '\n';
  said += replays ? "  Set REHEARSAL_GDB=1 as well to stop in gdb as the last step begins.\n" : "";
  if (!text.traces.empty() && replays) {
    said += "  Save it as a regression test:\nREHEARSAL_KEEP=" +
            shell_quoted(simnet::kept_name(schedule)) + ' ' + command + '\n';
  }
  return said;
}

// Returns the path of the page of a test in a folder.
std::string page_file(const std::string& folder, std::string test) {
  std::ranges::replace(test, '/', '-');  // of a parameter
  return folder + '/' + test + ".html";
}

// Writes the page, and returns a line with its name, or with what is wrong.
std::string page_text(const std::string& file, const std::string& content) {
  const std::string wrong = write_file(file, content);
  return wrong.empty() ? "Page: " + file + '\n' : wrong + '\n';
}

// Explains the failure in a child, since the default run may crash.
std::string explained(const FailureText& text, const simnet::Scenario& scenario,
                      const TestRun& run) {
  ExplainedFailureOptions options;
  options.text = for_stdout();
  options.text.bold = false;  // the text is also in the XML
  options.text.what = run.what;
  options.again = how_to_see_it(text, run.schedule);
  const std::string folder = process_demands().page_folder();
  if (!folder.empty()) {
    options.files.html = page_file(folder, text.test);
    options.page.program = program_path();
    options.page.command = replay_command(run.schedule);
  }
  std::vector<std::string> said;  // the text, and the data of the page
  const auto body = [&](const Parent& parent) {
    Capture capture;
    ExplainedFailure explained =
        explain(capture.watch(scenario), run.schedule, *run.outcome.failure, options);
    parent.tell(Logs{std::move(explained.text)});
    for (std::string& content : explained.contents) {
      parent.tell(Logs{std::move(content)});
    }
  };
  const ChildEnd end = run_in_child(
      body, [&said](Message& message) { said.push_back(std::get<Logs>(message).line); });
  if (said.size() == (folder.empty() ? 1U : 2U)) {
    return folder.empty() ? said[0] : said[0] + page_text(options.files.html, said[1]);
  }
  return "\nFailure\n" + indented(run.what, "  ") + "\nThe explanation crashed: " + end.how + '\n' +
         indented(end.errors, "  ") + "\nReproduce\n" + options.again;
}

}  // namespace

std::string test_command(const std::string& test) {
  return shell_quoted(program_path()) + " --gtest_filter=" + shell_quoted(test);
}

std::string replay_command(const simnet::Schedule& schedule) {
  return "REHEARSAL_REPLAY=" + shell_quoted(schedule.to_string()) + ' ' +
         test_command(schedule.scenario);
}

std::string last_words(const std::string& what, const std::string& command) {
  return '\n' + what + ". Reproduce it with:\n" + command + '\n';
}

std::string not_applied_text(const std::vector<simnet::Deviation>& not_applied) {
  std::string text = "not applied:\n";
  for (std::size_t i = 0; i < std::min(not_applied.size(), most_listed); ++i) {
    text += "  " + not_applied[i].to_string() + '\n';
  }
  return text + "the schedule is stale: this run makes no such choices\n";
}

std::string to_string(const FailureText& text, const simnet::Scenario& scenario,
                      const TestRun& run) {
  std::string said = text.test + " failed in " + text.found + ".\n";
  if (text.shrunk != nullptr) {
    said += shrinking(*text.shrunk, text.shrunk_within);
  }
  if (run.outcome.failure->kind != simnet::FailureKind::crash) {
    said += fmt::format("Digest: {:016x}\n", run.outcome.digest);
  }
  return said + explained(text, scenario, run);
}

}  // namespace rehearsal::harness

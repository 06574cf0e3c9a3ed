// The files that show a run: a page, and files for other tools.
#pragma once

#include <string>
#include <vector>

#include "harness/report/analysis.hpp"
#include "harness/report/page/run_data.hpp"

namespace rehearsal::harness {

// The paths of the files; empty for those that are not wanted.
struct RunFiles {
  RunFiles() = default;

  std::string html;
  std::string perfetto;
  std::string pcapng;
  std::string shiviz;

  [[nodiscard]] bool any() const {
    return !html.empty() || !perfetto.empty() || !pcapng.empty() || !shiviz.empty();
  }
};

// Returns the contents of the wanted files, in the order of RunFiles: of a run, and of a failing
// run whose explanation is `report`.
[[nodiscard]] std::vector<std::string> contents_of(const RunFiles& files, const ShownRun& run,
                                                   const PageOptions& options);
[[nodiscard]] std::vector<std::string> contents_of(const RunFiles& files, const Analysis& analysis,
                                                   const std::string& report,
                                                   const PageOptions& options);
// Writes a file. Returns what is wrong with it in one line, or an empty string.
[[nodiscard]] std::string write_file(const std::string& file, const std::string& content);
// Writes the wanted files and prints their names, or what is wrong after the name of the program.
// Returns the exit status: `status`, or `bad_input` if a file is not written. Empty `contents` mean
// that the run crashed before it could be shown.
int write_files(const std::string& program, const RunFiles& files,
                const std::vector<std::string>& contents, int status);

}  // namespace rehearsal::harness

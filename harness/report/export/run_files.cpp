#include "harness/report/export/run_files.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "harness/report/export/pcapng.hpp"
#include "harness/report/export/perfetto.hpp"
#include "harness/report/export/shiviz.hpp"
#include "harness/report/page/page.hpp"

namespace rehearsal::harness {
namespace {

struct Format {
  std::string_view name;
  std::string RunFiles::* path;
  std::string (*make)(const ShownRun& run);  // null for the page, whose input is more than a run
};

constexpr std::array<Format, 4> formats = {{
    {"page", &RunFiles::html, nullptr},
    {"perfetto", &RunFiles::perfetto, perfetto},
    {"pcapng", &RunFiles::pcapng, pcapng},
    {"shiviz", &RunFiles::shiviz, shiviz},
}};

template <class MakePage>
std::vector<std::string> contents(const RunFiles& files, const ShownRun& run, MakePage make_page) {
  std::vector<std::string> made;
  for (const Format& format : formats) {
    if (!(files.*format.path).empty()) {
      made.push_back(format.make == nullptr ? make_page() : format.make(run));
    }
  }
  return made;
}

}  // namespace

std::vector<std::string> contents_of(const RunFiles& files, const ShownRun& run,
                                     const PageOptions& options) {
  return contents(files, run, [&] { return page(run_data(run, options)); });
}

std::vector<std::string> contents_of(const RunFiles& files, const Analysis& analysis,
                                     const std::string& report, const PageOptions& options) {
  ShownRun run;
  run.scenario = analysis.scenario->name;
  run.schedule = analysis.schedule->to_string();
  run.outcome = analysis.failure->to_string();
  run.take(analysis.evidence);
  return contents(files, run, [&] { return page(failure_data(analysis, report, options)); });
}

std::string write_file(const std::string& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary);
  out << content;
  out.close();
  return out ? std::string()
             : file + ": the file cannot be written; check the folder and the space on the disk";
}

int write_files(const std::string& program, const RunFiles& files,
                const std::vector<std::string>& contents, int status) {
  auto content = contents.begin();
  for (const Format& format : formats) {
    const std::string& path = files.*format.path;
    if (path.empty()) {
      continue;
    }
    const std::string wrong = contents.empty()
                                  ? path + ": not written, because the run to show crashes"
                                  : write_file(path, *content++);
    if (!wrong.empty()) {
      std::fflush(stdout);
      fmt::print(stderr, "{}: {}\n", program, wrong);
      status = bad_input;
    } else {
      fmt::print("{}: {}\n", format.name, path);
    }
  }
  std::fflush(stdout);
  return status;
}

}  // namespace rehearsal::harness

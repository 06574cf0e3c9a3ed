// Reads a fuzzer's bytes as the results of shards, separated by null bytes, and merges them
// (libFuzzer). Whatever they are, each file has results or one error of one line; results that are
// written and read again are the same; and a merge prints a report or one line.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/exit_status.hpp"
#include "harness/sweep/merge.hpp"
#include "harness/sweep/results_file.hpp"
#include "sched/base/check.hpp"
#include "tests/corpus/fuzz/memory_file.hpp"

namespace rehearsal::harness {
namespace {

using fuzz::MemoryFile;
using sched::check;

void check_line(const BadInput& error) {
  const std::string_view what = error.what();
  check(!what.empty() && what.find('\n') == std::string_view::npos, "an error is one line");
}

// Returns nothing if the file is damaged.
std::optional<Results> read(const MemoryFile& file) {
  try {
    return read_results(file.path());
  } catch (const BadInput& error) {
    check_line(error);
    return std::nullopt;
  }
}

std::string written(const Results& results) {
  const MemoryFile file;
  ResultsWriter writer(file.path(), results.header);
  for (const FailureReport& failure : results.failures) {
    writer.add(failure);
  }
  writer.end(results.tally, results.failed);
  check(writer.good(), "results can be written");
  return file.text();
}

auto items_of(const FailureReport& failure) {
  return std::tie(failure.seed, failure.kind, failure.what, failure.details, failure.schedule);
}
auto items_of(const simnet::FaultCount& fault) {
  return std::tie(fault.name, fault.optional, fault.matched, fault.fired, fault.mattered);
}

bool same(const Results& left, const Results& right) {
  const simnet::Tally& a = left.tally;
  const simnet::Tally& b = right.tally;
  bool same = left.header == right.header && left.failed == right.failed &&
              left.failures.size() == right.failures.size() && a.faults.size() == b.faults.size();
  for (std::size_t i = 0; same && i < left.failures.size(); ++i) {
    same = items_of(left.failures[i]) == items_of(right.failures[i]);
  }
  for (const auto& [name, fault] : a.faults) {
    same = same && b.faults.contains(name) && items_of(fault) == items_of(b.faults.at(name));
  }
  return same && std::tie(a.runs, a.steps, a.time, a.digest, a.fired, a.sometimes, a.sometimes_late,
                          a.planned, a.unended) == std::tie(b.runs, b.steps, b.time, b.digest,
                                                            b.fired, b.sometimes, b.sometimes_late,
                                                            b.planned, b.unended);
}

void merge(const std::vector<std::unique_ptr<MemoryFile>>& files) {
  static const Catalog catalog{
      "program", {{"quiet", "Nothing happens", [](auto& /*world*/) {}}}, {}, {}};
  std::vector<std::string> paths;
  for (const auto& file : files) {
    paths.push_back(file->path());
  }
  try {
    merge_results(catalog, paths, {});
  } catch (const BadInput& error) {
    check_line(error);
  }
}

void try_input(std::string_view text) {
  std::vector<std::unique_ptr<MemoryFile>> files;
  bool explains = false;  // a merge would run the first failure, in a child process
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
    end = text.find('\0');
    files.push_back(std::make_unique<MemoryFile>(text.substr(0, end)));
    if (const auto results = read(*files.back())) {
      const std::string again = written(*results);
      const auto read_again = read(MemoryFile(again));
      check(read_again && same(*results, *read_again), "results are read as they were written");
      check(written(*read_again) == again, "results have one form");
      for (const FailureReport& failure : results->failures) {
        explains = explains || !failure.details.empty();
      }
    }
    if (end == std::string_view::npos) {
      break;
    }
  }
  if (!explains) {
    merge(files);
  }
}

}  // namespace
}  // namespace rehearsal::harness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const auto* const silent = std::freopen("/dev/null", "w", stdout);
  rehearsal::harness::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}

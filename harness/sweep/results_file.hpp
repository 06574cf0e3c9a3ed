// A file with the results of one shard of a sweep: a header, the failures, the tally, and a line
// that ends it. results_format.md specifies the format.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "harness/sweep/finding.hpp"
#include "harness/sweep/shard.hpp"
#include "simnet/search/tally.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {

struct ResultsHeader {
  std::string scenario;
  std::string policy;
  Seeds seeds;  // the seeds of all shards together
  Shard shard;
  std::string build;  // digest of the program's file
  friend bool operator==(const ResultsHeader&, const ResultsHeader&) = default;
};

struct Results {
  ResultsHeader header;
  std::vector<FailureReport> failures;  // in ascending order of seeds
  simnet::Tally tally;
  std::uint64_t failed = 0;  // includes the failures that are only counted
};

class ResultsWriter {
 public:
  // Creates the file, or truncates it, and writes the header. After an error good() is false.
  ResultsWriter(const std::string& file, const ResultsHeader& header);

  void add(const FailureReport& failure);
  // Writes the tally and the end. Without them the file counts as truncated.
  void end(const simnet::Tally& tally, std::uint64_t failing);
  [[nodiscard]] bool good() const { return out_.good(); }

 private:
  simnet::JsonLine& line(std::string_view kind);
  void finish();

  std::ofstream out_;
  simnet::JsonLine line_;
  std::uint64_t failures_ = 0;
};

// Reads a results file. Throws BadInput, which names the line and the mistake: "shard-3.jsonl: line
// 12: expected ...".
[[nodiscard]] Results read_results(const std::string& file);

// Returns a digest of this program's file. It keeps results of different builds apart.
[[nodiscard]] std::string build_of_this_program();

}  // namespace rehearsal::harness

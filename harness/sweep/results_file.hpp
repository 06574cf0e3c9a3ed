// A file of results has what a shard of a sweep came to, as results_format.md says it: a header,
// the failures, the tally, and a line that ends it.
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
  Seeds seeds;  // of all shards together
  Shard shard;
  std::string build;  // of the program
  friend bool operator==(const ResultsHeader&, const ResultsHeader&) = default;
};

struct Results {
  ResultsHeader header;
  std::vector<FailureReport> failures;  // in the order of seeds
  simnet::Tally tally;
  std::uint64_t failed = 0;  // with those that are only counted
};

class ResultsWriter {
 public:
  // Makes the file, or empties it. good() says whether all has gone well so far.
  ResultsWriter(const std::string& file, const ResultsHeader& header);

  void add(const FailureReport& failure);
  // Without it, the file is one that was cut short.
  void end(const simnet::Tally& tally, std::uint64_t failed);
  [[nodiscard]] bool good() const { return out_.good(); }

 private:
  simnet::JsonLine& line(std::string_view kind);
  void finish();

  std::ofstream out_;
  simnet::JsonLine line_;
  std::uint64_t failures_ = 0;
};

// Throws BadInput, which says what is wrong and where: "shard-3.jsonl: line 12: expected ...".
[[nodiscard]] Results read_results(const std::string& file);

// A digest of this program's file, so that results of different builds are not taken for one.
[[nodiscard]] std::string build_of_this_program();

}  // namespace rehearsal::harness

#include "harness/sweep/results_file.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "sched/base/hex.hpp"
#include "simnet/network/digest.hpp"
#include "simnet/trace/json_fields.hpp"
#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint64_t version = 3;

using simnet::JsonFields;
using simnet::JsonRefused;

class Reader {
 public:
  void read(std::string_view line) {
    JsonFields fields = JsonFields::parse(line);
    const std::string kind = fields.text("line");
    if (ended_) {
      throw JsonRefused{"expected nothing after the end"};
    }
    if (headed_ == (kind == "header")) {
      throw JsonRefused{headed_ ? "expected one header only" : "expected a header first"};
    }
    if (kind == "header") {
      header(fields);
    } else if (kind == "failure") {
      failure(fields);
    } else if (kind == "tally") {
      tally(fields);
    } else if (kind == "fault") {
      fault(fields);
    } else if (kind == "site") {
      site(fields);
    } else if (kind == "sometimes") {
      const std::string name = fields.text("name");
      results_.tally.sometimes[name] = fields.number("held") != 0;
      results_.tally.sometimes_late[name] = fields.number("late") != 0;
    } else if (kind == "planned") {
      results_.tally.planned[fields.text("name")] = fields.number("reached") != 0;
    } else if (kind == "unended") {
      results_.tally.unended[fields.text("name")] = fields.number("runs");
    } else if (kind == "end") {
      end(fields);
    } else {
      JsonFields::refuse("line",
                         "header, failure, tally, fault, site, sometimes, planned, "
                         "unended or end");
    }
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] Results take() { return std::move(results_); }

 private:
  void header(JsonFields& fields) {
    if (fields.text("results") != "rehearsal" || fields.number("version") != version) {
      throw JsonRefused{fmt::format("expected results of rehearsal, of version {}", version)};
    }
    ResultsHeader& header = results_.header;
    header.scenario = fields.text("scenario");
    header.policy = fields.text("policy");
    const auto seeds = Seeds::parse(fields.text("seeds"));
    const auto shard = Shard::parse(fields.text("shard"));
    if (!seeds) {
      JsonFields::refuse("seeds", "FIRST..LAST");
    }
    if (!shard) {
      JsonFields::refuse("shard", "SHARD/SHARDS");
    }
    header.seeds = *seeds;
    header.shard = *shard;
    header.build = fields.text("build");
    part_ = shard->part_of(*seeds);
    headed_ = true;
  }

  void failure(JsonFields& fields) {
    FailureReport failure{fields.number("seed"), fields.text("kind"), fields.text("what"),
                          fields.text("details"), fields.text("schedule")};
    if (!part_ || failure.seed < part_->first || failure.seed > part_->last) {
      JsonFields::refuse(
          "seed", part_ ? fmt::format("from {} to {}, as its shard has", part_->first, part_->last)
                        : "in its shard, which has none");
    }
    if (!results_.failures.empty() && results_.failures.back().seed >= failure.seed) {
      JsonFields::refuse("seed", "above that of the failure before it");
    }
    results_.failures.push_back(std::move(failure));
  }

  void tally(JsonFields& fields) {
    if (tallied_) {
      throw JsonRefused{"expected one tally only"};
    }
    tallied_ = true;
    results_.tally.runs = fields.number("runs");
    results_.failed = fields.number("failed");
    results_.tally.steps = fields.number("steps");
    results_.tally.time = fields.instant("time").time_since_epoch();
    results_.tally.digest = fields.hex("digest");
    if (results_.tally.time < sched::Duration(0)) {
      JsonFields::refuse("time", "at least 0");
    }
    if (results_.tally.runs != (part_ ? part_->count() : 0)) {
      JsonFields::refuse(
          "runs", fmt::format("{}, as many as its shard has seeds", part_ ? part_->count() : 0));
    }
    if (results_.failed < results_.failures.size()) {
      JsonFields::refuse("failed", "at least as many as failures stand before it");
    }
  }

  void fault(JsonFields& fields) {
    simnet::FaultCount fault;
    fault.name = fields.text("name");
    fault.optional = fields.number("optional") != 0;
    fault.matched = fields.number("matched");
    fault.fired = fields.number("fired");
    fault.mattered = fields.number("mattered");
    results_.tally.faults[fault.name] = fault;
  }

  void site(JsonFields& fields) {
    const auto site = simnet::site_named(fields.text("name"));
    if (!site) {
      JsonFields::refuse("name", "that of a site");
    }
    results_.tally.fired[index(*site)] = fields.number("deviated");
  }

  void end(JsonFields& fields) {
    const std::uint64_t failures = fields.number("failures");
    if (!tallied_) {
      throw JsonRefused{"expected a tally before the end"};
    }
    if (failures != results_.failures.size()) {
      throw JsonRefused{fmt::format("the end counts {} failures, there are {}", failures,
                                    results_.failures.size())};
    }
    ended_ = true;
  }

  Results results_;
  std::optional<Seeds> part_;  // nothing if the shard has no seeds
  bool headed_ = false;
  bool tallied_ = false;
  bool ended_ = false;
};

}  // namespace

ResultsWriter::ResultsWriter(const std::string& file, const ResultsHeader& header)
    : out_(file, std::ios::binary) {
  line("header").key("results").value("rehearsal");
  line_.key("version").value(version);
  line_.key("scenario").value(header.scenario);
  line_.key("policy").value(header.policy);
  line_.key("seeds").value(header.seeds.to_string());
  line_.key("shard").value(header.shard.to_string());
  line_.key("build").value(header.build);
  finish();
}

simnet::JsonLine& ResultsWriter::line(std::string_view kind) {
  line_.key("line").value(kind);
  return line_;
}

void ResultsWriter::finish() {
  out_ << line_.finish();
  out_.flush();
}

void ResultsWriter::add(const FailureReport& failure) {
  ++failures_;
  line("failure").key("seed").value(failure.seed);
  line_.key("kind").value(failure.kind);
  line_.key("what").value(failure.what);
  line_.key("details").value(failure.details);
  line_.key("schedule").value(failure.schedule);
  finish();
}

void ResultsWriter::end(const simnet::Tally& tally, std::uint64_t failing) {
  line("tally").key("runs").value(tally.runs);
  line_.key("failed").value(failing);
  line_.key("steps").value(tally.steps);
  line_.key("time").value(std::int64_t{tally.time.count()});
  line_.key("digest").value(sched::hex16(tally.digest));
  finish();
  for (const auto& [name, fault] : tally.faults) {
    line("fault").key("name").value(name);
    line_.key("optional").value(std::uint64_t{fault.optional ? 1U : 0U});
    line_.key("matched").value(fault.matched);
    line_.key("fired").value(fault.fired);
    line_.key("mattered").value(fault.mattered);
    finish();
  }
  for (std::size_t i = 0; i < simnet::site_count; ++i) {
    if (tally.fired[i] != 0) {
      line("site").key("name").value(name(static_cast<simnet::Site>(i)));
      line_.key("deviated").value(tally.fired[i]);
      finish();
    }
  }
  for (const auto& [name, held] : tally.sometimes) {
    line("sometimes").key("name").value(name);
    line_.key("held").value(std::uint64_t{held ? 1U : 0U});
    const auto late = tally.sometimes_late.find(name);
    const bool is_late = late == tally.sometimes_late.end() || late->second;
    line_.key("late").value(std::uint64_t{is_late ? 1U : 0U});
    finish();
  }
  for (const auto& [name, reached] : tally.planned) {
    line("planned").key("name").value(name);
    line_.key("reached").value(std::uint64_t{reached ? 1U : 0U});
    finish();
  }
  for (const auto& [program, count] : tally.unended) {
    line("unended").key("name").value(program);
    line_.key("runs").value(count);
    finish();
  }
  line("end").key("failures").value(failures_);
  finish();
}

Results read_results(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  Reader reader;
  std::string line;
  std::uint64_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    try {
      reader.read(line);
    } catch (const JsonRefused& refused) {
      const bool cut = in.eof() && !refused.is_json;
      throw BadInput(fmt::format(
          "{}: line {}: {}", file, number,
          cut ? "the line is cut short; expected the results of a whole shard" : refused.reason));
    }
  }
  if (!in.eof()) {
    throw BadInput(file + ": cannot be read; expected a file of results");
  }
  if (!reader.ended()) {
    throw BadInput(
        fmt::format("{}: line {}: expected the results of a whole shard; the file is cut short",
                    file, number + 1));
  }
  return reader.take();
}

std::string build_of_this_program() {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  std::uint64_t digest = 0;
  std::array<char, 65536> piece{};
  do {
    in.read(piece.data(), piece.size());
    const std::span<const char> got(piece.data(), static_cast<std::size_t>(in.gcount()));
    digest = sched::fold(digest ^ sched::hash_bytes(std::as_bytes(got)), 0x9e3779b97f4a7c15);
  } while (in);
  return sched::hex16(digest);
}

}  // namespace rehearsal::harness

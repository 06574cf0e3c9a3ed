// A kept schedule is a failure that was found once and is replayed in every run of the
// tests: a regression schedule. It is a file NAME.schedule; simnet/search/kept_format.md
// describes the format.
//
// It is current if every one of its deviations applies. If not, it is stale: it no longer shows
// anything about the program and should be renewed or removed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

inline constexpr std::string_view kept_ending = ".schedule";

struct KeptSchedule {
  Schedule schedule;
  // The failure of its run when it was found. If `fails`, a run must still have this failure.
  std::optional<Failure> failure;
  bool fails = false;  // true: the schedule must fail; false: it must pass

  // Returns the text of its file.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const KeptSchedule&, const KeptSchedule&) = default;
};

// What is wrong with a file, and where.
struct KeptError {
  std::string file;
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::string expected;

  // Returns one line, "FILE: line 3: expected ...".
  [[nodiscard]] std::string to_string() const;
};

// Reads the text of a kept schedule. `file` names the text in an error.
[[nodiscard]] std::variant<KeptSchedule, KeptError> parse_kept(const std::string& file,
                                                               std::string_view text);
// Reads a kept schedule from a file.
[[nodiscard]] std::variant<KeptSchedule, KeptError> read_kept(const std::string& file);
// Returns the names of the kept schedules in a folder, sorted, or an error if the folder
// cannot be read.
[[nodiscard]] std::variant<std::vector<std::string>, KeptError> kept_files(
    const std::string& folder);
// Returns the path of the file of this name in a folder: FOLDER/NAME.schedule.
[[nodiscard]] std::string kept_file(const std::string& folder, std::string_view name);
// Writes a new file; does not replace an existing one. Returns an error text, or an empty string if
// it succeeded.
[[nodiscard]] std::string write_kept(const std::string& file, const KeptSchedule& kept);
// Returns a name that differs from the names of other schedules: the scenario, and a number derived
// from the schedule.
[[nodiscard]] std::string kept_name(const Schedule& schedule);

enum class KeptVerdict : std::uint8_t { as_expected, failed, passed, stale };

// The result of running a kept schedule. `said` is empty if the run was as expected. Otherwise it
// is a few lines that describe the problem and the remedy. `file` is the path of the kept schedule.
struct KeptJudgement {
  KeptVerdict verdict = KeptVerdict::as_expected;
  std::string said;
};
[[nodiscard]] KeptJudgement judge_kept(const std::string& file, const KeptSchedule& kept,
                                       const std::optional<Failure>& failure,
                                       const std::vector<Deviation>& not_applied);

}  // namespace rehearsal::simnet

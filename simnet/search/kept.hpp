// A kept schedule is a failure that was found once, and is replayed by every run of the tests: a
// file NAME.schedule whose form is in simnet/search/kept_format.md.
//
// It fits where every one of its deviations was applied. One that does not fit is stale: it says
// nothing about the program any more, and is to be renewed or dropped.
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
  // What its run fails with: when it was found, and where it is expected to fail, still.
  std::optional<Failure> failure;
  bool fails = false;  // it is expected to fail; otherwise it is to pass

  // The text of its file.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const KeptSchedule&, const KeptSchedule&) = default;
};

// What is wrong with a file, and where.
struct KeptError {
  std::string file;
  std::size_t line = 0;  // from 1; 0: the file as a whole
  std::string expected;

  // "FILE: line 3: expected ..."
  [[nodiscard]] std::string to_string() const;
};

// `file` names the text in an error.
[[nodiscard]] std::variant<KeptSchedule, KeptError> parse_kept(const std::string& file,
                                                               std::string_view text);
[[nodiscard]] std::variant<KeptSchedule, KeptError> read_kept(const std::string& file);
// The kept schedules of a folder, in order of their names. An error where it cannot be read.
[[nodiscard]] std::variant<std::vector<std::string>, KeptError> kept_files(
    const std::string& folder);
// The file of this name in a folder: FOLDER/NAME.schedule.
[[nodiscard]] std::string kept_file(const std::string& folder, std::string_view name);
// Writes it where no file of this name is there. Gives what is wrong; empty: nothing.
[[nodiscard]] std::string write_kept(const std::string& file, const KeptSchedule& kept);
// A name for it that differs from those of others: its scenario and a number of its schedule.
[[nodiscard]] std::string kept_name(const Schedule& schedule);

enum class KeptVerdict : std::uint8_t { as_expected, failed, passed, stale };

// What a run of its schedule says of it. `said` is empty where it came as expected, otherwise what
// is wrong and what to do about it, a few lines. `file` is where it is kept.
struct KeptJudgement {
  KeptVerdict verdict = KeptVerdict::as_expected;
  std::string said;
};
[[nodiscard]] KeptJudgement judge_kept(const std::string& file, const KeptSchedule& kept,
                                       const std::optional<Failure>& failure,
                                       const std::vector<Deviation>& not_applied);

}  // namespace rehearsal::simnet

#include "simnet/search/kept.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "tests/simnet/search/racy_bank.hpp"

namespace rehearsal::simnet {
namespace {

using testing::HasSubstr;

KeptSchedule parsed(std::string_view text) {
  const auto result = parse_kept("f.schedule", text);
  const auto* error = std::get_if<KeptError>(&result);
  EXPECT_EQ(error, nullptr) << (error == nullptr ? "" : error->to_string());
  return error == nullptr ? std::get<KeptSchedule>(result) : KeptSchedule();
}

std::string refused(std::string_view text) {
  const auto result = parse_kept("f.schedule", text);
  const auto* error = std::get_if<KeptError>(&result);
  return error == nullptr ? "not refused" : error->to_string();
}

TEST(KeptSchedule, is_read_as_it_was_written) {
  KeptSchedule kept;
  kept.schedule = {"bank", 7, {{{Site::run, "bank/0", 2}, 1}}};
  EXPECT_EQ(parsed(kept.to_string()), kept);
  kept.failure = Failure{FailureKind::deadlock, "tasks wait (all of them)", "a.cpp:1 b.cpp:2"};
  EXPECT_EQ(parsed(kept.to_string()), kept);
  kept.fails = true;
  kept.failure->where.clear();
  EXPECT_EQ(parsed(kept.to_string()), kept);
}

// A failure is written without control characters, so one that an editor has put in must not count.
TEST(KeptSchedule, has_no_control_characters_in_its_failure) {
  const KeptSchedule kept =
      parsed("bank data=7\nexpect fail\nkind deadlock\nwhat tasks\twait\nwhere a.cpp:1\x7f\n");
  ASSERT_TRUE(kept.failure);
  EXPECT_EQ(kept.failure->what, "tasks wait");
  EXPECT_EQ(kept.failure->where, "a.cpp:1 ");
  EXPECT_EQ(parsed(kept.to_string()), kept);
}

TEST(KeptSchedule, may_have_comments_and_empty_lines) {
  const KeptSchedule kept = parsed("bank data=7\r\n# found by hand\n\nexpect pass\r\n");
  EXPECT_EQ(kept.schedule.scenario, "bank");
  EXPECT_FALSE(kept.failure);
}

TEST(KeptSchedule, that_is_damaged_is_refused_with_its_line) {
  const std::array<std::pair<std::string, std::string>, 10> texts = {{
      {"", "f.schedule: line 1: column 1: expected"},
      {"bank date=7\n", "f.schedule: line 1: column 6: expected"},
      {"bank data=7\n", "line 2: expected a line 'expect pass' or 'expect fail'"},
      {"bank data=7\nexpect hope\n", "line 2: expected 'expect pass' or 'expect fail', got"},
      {"bank data=7\n\nexpect pass\nexpect pass\n", "line 4: expected 'expect' once"},
      {"bank data=7\nexpect pass\ncolour red\n", "line 3: expected one of expect, kind, what"},
      {"bank data=7\nexpect fail\n", "line 3: expected the lines 'kind ...' and 'what ...'"},
      {"bank data=7\nexpect pass\nwhat x\n", "line 4: expected the lines 'kind ...'"},
      {"bank data=7\nkind of\nexpect pass\n", "line 2: expected one of a property failed, dead"},
      {"bank data=7\nexpect\n", "line 2: expected 'expect pass' or 'expect fail'"},
  }};
  for (const auto& [text, said] : texts) {
    EXPECT_THAT(refused(text), HasSubstr(said)) << text;
  }
  EXPECT_THAT(std::get<KeptError>(read_kept("/no/such/file")).to_string(),
              HasSubstr("/no/such/file: cannot be read; expected"));
}

// The bank's first failure, as its own run reports it.
struct Judged {
  KeptSchedule kept;
  KeptJudgement now(const Scenario& scenario) const {
    const RunResult run = replay_scenario(scenario, kept.schedule);
    return judge_kept("f.schedule", kept, run.report.failure(), run.not_applied);
  }
};

Judged found() {
  const RunResult run = first_failure(racy_bank(2, 4));
  return {{run.schedule, run.report.failure(), false}};
}

TEST(KeptSchedule, that_is_to_pass_fails_until_it_does) {
  Judged judged = found();
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::failed);
  EXPECT_THAT(judged.now(racy_bank(2, 4)).said,
              HasSubstr("f.schedule: fails: 'no deposit is lost' violated"));
  judged.kept.schedule.deviations.clear();
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::as_expected);
}

TEST(KeptSchedule, that_is_to_fail_fails_as_it_did) {
  Judged judged = found();
  judged.kept.fails = true;
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::as_expected);
  judged.kept.failure->where = "racy_bank.hpp:1";  // the check has moved to another line
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::as_expected);
  judged.kept.failure->what = "another";
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::failed);
  EXPECT_THAT(judged.now(racy_bank(2, 4)).said, HasSubstr("fails differently than expected"));
  judged.kept.schedule.deviations.clear();
  EXPECT_EQ(judged.now(racy_bank(2, 4)).verdict, KeptVerdict::passed);
  EXPECT_THAT(judged.now(racy_bank(2, 4)).said, HasSubstr("change the file to 'expect pass'"));
}

TEST(KeptSchedule, that_does_not_fit_is_stale) {
  Judged judged = found();
  judged.kept.schedule.deviations.push_back({{Site::run, "nobody/0", 3}, 1});
  judged.kept.schedule.deviations.push_back({{Site::run, "nobody/0", 4}, 1});
  const KeptJudgement judgement = judged.now(racy_bank(2, 4));
  EXPECT_EQ(judgement.verdict, KeptVerdict::stale);
  EXPECT_THAT(judgement.said, HasSubstr("f.schedule: stale: deviation run/nobody/0/3=1 does not "
                                        "apply, nor do 1 more; its run fails: 'no deposit"));
  EXPECT_THAT(judgement.said, HasSubstr("find the failure of "));
  EXPECT_THAT(judgement.said, HasSubstr("rm f.schedule"));
}

TEST(KeptSchedule, has_a_file_that_is_not_overwritten) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "kept_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const KeptSchedule kept = found().kept;
  const std::string file = kept_file(folder.string(), kept_name(kept.schedule));
  EXPECT_EQ(write_kept(file, kept), "");
  EXPECT_EQ(std::get<KeptSchedule>(read_kept(file)), kept);
  EXPECT_THAT(write_kept(file, kept), HasSubstr("already exists"));
  EXPECT_EQ(write_kept(kept_file(folder.string(), "another"), kept), "");
  std::ofstream(folder / "notes.txt") << "not one of them";
  const auto files = std::get<std::vector<std::string>>(kept_files(folder.string()));
  EXPECT_EQ(files, (std::vector{kept_file(folder.string(), "another"), file}));
  EXPECT_THAT(write_kept("/no/such/folder/a.schedule", kept), HasSubstr("cannot be written"));
  EXPECT_THAT(std::get<KeptError>(kept_files("/no/such/folder")).to_string(),
              HasSubstr("/no/such/folder: cannot be read: No such file"));
  std::filesystem::remove_all(folder);
}

TEST(KeptSchedule, has_a_name_that_differs_from_that_of_others) {
  const Schedule schedule{"bank", 7, {}};
  const Schedule other{"bank", 8, {}};
  EXPECT_THAT(kept_name(schedule), testing::MatchesRegex("bank-[0-9a-f]+"));
  EXPECT_EQ(kept_name(schedule), kept_name(schedule));
  EXPECT_NE(kept_name(schedule), kept_name(other));
}

}  // namespace
}  // namespace rehearsal::simnet

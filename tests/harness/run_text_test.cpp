#include "harness/run_text.hpp"

#include <string>

#include <gtest/gtest.h>

#include "harness/flags.hpp"

namespace rehearsal::harness {
namespace {

using simnet::NamedPolicy;
using simnet::Schedule;
using simnet::Site;

TEST(RunText, AWordForTheShellIsQuotedWhereItMustBe) {
  EXPECT_EQ(shell_quoted("build/rehearsal-1.0"), "build/rehearsal-1.0");
  EXPECT_EQ(shell_quoted("echo data=1"), "'echo data=1'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("$HOME;`ls`"), "'$HOME;`ls`'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(RunText, ASeedIsRunAgainUnderItsPolicy) {
  EXPECT_EQ(run_command("./r", "echo.jitter", {7, NamedPolicy()}), "./r run echo.jitter --seed 7");
  EXPECT_EQ(run_command("./r", "echo", {7, NamedPolicy(NamedPolicy::Kind::pct, 2)}),
            "./r run echo --seed 7 --policy pct:2");
  EXPECT_EQ(run_command("./my r", "echo", {7, NamedPolicy::Kind::nominal}),
            "'./my r' run echo --seed 7 --policy nominal");
}

TEST(RunText, AScheduleIsOneWordOfTheCommand) {
  Schedule schedule{"echo", 7, {{{Site::late, "client-0/talk#0>", 3}, 40}}};
  EXPECT_EQ(replay_command("r", schedule.to_string(), "otherwise"),
            "r replay 'echo data=7 late/client-0/talk#0>/3=40'");
}

TEST(RunText, AScheduleThatIsTooLongForAShellIsRepeatedByItsSeed) {
  Schedule schedule{"echo", 7, {}};
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    schedule.deviations.push_back({{Site::run, "a/name/of/some/length", i}, 1});
  }
  EXPECT_EQ(replay_command("r", schedule.to_string(), "otherwise"), "otherwise");
}

TEST(RunText, ALongLineGoesOnBelowAtABlank) {
  EXPECT_EQ(wrapped("  one two three\nfour", 10), "  one two\n    three\nfour\n");
  EXPECT_EQ(wrapped("  onetwothree", 8), "  onetwo\n    thre\n    e\n");
  EXPECT_EQ(wrapped("  one two three\n", 0), "  one two three\n");
  EXPECT_EQ(wrapped("exactly te", 10), "exactly te\n");
}

TEST(RunText, ALongLineIsCutWhereThatIsAsked) {
  EXPECT_EQ(clipped("short\ntoo long a line\n", 8), "short\ntoo lon~\n");
  EXPECT_EQ(clipped("as it is", 0), "as it is\n");
}

TEST(RunText, EachLineIsIndented) {
  EXPECT_EQ(indented("a\nb", "  "), "  a\n  b\n");
  EXPECT_EQ(indented("a\n\nb\n", "> "), "> a\n> \n> b\n");
  EXPECT_EQ(indented("", "  "), "");
}

}  // namespace
}  // namespace rehearsal::harness

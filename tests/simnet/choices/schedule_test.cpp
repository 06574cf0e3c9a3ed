#include "simnet/choices/schedule.hpp"

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::simnet {

// rapidcheck finds this overload by name, in the namespace of the type.
// NOLINTNEXTLINE(readability-identifier-naming, misc-use-internal-linkage)
void showValue(const Schedule& schedule, std::ostream& out) { out << schedule.to_string(); }

namespace {

// Returns the error of parse_schedule for a text that it refuses.
std::string refusal(std::string_view text) {
  const auto parsed = parse_schedule(text);
  const auto* error = std::get_if<ScheduleError>(&parsed);
  return error == nullptr ? "accepted" : error->to_string();
}

bool starts_with(const std::string& text, std::string_view start) {
  return text.starts_with(start);
}

TEST(Schedule, is_one_line_of_text) {
  const Schedule schedule{
      "echo.jitter",
      7,
      {{{Site::late, "client-0/0#0>", 3}, 40000}, {{Site::run, "server/0", 2}, 1}}};
  EXPECT_EQ(schedule.to_string(), "echo.jitter data=7 late/client-0/0#0>/3=40000 run/server/0/2=1");
}

TEST(Schedule, is_read_back_from_its_text) {
  const auto parsed =
      parse_schedule("echo.jitter data=7 late/client-0/0#0>/3=40000 run/server/0/2=1");
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed));
  const auto& schedule = std::get<Schedule>(parsed);
  EXPECT_EQ(schedule.scenario, "echo.jitter");
  EXPECT_EQ(schedule.data_seed, 7U);
  EXPECT_EQ(schedule.deviations, (std::vector<Deviation>{{{Site::late, "client-0/0#0>", 3}, 40000},
                                                         {{Site::run, "server/0", 2}, 1}}));
}

TEST(Schedule, may_have_no_deviation) {
  const auto parsed = parse_schedule("echo data=0");
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed));
  EXPECT_EQ(std::get<Schedule>(parsed), (Schedule{"echo", 0, {}}));
}

TEST(Schedule, keeps_the_order_of_its_deviations) {
  const std::string text = "echo data=0 run/b/1=1 run/a/0=2 late/a/0=1";
  const auto parsed = parse_schedule(text);
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed));
  EXPECT_EQ(std::get<Schedule>(parsed).to_string(), text);
}

TEST(Schedule, escapes_what_would_end_a_word_or_a_quotation) {
  const Schedule schedule{"a b", 0, {{{Site::run, "x=100% 'y'\n", 0}, 1}}};
  EXPECT_EQ(schedule.to_string(), "a%20b data=0 run/x%3D100%25%20%27y%27%0A/0=1");
  const auto parsed = parse_schedule(schedule.to_string());
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed));
  EXPECT_EQ(std::get<Schedule>(parsed), schedule);
}

TEST(Schedule, takes_an_entity_with_slashes_or_with_no_letter_at_all) {
  for (const std::string entity : {"", "/", "a//b/", "//"}) {
    const Schedule schedule{"echo", 0, {{{Site::run, entity, 0}, 1}}};
    const auto parsed = parse_schedule(schedule.to_string());
    ASSERT_TRUE(std::holds_alternative<Schedule>(parsed)) << schedule.to_string();
    EXPECT_EQ(std::get<Schedule>(parsed), schedule);
  }
}

TEST(Schedule, takes_numbers_up_to_the_greatest) {
  const std::string text = "echo data=18446744073709551615 run/a/4294967295=4294967295";
  const auto parsed = parse_schedule(text);
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed));
  const auto& schedule = std::get<Schedule>(parsed);
  EXPECT_EQ(schedule.data_seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(schedule.deviations.front().at.ordinal, std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(schedule.deviations.front().value, std::numeric_limits<std::uint32_t>::max());
}

TEST(MalformedSchedule, has_no_scenario) {
  EXPECT_EQ(refusal(""), "column 1: expected the name of a scenario, got nothing");
  EXPECT_EQ(refusal(" data=7"), "column 1: expected the name of a scenario, got nothing");
  EXPECT_EQ(refusal("data=7"), "column 1: expected the name of a scenario, got 'data=7'");
}

TEST(MalformedSchedule, has_no_data_seed) {
  EXPECT_EQ(refusal("echo"), "column 5: expected a blank and data=N, got nothing");
  const std::string expected =
      "column 6: expected data=N, the seed of the program's own randomness";
  EXPECT_EQ(refusal("echo "), expected + ", got nothing");
  EXPECT_EQ(refusal("echo run/a/0=1"), expected + ", got 'run/a/0=1'");
  EXPECT_EQ(refusal("echo  data=1"), expected + ", got nothing");
}

TEST(MalformedSchedule, has_a_data_seed_that_is_not_a_number) {
  const std::string expected =
      "column 11: expected a number, as in data=7, from 0 to 18446744073709551615 without leading "
      "zeros, got ";
  EXPECT_EQ(refusal("echo data="), expected + "nothing");
  EXPECT_EQ(refusal("echo data=x"), expected + "'x'");
  EXPECT_EQ(refusal("echo data=-1"), expected + "'-1'");
  EXPECT_EQ(refusal("echo data=+1"), expected + "'+1'");
  EXPECT_EQ(refusal("echo data=7x"), expected + "'7x'");
  EXPECT_EQ(refusal("echo data=07"), expected + "'07'");
  EXPECT_EQ(refusal("echo data=18446744073709551616"), expected + "'18446744073709551616'");
}

TEST(MalformedSchedule, names_a_site_that_there_is_not) {
  const std::string got = refusal("echo data=7 run/a/0=1 lat/b/0=1");
  EXPECT_TRUE(starts_with(got, "column 23: expected a site (run, tie, order, late, ")) << got;
  EXPECT_TRUE(got.ends_with(", lookup, stale), got 'lat'")) << got;
  EXPECT_TRUE(starts_with(refusal("echo data=7 rubbish"), "column 13: expected a site"));
  EXPECT_TRUE(starts_with(refusal("echo data=7 /a/0=1"), "column 13: expected a site"));
}

TEST(MalformedSchedule, has_a_coordinate_without_an_ordinal) {
  EXPECT_EQ(refusal("echo data=7 run/a=1"), "column 18: expected /ORDINAL after 'run/a', got '=1'");
  EXPECT_EQ(refusal("echo data=7 run=1"),
            "column 16: expected /ENTITY/ORDINAL after 'run', got '=1'");
  EXPECT_EQ(refusal("echo data=7 run/a/b=1"),
            "column 19: expected an ordinal, from 0 to 4294967295 without leading zeros, got 'b'");
  EXPECT_EQ(refusal("echo data=7 run/a/=1"),
            "column 19: expected an ordinal, from 0 to 4294967295 without leading zeros, "
            "got nothing");
  EXPECT_EQ(refusal("echo data=7 run/a/4294967296=1"),
            "column 19: expected an ordinal, from 0 to 4294967295 without leading zeros, "
            "got '4294967296'");
}

TEST(MalformedSchedule, has_a_deviation_without_a_value) {
  EXPECT_EQ(refusal("echo data=7 run/a/0"),
            "column 20: expected =VALUE after the coordinate, got nothing");
  const std::string expected =
      "column 21: expected a value, from 0 to 4294967295 without leading zeros, got ";
  EXPECT_EQ(refusal("echo data=7 run/a/0="), expected + "nothing");
  EXPECT_EQ(refusal("echo data=7 run/a/0=1=2"), expected + "'1=2'");
  EXPECT_EQ(refusal("echo data=7 run/a/0=4294967296"), expected + "'4294967296'");
}

TEST(MalformedSchedule, has_a_deviation_that_is_nominal) {
  EXPECT_EQ(refusal("echo data=7 run/a/0=0"),
            "column 21: expected a value other than the default 0, got '0'");
}

TEST(MalformedSchedule, has_the_same_coordinate_twice) {
  EXPECT_EQ(refusal("echo data=7 run/a/0=1 run/a/1=1 run/a/0=2"),
            "column 33: expected each coordinate once (a stale schedule may repeat one), got "
            "'run/a/0'");
}

TEST(MalformedSchedule, has_an_escape_without_a_meaning) {
  const std::string expected = ": expected an escape, one of %00 to %20, %25, %27, %3D, %7F, got ";
  EXPECT_EQ(refusal("ec%ho data=7"), "column 3" + expected + "'%ho'");
  EXPECT_EQ(refusal("echo% data=7"), "column 5" + expected + "'%'");
  EXPECT_EQ(refusal("echo data=7 run/a%2/0=1"), "column 18" + expected + "'%2'");
  EXPECT_EQ(refusal("echo data=7 run/a%3d/0=1"), "column 18" + expected + "'%3d'");
  EXPECT_EQ(refusal("echo data=7 run/%41/0=1"), "column 17" + expected + "'%41'");
}

TEST(MalformedSchedule, has_a_character_that_must_be_escaped) {
  EXPECT_EQ(refusal("ec'ho data=7"),
            "column 3: expected a character that stands for itself, or %27, got '''");
  EXPECT_EQ(refusal("echo data=7 run/a\tb/0=1"),
            "column 18: expected a character that stands for itself, or %09, got '%09'");
}

TEST(MalformedSchedule, goes_on_after_its_end) {
  EXPECT_EQ(refusal("echo data=7 "),
            "column 13: expected a deviation, SITE/ENTITY/ORDINAL=VALUE, after the blank, "
            "got nothing");
  EXPECT_EQ(refusal("echo data=7  run/a/0=1"),
            "column 13: expected a deviation, SITE/ENTITY/ORDINAL=VALUE, after the blank, "
            "got nothing");
  EXPECT_TRUE(starts_with(refusal("echo data=7 run/a/0=1\n"), "column 21: expected a value"));
  EXPECT_TRUE(starts_with(refusal("echo data=7 run/a/0=1 # why"), "column 23: expected a site"));
}

TEST(MalformedSchedule, is_quoted_only_in_part_if_it_is_long) {
  EXPECT_EQ(
      refusal("data=" + std::string(1000, '7')),
      "column 1: expected the name of a scenario, got 'data=" + std::string(35, '7') + "'...");
}

rc::Gen<std::string> any_name() {
  // Letters with a meaning in a schedule, in a shell or in a path; UTF-8; any byte.
  const auto piece = rc::gen::oneOf(
      rc::gen::elementOf(std::vector<std::string>{" ", "=", "%", "/", ">", "<", "#", "~", "'", "\n",
                                                  "%3D", "é", "漢", "🙂", "client-0", "0"}),
      rc::gen::map(rc::gen::arbitrary<char>(), [](char c) { return std::string(1, c); }));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string name;
    for (const std::string& one : pieces) {
      name += one;
    }
    return name;
  });
}

rc::Gen<Schedule> any_schedule() {
  const auto site = rc::gen::map(whole_range<std::size_t>(0, site_count),
                                 [](std::size_t i) { return static_cast<Site>(i); });
  const auto number = rc::gen::arbitrary<std::uint32_t>();
  const auto coordinates = rc::gen::unique<std::vector<Coordinate>>(
      rc::gen::construct<Coordinate>(site, any_name(), number));
  return rc::gen::apply(
      [](std::string scenario, std::uint64_t seed, std::vector<Coordinate> at,
         std::uint32_t value) {
        Schedule schedule{std::move(scenario), seed, {}};
        for (Coordinate& coordinate : at) {
          schedule.deviations.push_back({std::move(coordinate), value == 0 ? 1 : value});
          value = value * 1664525 + 1013904223;
        }
        return schedule;
      },
      rc::gen::nonEmpty(any_name()), rc::gen::arbitrary<std::uint64_t>(), coordinates, number);
}

RC_GTEST_PROP(Schedule, is_read_back_from_its_text_whatever_the_names, ()) {
  const Schedule schedule = *any_schedule();
  const std::string text = schedule.to_string();
  for (const char c : text) {
    RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
    RC_ASSERT(c != '\'');
  }
  const auto parsed = parse_schedule(text);
  RC_ASSERT(std::holds_alternative<Schedule>(parsed));
  RC_ASSERT(std::get<Schedule>(parsed) == schedule);
}

// Damages a text; some of the results are still schedules.
RC_GTEST_PROP(Schedule, has_no_other_text_than_its_own, ()) {
  const Schedule schedule = *any_schedule();
  std::string text = schedule.to_string();
  const auto at = *whole_range_and_ends<std::size_t>(0, text.size());
  const auto size = *whole_range<std::size_t>(0, 3);
  text.replace(at, size,
               *rc::gen::elementOf(std::vector<std::string>{"", " ", "0", "1", "%", "=", "/"}));
  const auto parsed = parse_schedule(text);
  if (const auto* read = std::get_if<Schedule>(&parsed)) {
    RC_ASSERT(read->to_string() == text);
  } else {
    const auto& error = std::get<ScheduleError>(parsed);
    RC_ASSERT(error.column >= 1U);
    RC_ASSERT(error.column <= text.size() + 1);
  }
}

}  // namespace
}  // namespace rehearsal::simnet

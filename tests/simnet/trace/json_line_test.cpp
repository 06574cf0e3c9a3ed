#include "simnet/trace/json_line.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using Texts = std::vector<std::string>;
using Kind = JsonValue::Kind;

std::string refusal(std::string_view line) {
  const auto parsed = parse_json_line(line);
  const auto* error = std::get_if<JsonError>(&parsed);
  return error == nullptr ? "accepted" : error->reason;
}

// Returns the value of the one field of `line`.
JsonValue value_of(std::string_view line) {
  auto parsed = parse_json_line(line);
  auto* const fields = std::get_if<std::vector<JsonField>>(&parsed);
  if (fields == nullptr || fields->size() != 1) {
    ADD_FAILURE() << "no object of one field: " << line;
    return {};
  }
  return std::move(fields->front().value);
}

std::string text_line(std::string_view text) {
  JsonLine line;
  line.key("k").value(text);
  return std::string(line.finish());
}

TEST(JsonLine, writes_its_fields_in_the_order_in_which_they_come) {
  JsonLine line;
  line.key("b").value(std::numeric_limits<std::uint64_t>::max());
  line.key("a").value(std::numeric_limits<std::int64_t>::min());
  line.key("c").value(std::string_view("x"));
  line.key("d").value(Texts{"y", "z"});
  line.key("e").value(Texts{});
  EXPECT_EQ(line.finish(),
            "{\"b\":18446744073709551615,\"a\":-9223372036854775808,\"c\":\"x\","
            "\"d\":[\"y\",\"z\"],\"e\":[]}\n");
  line.key("g").value(std::uint64_t{0});
  EXPECT_EQ(line.finish(), "{\"g\":0}\n");
  EXPECT_EQ(line.finish(), "{}\n");
}

TEST(JsonLine, escapes_what_json_asks_for_and_bytes_that_are_no_letter) {
  EXPECT_EQ(text_line("a\"b\\c/\x7f"), "{\"k\":\"a\\\"b\\\\c/\x7f\"}\n");
  EXPECT_EQ(text_line(std::string_view("\0\n\x1f", 3)), "{\"k\":\"\\u0000\\u000a\\u001f\"}\n");
  EXPECT_EQ(text_line("é漢🙂"), "{\"k\":\"é漢🙂\"}\n");
  EXPECT_EQ(text_line("\xff\xc3(\x80"), "{\"k\":\"\U0010ffff\U0010ffc3(\U0010ff80\"}\n");
  EXPECT_EQ(text_line("\U0010ff7f"), "{\"k\":\"\U0010ff7f\"}\n");
  EXPECT_EQ(value_of(text_line("\U0010ff80 \U0010ffff")).text, "\U0010ff80 \U0010ffff");
}

TEST(JsonLine, knows_well_formed_utf8) {
  for (const std::string_view letter :
       {"a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(utf8_length(std::string(letter) + "a"), letter.size());
  }
  for (const std::string_view rubbish :
       {"", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xe1\x80z", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf1\x80\x80z",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_length(rubbish), 0U) << testing::PrintToString(rubbish);
  }
}

TEST(JsonLine, is_read_with_blanks_between_its_parts) {
  const auto parsed = parse_json_line(" { \"a\" : 1 ,\t\"b\" : [ \"x\" , \"y\" ] } \r");
  ASSERT_TRUE(std::holds_alternative<std::vector<JsonField>>(parsed));
  const auto& fields = std::get<std::vector<JsonField>>(parsed);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "a");
  EXPECT_EQ(fields[0].value.kind, Kind::integer);
  EXPECT_EQ(fields[0].value.magnitude, 1U);
  EXPECT_EQ(fields[1].value.texts, (Texts{"x", "y"}));
}

TEST(JsonLine, reads_integers_of_64_bits) {
  EXPECT_EQ(value_of("{\"a\":18446744073709551615}").magnitude, 18446744073709551615U);
  const JsonValue negative = value_of("{\"a\":-9223372036854775808}");
  EXPECT_TRUE(negative.negative);
  EXPECT_EQ(negative.magnitude, 9223372036854775808U);
  for (const std::string_view number : {"18446744073709551616", "1.0", "1e3", "0E-1"}) {
    EXPECT_EQ(value_of("{\"a\":" + std::string(number) + "}").kind, Kind::other) << number;
  }
}

TEST(JsonLine, reads_each_escape) {
  EXPECT_EQ(value_of(R"({"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u6f22\ud83d\ude42"})").text,
            "\"\\/\b\f\n\r\tAé漢🙂");
  EXPECT_EQ(value_of(R"({"a":"\udbff\udfff\udbff\udf80\u0000"})").text,
            std::string("\xff\x80\0", 3));
}

TEST(JsonLine, passes_over_values_that_it_has_no_kind_for) {
  for (const std::string_view value : {"true", "false", "null", "{}", R"({"b":{"c":[1,null]}})",
                                       "[1]", R"(["a",1,"b"])", "[[]]", "-1.5e+9"}) {
    EXPECT_EQ(value_of("{\"a\":" + std::string(value) + "}").kind, Kind::other) << value;
  }
}

TEST(MalformedJson, gets_the_column_and_what_was_expected_there) {
  EXPECT_EQ(refusal(""),
            "column 1: syntax error while parsing value - unexpected end of input; "
            "expected '[', '{', or a literal");
  EXPECT_EQ(refusal("{\"a\":1"),
            "column 7: syntax error while parsing object - unexpected end of "
            "input; expected '}'");
  EXPECT_EQ(refusal(R"({"a":1,"a":2})"), "expected each field once");
  for (const std::string_view line : {"[]", "7", "\"x\"", "null"}) {
    EXPECT_EQ(refusal(line), "expected an object") << line;
  }
  for (const std::string_view line : {"{",
                                      "{a:1}",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\":nul}",
                                      "{\"a\":1,}",
                                      "{\"a\":01}",
                                      "{\"a\":1e999}",
                                      "{\"a\":-}",
                                      "{\"a\":1.}",
                                      R"({"a":["x"})",
                                      "{\"a\":[,]}",
                                      "{\"a\":1} x",
                                      R"({"a":"x)",
                                      "{\"a\":\"\t\"}",
                                      "{\"a\":\"\xff\"}",
                                      R"({"a":"\x"})",
                                      R"({"a":"\u12x4"})",
                                      R"({"a":"\ud83d"})",
                                      R"({"a":"\ud83d\u0041"})",
                                      R"({"a":"\udc80"})"}) {
    EXPECT_TRUE(refusal(line).starts_with("column ")) << line << ": " << refusal(line);
    EXPECT_EQ(refusal(line).find('\xff'), std::string::npos) << line;
  }
}

TEST(MalformedJson, is_bounded) {
  EXPECT_EQ(refusal("{\"a\":" + std::string(16, '[') + std::string(16, ']') + "}"), "accepted");
  EXPECT_EQ(refusal("{\"a\":" + std::string(1'000'000, '[')),
            "expected at most 16 values within each other");
  std::string flat = R"({"a":[[])";
  for (int i = 0; i < 100; ++i) {
    flat += ",[]";
  }
  EXPECT_EQ(refusal(flat + "]}"), "accepted");
  std::string many = R"({"0":0)";
  for (int i = 1; i < 64; ++i) {
    many += ",\"" + std::to_string(i) + "\":0";
  }
  EXPECT_EQ(refusal(many + "}"), "accepted");
  EXPECT_TRUE(refusal(many + R"(,"64":0})") == "expected at most 64 fields");
  std::string list = R"({"a":["")";
  for (std::size_t i = 0; i < most_json_texts; ++i) {
    list += ",\"\"";
  }
  EXPECT_TRUE(refusal(list + "]}").ends_with("expected at most 1000000 texts in a list"));
}

RC_GTEST_PROP(JsonLine, gives_any_bytes_back, (const Texts& texts)) {
  JsonLine line;
  line.key("k").value(texts);
  const std::string_view written = line.finish();
  RC_ASSERT(written.find('\n') == written.size() - 1);
  RC_ASSERT(value_of(written).texts == texts);
}

// The parser returns a result, whatever the damage.
RC_GTEST_PROP(JsonLine, survives_any_damage, (const std::string& text)) {
  std::string line = text_line(text);
  const auto at = *whole_range_and_ends<std::size_t>(0, line.size());
  line.replace(at, *whole_range<std::size_t>(0, 4), *rc::gen::arbitrary<std::string>());
  const auto parsed = parse_json_line(line);
  if (const auto* error = std::get_if<JsonError>(&parsed)) {
    RC_ASSERT(!error->reason.empty());
  }
}

}  // namespace
}  // namespace rehearsal::simnet

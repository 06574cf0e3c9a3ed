#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "sched/base/json_line.hpp"

namespace rehearsal::sched {
namespace {

// Thrown and caught in this file only.
struct Malformed {
  JsonError error;
};

void append_utf8(std::string& to, std::uint32_t point) {
  const auto byte = [&to](std::uint32_t bits) { to += static_cast<char>(bits & 0xffU); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0U | point >> 6U);
    byte(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    byte(0xe0U | point >> 12U);
    byte(0x80U | (point >> 6U & 0x3fU));
    byte(0x80U | (point & 0x3fU));
  } else {
    byte(0xf0U | point >> 18U);
    byte(0x80U | (point >> 12U & 0x3fU));
    byte(0x80U | (point >> 6U & 0x3fU));
    byte(0x80U | (point & 0x3fU));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<JsonField> line() {
    skip_blanks();
    std::vector<JsonField> fields;
    members([this, &fields](std::string name) {
      const auto has_name = [&name](const JsonField& field) { return field.name == name; };
      if (std::ranges::any_of(fields, has_name)) {
        fail("each field once");
      }
      if (fields.size() == most_json_fields) {
        fail("at most " + std::to_string(most_json_fields) + " fields");
      }
      JsonValue value = this->value();
      fields.push_back({std::move(name), std::move(value)});
    });
    if (at_ != text_.size()) {
      fail("the end of the line");
    }
    return fields;
  }

 private:
  [[noreturn]] void fail(std::string expected) const {
    throw Malformed{{at_ + 1, std::move(expected)}};
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    const bool there = at_ < text_.size() && text_[at_] == c;
    at_ += there ? 1 : 0;
    return there;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
      ++at_;
    }
  }
  void expect(char c) {
    if (!take(c)) {
      fail(std::string("'") + c + "'");
    }
  }

  // Calls `member(name)` before each value of an object, which must read that value.
  template <class Member>
  void members(Member member) {
    expect('{');
    skip_blanks();
    if (!take('}')) {
      do {
        skip_blanks();
        std::string name = text();
        skip_blanks();
        expect(':');
        skip_blanks();
        member(std::move(name));
        skip_blanks();
      } while (take(','));
      expect_end('}');
    }
    skip_blanks();
  }

  void expect_end(char c) {
    if (!take(c)) {
      fail(std::string("',' or '") + c + "'");
    }
  }

  JsonValue value() {
    JsonValue value;
    if (peek() == '"') {
      value.kind = JsonValue::Kind::text;
      value.text = text();
    } else if (peek() == '[') {
      list(value);
    } else if (peek() == '{') {
      nested([this] { members([this](const std::string&) { this->value(); }); });
    } else if (peek() == '-' || is_digit()) {
      number(value);
    } else {
      word();
    }
    return value;
  }

  template <class Body>
  void nested(Body body) {
    if (depth_ == most_json_depth) {
      fail("at most " + std::to_string(most_json_depth) + " values within each other");
    }
    ++depth_;
    body();
    --depth_;
  }

  void list(JsonValue& value) {
    value.kind = JsonValue::Kind::texts;
    nested([this, &value] {
      expect('[');
      skip_blanks();
      if (take(']')) {
        return;
      }
      do {
        skip_blanks();
        JsonValue item = this->value();
        add(value, std::move(item));
        skip_blanks();
      } while (take(','));
      expect_end(']');
    });
  }

  void add(JsonValue& list, JsonValue item) {
    if (item.kind != JsonValue::Kind::text) {
      list.kind = JsonValue::Kind::other;
      list.texts.clear();
    }
    if (list.kind == JsonValue::Kind::texts) {
      if (list.texts.size() == most_json_texts) {
        fail("at most " + std::to_string(most_json_texts) + " texts in a list");
      }
      list.texts.push_back(std::move(item.text));
    }
  }

  void word() {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return;
      }
    }
    fail("a value");
  }

  [[nodiscard]] bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
  void digits() {
    if (!is_digit()) {
      fail("a digit");
    }
    while (is_digit()) {
      ++at_;
    }
  }

  void number(JsonValue& value) {
    value.negative = take('-');
    const std::size_t from = at_;
    if (!take('0')) {
      digits();
    }
    const char* end = text_.data() + at_;
    const auto [stopped, error] = std::from_chars(text_.data() + from, end, value.magnitude);
    bool integer = error == std::errc{} && stopped == end;
    if (take('.')) {
      integer = false;
      digits();
    }
    if (take('e') || take('E')) {
      integer = false;
      if (!take('+')) {
        take('-');
      }
      digits();
    }
    value.kind = integer ? JsonValue::Kind::integer : JsonValue::Kind::other;
  }

  std::string text() {
    expect('"');
    std::string read;
    while (!take('"')) {
      const std::size_t length = utf8_length(text_.substr(at_));
      if (take('\\')) {
        escape(read);
      } else if (at_ == text_.size()) {
        fail("'\"', the end of a text");
      } else if (length == 0 || static_cast<unsigned char>(peek()) < 0x20) {
        fail("a character, well-formed UTF-8");
      } else {
        read.append(text_.substr(at_, length));
        at_ += length;
      }
    }
    return read;
  }

  void escape(std::string& to) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    const std::size_t letter = peek() == '\0' ? std::string_view::npos : letters.find(peek());
    if (letter != std::string_view::npos) {
      ++at_;
      to += meant[letter];
    } else if (take('u')) {
      code_point(to);
    } else {
      fail(R"(an escape, one of \" \\ \/ \b \f \n \r \t \u)");
    }
  }

  void code_point(std::string& to) {
    const std::size_t from = at_;
    const std::uint32_t unit = code_unit();
    if (unit >= 0xdc80 && unit <= 0xdcff) {
      to += static_cast<char>(unit & 0xffU);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      append_utf8(to, unit);
    } else {
      const bool pairs = unit < 0xdc00 && take('\\') && take('u');
      const std::uint32_t low = pairs ? code_unit() : 0;
      if (low < 0xdc00 || low > 0xdfff) {
        at_ = from;
        fail("a code point, no half of one");
      }
      append_utf8(to, 0x10000 + ((unit - 0xd800) << 10U | (low - 0xdc00)));
    }
  }

  std::uint32_t code_unit() {
    const std::string_view hex = text_.substr(at_, 4);
    std::uint32_t unit = 0;
    const char* end = hex.data() + hex.size();
    const auto [stopped, error] = std::from_chars(hex.data(), end, unit, 16);
    if (hex.size() != 4 || error != std::errc{} || stopped != end) {
      fail("four hexadecimal digits");
    }
    at_ += 4;
    return unit;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::variant<std::vector<JsonField>, JsonError> parse_json_line(std::string_view line) {
  try {
    return Parser(line).line();
  } catch (const Malformed& malformed) {
    return malformed.error;
  }
}

}  // namespace rehearsal::sched

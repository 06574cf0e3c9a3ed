// One line of JSON (RFC 8259) that is one object of texts, integers and lists of texts.
//
// A text here is any bytes. What is well-formed UTF-8 stands for itself; a byte that is not part of
// it is written as \udc80 to \udcff, a low surrogate that no well-formed text has (Python's
// "surrogateescape", PEP 383). So every text comes back as it was, and every line is valid JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rehearsal::sched {

// Writes one object, its fields in the order in which they come:
// line.key("t").value(7); line.key("op").value("send"); line.finish().
class JsonLine {
 public:
  JsonLine& key(std::string_view name);
  void value(std::string_view text);
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(const std::vector<std::string>& texts);
  // `bytes` in base64.
  void base64(std::string_view bytes);
  // The object and its line break; valid until the next key(), which begins another object.
  [[nodiscard]] std::string_view finish();

 private:
  std::string text_;
  bool open_ = false;
};

// `text` as a JSON string, with its quotation marks.
void append_json_text(std::string& to, std::string_view text);

struct JsonValue {
  // `other` is every value of a kind that is not needed here: its contents are not kept.
  enum class Kind : std::uint8_t { text, integer, texts, other };

  Kind kind = Kind::other;
  bool negative = false;
  std::uint64_t magnitude = 0;
  std::string text;
  std::vector<std::string> texts;
};

struct JsonField {
  std::string name;
  JsonValue value;
};

// Columns count bytes from 1.
struct JsonError {
  std::size_t column = 1;
  std::string expected;

  // "column 12: expected ':'"
  [[nodiscard]] std::string to_string() const;
};

// Bounds of what is read, which keep memory and time linear in the length of the line.
inline constexpr std::size_t most_json_fields = 64;
inline constexpr std::size_t most_json_depth = 16;
inline constexpr std::size_t most_json_texts = 1'000'000;

// The fields of the object that `line` is. Strict: nothing before or after it but white space, no
// name twice, well-formed UTF-8. An integer beyond 2^64-1 in magnitude, like one with a fraction or
// an exponent, is of the kind `other`.
[[nodiscard]] std::variant<std::vector<JsonField>, JsonError> parse_json_line(
    std::string_view line);

// The length of the well-formed UTF-8 sequence at the start of `text`: 1 to 4, or 0 where there is
// none (Unicode, table 3-7).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace rehearsal::sched

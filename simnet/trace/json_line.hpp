// One line of JSON (RFC 8259) that is one object of texts, integers and lists of texts.
//
// A text here is any sequence of bytes. Well-formed UTF-8 represents itself. A byte that is not
// part of it is written as the code point U+10FF00 plus the byte, which is for private use. If a
// text contains one of U+10FF80 to U+10FFFF itself, each of its bytes is written in this way. So
// every text is read back unchanged, and every line is valid JSON for any reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rehearsal::simnet {

// Writes one object, with its fields in the order of the calls:
// line.key("t").value(7); line.key("op").value("send"); line.finish().
class JsonLine {
 public:
  JsonLine& key(std::string_view name);
  void value(std::string_view text);
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(const std::vector<std::string>& texts);
  // Returns the object and its line break; valid until the next key(), which begins another object.
  [[nodiscard]] std::string_view finish();

 private:
  std::string text_;
  bool open_ = false;
};

// Appends `text` as a JSON string, with quotation marks.
void append_json_text(std::string& to, std::string_view text);
// Writes `text` as a JSON string from `to` on, and returns the end. json_room() bytes may change.
char* put_json_text(char* to, std::string_view text);
// Returns the maximum size of a text of `bytes` bytes as a JSON string, in bytes.
[[nodiscard]] constexpr std::size_t json_room(std::size_t bytes) { return 6 * bytes + 2; }

struct JsonValue {
  // `other` is a value of a kind that is not needed here; its contents are not kept.
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

// Why a line is malformed: "column 12: ..." or "expected each field once".
struct JsonError {
  std::string reason;
};

// Limits of what is read, which keep memory and time linear in the length of the line.
inline constexpr std::size_t most_json_fields = 64;
inline constexpr std::size_t most_json_depth = 16;
inline constexpr std::size_t most_json_texts = 1'000'000;

// Parses the object of a line. It is strict: only white space before and after it, no name twice,
// well-formed UTF-8. An integer beyond 2^64-1 in magnitude is of the kind `other`, as is a number
// with a fraction or an exponent.
[[nodiscard]] std::variant<std::vector<JsonField>, JsonError> parse_json_line(
    std::string_view line);

// Replaces `text`, a JSON string of such a line, by the bytes that it represents.
void decode(std::string& text);

// Returns the length of the well-formed UTF-8 sequence at the start of `text`: 1 to 4, or 0 if
// there is none (Unicode, table 3-7).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace rehearsal::simnet

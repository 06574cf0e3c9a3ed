// One line of JSON (RFC 8259) that is one object of texts, integers and lists of texts.
//
// A text here is any bytes. What is well-formed UTF-8 stands for itself; a byte that is not part
// of it is written as the code point U+10FF00 plus the byte, which is for private use. Where a text
// has one of U+10FF80 to U+10FFFF itself, each of its bytes is written so. So every text comes back
// as it was, and every line is JSON that any reader takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rehearsal::simnet {

// Writes one object, its fields in the order in which they come:
// line.key("t").value(7); line.key("op").value("send"); line.finish().
class JsonLine {
 public:
  JsonLine& key(std::string_view name);
  void value(std::string_view text);
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(const std::vector<std::string>& texts);
  // The object and its line break; valid until the next key(), which begins another object.
  [[nodiscard]] std::string_view finish();

 private:
  std::string text_;
  bool open_ = false;
};

// `text` as a JSON string, with its quotation marks.
void append_json_text(std::string& to, std::string_view text);
// The same from `to` on, where json_room() bytes may change. Returns the place behind it.
char* put_json_text(char* to, std::string_view text);
// Returns the largest size of a text of `bytes` bytes once it is written, in bytes.
[[nodiscard]] constexpr std::size_t json_room(std::size_t bytes) { return 6 * bytes + 2; }

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

// Why a line is none: "column 12: ..." or "expected each field once".
struct JsonError {
  std::string reason;
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

// Makes `text`, a JSON string of such a line, the bytes that it stands for.
void decode(std::string& text);

// The length of the well-formed UTF-8 sequence at the start of `text`: 1 to 4, or 0 where there is
// none (Unicode, table 3-7).
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace rehearsal::simnet

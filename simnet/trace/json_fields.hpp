// JsonFields: the fields of one line of JSON by name, for the reader of a format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/time.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::simnet {

// Why a line is malformed. Thrown to the reader of the format, which catches it.
struct JsonRefused {
  std::string reason;
  bool is_json = true;  // false: the line is not JSON, as when it is truncated
};

// A field that is missing, or has another type than requested, throws JsonRefused.
class JsonFields {
 public:
  explicit JsonFields(std::vector<JsonField> fields) : fields_(std::move(fields)) {}
  // Parses a line that is one JSON object.
  [[nodiscard]] static JsonFields parse(std::string_view line);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::string text_or_empty(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name);
  // Returns an instant, in nanoseconds.
  [[nodiscard]] sched::Instant instant(std::string_view name);
  // Returns a number that is a text of 16 hexadecimal digits.
  [[nodiscard]] std::uint64_t hex(std::string_view name);
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  // Throws JsonRefused: the field must be `expected`.
  [[noreturn]] static void refuse(std::string_view name, std::string_view expected);

 private:
  JsonValue& required(std::string_view name, JsonValue::Kind kind, std::string_view expected);

  std::vector<JsonField> fields_;
};

}  // namespace rehearsal::simnet

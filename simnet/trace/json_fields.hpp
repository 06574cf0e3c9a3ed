// The fields of one line of JSON, asked for by name by a reader of some format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/time.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::simnet {

// Why a line is not what it should be. Thrown to the reader of the format, which catches it.
struct JsonRefused {
  std::string reason;
  bool is_json = true;  // what is cut off inside a line is not
};

// A field that is missing, or has another type than asked for, is refused.
class JsonFields {
 public:
  explicit JsonFields(std::vector<JsonField> fields) : fields_(std::move(fields)) {}
  // Of the object that `line` is.
  [[nodiscard]] static JsonFields parse(std::string_view line);

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::string text_or_empty(std::string_view name);
  [[nodiscard]] std::uint64_t number(std::string_view name);
  // Nanoseconds.
  [[nodiscard]] sched::Instant instant(std::string_view name);
  // 16 digits in a text.
  [[nodiscard]] std::uint64_t hex(std::string_view name);
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);
  // For what the reader finds wrong in a field: it must be `expected`.
  [[noreturn]] static void refuse(std::string_view name, std::string_view expected);

 private:
  JsonValue& required(std::string_view name, JsonValue::Kind kind, std::string_view expected);

  std::vector<JsonField> fields_;
};

}  // namespace rehearsal::simnet

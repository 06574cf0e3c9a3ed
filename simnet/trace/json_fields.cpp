#include "simnet/trace/json_fields.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "sched/base/hex.hpp"

namespace rehearsal::simnet {
namespace {

std::optional<std::uint64_t> from_hex16(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, 16);
  if (error != std::errc{} || stopped != end || sched::hex16(number) != text) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

JsonFields JsonFields::parse(std::string_view line) {
  auto parsed = parse_json_line(line);
  if (const auto* error = std::get_if<JsonError>(&parsed)) {
    throw JsonRefused{error->reason, false};
  }
  return JsonFields(std::move(std::get<std::vector<JsonField>>(parsed)));
}

bool JsonFields::has(std::string_view name) const {
  return std::ranges::find(fields_, name, &JsonField::name) != fields_.end();
}

std::string JsonFields::text(std::string_view name) {
  return std::move(required(name, JsonValue::Kind::text, "a text").text);
}

std::string JsonFields::text_or_empty(std::string_view name) {
  return has(name) ? text(name) : std::string();
}

std::uint64_t JsonFields::number(std::string_view name) {
  constexpr std::string_view what = "an integer from 0 to 2^64-1";
  const JsonValue& value = required(name, JsonValue::Kind::integer, what);
  if (value.negative && value.magnitude != 0) {
    refuse(name, what);
  }
  return value.magnitude;
}

sched::Instant JsonFields::instant(std::string_view name) {
  constexpr std::string_view what = "nanoseconds, an integer of 64 bits";
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const JsonValue& value = required(name, JsonValue::Kind::integer, what);
  if (value.magnitude > most + (value.negative ? 1 : 0)) {
    refuse(name, what);
  }
  // The conversion wraps around (C++20), which -2^63 needs.
  const std::uint64_t bits = value.negative ? std::uint64_t{0} - value.magnitude : value.magnitude;
  return sched::Instant(sched::Duration(static_cast<std::int64_t>(bits)));
}

std::uint64_t JsonFields::hex(std::string_view name) {
  const auto number = from_hex16(text(name));
  if (!number) {
    refuse(name, "16 hexadecimal digits");
  }
  return *number;
}

std::vector<std::string> JsonFields::texts(std::string_view name) {
  return std::move(required(name, JsonValue::Kind::texts, "a list of texts").texts);
}

void JsonFields::refuse(std::string_view name, std::string_view expected) {
  throw JsonRefused{"the field \"" + std::string(name) + "\" must be " + std::string(expected)};
}

JsonValue& JsonFields::required(std::string_view name, JsonValue::Kind kind,
                                std::string_view expected) {
  const auto found = std::ranges::find(fields_, name, &JsonField::name);
  if (found == fields_.end()) {
    throw JsonRefused{"the field \"" + std::string(name) + "\" is missing"};
  }
  if (found->value.kind != kind) {
    refuse(name, expected);
  }
  return found->value;
}

}  // namespace rehearsal::simnet

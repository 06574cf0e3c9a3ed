// The grammar is nlohmann's; the limits and the kept fields of a line are defined here. Reading a
// trace takes 1.17 times as long as with a parser written for it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "simnet/trace/json_line.hpp"

namespace rehearsal::simnet {
namespace {

using Json = nlohmann::json;

// Returns the reason as "column 8: ...", without the bytes read, which may be any.
std::string reason_of(std::string_view what) {
  what.remove_prefix(std::min(what.find("column "), what.size()));
  return std::string(what.substr(0, what.find("; last read")));
}

// Handles each event of the parser. A handler that returns false ends the parsing; reason() then
// returns why.
class Gatherer final : public nlohmann::json_sax<Json> {
 public:
  Gatherer() { fields_.reserve(usual_fields); }

  [[nodiscard]] std::vector<JsonField>& fields() { return fields_; }
  [[nodiscard]] std::string& reason() { return reason_; }

  bool null() override { return other(); }
  bool boolean(bool /*value*/) override { return other(); }
  bool number_integer(Json::number_integer_t value) override {
    const auto bits = static_cast<std::uint64_t>(value);
    return integer(value < 0, value < 0 ? 0 - bits : bits);
  }
  bool number_unsigned(Json::number_unsigned_t value) override { return integer(false, value); }
  bool number_float(Json::number_float_t /*value*/, const std::string& /*digits*/) override {
    return other();
  }
  bool string(std::string& text) override {
    if (depth_ == 1) {
      JsonValue& value = field();
      value.kind = JsonValue::Kind::text;
      value.text = std::move(text);
      decode(value.text);
    } else if (depth_ == 2 && field().kind == JsonValue::Kind::texts) {
      if (field().texts.size() == most_json_texts) {
        return refuse("expected at most " + std::to_string(most_json_texts) + " texts in a list");
      }
      decode(field().texts.emplace_back(std::move(text)));
    }
    return depth_ > 0 || no_object();
  }
  bool binary(Json::binary_t& /*value*/) override { return other(); }
  bool start_object(std::size_t /*size*/) override {
    if (depth_ > 0) {
      other();
    }
    return enter();
  }
  bool key(std::string& name) override {
    if (depth_ > 1) {
      return true;
    }
    decode(name);
    for (const JsonField& field : fields_) {
      if (field.name == name) {
        return refuse("expected each field once");
      }
    }
    if (fields_.size() == most_json_fields) {
      return refuse("expected at most " + std::to_string(most_json_fields) + " fields");
    }
    fields_.push_back({std::move(name), {}});
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t /*size*/) override {
    if (depth_ == 0) {
      return no_object();
    }
    if (depth_ == 1) {
      field().kind = JsonValue::Kind::texts;
    } else {
      other();
    }
    return enter();
  }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // A number that is too large is not an error of syntax, which has its column.
    return refuse(dynamic_cast<const Json::parse_error*>(&error) != nullptr
                      ? reason_of(error.what())
                      : "column " + std::to_string(position) + ": the number is too large");
  }

 private:
  static constexpr std::size_t usual_fields = 16;  // of an event, at most

  JsonValue& field() { return fields_.back().value; }
  // Handles a value that is not a text. A list with one is not a list of texts.
  bool other() {
    if (depth_ == 0) {
      return no_object();
    }
    if (depth_ > 1) {
      field().kind = JsonValue::Kind::other;
      field().texts.clear();
    }
    return true;
  }
  bool integer(bool negative, std::uint64_t magnitude) {
    if (depth_ == 1) {
      field().kind = JsonValue::Kind::integer;
      field().negative = negative;
      field().magnitude = magnitude;
      return true;
    }
    return other();
  }
  bool enter() {
    return ++depth_ <= most_json_depth + 1 ||
           refuse("expected at most " + std::to_string(most_json_depth) +
                  " values within each other");
  }
  bool leave() {
    --depth_;
    return true;
  }
  bool no_object() { return refuse("expected an object"); }
  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  std::vector<JsonField> fields_;
  std::string reason_;
  std::size_t depth_ = 0;
};

}  // namespace

std::variant<std::vector<JsonField>, JsonError> parse_json_line(std::string_view line) {
  Gatherer gatherer;
  if (!Json::sax_parse(line, &gatherer)) {
    return JsonError{std::move(gatherer.reason())};
  }
  return std::move(gatherer.fields());
}

}  // namespace rehearsal::simnet

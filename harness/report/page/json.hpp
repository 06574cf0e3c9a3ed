// A writer of JSON.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {

// Writes JSON whose texts are any bytes (simnet/trace/json_line.hpp). Without white space, so that
// a page is small.
class Json {
 public:
  Json& begin(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  Json& end(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  Json& key(std::string_view name) {
    separate();
    simnet::append_json_text(text_, name);
    text_ += ':';
    first_ = true;
    return *this;
  }
  Json& text(std::string_view value) {
    separate();
    simnet::append_json_text(text_, value);
    return *this;
  }
  // Appends a value that is JSON already.
  Json& value(std::string_view json) {
    separate();
    text_ += json;
    return *this;
  }
  Json& flag(bool value) {
    separate();
    text_ += value ? "true" : "false";
    return *this;
  }
  Json& null() {
    separate();
    text_ += "null";
    return *this;
  }
  Json& number(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    text_.append(digits.data(),
                 std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
    return *this;
  }
  Json& count(std::uint64_t value) { return number(static_cast<std::int64_t>(value)); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void separate() {
    if (!std::exchange(first_, false)) {
      text_ += ',';
    }
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace rehearsal::harness

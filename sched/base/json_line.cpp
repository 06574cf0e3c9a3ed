#include "sched/base/json_line.hpp"

#include <array>
#include <charconv>

#include "sched/base/base64.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool stands_for_itself(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

void append_code_unit(std::string& to, unsigned unit) {
  to += "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4) {
    to += hex_digits[unit >> (shift - 4) & 0xfU];
  }
}

template <class Number>
void append_number(std::string& to, Number number) {
  std::array<char, 24> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  to.append(digits.data(), end);
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (text.empty()) {
    return 0;
  }
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xc2 || !continues(1)) {
    return 0;
  }
  if (first < 0xe0) {
    return 2;
  }
  if (first < 0xf0) {
    const bool overlong = first == 0xe0 && second < 0xa0;
    const bool surrogate = first == 0xed && second >= 0xa0;
    return !overlong && !surrogate && continues(2) ? 3 : 0;
  }
  const bool overlong = first == 0xf0 && second < 0x90;
  const bool beyond = first > 0xf4 || (first == 0xf4 && second >= 0x90);
  return !overlong && !beyond && continues(2) && continues(3) ? 4 : 0;
}

JsonLine& JsonLine::key(std::string_view name) {
  if (!open_) {
    text_.clear();
    open_ = true;
  }
  text_ += text_.empty() ? '{' : ',';
  append_json_text(text_, name);
  text_ += ':';
  return *this;
}

void JsonLine::value(std::string_view text) { append_json_text(text_, text); }
void JsonLine::value(std::uint64_t number) { append_number(text_, number); }
void JsonLine::value(std::int64_t number) { append_number(text_, number); }

void JsonLine::value(const std::vector<std::string>& texts) {
  char before = '[';
  for (const std::string& text : texts) {
    text_ += before;
    append_json_text(text_, text);
    before = ',';
  }
  text_ += texts.empty() ? "[]" : "]";
}

void JsonLine::base64(std::string_view bytes) {
  text_ += '"';
  append_base64(text_, bytes);
  text_ += '"';
}

std::string_view JsonLine::finish() {
  if (!open_) {
    text_ = "{";
  }
  text_ += "}\n";
  open_ = false;
  return text_;
}

void append_json_text(std::string& to, std::string_view text) {
  to += '"';
  for (std::size_t i = 0; i < text.size();) {
    std::size_t plain = i;
    while (plain < text.size() && stands_for_itself(static_cast<unsigned char>(text[plain]))) {
      ++plain;
    }
    to.append(text.substr(i, plain - i));
    i = plain;
    if (i == text.size()) {
      break;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(text.substr(i));
    if (byte == '"' || byte == '\\') {
      to += '\\';
      to += text[i];
    } else if (byte < 0x20) {
      append_code_unit(to, byte);
    } else if (length == 0) {
      append_code_unit(to, 0xdc00U + byte);
    } else {
      to.append(text.substr(i, length));
    }
    i += length == 0 ? 1 : length;
  }
  to += '"';
}

std::string JsonError::to_string() const {
  return "column " + std::to_string(column) + ": expected " + expected;
}

}  // namespace rehearsal::sched

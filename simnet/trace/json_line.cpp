#include "simnet/trace/json_line.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace rehearsal::simnet {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool stands_for_itself(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// Number of bytes examined together, for which the compiler uses one vector.
constexpr std::size_t block = 16;

bool stand_for_themselves(const char* bytes) {
  unsigned others = 0;
  for (std::size_t i = 0; i < block; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    others |=
        static_cast<unsigned char>((byte < 0x20) | (byte >= 0x80) | (byte == '"') | (byte == '\\'));
  }
  return others == 0;
}

char* put_code_unit(char* to, unsigned unit) {
  *to++ = '\\';
  *to++ = 'u';
  for (unsigned shift = 16; shift > 0; shift -= 4) {
    *to++ = hex_digits[unit >> (shift - 4) & 0xfU];
  }
  return to;
}

// The first bytes of U+10FF00 plus a byte, in UTF-8.
constexpr std::string_view before_byte = "\xf4\x8f";
char* put_byte(char* to, unsigned byte) {
  *to++ = before_byte[0];
  *to++ = before_byte[1];
  *to++ = static_cast<char>(byte < 0xc0 ? 0xbe : 0xbf);
  *to++ = static_cast<char>(0x80U | (byte & 0x3fU));
  return to;
}
// Returns the byte that the start of `text` represents in this way, or 0 if it represents none.
unsigned byte_at(std::string_view text) {
  if (!text.starts_with(before_byte) || text.size() < 4) {
    return 0;
  }
  const auto third = static_cast<unsigned char>(text[2]);
  const unsigned upper = third == 0xbe ? 0x80 : third == 0xbf ? 0xc0 : 0;
  return upper == 0 ? 0 : upper | (static_cast<unsigned char>(text[3]) & 0x3fU);
}

// Returns utf8_length(), but 0 for a code point that represents a byte.
std::size_t letter_length(std::string_view text) {
  return byte_at(text) != 0 ? 0 : utf8_length(text);
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

std::string_view JsonLine::finish() {
  if (!open_) {
    text_ = "{";
  }
  text_ += "}\n";
  open_ = false;
  return text_;
}

char* put_json_text(char* to, std::string_view text) {
  *to++ = '"';
  for (std::size_t i = 0; i < text.size();) {
    if (text.size() - i >= block && stand_for_themselves(text.data() + i)) {
      std::memcpy(to, text.data() + i, block);
      to += block;
      i += block;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (stands_for_itself(byte)) {
      *to++ = text[i++];
    } else if (byte == '"' || byte == '\\') {
      *to++ = '\\';
      *to++ = text[i++];
    } else if (byte < 0x20) {
      to = put_code_unit(to, byte);
      ++i;
    } else if (const std::size_t length = letter_length(text.substr(i)); length == 0) {
      to = put_byte(to, byte);
      ++i;
    } else {
      to += text.copy(to, length, i);
      i += length;
    }
  }
  *to++ = '"';
  return to;
}

void append_json_text(std::string& to, std::string_view text) {
  const std::size_t before = to.size();
  to.resize(before + json_room(text.size()));
  const char* const end = put_json_text(to.data() + before, text);
  to.resize(static_cast<std::size_t>(end - to.data()));
}

void decode(std::string& text) {
  std::size_t at = text.find(before_byte.front());
  if (at == std::string::npos) [[likely]] {
    return;
  }
  std::size_t to = at;
  while (at < text.size()) {
    const unsigned byte = byte_at(std::string_view(text).substr(at));
    text[to++] = byte == 0 ? text[at] : static_cast<char>(byte);
    at += byte == 0 ? 1 : 4;
  }
  text.resize(to);
}

}  // namespace rehearsal::simnet

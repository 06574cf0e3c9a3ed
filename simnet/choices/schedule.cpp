#include "simnet/choices/schedule.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace rehearsal::simnet {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";
// Maximum number of bytes of a malformed text that an error message quotes.
constexpr std::size_t most_quoted = 40;

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

constexpr bool is_escaped(char c) {
  return is_control(c) || c == ' ' || c == '=' || c == '%' || c == '\'';
}

void append_escape(std::string& to, char c) {
  const auto byte = static_cast<unsigned char>(c);
  to += '%';
  to += hex_digits[byte >> 4U];
  to += hex_digits[byte & 0xfU];
}

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (is_escaped(c)) {
      append_escape(text, c);
    } else {
      text += c;
    }
  }
  return text;
}

// Returns the text as an error message shows it: on one line, and shortened if it is long.
std::string quoted(std::string_view text) {
  if (text.empty()) {
    return "nothing";
  }
  std::string shown = "'";
  for (const char c : text.substr(0, most_quoted)) {
    if (is_control(c)) {
      append_escape(shown, c);
    } else {
      shown += c;
    }
  }
  return shown + (text.size() > most_quoted ? "'..." : "'");
}

std::string all_sites() {
  std::string list;
  for (const std::string_view site : site_names) {
    list += (list.empty() ? "" : ", ") + std::string(site);
  }
  return list;
}

// Thrown and caught in this file only.
struct Malformed {
  ScheduleError error;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Schedule parse() {
    Schedule schedule;
    schedule.scenario = scenario(next_word());
    expect_blank("and data=N");
    schedule.data_seed = data_seed(next_word());
    std::set<Coordinate> seen;
    while (at_ < text_.size()) {
      ++at_;  // the space that ended the last word
      const Word word = next_word();
      Deviation read = deviation(word);
      if (!seen.insert(read.at).second) {
        fail(word.column, "each coordinate once (a stale schedule may repeat one)",
             word.text.substr(0, word.text.find('=')));
      }
      schedule.deviations.push_back(std::move(read));
    }
    return schedule;
  }

 private:
  struct Word {
    std::string_view text;
    std::size_t column;

    [[nodiscard]] Word part(std::size_t from, std::size_t size = std::string_view::npos) const {
      return {text.substr(from, size), column + from};
    }
  };

  [[noreturn]] static void fail(std::size_t column, const std::string& expected,
                                std::string_view got) {
    throw Malformed{{column, expected + ", got " + quoted(got)}};
  }

  Word next_word() {
    const std::size_t from = at_;
    at_ = std::min(text_.find(' ', from), text_.size());
    return {text_.substr(from, at_ - from), from + 1};
  }

  void expect_blank(const std::string& what) {
    if (at_ == text_.size()) {
      fail(at_ + 1, "a blank " + what, {});
    }
    ++at_;
  }

  static std::string scenario(const Word& word) {
    constexpr const char* expected = "the name of a scenario";
    if (word.text.empty() || word.text.find('=') != std::string_view::npos) {
      fail(word.column, expected, word.text);
    }
    return unescaped(word);
  }

  static std::uint64_t data_seed(const Word& word) {
    constexpr std::string_view prefix = "data=";
    if (!word.text.starts_with(prefix)) {
      fail(word.column, "data=N, the seed of the program's own randomness", word.text);
    }
    return number<std::uint64_t>(word.part(prefix.size()), "a number, as in data=7,");
  }

  static Deviation deviation(const Word& word) {
    if (word.text.empty()) {
      fail(word.column, "a deviation, SITE/ENTITY/ORDINAL=VALUE, after the blank", word.text);
    }
    const std::size_t equals = word.text.find('=');
    const Word coordinate = word.part(0, equals);
    const std::size_t first = coordinate.text.find('/');
    const Word site_name = coordinate.part(0, first);
    const auto site = site_named(site_name.text);
    if (!site) {
      fail(site_name.column, "a site (" + all_sites() + ")", site_name.text);
    }
    const std::size_t last = coordinate.text.rfind('/');
    if (first == last) {
      const std::string expected = first == std::string_view::npos ? "/ENTITY/ORDINAL" : "/ORDINAL";
      const std::size_t size = coordinate.text.size();
      fail(word.column + size, expected + " after '" + std::string(coordinate.text) + "'",
           word.part(size).text);
    }
    const Word entity = coordinate.part(first + 1, last - first - 1);
    Deviation read;
    read.at.site = *site;
    read.at.entity = unescaped(entity);
    read.at.ordinal = number<std::uint32_t>(coordinate.part(last + 1), "an ordinal,");
    if (equals == std::string_view::npos) {
      fail(word.column + word.text.size(), "=VALUE after the coordinate", {});
    }
    const Word value = word.part(equals + 1);
    read.value = number<std::uint32_t>(value, "a value,");
    if (read.value == 0) {
      fail(value.column, "a value other than the default 0", value.text);
    }
    return read;
  }

  template <class Number>
  static Number number(const Word& word, const std::string& what) {
    Number read{};
    const char* end = word.text.data() + word.text.size();
    const auto [stopped, error] = std::from_chars(word.text.data(), end, read);
    const bool padded = word.text.size() > 1 && word.text.front() == '0';
    if (word.text.empty() || error != std::errc{} || stopped != end || padded) {
      fail(word.column,
           what + " from 0 to " + std::to_string(std::numeric_limits<Number>::max()) +
               " without leading zeros",
           word.text);
    }
    return read;
  }

  static std::string unescaped(const Word& word) {
    std::string name;
    for (std::size_t i = 0; i < word.text.size(); ++i) {
      const char c = word.text[i];
      if (c == '%') {
        const auto byte = escape_at(word.text.substr(i));
        if (!byte) {
          fail(word.column + i, "an escape, one of %00 to %20, %25, %27, %3D, %7F",
               word.text.substr(i, 3));
        }
        name += *byte;
        i += 2;
      } else if (is_escaped(c)) {
        std::string expected = "a character that stands for itself, or ";
        append_escape(expected, c);
        fail(word.column + i, expected, word.text.substr(i, 1));
      } else {
        name += c;
      }
    }
    return name;
  }

  // Returns the byte that the escape at the start of `text` represents, or nothing if
  // there is none.
  static std::optional<char> escape_at(std::string_view text) {
    if (text.size() < 3) {
      return std::nullopt;
    }
    const std::size_t high = hex_digits.find(text[1]);
    const std::size_t low = hex_digits.find(text[2]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    const char byte = static_cast<char>(high << 4U | low);
    return is_escaped(byte) ? std::optional(byte) : std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string Coordinate::to_string() const {
  return std::string(name(site)) + "/" + escaped(entity) + "/" + std::to_string(ordinal);
}

std::string Deviation::to_string() const { return at.to_string() + "=" + std::to_string(value); }

std::string Schedule::to_string() const {
  std::string text = escaped(scenario) + " data=" + std::to_string(data_seed);
  for (const Deviation& deviation : deviations) {
    text += " " + deviation.to_string();
  }
  return text;
}

std::string ScheduleError::to_string() const {
  return "column " + std::to_string(column) + ": expected " + expected;
}

std::variant<Schedule, ScheduleError> parse_schedule(std::string_view text) {
  try {
    return Parser(text).parse();
  } catch (const Malformed& malformed) {
    return malformed.error;
  }
}

}  // namespace rehearsal::simnet

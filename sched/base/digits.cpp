// Eight digits at a time, in the bytes of one word: its lowest byte is written first.
#include "sched/base/digits.hpp"

#include <bit>
#include <charconv>
#include <cstring>

namespace rehearsal::sched {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t each_byte = 0x0101010101010101;
constexpr std::uint64_t eight_digits = 100'000'000;

char* put_word(char* to, std::uint64_t word) {
  std::memcpy(to, &word, sizeof word);
  return to + sizeof word;
}

// Halves the number into parts of four, two and one digits, each in a part of the word of its own.
// The products are quotients, rounded down, for as many digits as there are.
char* put_eight(char* to, std::uint64_t number) {
  const std::uint64_t fours = number / 10'000 | number % 10'000 << 32U;
  const std::uint64_t upper_twos = fours * 10'486 >> 20U & 0x0000007f0000007f;
  const std::uint64_t twos = upper_twos | (fours - 100 * upper_twos) << 16U;
  const std::uint64_t upper_ones = twos * 103 >> 10U & 0x000f000f000f000f;
  const std::uint64_t ones = upper_ones | (twos - 10 * upper_ones) << 8U;
  return put_word(to, ones | '0' * each_byte);
}

char* put_eight_hex(char* to, std::uint64_t number) {
  const std::uint64_t fours = number >> 16U | (number & 0xffff) << 32U;
  const std::uint64_t twos = (fours >> 8U & 0x000000ff000000ff) | (fours & 0x000000ff000000ff)
                                                                      << 16U;
  const std::uint64_t ones = (twos >> 4U & 0x000f000f000f000f) | (twos & 0x000f000f000f000f) << 8U;
  const std::uint64_t letters = (ones + 6 * each_byte) >> 4U & each_byte;
  return put_word(to, ones + '0' * each_byte + letters * ('a' - 10 - '0'));
}

}  // namespace

char* put_decimal(char* to, std::uint64_t number) {
  if (number < eight_digits) {
    return std::to_chars(to, to + most_decimal_digits, number).ptr;
  }
  return put_eight(put_decimal(to, number / eight_digits), number % eight_digits);
}

char* put_decimal(char* to, std::int64_t number) {
  const auto magnitude = static_cast<std::uint64_t>(number);
  if (number >= 0) {
    return put_decimal(to, magnitude);
  }
  *to = '-';
  return put_decimal(to + 1, 0 - magnitude);
}

char* put_hex16(char* to, std::uint64_t number) {
  return put_eight_hex(put_eight_hex(to, number >> 32U), number & 0xffffffff);
}

std::string hex16(std::uint64_t number) {
  std::string text(16, '0');
  put_hex16(text.data(), number);
  return text;
}

}  // namespace rehearsal::sched

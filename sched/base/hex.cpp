// Eight digits at a time, in the bytes of one word. The lowest byte is written first.
#include "sched/base/hex.hpp"

#include <bit>
#include <cstring>

namespace rehearsal::sched {
namespace {

static_assert(std::endian::native == std::endian::little);

char* put_eight(char* to, std::uint64_t number) {
  constexpr std::uint64_t each_byte = 0x0101010101010101;
  const std::uint64_t fours = number >> 16U | (number & 0xffff) << 32U;
  const std::uint64_t twos = (fours >> 8U & 0x000000ff000000ff) | (fours & 0x000000ff000000ff)
                                                                      << 16U;
  const std::uint64_t ones = (twos >> 4U & 0x000f000f000f000f) | (twos & 0x000f000f000f000f) << 8U;
  const std::uint64_t letters = (ones + 6 * each_byte) >> 4U & each_byte;
  const std::uint64_t digits = ones + '0' * each_byte + letters * ('a' - 10 - '0');
  std::memcpy(to, &digits, sizeof digits);
  return to + sizeof digits;
}

}  // namespace

char* put_hex16(char* to, std::uint64_t number) {
  return put_eight(put_eight(to, number >> 32U), number & 0xffffffff);
}

std::string hex16(std::uint64_t number) {
  std::string text(16, '0');
  put_hex16(text.data(), number);
  return text;
}

}  // namespace rehearsal::sched

#include "sched/base/base64.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace rehearsal::sched {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values.at(static_cast<unsigned char>(alphabet[i])) = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr auto values = digit_values();

// By 12 bits, which are half of a group.
constexpr std::array<std::array<char, 2>, 4096> digit_pairs() {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs.at(i) = {alphabet[i >> 6U], alphabet[i & 0x3fU]};
  }
  return pairs;
}

constexpr auto pairs = digit_pairs();

static_assert(std::endian::native == std::endian::little);

// Four digits of the lower 24 bits.
char* put_group(char* to, std::uint64_t bits) {
  std::memcpy(to, pairs[bits >> 12U & 0xfffU].data(), 2);
  std::memcpy(to + 2, pairs[bits & 0xfffU].data(), 2);
  return to + 4;
}

}  // namespace

char* put_base64(char* to, std::string_view bytes) {
  const auto byte = [bytes](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(bytes[i])};
  };
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 6) {  // two groups of one word
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word = __builtin_bswap64(word);
    to = put_group(put_group(to, word >> 40U), word >> 16U);
  }
  for (; i + 3 <= bytes.size(); i += 3) {
    to = put_group(to, byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2));
  }
  if (i < bytes.size()) {
    const bool two = i + 2 == bytes.size();
    to = put_group(to, byte(i) << 16U | (two ? byte(i + 1) << 8U : 0U));
    to[-2] = two ? to[-2] : '=';
    to[-1] = '=';
  }
  return to;
}

void append_base64(std::string& to, std::string_view bytes) {
  const std::size_t before = to.size();
  to.resize(before + base64_size(bytes.size()));
  put_base64(to.data() + before, bytes);
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  const std::string_view digits = text.substr(0, text.size() - padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned held = 0;  // of the bits that make no byte yet
  for (const char c : digits) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == no_digit) {
      return std::nullopt;
    }
    bits = bits << 6U | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(static_cast<unsigned char>(bits >> held));
    }
  }
  const bool clean = (bits & ((1U << held) - 1)) == 0;
  return clean ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace rehearsal::sched

#include "sched/record_hash.hpp"

#include <array>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "sched/hash.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t block = 16 * lanes;

// Fractional digits of pi, as of Blowfish.
constexpr std::array<std::uint64_t, lanes> keys = {
    0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89,
    0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917};

std::uint64_t word(const std::byte* from) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

struct Lanes {
  std::array<std::uint64_t, lanes> state = keys;

  [[gnu::always_inline]] void take(const std::byte* at) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      state[lane] = fold(word(at + 16 * lane) ^ keys[lane], word(at + 16 * lane + 8) ^ state[lane]);
    }
  }
  [[nodiscard]] std::uint64_t value(ConstBytes rest, std::size_t size) const {
    std::uint64_t hash = hash_bytes(rest);
    if (size >= block) {
      for (const std::uint64_t lane : state) {
        hash = fold(hash ^ lane, 0xa0761d6478bd642f);
      }
    }
    return hash;
  }
};

// A block to where it is not read soon: past the caches, which hold what is.
#ifdef __SSE2__
void copy_block(std::byte* to, const std::byte* from) {
  for (std::size_t at = 0; at < block; at += sizeof(__m128i)) {
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + at),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at)));
  }
}
void finish_blocks() { _mm_sfence(); }
#else
void copy_block(std::byte* to, const std::byte* from) { std::memcpy(to, from, block); }
void finish_blocks() {}
#endif

// Shorter ones stay in the cache: records beside them share their lines.
constexpr std::size_t long_copy = 4096;

}  // namespace

std::uint64_t record_hash(ConstBytes bytes) {
  Lanes hash;
  std::size_t done = 0;
  for (; bytes.size() - done >= block; done += block) {
    hash.take(bytes.data() + done);
  }
  return hash.value(bytes.subspan(done), bytes.size());
}

std::uint64_t copy_and_hash(std::byte* to, ConstBytes bytes) {
  if (bytes.size() < long_copy) {
    if (!bytes.empty()) {
      std::memcpy(to, bytes.data(), bytes.size());
    }
    return record_hash(bytes);
  }
  const std::byte* const from = bytes.data();
  const std::size_t size = bytes.size();
  // The copy runs ahead of the hash by what aligns it.
  constexpr std::size_t alignment = 16;
  const std::size_t ahead =
      (alignment - reinterpret_cast<std::uintptr_t>(to) % alignment) % alignment;
  std::memcpy(to, from, ahead);
  Lanes hash;
  std::size_t done = 0;
  for (; size - done >= block + ahead; done += block) {
    copy_block(to + done + ahead, from + done + ahead);
    hash.take(from + done);
  }
  finish_blocks();
  std::memcpy(to + done + ahead, from + done + ahead, size - done - ahead);
  for (; size - done >= block; done += block) {
    hash.take(from + done);
  }
  return hash.value(bytes.subspan(done), size);
}

}  // namespace rehearsal::sched

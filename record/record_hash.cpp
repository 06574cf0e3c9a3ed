#include "record/record_hash.hpp"

#include <array>
#include <cstring>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "record/aes_round.hpp"
#include "sched/base/hash.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t lane_bytes = sizeof(AesBlock);
constexpr std::size_t block = lanes * lane_bytes;
using Lanes = std::array<AesBlock, lanes>;

// Fractional digits of pi, as of Blowfish.
constexpr Lanes keys = {{{0x243f6a8885a308d3, 0x13198a2e03707344},
                         {0xa4093822299f31d0, 0x082efa98ec4e6c89},
                         {0x452821e638d01377, 0xbe5466cf34e90c6c},
                         {0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917},
                         {0x9216d5d98979fb1b, 0xd1310ba698dfb5ac},
                         {0x2ffd72dbd01adfb7, 0xb8e1afed6a267e96},
                         {0xba7c9045f12c7f99, 0x24a19947b3916cf7},
                         {0x0801f2e2858efc16, 0x636920d871574e69}}};

// What is hashed, in whole blocks, and where it is copied to by the way, if anywhere: the copy runs
// ahead of the hash by what aligns it.
struct Way {
  const std::byte* from = nullptr;
  std::size_t blocks = 0;
  std::byte* to = nullptr;
  std::size_t ahead = 0;
};

class Software {
 public:
  static void take(Lanes& state, const Way& way) {
    if (way.to != nullptr) {
      std::memcpy(way.to + way.ahead, way.from + way.ahead, way.blocks * block);
    }
    for (std::size_t at = 0; at < way.blocks * block; at += block) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        AesBlock bytes;
        std::memcpy(&bytes, way.from + at + lane * lane_bytes, sizeof bytes);
        state[lane] = aes_round(state[lane], bytes);
      }
    }
  }

  static AesBlock folded(Lanes state) {
    for (std::size_t half = lanes / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) {
        state[lane] = aes_round(state[lane], state[lane + half]);
      }
    }
    return aes_round(aes_round(aes_round(state[0], keys[0]), keys[1]), keys[2]);
  }
};

#ifdef __SSE2__

// Lane by lane, so that g++ keeps each in a register. Copies go past the caches, which hold what is
// read soon.
class Instruction {
 public:
  [[gnu::target("aes")]] static void take(Lanes& state, const Way& way) {
    __m128i a = lane(state, 0);
    __m128i b = lane(state, 1);
    __m128i c = lane(state, 2);
    __m128i d = lane(state, 3);
    __m128i e = lane(state, 4);
    __m128i f = lane(state, 5);
    __m128i g = lane(state, 6);
    __m128i h = lane(state, 7);
    const auto* from = reinterpret_cast<const __m128i*>(way.from);
    for (std::size_t at = 0; at < way.blocks * block; at += block, from += lanes) {
      if (way.to != nullptr) {
        copy(way.to + at + way.ahead, way.from + at + way.ahead);
      }
      a = _mm_aesenc_si128(a, _mm_loadu_si128(from));
      b = _mm_aesenc_si128(b, _mm_loadu_si128(from + 1));
      c = _mm_aesenc_si128(c, _mm_loadu_si128(from + 2));
      d = _mm_aesenc_si128(d, _mm_loadu_si128(from + 3));
      e = _mm_aesenc_si128(e, _mm_loadu_si128(from + 4));
      f = _mm_aesenc_si128(f, _mm_loadu_si128(from + 5));
      g = _mm_aesenc_si128(g, _mm_loadu_si128(from + 6));
      h = _mm_aesenc_si128(h, _mm_loadu_si128(from + 7));
    }
    auto* to = reinterpret_cast<__m128i*>(state.data());
    for (const __m128i value : {a, b, c, d, e, f, g, h}) {
      _mm_storeu_si128(to++, value);
    }
  }

  [[gnu::target("aes")]] static AesBlock folded(const Lanes& state) {
    const __m128i a = _mm_aesenc_si128(lane(state, 0), lane(state, 4));
    const __m128i b = _mm_aesenc_si128(lane(state, 1), lane(state, 5));
    const __m128i c = _mm_aesenc_si128(lane(state, 2), lane(state, 6));
    const __m128i d = _mm_aesenc_si128(lane(state, 3), lane(state, 7));
    __m128i all = _mm_aesenc_si128(_mm_aesenc_si128(a, c), _mm_aesenc_si128(b, d));
    all = _mm_aesenc_si128(all, lane(keys, 0));
    all = _mm_aesenc_si128(all, lane(keys, 1));
    all = _mm_aesenc_si128(all, lane(keys, 2));
    AesBlock result;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&result), all);
    return result;
  }

 private:
  static __m128i lane(const Lanes& state, std::size_t lane) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(&state[lane]));
  }
  [[gnu::always_inline]] static void copy(std::byte* to, const std::byte* from) {
    for (std::size_t at = 0; at < block; at += sizeof(__m128i)) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + at),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at)));
    }
  }
};

// Two lanes at once.
class WideInstruction {
 public:
  [[gnu::target("vaes,avx2")]] static void take(Lanes& state, const Way& way) {
    auto* const lane = reinterpret_cast<std::byte*>(state.data());
    __m256i a = load(lane);
    __m256i b = load(lane + 32);
    __m256i c = load(lane + 64);
    __m256i d = load(lane + 96);
    const std::byte* from = way.from;
    for (std::size_t at = 0; at < way.blocks * block; at += block, from += block) {
      if (way.to != nullptr) {
        copy(way.to + at + way.ahead, way.from + at + way.ahead);
      }
      a = _mm256_aesenc_epi128(a, load(from));
      b = _mm256_aesenc_epi128(b, load(from + 32));
      c = _mm256_aesenc_epi128(c, load(from + 64));
      d = _mm256_aesenc_epi128(d, load(from + 96));
    }
    std::byte* to = lane;
    for (const __m256i value : {a, b, c, d}) {
      std::memcpy(to, &value, sizeof value);
      to += sizeof value;
    }
  }

  static AesBlock folded(const Lanes& state) { return Instruction::folded(state); }

 private:
  [[gnu::target("avx2"), gnu::always_inline]] static __m256i load(const std::byte* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(from));
  }
  [[gnu::target("avx2"), gnu::always_inline]] static void copy(std::byte* to,
                                                               const std::byte* from) {
    auto* const whole = reinterpret_cast<__m256i*>(to);
    _mm256_stream_si256(whole, load(from));
    _mm256_stream_si256(whole + 1, load(from + 32));
    _mm256_stream_si256(whole + 2, load(from + 64));
    _mm256_stream_si256(whole + 3, load(from + 96));
  }
};

#else

using Instruction = Software;
using WideInstruction = Software;

#endif

template <class Rounds>
std::uint64_t hash_of(ConstBytes bytes, std::byte* to) {
  const std::byte* const from = bytes.data();
  const std::size_t size = bytes.size();
  // Whole lines are copied with the hash: what else lies in the first and the last is written as
  // ever.
  constexpr std::size_t line = 64;  // of the cache
  const std::size_t ahead =
      to == nullptr ? 0 : (line - reinterpret_cast<std::uintptr_t>(to) % line) % line;
  Lanes state = keys;
  const std::size_t together = (size - ahead) / block;
  Rounds::take(state, {.from = from, .blocks = together, .to = to, .ahead = ahead});
  const std::size_t done = together * block;
  if (to != nullptr) {
    std::memcpy(to, from, ahead);
    std::memcpy(to + done + ahead, from + done + ahead, size - done - ahead);
  }
  // Where the copy was ahead, there may be one more.
  const std::size_t more = size / block - together;
  Rounds::take(state, {.from = from + done, .blocks = more});
  const AesBlock all = Rounds::folded(state);
  const std::uint64_t rest = hash_bytes(bytes.subspan(done + more * block));
  return fold(fold(rest ^ all.low, 0xa0761d6478bd642f) ^ all.high, size ^ 0xe7037ed1a0b428db);
}

RoundsBy fastest() {
  return can(RoundsBy::wide_instruction) ? RoundsBy::wide_instruction
         : can(RoundsBy::instruction)    ? RoundsBy::instruction
                                         : RoundsBy::software;
}

}  // namespace

bool can(RoundsBy how) {
#ifdef __SSE2__
  const bool aes = __builtin_cpu_supports("aes") != 0;
  return how == RoundsBy::software || (how == RoundsBy::instruction && aes) ||
         (how == RoundsBy::wide_instruction && aes && __builtin_cpu_supports("avx2") != 0 &&
          __builtin_cpu_supports("vaes") != 0);
#else
  return how == RoundsBy::software;
#endif
}

std::uint64_t record_hash_by(RoundsBy how, ConstBytes bytes, std::byte* to) {
  if (to != nullptr && bytes.size() < long_copy) {
    if (!bytes.empty()) {
      std::memcpy(to, bytes.data(), bytes.size());
    }
    to = nullptr;
  }
  if (bytes.size() < block) {
    return hash_bytes(bytes);
  }
  switch (how) {
    case RoundsBy::wide_instruction:
      return hash_of<WideInstruction>(bytes, to);
    case RoundsBy::instruction:
      return hash_of<Instruction>(bytes, to);
    case RoundsBy::software:
      break;
  }
  return hash_of<Software>(bytes, to);
}

std::uint64_t record_hash(ConstBytes bytes) {
  return bytes.size() < block ? hash_bytes(bytes) : record_hash_by(fastest(), bytes);
}

std::uint64_t copy_and_hash(std::byte* to, ConstBytes bytes) {
  if (bytes.size() < block) {
    if (!bytes.empty()) {
      std::memcpy(to, bytes.data(), bytes.size());
    }
    return hash_bytes(bytes);
  }
  return record_hash_by(fastest(), bytes, to);
}

void finish_copy() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace rehearsal::sched

#include "record/record_hash.hpp"

#include <xxhash.h>

#include <cstring>
#ifdef REHEARSAL_XXHASH_DISPATCHES
// XXH3_64bits() uses the widest vectors of this machine; the result does not depend on them.
#include <xxh_x86dispatch.h>
#endif
#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace rehearsal::record {
namespace {

// At 16 KiB, half the time of a copy through the caches plus the hash.
void copy_past_caches(std::byte* to, sched::ConstBytes bytes) {
#ifdef __SSE2__
  constexpr std::size_t line = 64;  // of the cache, in bytes; only complete lines gain
  const std::size_t ahead = (line - reinterpret_cast<std::uintptr_t>(to) % line) % line;
  std::memcpy(to, bytes.data(), ahead);
  to += ahead;
  bytes = bytes.subspan(ahead);
  for (; bytes.size() >= line; to += line, bytes = bytes.subspan(line)) {
    for (std::size_t at = 0; at < line; at += sizeof(__m128i)) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + at),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + at)));
    }
  }
#endif
  if (!bytes.empty()) {
    std::memcpy(to, bytes.data(), bytes.size());
  }
}

}  // namespace

std::uint64_t record_hash(sched::ConstBytes bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t copy_and_hash(std::byte* to, sched::ConstBytes bytes) {
  // First, because reads that follow stores past the caches wait for them.
  const std::uint64_t hash = record_hash(bytes);
  if (bytes.size() >= long_copy) {
    copy_past_caches(to, bytes);
  } else if (!bytes.empty()) {
    std::memcpy(to, bytes.data(), bytes.size());
  }
  return hash;
}

void finish_copy() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace rehearsal::record

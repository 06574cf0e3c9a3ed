// Fetching memory into the cache before it is needed: worlds of many hosts do not fit there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rehearsal::sched {

// Every line of the cache that has one of these bytes. They are not looked at: the memory need not
// be there.
inline void prefetch(const void* from, std::size_t bytes) {
  constexpr std::uintptr_t line = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(from);
  for (std::uintptr_t at = first & ~(line - 1); at < first + bytes; at += line) {
    __builtin_prefetch(reinterpret_cast<const void*>(at));  // NOLINT(*-int-to-ptr)
  }
}

// Likewise, where `from` begins a line and `bytes` is known to the compiler: without a loop.
[[gnu::always_inline]] inline void prefetch_lines(const void* from, std::size_t bytes) {
  constexpr std::size_t line = 64;
  for (std::size_t at = 0; at < bytes; at += line) {
    __builtin_prefetch(static_cast<const char*>(from) + at);
  }
}

}  // namespace rehearsal::sched

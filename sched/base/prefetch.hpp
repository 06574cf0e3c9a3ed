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

}  // namespace rehearsal::sched

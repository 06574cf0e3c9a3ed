// 64-bit keys of path names: FNV-1a (draft-eastlake-fnv), the same in every run and on
// every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace rehearsal::sched {

inline constexpr std::uint64_t empty_key = 0xcbf29ce484222325;

// Returns the key of a text: the one whose key is `key`, followed by `text`.
constexpr std::uint64_t extend_key(std::uint64_t key, std::string_view text) {
  for (const char c : text) {
    key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return key;
}

}  // namespace rehearsal::sched

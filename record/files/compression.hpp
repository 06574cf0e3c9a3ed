// Compressed segments: zstd (RFC 8878), where the build has it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sched/seam/network.hpp"

namespace rehearsal::record {

#ifdef REHEARSAL_HAS_ZSTD
inline constexpr bool compression_is_there = true;
#else
inline constexpr bool compression_is_there = false;
#endif
inline constexpr std::string_view compressed_suffix = ".zst";

// Writes `bytes` to the descriptor, compressed; false where that failed.
bool compress_to(sched::ConstBytes bytes, int descriptor);
// What was compressed, at most `most` bytes of it; otherwise `wrong` says what is wrong.
std::optional<std::vector<std::byte>> decompress(sched::ConstBytes bytes, std::size_t most,
                                                 std::string& wrong);

}  // namespace rehearsal::record

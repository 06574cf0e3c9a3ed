// Compressed segments: zstd (RFC 8878), if the build has it.
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

// Compresses `bytes` and writes them to the descriptor. Returns false if that fails.
bool compress_to(sched::ConstBytes bytes, int descriptor);
// Returns the decompressed bytes. Returns nothing if they are malformed or more than `most` bytes;
// `wrong` then says why.
std::optional<std::vector<std::byte>> decompress(sched::ConstBytes bytes, std::size_t most,
                                                 std::string& wrong);

}  // namespace rehearsal::record

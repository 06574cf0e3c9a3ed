#include "sched/tls/connection_random.hpp"

#include <algorithm>
#include <cstddef>

#include "sched/tls/library.hpp"

namespace rehearsal::tls {
namespace {

constexpr std::size_t block_bytes = 64;  // of SHA-512

}  // namespace

bool ConnectionRandom::fill(std::span<unsigned char> out) {
  while (!out.empty()) {
    std::array<unsigned char, sizeof(Seed) + sizeof(blocks_)> input{};
    std::size_t at = 0;
    const auto add = [&](std::uint64_t number) {
      for (int shift = 0; shift < 64; shift += 8) {
        input[at++] = static_cast<unsigned char>(number >> shift);
      }
    };
    std::ranges::for_each(seed_, add);
    add(blocks_++);
    std::array<unsigned char, block_bytes> block{};
    if (!Library::get().sha512(input, block)) {
      return false;
    }
    const std::size_t count = std::min(out.size(), block.size());
    std::copy_n(block.begin(), count, out.begin());
    out = out.subspan(count);
  }
  return true;
}

}  // namespace rehearsal::tls

#include "simnet/network/buffer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

// Sizes near the limit for copying without a call, and near the size of a block.
RC_GTEST_PROP(Buffer, gives_the_bytes_in_the_order_in_which_they_came, ()) {
  using Steps = std::vector<std::pair<bool, std::size_t>>;
  const auto steps = *rc::gen::container<Steps>(
      rc::gen::pair(rc::gen::arbitrary<bool>(), whole_range<std::size_t>(1, 140)));
  BufferPool pool;
  Buffer buffer;
  std::deque<std::byte> expected;
  std::uint8_t next = 0;
  for (const auto& [appends, size] : steps) {
    if (appends) {
      std::vector<std::byte> bytes;
      for (std::size_t i = 0; i < size; ++i) {
        bytes.push_back(std::byte{next++});
      }
      expected.insert(expected.end(), bytes.begin(), bytes.end());
      buffer.append(pool, bytes);
    } else if (!expected.empty()) {
      std::vector<std::byte> taken(std::min(size, expected.size()));
      buffer.take(pool, taken);
      for (const std::byte byte : taken) {
        RC_ASSERT(byte == expected.front());
        expected.pop_front();
      }
    }
    RC_ASSERT(buffer.size() == expected.size());
  }
}

}  // namespace
}  // namespace rehearsal::simnet

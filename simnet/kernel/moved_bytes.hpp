// How many bytes a call on a stream moves: a choice may make it fewer than there are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "simnet/choices/choices.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

// Returns the subject of a choice to move fewer than this many bytes.
inline Subject moving(std::size_t bytes) {
  Subject subject;
  subject.bytes = static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX));
  return subject;
}

// Returns how many of `most` bytes a receive returns; 0 means that it would block. `end` is the end
// of a connection that receives, and is reported again if something is left.
template <class End>
[[gnu::always_inline]] inline std::size_t bytes_received(End& end, std::uint32_t ordinal,
                                                         std::size_t most) {
  Choices& choices = end.kernel().fabric().choices;
  const auto called = [&end] { return end.name(); };
  if (choices.choose(Site::again, end.key(), ordinal, 2, called).matters() != 0) [[unlikely]] {
    end.kernel().report(end, sched::Readiness::recv);
    return 0;
  }
  const Choice limit = choices.choose(Site::recv, end.key(), ordinal, UINT32_MAX, called,
                                      [most] { return moving(most); });
  if (limit.deviates() && limit.value() < most) [[unlikely]] {
    end.kernel().report(end, sched::Readiness::recv);
    return limit.matters();
  }
  return most;
}

// Returns how many of `most` bytes a send accepts; `limit` is that of a fault rule.
template <class End>
[[gnu::always_inline]] inline std::size_t bytes_sent(End& end, std::uint32_t ordinal,
                                                     std::size_t most, std::size_t limit) {
  const Choice chosen = end.kernel().fabric().choices.choose(
      Site::send, end.key(), ordinal, UINT32_MAX, [&end] { return end.name(); },
      [most] { return moving(most); });
  if (chosen.deviates() && chosen.value() < most) [[unlikely]] {
    most = chosen.matters();
    end.kernel().report_room(end);
  }
  if (limit < most) [[unlikely]] {
    end.kernel().fabric().faults.mattered();
    most = limit;
    end.kernel().report_room(end);
  }
  return most;
}

// Appends the first `size` bytes of the pieces to a buffer.
[[gnu::always_inline]] inline void append_pieces(Buffer& to, BufferPool& pool, sched::Pieces pieces,
                                                 std::size_t size) {
  for (const sched::ConstBytes& piece : pieces) {
    const std::size_t part = std::min(piece.size(), size);
    if (part != 0) {
      to.append(pool, piece.first(part));
    }
    size -= part;
    if (size == 0) {
      break;
    }
  }
}

}  // namespace rehearsal::simnet

// The descriptors of one host. The lowest free number is used first, so numbers are reused as soon
// as on Linux. 0, 1 and 2 are taken, as in a process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sched/base/small_vector.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

class Descriptors {
 public:
  explicit Descriptors(std::uint32_t limit) : limit_(limit) {}

  // Returns the open file of this number, or null if the number is free.
  [[nodiscard]] OpenFile* find(sched::Descriptor descriptor) const {
    const auto at = static_cast<std::size_t>(descriptor - first);
    return descriptor >= first && at < sockets_.size() ? sockets_[at] : nullptr;
  }
  [[nodiscard]] bool full() const { return in_use_ + first >= limit_; }
  [[nodiscard]] std::size_t count() const { return in_use_; }
  // Assigns the lowest free number and returns it. REQUIRES: !full().
  sched::Descriptor open(OpenFile& socket) {
    while (lowest_free_ < sockets_.size() && sockets_[lowest_free_] != nullptr) {
      ++lowest_free_;
    }
    if (lowest_free_ == sockets_.size()) {
      sockets_.push_back(nullptr);
    }
    sockets_[lowest_free_] = &socket;
    ++in_use_;
    socket.set_descriptor(static_cast<sched::Descriptor>(lowest_free_) + first);
    return socket.descriptor();
  }
  // Frees the number. REQUIRES: `socket` is open.
  void close(OpenFile& socket) {
    const auto at = static_cast<std::size_t>(socket.descriptor() - first);
    sockets_[at] = nullptr;
    lowest_free_ = std::min(lowest_free_, at);
    --in_use_;
    socket.set_descriptor(-1);
  }
  // Calls f(OpenFile&) for each, in order of number; f may close it.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t at = 0; at < sockets_.size(); ++at) {
      if (sockets_[at] != nullptr) {
        f(*sockets_[at]);
      }
    }
  }

 private:
  static constexpr sched::Descriptor first = 3;

  sched::SmallVector<OpenFile*, 2> sockets_;
  std::size_t lowest_free_ = 0;  // every number below it is taken
  std::uint32_t in_use_ = 0;
  std::uint32_t limit_;
};

}  // namespace rehearsal::simnet

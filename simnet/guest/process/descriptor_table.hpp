// DescriptorTable: the descriptors of one process. Several may refer to one description (dup(2)).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "simnet/guest/process/description.hpp"

namespace rehearsal::simnet {

class DescriptorTable {
 public:
  // The smallest number. The kernel of the machine has not given out numbers as large as this one,
  // so a call that misses the simulation fails with EBADF. select(2) takes numbers below 1024.
  static constexpr int first = 600;

  explicit DescriptorTable(std::size_t limit) : limit_(limit) {}

  // Returns whether the number is that of a file of the machine, which a guest may read.
  [[nodiscard]] static bool is_real(int number) { return number >= 0 && number < first; }
  // Returns the description of a number; null if it is not open.
  [[nodiscard]] Description* find(int number) const {
    const auto& one = shared(number);
    return one == nullptr ? nullptr : one.get();
  }
  [[nodiscard]] const std::shared_ptr<Description>& shared(int number) const;
  // Opens the lowest free number that is at least `least`; -EMFILE if none is free.
  CallResult open(std::shared_ptr<Description> file, bool close_on_exec, int least = first);
  // Opens this number; what it referred to before is closed. -EBADF if it is out of range.
  CallResult replace(int number, std::shared_ptr<Description> file, bool close_on_exec);
  // -EBADF if it is not open.
  CallResult close(int number);
  // FD_CLOEXEC of fcntl(2). REQUIRES: the number is open.
  [[nodiscard]] bool& close_on_exec(int number);
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::shared_ptr<Description> file;
    bool close_on_exec = false;
  };

  [[nodiscard]] Entry& make(std::size_t place);

  std::vector<Entry> entries_;
  std::size_t limit_;
};

}  // namespace rehearsal::simnet

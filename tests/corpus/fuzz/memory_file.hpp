// A file in memory with a path, for readers that open their input by name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "sched/base/check.hpp"

namespace rehearsal::fuzz {

class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    sched::check(descriptor_ >= 0, "a file in memory can be created");
  }
  explicit MemoryFile(std::string_view text) : MemoryFile() {
    sched::check(::write(descriptor_, text.data(), text.size()) == std::ssize(text),
                 "a file in memory takes every byte");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
  [[nodiscard]] std::string text() const {
    std::string text(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
    sched::check(::pread(descriptor_, text.data(), text.size(), 0) == std::ssize(text),
                 "a file in memory has every byte");
    return text;
  }

 private:
  int descriptor_;
};

}  // namespace rehearsal::fuzz

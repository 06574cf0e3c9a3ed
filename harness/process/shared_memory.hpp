// An object in memory that this process shares with the processes it forks while the object exists.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <type_traits>

namespace rehearsal::harness {

template <class T>
class SharedMemory {
 public:
  // Throws std::system_error if the memory cannot be mapped.
  SharedMemory() {
    void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          /*fd=*/-1, /*offset=*/0);
    if (memory == MAP_FAILED) {  // NOLINT: the macro casts
      throw std::system_error(errno, std::generic_category(), "shared memory");
    }
    object_ = new (memory) T();
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { ::munmap(object_, sizeof(T)); }

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  static_assert(std::is_trivially_destructible_v<T>);

  T* object_;
};

}  // namespace rehearsal::harness

// What is touched while something runs, for a search over schedules that must know which steps
// commute. An object is known by a 64-bit key that is the same in every run, never by its address.
#pragma once

#include <cstdint>

namespace rehearsal::sched {

// Two accesses to one object commute where both only read it, or both only add to it.
enum class Access : std::uint8_t { read = 1, add = 2, write = 4 };

// Stands for every object: what cannot be named more precisely touches this.
inline constexpr std::uint64_t everything = 0;

class Footprint {
 public:
  Footprint(const Footprint&) = delete;
  Footprint& operator=(const Footprint&) = delete;

  virtual void touch(std::uint64_t object, Access how) = 0;
  // The key of an object that comes to be now.
  virtual std::uint64_t new_object() = 0;

 protected:
  Footprint() = default;
  ~Footprint() = default;
};

// Who is told of what runs on this thread; null, as it is outside of such a search: nobody.
// NOLINTNEXTLINE(*-non-const-global-variables)
inline constinit thread_local Footprint* footprint = nullptr;

inline void touch(std::uint64_t object, Access how = Access::write) {
  if (footprint != nullptr) [[unlikely]] {
    footprint->touch(object, how);
  }
}

[[nodiscard]] inline std::uint64_t new_object() {
  return footprint == nullptr ? everything : footprint->new_object();
}

}  // namespace rehearsal::sched

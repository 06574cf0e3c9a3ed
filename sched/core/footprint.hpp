// The accesses that a step makes, for a search over schedules that must know which steps commute.
// An object is identified by a 64-bit key that is the same in every run, never by its address.
#pragma once

#include <cstdint>

namespace rehearsal::sched {

// Two accesses to one object commute if both only read it, or both only add to it.
enum class Access : std::uint8_t { read = 1, add = 2, write = 4 };

// The key that stands for every object. A step whose objects cannot be named precisely touches it.
inline constexpr std::uint64_t everything = 0;

// Collects the accesses of a step.
class Footprint {
 public:
  Footprint(const Footprint&) = delete;
  Footprint& operator=(const Footprint&) = delete;

  virtual void touch(std::uint64_t object, Access how) = 0;
  // Returns the key of an object that is being created.
  virtual std::uint64_t new_object() = 0;

 protected:
  Footprint() = default;
  ~Footprint() = default;
};

// Receives the accesses made on this thread. Null outside a search.
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

// The accesses that a step makes, for a search over schedules that must know which steps commute.
// An object is identified by a 64-bit key that is the same in every run, never by its address.
#pragma once

#include <cstdint>
#include <string_view>

#include "sched/base/key.hpp"

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

// Returns the key of data that a program names.
constexpr std::uint64_t data_key(std::string_view what, std::string_view part) {
  return extend_key(extend_key(extend_key(empty_key, what), "/"), part);
}

/// Tells a search that the running task reads or changes the data called `what` before its next
/// co_await. Tasks of a host with HostOptions::isolated_tasks are tried in both orders only if both
/// touch the same data, lock, channel or socket. `part` names a part of the data, such as the key
/// in a map. A name must stand for the same data in every run, so it cannot come from an address.
/// Costs one comparison when no search runs.
inline void touches(std::string_view what, std::string_view part = {}) {
  if (footprint != nullptr) [[unlikely]] {
    footprint->touch(data_key(what, part), Access::write);
  }
}
/// The same as touches(), for data that is only read. Two steps that only read it are tried in one
/// order.
inline void reads(std::string_view what, std::string_view part = {}) {
  if (footprint != nullptr) [[unlikely]] {
    footprint->touch(data_key(what, part), Access::read);
  }
}

}  // namespace rehearsal::sched

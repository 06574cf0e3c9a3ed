// Names makes the names of a run unique: those of tasks, and in a simulation also those of sockets
// and services. An object that is created again (a task spawned again, a port bound again) is
// another object. A simulation files its decisions about an object under its name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rehearsal::sched {

/// Makes the names of the objects of one run unique.
class Names {
 public:
  Names() = default;
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  virtual ~Names() = default;

  /// Claims `name`, whose key is `key` (sched/base/key.hpp), for one object. If an earlier object
  /// of the run has the name, both arguments change to its next free generation: "NAME~2",
  /// "NAME~3", ... CHECKs that no two names have the same key.
  void claim(std::uint64_t& key, std::string& name);

 private:
  // Returns how often it was called for `key` before. `end` is the part of the name after the last
  // slash, which distinguishes two names with one key. If two names have the same end, their keys
  // differ if the keys of their beginnings do, because each step of FNV-1a can be undone.
  virtual std::uint32_t count(std::uint64_t key, std::string_view end) = 0;
};

}  // namespace rehearsal::sched

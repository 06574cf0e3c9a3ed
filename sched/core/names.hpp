// Names makes the names of a run unique: of tasks, and in a simulation of sockets and services too.
// An object that is made again (a task spawned again, a port bound again) is another object, and
// what a simulation decides about an object is filed under its name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rehearsal::sched {

class Names {
 public:
  Names() = default;
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  virtual ~Names() = default;

  // Claims `name`, whose key is `key` (sched/base/key.hpp), for one object. If an earlier object of
  // the run has it, both change to those of its next free generation: "NAME~2", "NAME~3", ...
  // Two names with one key are a CHECK.
  void claim(std::uint64_t& key, std::string& name);

 private:
  // Returns how often this was called for `key` before. `end` is what follows the last slash of the
  // name, by which two names with one key differ: of two names that end alike the keys
  // differ if those of their beginnings do, because each step of FNV-1a can be undone.
  virtual std::uint32_t count(std::uint64_t key, std::string_view end) = 0;
};

}  // namespace rehearsal::sched

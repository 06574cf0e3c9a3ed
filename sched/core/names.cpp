#include "sched/core/names.hpp"

#include "sched/base/key.hpp"

namespace rehearsal::sched {
namespace {

std::string_view end_of(std::string_view name) { return name.substr(name.rfind('/') + 1); }

}  // namespace

void Names::claim(std::uint64_t& key, std::string& name) {
  for (;;) {
    const std::uint32_t earlier = count(key, end_of(name));
    if (earlier == 0) {
      return;
    }
    const std::string suffix = '~' + std::to_string(earlier + 1);
    const std::uint64_t next_key = extend_key(key, suffix);
    const std::string next = name + suffix;
    // Another object may have this very name: then the next generation is tried.
    if (count(next_key, end_of(next)) == 0) {
      key = next_key;
      name = next;
      return;
    }
  }
}

}  // namespace rehearsal::sched

#include "harness/process/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <limits>
#include <string>

#include "harness/flags.hpp"

namespace rehearsal::harness {
namespace {

// If the machine has more cores than the mask can hold, the mask is not a limit.
std::uint64_t in_affinity_mask() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) {
    return CPU_SETSIZE;
  }
  return static_cast<std::uint64_t>(CPU_COUNT(&mask));
}

// The file contains "QUOTA PERIOD", in microseconds, or "max PERIOD".
std::uint64_t in_quota(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string quota;
  std::string period;
  in >> quota >> period;
  std::uint64_t used = 0;
  std::uint64_t of = 0;
  if (!parse_number(quota, used) || !parse_number(period, of) || of == 0) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return used / of + (used % of == 0 ? 0 : 1);
}

}  // namespace

std::uint64_t cores_at_hand(const std::filesystem::path& root) {
  std::uint64_t cores = in_affinity_mask();
  std::ifstream groups(root / "proc/self/cgroup");
  constexpr std::string_view unified = "0::/";
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with(unified)) {
      continue;
    }
    std::filesystem::path group = line.substr(unified.size());
    for (;;) {
      cores = std::min(cores, in_quota(root / "sys/fs/cgroup" / group / "cpu.max"));
      if (group.empty()) {
        break;
      }
      group = group.parent_path();
    }
  }
  return std::max<std::uint64_t>(cores, 1);
}

}  // namespace rehearsal::harness

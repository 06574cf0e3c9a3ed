// The number of cores that this process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rehearsal::harness {

// Returns the number of cores in the affinity mask (sched_getaffinity(2)), at least 1. The quotas
// of the control group and its ancestors (cgroups(7), version 2), rounded up, limit it. `root` is
// the folder that contains proc/ and sys/.
[[nodiscard]] std::uint64_t cores_at_hand(const std::filesystem::path& root = "/");

}  // namespace rehearsal::harness

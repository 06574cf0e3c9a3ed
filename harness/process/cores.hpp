// How many cores this process may use.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rehearsal::harness {

// Those it may run on (sched_getaffinity(2)), and no more than the quota of its control group and
// of those above allows (cgroups(7), version 2), rounded up; at least 1. `root` is where /proc and
// /sys are.
[[nodiscard]] std::uint64_t cores_at_hand(const std::filesystem::path& root = "/");

}  // namespace rehearsal::harness

// Each bug exists in two versions from one source: with the bug and fixed. They differ in one
// place, which checks the version.
#pragma once

#include <cstdint>

namespace rehearsal::bugs {

enum class Version : std::uint8_t { buggy, fixed };

}  // namespace rehearsal::bugs

// Each bug is there twice, from one text: with its bug, and without it. The two differ in one
// place, which asks for the version.
#pragma once

#include <cstdint>

namespace rehearsal::bugs {

enum class Version : std::uint8_t { buggy, fixed };

}  // namespace rehearsal::bugs

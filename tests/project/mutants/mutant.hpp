// The switch of the mutants that are compiled into a program (README.md).
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <type_traits>

namespace rehearsal::mutants {

inline constexpr int most = 32768;  // mutants of one program

inline constinit std::array<unsigned char, most> nowhere{};
inline constinit int active = 0;
inline constinit unsigned char* reached = nowhere.data();

// Reads REHEARSAL_MUTANT, the number of the active mutant, and maps the file
// REHEARSAL_MUTANTS_REACHED, whose byte N is set when the code of mutant N runs, in this process or
// in a child.
inline bool open() {
  if (const char* number = std::getenv("REHEARSAL_MUTANT")) {
    active = std::atoi(number);
  }
  if (const char* path = std::getenv("REHEARSAL_MUTANTS_REACHED")) {
    const int file = ::open(path, O_RDWR | O_CLOEXEC);
    void* bytes = ::mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) {
      std::abort();
    }
    ::close(file);
    reached = static_cast<unsigned char*>(bytes);
  }
  return true;
}
inline const bool opened = open();

// Returns true if mutant `number` is active, never in a constant expression.
constexpr bool on(int number) {
  if (std::is_constant_evaluated()) {
    return false;
  }
  reached[number] = 1;
  return number == active;
}

}  // namespace rehearsal::mutants

#include <cstdio>
#include <exception>

#include "servers/command_line.hpp"

int main(int argc, char** argv) {
  try {
    return rehearsal::servers::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rehearsal: %s\n", error.what());
    return 1;
  }
}

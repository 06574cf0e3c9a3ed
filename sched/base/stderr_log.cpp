#include "sched/base/stderr_log.hpp"

#include <cstdio>
#include <string>

namespace rehearsal::sched {

void log_to_stderr(std::string_view text) {
  std::string line(text);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace rehearsal::sched

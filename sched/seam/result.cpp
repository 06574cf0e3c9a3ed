#include "sched/seam/result.hpp"

#include <string>

namespace rehearsal::sched {

void throw_error(std::errc error, const char* what) {
  throw std::system_error(std::make_error_code(error), what);
}

void throw_error(std::errc error, const std::string& what) {
  throw std::system_error(std::make_error_code(error), what);
}

}  // namespace rehearsal::sched

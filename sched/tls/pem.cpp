#include "sched/tls/pem.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace rehearsal::tls {

std::string Pem::where() const { return file_.empty() ? "in memory" : "'" + file_ + "'"; }

std::string Pem::read(const char* what) const {
  if (file_.empty()) {
    return text_;
  }
  const auto fail = [&] {
    throw std::system_error(errno, std::generic_category(), std::string(what) + " " + where());
  };
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(file_.c_str(), "re"));
  if (file == nullptr) {
    fail();
  }
  std::string text;
  char buffer[4096];
  for (;;) {
    const std::size_t size = std::fread(buffer, 1, sizeof buffer, file.get());
    if (size == 0) {
      break;
    }
    text.append(buffer, size);
  }
  if (std::ferror(file.get()) != 0) {
    fail();
  }
  return text;
}

}  // namespace rehearsal::tls

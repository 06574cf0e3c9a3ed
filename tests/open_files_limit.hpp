// A low limit on open files, for tests of a process that has run out of descriptors.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include <gtest/gtest.h>

namespace rehearsal {

// The soft limit on open files, restored at the end.
class OpenFilesLimit {
 public:
  OpenFilesLimit() { EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0); }
  OpenFilesLimit(const OpenFilesLimit&) = delete;
  OpenFilesLimit& operator=(const OpenFilesLimit&) = delete;
  ~OpenFilesLimit() { lift(); }

  // Leaves `count` free descriptors, whatever is open.
  void leave(int count) {
    std::vector<int> free;
    for (int i = 0; i < count; ++i) {
      free.push_back(::dup(STDIN_FILENO));
    }
    set(static_cast<rlim_t>(free.back()) + 1);
    for (const int descriptor : free) {
      ::close(descriptor);
    }
  }
  void set(rlim_t limit) {
    rlimit now = before_;
    now.rlim_cur = limit;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0) << "the hard limit is " << before_.rlim_max;
  }
  void lift() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace rehearsal

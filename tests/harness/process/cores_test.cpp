// A control group may allow fewer cores than the machine has.
#include "harness/process/cores.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

namespace fs = std::filesystem;

class Cores : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("cores-" + std::to_string(::getpid()));
    cpu_set_t mask;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(mask), &mask), 0);
    allowed_ = static_cast<std::uint64_t>(CPU_COUNT(&mask));
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  fs::path root_;
  std::uint64_t allowed_ = 0;
};

TEST_F(Cores, are_those_of_the_affinity_mask_if_no_quota_is_set) {
  EXPECT_EQ(cores_at_hand(root_), allowed_);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(cores_at_hand(root_), allowed_);
}

TEST_F(Cores, are_no_more_than_the_quota_of_a_group_and_of_those_above) {
  write("proc/self/cgroup", "1:name=systemd:/\n0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/a/cpu.max", "100000 100000\n");
  EXPECT_EQ(cores_at_hand(root_), 1U);
  write("sys/fs/cgroup/a/cpu.max", "100001 100000\n");
  EXPECT_EQ(cores_at_hand(root_), std::min<std::uint64_t>(2, allowed_));
  write("sys/fs/cgroup/cpu.max", "5000 100000\n");
  EXPECT_EQ(cores_at_hand(root_), 1U);
}

}  // namespace
}  // namespace rehearsal::harness

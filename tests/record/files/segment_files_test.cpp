// Files of a recording on disk: prepared ahead, mapped, recycled, compressed.
#include "record/files/segment_files.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::record {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

// Returns how many descriptors this process has open.
std::ptrdiff_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), {});
}

class SegmentFilesTest : public ::testing::Test {
 protected:
  SegmentFilesTest() {
    std::string name = fs::temp_directory_path() / "segments-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~SegmentFilesTest() override { fs::remove_all(directory_); }

  void SetUp() override { descriptors_ = open_descriptors(); }
  void TearDown() override { EXPECT_EQ(open_descriptors(), descriptors_) << "one is left open"; }

  [[nodiscard]] SegmentFilesOptions options(std::uint64_t mebibytes) const {
    SegmentFilesOptions options;
    options.directory = directory_;
    options.segment_bytes = mebibyte;
    options.most_bytes = mebibytes * mebibyte;
    return options;
  }
  // Returns the segments, without the prepared files.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with("spare-")) {
        found.push_back(name);
      }
    }
    std::ranges::sort(found);
    return found;
  }
  [[nodiscard]] std::string contents(const std::string& name) const {
    std::ifstream in(directory_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Fills a segment with `mark`. Returns false if no segment was available.
  static bool fill(SegmentFiles& files, char mark) {
    std::string why;
    const auto memory = files.open(why);
    if (memory.empty()) {
      return false;
    }
    EXPECT_EQ(memory.size(), mebibyte);
    EXPECT_TRUE(std::ranges::all_of(memory.first(24), [](std::byte b) { return b == std::byte{}; }))
        << "a file that was recycled begins with zeros";
    std::memset(memory.data(), mark, memory.size());
    files.close(memory.size());
    return true;
  }

  fs::path directory_;
  std::ptrdiff_t descriptors_ = 0;
};

TEST_F(SegmentFilesTest, keeps_what_was_written_up_to_what_counts) {
  {
    SegmentFiles files(options(16));
    std::string why;
    const auto memory = files.open(why);
    ASSERT_FALSE(memory.empty()) << why;
    std::memset(memory.data(), 'a', 1000);
    files.close(1000);
    EXPECT_TRUE(fill(files, 'b'));
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"0001-000000.rec", "0001-000001.rec"}));
  EXPECT_EQ(contents("0001-000000.rec").substr(0, 1000), std::string(1000, 'a'));
  EXPECT_EQ(contents("0001-000001.rec"), std::string(mebibyte, 'b'));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2) << "no spare is left behind";
}

TEST_F(SegmentFilesTest, the_oldest_are_removed_once_all_take_too_much) {
  constexpr char last = 'z';
  {
    SegmentFiles files(options(4));
    for (char mark = 'a'; mark <= last; ++mark) {
      EXPECT_TRUE(fill(files, mark));
    }
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"0001-000022.rec", "0001-000023.rec",
                                               "0001-000024.rec", "0001-000025.rec"}));
  EXPECT_EQ(contents("0001-000025.rec"), std::string(mebibyte, last));
}

TEST_F(SegmentFilesTest, take_the_whole_limit_if_none_is_prepared) {
  SegmentFilesOptions how = options(4);
  how.prepared_bytes = 0;
  SegmentFiles files(how);
  for (const char mark : {'a', 'b', 'c', 'd'}) {
    EXPECT_TRUE(fill(files, mark));
  }
  EXPECT_EQ(names().size(), 4U);
  EXPECT_TRUE(fill(files, 'e'));
  EXPECT_EQ(names().size(), 4U);
  EXPECT_EQ(names().front(), "0001-000001.rec");
}

TEST_F(SegmentFilesTest, a_second_recording_has_the_next_number) {
  {
    EXPECT_TRUE(fill(*std::make_unique<SegmentFiles>(options(16)), 'a'));
  }
  SegmentFiles files(options(16));
  EXPECT_EQ(files.number(), 2U);
  EXPECT_TRUE(fill(files, 'b'));
  EXPECT_EQ(names().front(), "0001-000000.rec");
}

TEST_F(SegmentFilesTest, one_process_records_into_a_directory_at_a_time) {
  const SegmentFiles files(options(16));
  try {
    const SegmentFiles second(options(16));
    ADD_FAILURE() << "it was let in";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::device_or_resource_busy);
  }
}

TEST_F(SegmentFilesTest, full_ones_are_compressed_and_what_cannot_be_stays_as_it_is) {
  for (const bool works : {true, false}) {
    SegmentFilesOptions how = options(16);
    how.suffix = ".packed";
    how.compress = [works](sched::ConstBytes bytes, int descriptor) {
      return works && ::write(descriptor, bytes.data(), 10) == 10;
    };
    SegmentFiles files(how);
    EXPECT_TRUE(fill(files, 'a'));
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"0001-000000.rec.packed", "0002-000000.rec"}));
  EXPECT_EQ(contents("0001-000000.rec.packed"), std::string(10, 'a'));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 2) << "no half is left behind";
  // They may hold what users sent.
  for (const std::string& name : names()) {
    EXPECT_EQ(fs::status(directory_ / name).permissions() & fs::perms::others_all, fs::perms::none)
        << name;
  }
}

// The thread and the program use the same lists.
TEST_F(SegmentFilesTest, full_ones_are_compressed_while_others_are_filled) {
  SegmentFilesOptions how = options(16);
  how.suffix = ".packed";
  how.compress = [](sched::ConstBytes bytes, int descriptor) {
    return ::write(descriptor, bytes.data(), 10) == 10;
  };
  const std::string marks = "abcdef";
  {
    SegmentFiles files(how);
    for (const char mark : marks) {
      EXPECT_TRUE(fill(files, mark));
    }
  }
  ASSERT_EQ(names().size(), marks.size());
  for (std::size_t i = 0; i < marks.size(); ++i) {
    EXPECT_EQ(names()[i], "0001-00000" + std::to_string(i) + ".rec.packed");
    EXPECT_EQ(contents(names()[i]), std::string(10, marks[i]));
  }
}

TEST_F(SegmentFilesTest, stay_mapped_as_many_as_are_asked_for) {
  SegmentFilesOptions how = options(6);
  how.prepared_bytes = 0;
  how.mapped_bytes = 2 * mebibyte;
  SegmentFiles files(how);
  for (char mark = 'a'; mark <= 'z'; ++mark) {
    EXPECT_TRUE(fill(files, mark));
  }
  std::ifstream maps("/proc/self/maps");
  int mapped = 0;
  for (std::string line; std::getline(maps, line);) {
    mapped += line.find(directory_.string()) != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(mapped, 4);  // one more was written to, and one in transit
}

TEST_F(SegmentFilesTest, that_are_compressed_keep_to_the_limit) {
  SegmentFilesOptions how = options(4);
  how.suffix = ".packed";
  how.compress = [](sched::ConstBytes bytes, int descriptor) {
    const std::size_t half = bytes.size() / 2;
    return ::write(descriptor, bytes.data(), half) == static_cast<ssize_t>(half);
  };
  {
    SegmentFiles files(how);
    for (char mark = 'a'; mark <= 'z'; ++mark) {
      EXPECT_TRUE(fill(files, mark));
    }
  }
  const auto left = names();
  ASSERT_FALSE(left.empty());
  EXPECT_LE(left.size(), 8U);  // of half a mebibyte
  EXPECT_EQ(left.back(), "0001-000025.rec.packed");
  // They are a chain without gaps.
  EXPECT_EQ(std::stoul(left.back().substr(5, 6)) - std::stoul(left.front().substr(5, 6)) + 1,
            left.size());
}

TEST_F(SegmentFilesTest, that_wait_to_be_compressed_count_and_are_never_removed) {
  std::promise<void> second;
  std::promise<void> released;
  auto release = released.get_future();
  int calls = 0;
  SegmentFilesOptions how = options(4);
  how.prepared_bytes = 0;
  how.suffix = ".packed";
  how.compress = [&](sched::ConstBytes /*bytes*/, int /*descriptor*/) {
    if (++calls == 2) {
      second.set_value();
      release.wait();
    }
    return false;
  };
  SegmentFiles files(how);
  EXPECT_TRUE(fill(files, 'a'));
  EXPECT_TRUE(fill(files, 'b'));
  second.get_future().wait();  // the first one waits no longer
  EXPECT_TRUE(fill(files, 'c'));
  EXPECT_TRUE(fill(files, 'd'));
  EXPECT_EQ(names().size(), 4U);
  EXPECT_TRUE(fill(files, 'e'));
  EXPECT_EQ(names().front(), "0001-000001.rec");
  EXPECT_EQ(names().size(), 4U);
  EXPECT_TRUE(fill(files, 'f'));  // beyond the limit
  EXPECT_EQ(names().front(), "0001-000001.rec");
  EXPECT_EQ(names().size(), 5U);
  released.set_value();
}

// Runs in its own process, whose files may not grow.
TEST_F(SegmentFilesTest, a_full_disk_is_an_error) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &none);
    SegmentFiles files(options(16));
    const std::ptrdiff_t before = open_descriptors();
    std::string why;
    const bool refused = files.open(why).empty() && why.starts_with(directory_.string());
    ::_exit(refused && open_descriptors() == before ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(SegmentFilesTest, a_directory_that_cannot_be_is_an_error) {
  SegmentFilesOptions how = options(16);
  how.directory = "/proc/none";
  EXPECT_THROW(SegmentFiles{how}, std::system_error);
}

}  // namespace
}  // namespace rehearsal::record

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "realnet/event_descriptor.hpp"
#include "tests/open_files_limit.hpp"
#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

TEST(Event, is_readable_from_raise_to_clear) {
  const Descriptor event = open_event_descriptor(false).value();
  EXPECT_FALSE(readable(event));
  raise_event(event);
  raise_event(event);
  EXPECT_TRUE(readable(event));
  clear_event(event);
  EXPECT_FALSE(readable(event));
  clear_event(event);  // does not block
  ::close(event);
}

TEST(Event, may_be_raised_from_the_start_and_is_closed_on_exec) {
  const Descriptor event = open_event_descriptor(true).value();
  EXPECT_TRUE(readable(event));
  EXPECT_NE(::fcntl(event, F_GETFD) & FD_CLOEXEC, 0);
  ::close(event);
}

TEST(Event, neither_blocks_nor_touches_errno_when_its_count_is_full) {
  const Descriptor event = open_event_descriptor(false).value();
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - 1;
  ASSERT_EQ(::write(event, &most, sizeof most), sizeof most);
  errno = ERANGE;
  raise_event(event);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_TRUE(readable(event));
  ::close(event);
}

TEST(Event, cannot_be_opened_when_the_process_has_run_out_of_descriptors) {
  OpenFilesLimit limit;
  limit.set(0);
  EXPECT_EQ(open_event_descriptor(false).error(), std::errc::too_many_files_open);
}

}  // namespace
}  // namespace rehearsal::realnet

// Behaviour specific to epoll: edges, and one registration in the life of a descriptor.
#include "realnet/epoll.hpp"

#include <fcntl.h>

#include "realnet/clock.hpp"
#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Wake;

class EpollSource : public OverKernel<Epoll> {};

TEST_F(EpollSource, registers_a_descriptor_once_in_its_life) {
  Ends ends;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
    EXPECT_TRUE(net_.watch(ends.ours(), Direction::send).ok());
    ask_for(0s);
    net_.unwatch(ends.ours(), Direction::recv);
    net_.unwatch(ends.ours(), Direction::send);
  }
  EXPECT_EQ(net_.registrations(), 1U);
  const Descriptor number = ends.take_ours();
  net_.close(number);
  const Descriptor reused = ::fcntl(ends.theirs(), F_DUPFD, number);
  ASSERT_EQ(reused, number);
  EXPECT_TRUE(net_.watch(reused, Direction::recv).ok());
  EXPECT_EQ(net_.registrations(), 2U);
  net_.abort(reused);
}

TEST_F(EpollSource, logs_on_stderr_or_where_it_is_told) {
  sched::Host<Epoll> host(net_);
  testing::internal::CaptureStderr();
  host.log("a line");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "a line\n");
  std::string logged;
  net_.log_to([&logged](std::string_view line) { logged += line; });
  host.log("another");
  EXPECT_EQ(logged, "another");
}

TEST_F(EpollSource, reports_a_change_once) {
  const Ends ends;
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  EXPECT_EQ(ask_for(1s).size(), 1U);
  EXPECT_TRUE(ask_for(0s).empty());
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_EQ(ask_for(1s).size(), 1U);
}

TEST_F(EpollSource, keeps_a_change_that_came_while_no_task_watched) {
  const Ends ends;
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  ask_for(0s);
  net_.unwatch(ends.ours(), Direction::recv);
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_TRUE(ask_for(0s).empty());
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  EXPECT_EQ(ask_for(1s).size(), 1U);
}

TEST_F(EpollSource, shows_that_the_peer_has_finished_sending) {
  Ends ends;
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  ask_for(0s);
  EXPECT_TRUE(Sockets::shutdown_send(ends.theirs()).ok());
  const auto ready = ask_for(1s);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].what, Readiness::recv | Readiness::send | Readiness::hang_up);
}

TEST_F(EpollSource, refuses_what_cannot_be_waited_for) {
  const Descriptor file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_EQ(net_.watch(file, Direction::recv).error(), std::errc::operation_not_permitted);
  net_.close(file);
  EXPECT_EQ(net_.watch(file, Direction::recv).error(), std::errc::bad_file_descriptor);
  EXPECT_EQ(net_.watch(-1, Direction::recv).error(), std::errc::bad_file_descriptor);
  EXPECT_EQ(net_.registrations(), 0U);
  ask(sched::never);
  EXPECT_EQ(wake_, Wake::quiescent);
}

TEST_F(EpollSource, takes_at_most_max_events_at_once_and_the_others_next) {
  std::vector<Descriptor> inboxes;
  constexpr std::size_t more = 10;
  for (std::size_t i = 0; i < Epoll::max_events + more; ++i) {
    inboxes.push_back(net_.inbox(std::to_string(i)).value());
    EXPECT_TRUE(net_.watch(inboxes.back(), Direction::recv).ok());
    EXPECT_TRUE(net_.post(std::to_string(i), bytes("x")).ok());
  }
  EXPECT_EQ(ask_for(0s).size(), Epoll::max_events);
  EXPECT_EQ(ask_for(0s).size(), more);
  for (const Descriptor inbox : inboxes) {
    net_.close(inbox);
  }
}

TEST_F(EpollSource, rounds_a_deadline_up_where_the_kernel_counts_milliseconds) {
  Epoll net(EpollOptions{.nanosecond_timeouts = false});
  sched::ReadyList ready;
  for (int i = 0; i < 50; ++i) {
    const auto how_long = sched::Duration(static_cast<std::int64_t>(net.random() % 3'000'000));
    const auto deadline = net.now() + how_long;
    EXPECT_EQ(net.wait(deadline, ready), Wake::deadline);
    EXPECT_GE(monotonic_now(), deadline);
  }
}

}  // namespace
}  // namespace rehearsal::realnet

// Behaviour specific to select(): levels, and descriptors that it cannot hold.
#include "realnet/select.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Task;
using sched::Wake;

class SelectSource : public OverKernel<Select> {
 protected:
  // Allows descriptors of 1024 and more. Returns false if the machine forbids it.
  static bool raise_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1100;
  }
  // Returns the same socket under another number.
  static Descriptor move(Descriptor socket, Descriptor to) {
    const Descriptor moved = ::fcntl(socket, F_DUPFD_CLOEXEC, to);
    Sockets::close(socket);
    return moved;
  }
};

TEST_F(SelectSource, refuses_a_descriptor_that_select_cannot_hold) {
  EXPECT_EQ(net_.watch(Select::limit, Direction::recv).error(), std::errc::value_too_large);
  EXPECT_EQ(net_.watch(100'000, Direction::send).error(), std::errc::value_too_large);
  EXPECT_EQ(net_.watch(-1, Direction::recv).error(), std::errc::bad_file_descriptor);
  net_.unwatch(Select::limit, Direction::recv);
  ask(sched::never);
  EXPECT_EQ(wake_, Wake::quiescent);
}

TEST_F(SelectSource, serves_the_others_beside_a_descriptor_it_refused) {
  if (!raise_limit()) {
    GTEST_SKIP() << "the limit of open files is too low to see it";
  }
  sched::Scheduler<Select> scheduler(net_);
  Ends high;
  Ends low;
  const Descriptor refused = move(high.take_ours(), Select::limit);
  const Descriptor highest = move(low.take_ours(), Select::limit - 1);
  ASSERT_EQ(refused, Select::limit);
  ASSERT_EQ(highest, Select::limit - 1);

  std::vector<std::string> log;
  const auto serve = [&](Descriptor descriptor) -> Task<> {
    sched::Stream<Select> stream(scheduler, descriptor, Endpoint());
    std::array<std::byte, 16> buffer{};
    try {
      const std::size_t size = co_await stream.recv(buffer);
      log.push_back(text(std::span(buffer).first(size)));
    } catch (const std::system_error& error) {
      log.emplace_back(error.code() == std::errc::value_too_large ? "refused" : error.what());
    }
  };
  scheduler.spawn("refused", serve(refused)).detach();
  scheduler.spawn("highest", serve(highest)).detach();
  scheduler.run_until([&] { return !log.empty(); });
  EXPECT_EQ(send(low.theirs(), "served").value(), 6U);
  EXPECT_EQ(scheduler.run(), sched::RunEnd::done);
  EXPECT_EQ(log, (std::vector<std::string>{"refused", "served"}));
}

TEST_F(SelectSource, reports_by_ascending_descriptor) {
  std::vector<Descriptor> inboxes;
  inboxes.reserve(200);
  for (int i = 0; i < 200; ++i) {
    inboxes.push_back(net_.inbox(std::to_string(i)).value());
  }
  for (int i = 199; i >= 0; i -= 3) {
    EXPECT_TRUE(net_.watch(inboxes[static_cast<std::size_t>(i)], Direction::recv).ok());
    EXPECT_TRUE(net_.post(std::to_string(i), bytes("x")).ok());
  }
  const auto ready = ask(sched::never);
  EXPECT_EQ(ready.size(), 67U);
  EXPECT_TRUE(std::is_sorted(ready.begin(), ready.end(), [](const auto& a, const auto& b) {
    return a.descriptor < b.descriptor;
  }));
  for (const Descriptor inbox : inboxes) {
    net_.close(inbox);
  }
}

TEST_F(SelectSource, reports_what_is_watched_and_nothing_else) {
  const Ends ends;
  const Ends unwatched;
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_EQ(send(unwatched.theirs(), "x").value(), 1U);
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  const auto ready = ask(sched::never);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].descriptor, ends.ours());
  EXPECT_EQ(ready[0].what, Readiness::recv);
}

TEST_F(SelectSource, reports_a_level_again_and_again) {
  const Ends ends;
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask_for(0s).size(), 1U);
  }
}

TEST_F(SelectSource, watching_twice_counts_once) {
  const Ends ends;
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  EXPECT_TRUE(net_.watch(ends.ours(), Direction::recv).ok());
  net_.unwatch(ends.ours(), Direction::recv);
  ask(sched::never);
  EXPECT_EQ(wake_, Wake::quiescent);
}

TEST_F(SelectSource, names_a_descriptor_that_was_closed_behind_its_back) {
  Ends closed;
  const Ends fine;
  const Descriptor bad = closed.ours();
  EXPECT_TRUE(net_.watch(bad, Direction::recv).ok());
  EXPECT_TRUE(net_.watch(fine.ours(), Direction::recv).ok());
  closed.close_ours();
  const auto ready = ask(sched::never);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].descriptor, bad);
  EXPECT_EQ(ready[0].what, Readiness::error);
  net_.unwatch(bad, Direction::recv);
  EXPECT_EQ(send(fine.theirs(), "x").value(), 1U);
  EXPECT_EQ(ask(sched::never).size(), 1U);
}

}  // namespace
}  // namespace rehearsal::realnet

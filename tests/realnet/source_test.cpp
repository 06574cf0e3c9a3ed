// The common contract of Select and Epoll: which sockets are ready, and how long a wait lasts.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <thread>

#include "realnet/clock.hpp"
#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Wake;

template <class Net>
class Source : public OverKernel<Net> {
 protected:
  // Returns what the source reports of `descriptor` within `patience`, or none if
  // it reports nothing.
  Readiness shown(Descriptor descriptor, sched::Duration patience = 5s) {
    auto seen = Readiness::none;
    for (const sched::Ready& ready : this->ask_for(patience)) {
      if (ready.descriptor == descriptor) {
        EXPECT_EQ(seen, Readiness::none) << "one entry for one socket";
        seen = ready.what;
      }
    }
    return seen;
  }
  // Data over loopback arrives at once, so the wait is short.
  Readiness shown_soon(Descriptor descriptor) { return shown(descriptor, 20ms); }
  void watch(Descriptor descriptor, Direction way) {
    EXPECT_TRUE(this->net_.watch(descriptor, way).ok());
  }
};
TYPED_TEST_SUITE(Source, BothNetworks, NetworkNames);

TYPED_TEST(Source, reports_a_socket_that_can_be_received_from) {
  const Ends ends;
  this->watch(ends.ours(), Direction::recv);
  EXPECT_FALSE(any(this->shown_soon(ends.ours()), Readiness::recv));
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_TRUE(any(this->shown(ends.ours()), Readiness::recv));
}

TYPED_TEST(Source, reports_a_socket_that_can_be_sent_to_again) {
  const Ends ends;
  const std::size_t filled = fill(ends.ours());
  this->watch(ends.ours(), Direction::send);
  EXPECT_FALSE(any(this->shown_soon(ends.ours()), Readiness::send));
  for (std::size_t taken = 0; taken < filled;) {
    taken += receive(ends.theirs(), 1U << 20U).size();
  }
  EXPECT_TRUE(any(this->shown(ends.ours()), Readiness::send));
}

TYPED_TEST(Source, merges_what_one_socket_shows) {
  const Ends ends;
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  this->watch(ends.ours(), Direction::recv);
  this->watch(ends.ours(), Direction::send);
  EXPECT_EQ(this->shown(ends.ours()), Readiness::recv | Readiness::send);
  EXPECT_EQ(this->wake_, Wake::ready);
}

TYPED_TEST(Source, reports_urgent_data) {
  const Ends ends;
  this->watch(ends.ours(), Direction::recv);
  EXPECT_EQ(::send(ends.theirs(), "!", 1, MSG_OOB), 1);
  EXPECT_TRUE(any(this->shown(ends.ours()), Readiness::urgent));
}

TYPED_TEST(Source, reports_a_reset_to_both_directions) {
  Ends ends;
  fill(ends.ours());
  this->watch(ends.ours(), Direction::recv);
  this->watch(ends.ours(), Direction::send);
  EXPECT_EQ(this->shown_soon(ends.ours()), Readiness::none);
  ends.abort_theirs();
  const Readiness seen = this->shown(ends.ours());
  constexpr auto both = Readiness::hang_up | Readiness::error;
  EXPECT_TRUE(any(seen, Readiness::recv | both));
  EXPECT_TRUE(any(seen, Readiness::send | both));
}

TYPED_TEST(Source, reports_a_datagram_and_an_incoming_connection) {
  const Descriptor listener = listen_on_loopback();
  const auto inbox = Sockets::bind({"127.0.0.1", 0});
  this->watch(listener, Direction::recv);
  this->watch(inbox.value(), Direction::recv);
  EXPECT_EQ(
      Sockets::send_to(inbox.value(), bytes("x"), Sockets::local(inbox.value()).value()).value(),
      1U);
  EXPECT_TRUE(any(this->shown(inbox.value()), Readiness::recv));
  const auto client = Sockets::connect(Sockets::local(listener).value());
  EXPECT_TRUE(any(this->shown(listener), Readiness::recv));
  Sockets::close(client.value().descriptor);
  this->net_.close(listener);
  this->net_.close(inbox.value());
}

TYPED_TEST(Source, is_quiescent_once_nothing_is_watched) {
  Ends ends;
  this->ask(sched::never);
  EXPECT_EQ(this->wake_, Wake::quiescent);
  this->watch(ends.ours(), Direction::recv);
  this->watch(ends.ours(), Direction::send);
  this->net_.unwatch(ends.ours(), Direction::recv);
  this->ask(sched::never);  // the socket becomes writable
  EXPECT_EQ(this->wake_, Wake::ready);
  this->net_.unwatch(ends.ours(), Direction::send);
  this->ask(sched::never);
  EXPECT_EQ(this->wake_, Wake::quiescent);
  this->watch(ends.ours(), Direction::recv);
  this->net_.close(ends.take_ours());
  this->ask(sched::never);
  EXPECT_EQ(this->wake_, Wake::quiescent);
}

TYPED_TEST(Source, does_not_block_where_the_deadline_has_passed) {
  const Ends ends;
  this->watch(ends.ours(), Direction::recv);
  this->ask_for(0s);  // takes the report that it is writable, which no task waits for
  const auto began = this->net_.now();
  for (const auto deadline : {began, sched::Instant{}, sched::Instant::min()}) {
    EXPECT_TRUE(this->ask(deadline).empty());
    EXPECT_EQ(this->wake_, Wake::deadline);
  }
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_EQ(this->ask(began).size(), 1U);
  EXPECT_EQ(this->wake_, Wake::ready);
}

TYPED_TEST(Source, waits_without_a_deadline_until_something_happens) {
  const Ends ends;
  this->watch(ends.ours(), Direction::recv);
  this->ask_for(0s);  // takes the report that it is writable, which no task waits for
  std::thread later([&] {
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  });
  const auto ready = this->ask(sched::never);
  EXPECT_EQ(this->wake_, Wake::ready);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_TRUE(any(ready[0].what, Readiness::recv));
  later.join();
}

TYPED_TEST(Source, never_wakes_before_a_deadline) {
  for (int i = 0; i < 200; ++i) {
    const auto how_long =
        sched::Duration(static_cast<std::int64_t>(this->net_.random() % 2'000'000));
    const auto deadline = this->net_.now() + how_long;
    this->ask(deadline);
    EXPECT_EQ(this->wake_, Wake::deadline);
    EXPECT_GE(monotonic_now(), deadline);
  }
}

// A signal handler has no context.
volatile std::sig_atomic_t interruptions = 0;  // NOLINT(*-avoid-non-const-global-variables)
extern "C" void count_alarm(int /*number*/) { interruptions = interruptions + 1; }

TYPED_TEST(Source, continues_to_wait_after_a_signal_until_the_same_deadline) {
  // Each signal comes long before the deadline: a wait that started again each time
  // would never end.
  struct sigaction counting{};
  counting.sa_handler = count_alarm;
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGUSR2, &counting, &before), 0);
  interruptions = 0;
  sigevent notify{};
  notify.sigev_notify = SIGEV_SIGNAL;
  notify.sigev_signo = SIGUSR2;
  timer_t timer{};
  ASSERT_EQ(::timer_create(CLOCK_MONOTONIC, &notify, &timer), 0);
  const itimerspec every_10_ms{{0, 10'000'000}, {0, 10'000'000}};
  ASSERT_EQ(::timer_settime(timer, 0, &every_10_ms, nullptr), 0);

  const Ends ends;
  this->watch(ends.ours(), Direction::recv);
  this->ask_for(0s);
  const auto deadline = this->net_.now() + 100ms;
  EXPECT_TRUE(this->ask(deadline).empty());
  EXPECT_EQ(this->wake_, Wake::deadline);
  EXPECT_GE(monotonic_now(), deadline);
  EXPECT_GT(interruptions, 0);

  ::timer_delete(timer);
  ::sigaction(SIGUSR2, &before, nullptr);
}

TYPED_TEST(Source, forgets_a_descriptor_that_is_closed) {
  Ends old;
  Ends fresh;
  EXPECT_EQ(send(old.theirs(), "for the old one").value(), 15U);
  this->watch(old.ours(), Direction::recv);
  const Descriptor number = old.take_ours();
  this->net_.close(number);
  const Descriptor reused = ::fcntl(fresh.ours(), F_DUPFD, number);
  fresh.close_ours();
  ASSERT_EQ(reused, number);
  this->watch(reused, Direction::recv);
  EXPECT_FALSE(any(this->shown_soon(reused), Readiness::recv));
  EXPECT_EQ(send(fresh.theirs(), "x").value(), 1U);
  EXPECT_TRUE(any(this->shown(reused), Readiness::recv));
  this->net_.close(reused);
}

TYPED_TEST(Source, watches_the_descriptor_0_as_any_other) {
  const Ends ends;
  const Descriptor stdin_copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(ends.ours(), STDIN_FILENO);
  this->watch(STDIN_FILENO, Direction::recv);
  EXPECT_EQ(send(ends.theirs(), "x").value(), 1U);
  EXPECT_TRUE(any(this->shown(STDIN_FILENO), Readiness::recv));
  this->net_.unwatch(STDIN_FILENO, Direction::recv);
  sched::ReadyList ready;
  EXPECT_EQ(this->net_.wait(sched::never, ready), Wake::quiescent);
  this->net_.close(STDIN_FILENO);
  if (stdin_copy >= 0) {
    ::dup2(stdin_copy, STDIN_FILENO);
    ::close(stdin_copy);
  }
}

TYPED_TEST(Source, closes_a_descriptor_that_it_never_watched) {
  const Ends watched;
  this->watch(watched.ours(), Direction::recv);
  std::vector<Descriptor> others;
  for (int i = 0; i < 100; ++i) {
    others.push_back(::fcntl(watched.ours(), F_DUPFD_CLOEXEC, watched.ours() + 1));
  }
  for (const Descriptor other : others) {  // the first one is right behind the watched one
    this->net_.close(other);
  }
  EXPECT_EQ(send(watched.theirs(), "x").value(), 1U);
  EXPECT_TRUE(any(this->shown(watched.ours()), Readiness::recv));
}

TYPED_TEST(Source, finds_all_of_many) {
  std::vector<Descriptor> inboxes;
  for (int i = 0; i < 900; ++i) {
    const auto inbox = this->net_.inbox(std::to_string(i));
    ASSERT_TRUE(inbox.ok());
    inboxes.push_back(inbox.value());
    this->watch(inboxes.back(), Direction::recv);
    EXPECT_TRUE(this->net_.post(std::to_string(i), bytes("x")).ok());
  }
  std::size_t found = 0;
  for (const Descriptor before : inboxes) {
    for (const sched::Ready& ready : this->ask_for(0s)) {
      ++found;
      this->net_.unwatch(ready.descriptor, Direction::recv);
    }
    if (this->wake_ == Wake::deadline) {
      break;
    }
    EXPECT_GE(before, 0);
  }
  EXPECT_EQ(found, inboxes.size());
  for (const Descriptor inbox : inboxes) {
    this->net_.close(inbox);
  }
}

TYPED_TEST(Source, holds_nothing_back_and_chooses_the_nominal) {
  static_assert(!sched::hooks_of<TypeParam>.holds_back);
  EXPECT_EQ(this->net_.choose("anything", 7), 0U);
}

TYPED_TEST(Source, shows_the_wall_clock_of_the_system) {
  const auto before = std::chrono::system_clock::now();
  const sched::WallTime shown = this->net_.wall_clock();
  EXPECT_LT(std::chrono::abs(shown - before), 24h);  // only somebody who sets the clock moves it
}

TYPED_TEST(Source, draws_random_bits_that_differ) {
  std::vector<std::uint64_t> drawn(100);
  for (std::uint64_t& bits : drawn) {
    bits = this->net_.random();
  }
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
}

}  // namespace
}  // namespace rehearsal::realnet

#include "realnet/signals.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

constexpr std::array usr1{SIGUSR1};
constexpr std::array usr1_and_2{SIGUSR2, SIGUSR1};

using HandlerFunction = void (*)(int);
HandlerFunction handler_of(int number) {
  struct sigaction action{};
  ::sigaction(number, nullptr, &action);
  return action.sa_handler;
}

class SignalsTest : public Guarded {
 protected:
  Signals signals_;
};

TEST_F(SignalsTest, a_signal_makes_its_descriptor_readable_until_it_is_taken) {
  const Descriptor descriptor = signals_.open(usr1).value();
  EXPECT_FALSE(readable(descriptor));
  EXPECT_EQ(signals_.next(descriptor).error(), sched::would_block);
  ::raise(SIGUSR1);
  EXPECT_TRUE(readable(descriptor));
  EXPECT_EQ(signals_.next(descriptor).value(), SIGUSR1);
  EXPECT_EQ(signals_.next(descriptor).error(), sched::would_block);
  EXPECT_FALSE(readable(descriptor));
}

TEST_F(SignalsTest, the_lowest_comes_first_and_each_once) {
  const Descriptor descriptor = signals_.open(usr1_and_2).value();
  for (const int number : {SIGUSR2, SIGUSR1, SIGUSR2}) {
    ::raise(number);
  }
  EXPECT_EQ(signals_.next(descriptor).value(), SIGUSR1);
  EXPECT_TRUE(readable(descriptor));
  EXPECT_EQ(signals_.next(descriptor).value(), SIGUSR2);
  EXPECT_EQ(signals_.next(descriptor).error(), sched::would_block);
}

TEST_F(SignalsTest, everyone_who_asked_gets_it) {
  Signals others;
  const Descriptor first = signals_.open(usr1).value();
  const Descriptor second = others.open(usr1_and_2).value();
  ::raise(SIGUSR1);
  EXPECT_EQ(signals_.next(first).value(), SIGUSR1);
  EXPECT_EQ(others.next(second).value(), SIGUSR1);
  others.close(second);
  ::raise(SIGUSR1);
  EXPECT_EQ(signals_.next(first).value(), SIGUSR1);
}

TEST_F(SignalsTest, the_default_effect_is_back_after_the_last_close) {
  const auto before = handler_of(SIGUSR1);
  const Descriptor first = signals_.open(usr1).value();
  const Descriptor second = signals_.open(usr1).value();
  EXPECT_NE(handler_of(SIGUSR1), before);
  signals_.close(first);
  EXPECT_NE(handler_of(SIGUSR1), before);
  signals_.close(second);
  EXPECT_EQ(handler_of(SIGUSR1), before);
  {
    Signals dies_open;
    EXPECT_TRUE(dies_open.open(usr1).ok());
  }
  EXPECT_EQ(handler_of(SIGUSR1), before);
}

TEST_F(SignalsTest, one_that_was_not_taken_is_dropped_at_close) {
  const Descriptor first = signals_.open(usr1).value();
  ::raise(SIGUSR1);
  signals_.close(first);
  const Descriptor second = signals_.open(usr1).value();
  EXPECT_FALSE(readable(second));
  EXPECT_EQ(signals_.next(second).error(), sched::would_block);
}

TEST_F(SignalsTest, it_arrives_whichever_thread_the_kernel_interrupts) {
  const Descriptor descriptor = signals_.open(usr1).value();
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      std::this_thread::sleep_for(1ms);
    }
  });
  ASSERT_EQ(::pthread_kill(other.native_handle(), SIGUSR1), 0);
  const auto number = eventually(descriptor, POLLIN, [&] { return signals_.next(descriptor); });
  EXPECT_EQ(number.value(), SIGUSR1);
  done = true;
  other.join();
}

TEST_F(SignalsTest, what_cannot_be_taken_is_refused) {
  for (const int number : {SIGKILL, SIGSTOP, SIGSEGV, SIGFPE, SIGILL, SIGBUS, 0, -1, 65}) {
    const std::array numbers{SIGUSR1, number};
    EXPECT_EQ(signals_.open(numbers).error(), std::errc::invalid_argument) << number;
  }
  EXPECT_EQ(signals_.open({}).error(), std::errc::invalid_argument);
  EXPECT_EQ(handler_of(SIGUSR1), SIG_DFL);
  EXPECT_EQ(signals_.next(0).error(), std::errc::bad_file_descriptor);
}

// The lower number is caught before the other one is refused, or the refused one comes first.
TEST_F(SignalsTest, what_is_refused_half_way_changes_nothing) {
  Signals keeps;
  const Descriptor kept = keeps.open(std::array{SIGTERM}).value();
  const auto handler = handler_of(SIGTERM);
  const auto of_hangup = handler_of(SIGHUP);  // under nohup, ignored
  for (int time = 0; time < 2; ++time) {
    for (const std::array numbers : {std::array{SIGKILL, SIGTERM}, std::array{SIGHUP, SIGKILL}}) {
      EXPECT_EQ(signals_.open(numbers).error(), std::errc::invalid_argument);
    }
    ASSERT_EQ(handler_of(SIGTERM), handler);
    EXPECT_EQ(handler_of(SIGHUP), of_hangup);
  }
  ::raise(SIGTERM);
  EXPECT_EQ(keeps.next(kept).value(), SIGTERM);
  keeps.close(kept);
  EXPECT_EQ(handler_of(SIGTERM), SIG_DFL);
  for (const int number : {SIGTERM, SIGHUP}) {
    const Descriptor again = signals_.open(std::array{number}).value();
    EXPECT_EQ(handler_of(number), handler);
    signals_.close(again);
  }
}

TEST_F(SignalsTest, more_than_there_is_room_for_is_refused) {
  for (int i = 0; i < 32; ++i) {
    EXPECT_TRUE(signals_.open(usr1).ok());
  }
  EXPECT_EQ(signals_.open(usr1).error(), std::errc::too_many_files_open);
}

// Dispositions belong to the process, which may have a network in each thread. Only the thread
// sanitizer sees every mistake here (./dev test tsan).
TEST_F(SignalsTest, threads_ask_for_the_same_signal_at_once) {
  const HandlerFunction before = handler_of(SIGUSR1);
  const auto ask_again_and_again = [] {
    Signals signals;
    for (int i = 0; i < 200; ++i) {
      signals.close(signals.open(usr1).value());
    }
  };
  std::thread other(ask_again_and_again);
  ask_again_and_again();
  other.join();
  EXPECT_EQ(handler_of(SIGUSR1), before);
}

TEST_F(SignalsTest, a_closed_descriptor_is_never_written_to_again) {
  Signals keeps;  // so that SIGUSR1 never has its default effect
  ASSERT_TRUE(keeps.open(usr1).ok());
  std::atomic<bool> done = false;
  std::thread sender([&] {
    while (!done) {
      ::raise(SIGUSR1);
    }
  });
  for (int i = 0; i < 200; ++i) {
    const Descriptor closed = signals_.open(usr1).value();
    signals_.close(closed);
    // The next file to get the number.
    const Descriptor heir = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ASSERT_EQ(heir, closed);
    std::this_thread::yield();
    EXPECT_FALSE(readable(heir));
    ::close(heir);
  }
  done = true;
  sender.join();
}

template <class Net>
class SignalsOver : public OverKernel<Net> {};
TYPED_TEST_SUITE(SignalsOver, BothNetworks, NetworkNames);

TYPED_TEST(SignalsOver, a_task_waits_for_signals_as_for_a_socket) {
  sched::Host<TypeParam> host(this->net_);
  std::vector<int> taken;
  auto task = host.spawn("takes signals", [&]() -> sched::Task<> {
    auto signals = host.signals({SIGUSR1, SIGUSR2});
    for (int i = 0; i < 3; ++i) {
      const int number = co_await signals.next();
      taken.push_back(number);
    }
  });
  host.run_until(this->net_.now() + 10ms);
  ::raise(SIGUSR1);
  ::raise(SIGUSR2);
  host.run_until(this->net_.now() + 10ms);
  EXPECT_EQ(taken, (std::vector<int>{SIGUSR1, SIGUSR2}));
  // Sends a signal to the process while the loop blocks.
  std::thread later([] {
    std::this_thread::sleep_for(20ms);
    ::kill(::getpid(), SIGUSR1);
  });
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  later.join();
  EXPECT_EQ(taken.size(), 3U);
  EXPECT_EQ(handler_of(SIGUSR1), SIG_DFL);
}

}  // namespace
}  // namespace rehearsal::realnet

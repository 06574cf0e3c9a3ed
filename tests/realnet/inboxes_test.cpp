#include "realnet/inboxes.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

class InboxesTest : public Guarded {
 protected:
  void post(std::string_view name, std::string_view message) {
    EXPECT_TRUE(inboxes_.post(name, bytes(message)).ok());
  }
  // Returns the next message, or in brackets why there is none.
  std::string next(Descriptor descriptor) {
    const auto message = inboxes_.next(descriptor);
    return message.ok() ? text(message.value())
                        : "[" + std::make_error_code(message.error()).message() + "]";
  }

  Inboxes inboxes_;
  const std::string empty_ = "[" + std::make_error_code(sched::would_block).message() + "]";
};

TEST_F(InboxesTest, messages_come_whole_and_in_order) {
  const Descriptor inbox = inboxes_.open("orders").value();
  EXPECT_FALSE(readable(inbox));
  post("orders", "one");
  post("orders", "");
  post("orders", "three");
  EXPECT_TRUE(readable(inbox));
  EXPECT_EQ(next(inbox), "one");
  EXPECT_EQ(next(inbox), "");
  EXPECT_TRUE(readable(inbox));
  EXPECT_EQ(next(inbox), "three");
  EXPECT_EQ(next(inbox), empty_);
  EXPECT_FALSE(readable(inbox));
  post("orders", "four");
  EXPECT_TRUE(readable(inbox));
}

TEST_F(InboxesTest, what_is_posted_before_it_is_opened_waits_there) {
  post("early", "bird");
  const Descriptor inbox = inboxes_.open("early").value();
  EXPECT_TRUE(readable(inbox));
  EXPECT_EQ(next(inbox), "bird");
}

TEST_F(InboxesTest, a_name_is_open_once_and_keeps_what_was_not_taken) {
  const Descriptor first = inboxes_.open("name").value();
  EXPECT_EQ(inboxes_.open("name").error(), std::errc::device_or_resource_busy);
  post("name", "left behind");
  inboxes_.close(first);
  post("name", "posted while closed");
  const Descriptor second = inboxes_.open("name").value();
  EXPECT_TRUE(readable(second));
  EXPECT_EQ(next(second), "left behind");
  EXPECT_EQ(next(second), "posted while closed");
}

TEST_F(InboxesTest, names_do_not_mix) {
  const Descriptor a = inboxes_.open("a").value();
  const Descriptor b = inboxes_.open("b").value();
  post("a", "for a");
  EXPECT_FALSE(readable(b));
  EXPECT_EQ(next(b), empty_);
  EXPECT_EQ(next(a), "for a");
  EXPECT_EQ(inboxes_.next(0).error(), std::errc::bad_file_descriptor);
}

TEST_F(InboxesTest, a_full_one_refuses_and_takes_again_once_emptied) {
  for (std::size_t i = 0; i < Inboxes::max_waiting; ++i) {
    post("full", "x");
  }
  EXPECT_EQ(inboxes_.post("full", bytes("y")).error(), std::errc::no_buffer_space);
  const Descriptor inbox = inboxes_.open("full").value();
  EXPECT_EQ(next(inbox), "x");
  EXPECT_TRUE(inboxes_.post("full", bytes("y")).ok());
}

TEST_F(InboxesTest, a_closed_descriptor_is_never_written_to_again) {
  std::atomic<bool> done = false;
  std::thread poster([&] {
    while (!done) {
      static_cast<void>(inboxes_.post("name", bytes("x")));
    }
  });
  for (int i = 0; i < 100; ++i) {
    const Descriptor closed = inboxes_.open("name").value();
    while (inboxes_.next(closed).ok()) {
    }
    inboxes_.close(closed);
    const Descriptor heir = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ASSERT_EQ(heir, closed);
    std::this_thread::yield();
    EXPECT_FALSE(readable(heir));
    ::close(heir);
  }
  done = true;
  poster.join();
}

template <class Net>
class InboxesOver : public OverKernel<Net> {};
TYPED_TEST_SUITE(InboxesOver, BothNetworks, NetworkNames);

TYPED_TEST(InboxesOver, an_aborted_inbox_is_closed_and_can_be_opened_again) {
  for (int i = 0; i < 2; ++i) {
    const auto inbox = this->net_.inbox("orders");
    ASSERT_TRUE(inbox.ok());
    this->net_.abort(inbox.value());
  }
}

TYPED_TEST(InboxesOver, many_threads_post_and_nothing_is_lost) {
  constexpr int threads = 4;
  constexpr int each = 2000;
  sched::Host<TypeParam> host(this->net_);
  std::vector<int> last(threads, -1);
  int taken = 0;
  auto task = host.spawn("takes", [&]() -> sched::Task<> {
    auto inbox = host.inbox("numbers");
    while (taken < threads * each) {
      const auto message = co_await inbox.recv();
      const auto from = static_cast<std::size_t>(message[0]);
      const int number = std::stoi(text(std::span(message).subspan(1)));
      EXPECT_EQ(number, last[from] + 1) << "the messages of one thread stay in order";
      last[from] = number;
      ++taken;
    }
  });
  std::vector<std::thread> posters;
  posters.reserve(threads);
  for (int from = 0; from < threads; ++from) {
    posters.emplace_back([&net = this->net_, from] {
      for (int number = 0; number < each; ++number) {
        const std::string message = static_cast<char>(from) + std::to_string(number);
        EXPECT_TRUE(net.post("numbers", bytes(message)).ok());
      }
    });
  }
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  for (std::thread& poster : posters) {
    poster.join();
  }
  EXPECT_EQ(taken, threads * each);
}

}  // namespace
}  // namespace rehearsal::realnet

// Streams over both kernel sources: the kernel's readiness and the scheduler's handling of it have
// to fit together.
#include "sched/io/stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <numeric>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Scheduler;
using sched::Stream;
using sched::Task;

template <class Net>
class Streams : public Guarded {
 protected:
  Stream<Net> take(Descriptor descriptor) {
    return Stream<Net>(scheduler_, descriptor, Endpoint());
  }
  // Runs rounds and polls until nothing more happens for a while.
  void settle() {
    scheduler_.run_until(net_.now() + 20ms);
    scheduler_.run_until(net_.now() + 20ms);
  }

  Net net_;
  Scheduler<Net> scheduler_{net_};
};
TYPED_TEST_SUITE(Streams, BothNetworks, NetworkNames);

// Receives everything up to the end in pieces of at most `at_most` bytes; appends in brackets
// what ended it.
template <class Net>
Task<> receive_all(Stream<Net> stream, std::string& into, std::size_t at_most = 65536) {
  std::vector<std::byte> buffer(at_most);
  try {
    for (;;) {
      const std::size_t size = co_await stream.recv(buffer);
      if (size == 0) {
        break;
      }
      into += text(std::span(buffer).first(size));
    }
    into += "[end]";
  } catch (const std::system_error& error) {
    into += "[" + error.code().message() + "]";
  }
}

TYPED_TEST(Streams, data_and_end_may_come_as_one_edge) {
  Ends ends;
  std::string received;
  auto receiving =
      this->scheduler_.spawn("receives", receive_all(this->take(ends.take_ours()), received));
  this->settle();  // the task waits, and its socket is registered
  EXPECT_EQ(send(ends.theirs(), "last words").value(), 10U);
  ends.close_theirs();
  this->scheduler_.run_until(receiving);
  EXPECT_EQ(received, "last words[end]");
}

TYPED_TEST(Streams, data_behind_an_urgent_byte_is_not_left_behind) {
  Ends ends;
  std::string received;
  auto receiving =
      this->scheduler_.spawn("receives", receive_all(this->take(ends.take_ours()), received));
  this->settle();
  EXPECT_EQ(send(ends.theirs(), "abc").value(), 3U);
  EXPECT_EQ(::send(ends.theirs(), "!", 1, MSG_OOB), 1);
  EXPECT_EQ(send(ends.theirs(), "def").value(), 3U);
  this->settle();
  EXPECT_EQ(received, "abc!def");
  EXPECT_EQ(send(ends.theirs(), ", on").value(), 4U);
  this->settle();
  EXPECT_EQ(received, "abc!def, on");
  ends.close_theirs();
  this->scheduler_.run_until(receiving);
  EXPECT_EQ(received, "abc!def, on[end]");
}

TYPED_TEST(Streams, a_reset_wakes_the_receiver_and_the_sender) {
  Ends ends;
  fill(ends.ours());
  auto stream = this->take(ends.take_ours());
  std::string seen;
  auto receiving = this->scheduler_.spawn("receives", [&]() -> Task<> {
    std::array<std::byte, 8> buffer{};
    try {
      static_cast<void>(co_await stream.recv(buffer));
    } catch (const std::system_error&) {
      seen += "receiver ";
    }
  });
  auto sending = this->scheduler_.spawn("sends", [&]() -> Task<> {
    try {
      co_await stream.send(bytes("x"));
    } catch (const std::system_error&) {
      seen += "sender ";
    }
  });
  this->settle();
  EXPECT_EQ(seen, "");
  ends.abort_theirs();
  EXPECT_EQ(this->scheduler_.run(), sched::RunEnd::done);
  EXPECT_EQ(seen, "receiver sender ");
}

TYPED_TEST(Streams, a_peer_that_never_reads_holds_up_its_sender_alone) {
  Ends clogged;
  Ends other;
  std::string sent(16U << 20U, '\0');
  std::iota(sent.begin(), sent.end(), '\0');
  auto sending = this->scheduler_.spawn("sends", [&]() -> Task<> {
    auto stream = this->take(clogged.take_ours());
    co_await stream.send_all(bytes(sent));
  });
  std::string received;
  auto receiving =
      this->scheduler_.spawn("receives", receive_all(this->take(other.take_ours()), received));
  this->settle();
  EXPECT_EQ(send(other.theirs(), "served").value(), 6U);
  other.close_theirs();
  this->scheduler_.run_until(receiving);
  EXPECT_EQ(received, "served[end]");
  EXPECT_FALSE(sending.done());

  std::string arrived;
  auto reading = this->scheduler_.spawn(
      "reads", receive_all(this->take(clogged.take_theirs()), arrived, 1U << 20U));
  EXPECT_EQ(this->scheduler_.run(), sched::RunEnd::done);
  EXPECT_TRUE(arrived == sent + "[end]");
}

TYPED_TEST(Streams, closing_wakes_the_task_that_waits) {
  Ends ends;
  auto stream = this->take(ends.take_ours());
  std::error_code error;
  auto receiving = this->scheduler_.spawn("receives", [&]() -> Task<> {
    std::array<std::byte, 8> buffer{};
    try {
      static_cast<void>(co_await stream.recv(buffer));
    } catch (const std::system_error& failure) {
      error = failure.code();
    }
  });
  this->settle();
  stream.close();
  EXPECT_EQ(this->scheduler_.run(), sched::RunEnd::done);
  EXPECT_EQ(error, std::errc::operation_canceled);
  EXPECT_EQ(receive(ends.theirs()), "[end]");
}

TYPED_TEST(Streams, the_next_owner_of_a_descriptor_sees_nothing_of_the_last) {
  Ends old;
  Ends fresh;
  auto stream = this->take(old.take_ours());
  const sched::Handle stale = stream.handle();
  EXPECT_EQ(send(old.theirs(), "for the old one").value(), 15U);
  this->settle();
  stream.close();
  const Descriptor reused = ::fcntl(fresh.ours(), F_DUPFD, stale.descriptor);
  fresh.close_ours();
  ASSERT_EQ(reused, stale.descriptor);

  std::string received;
  auto receiving = this->scheduler_.spawn("receives", receive_all(this->take(reused), received));
  std::error_code error;
  auto late = this->scheduler_.spawn("late", [&]() -> Task<> {
    try {
      co_await this->scheduler_.wait(stale, Direction::recv);
    } catch (const std::system_error& failure) {
      error = failure.code();
    }
  });
  this->settle();
  EXPECT_EQ(error, std::errc::bad_file_descriptor);
  EXPECT_EQ(received, "");
  EXPECT_EQ(send(fresh.theirs(), "for the new one").value(), 15U);
  fresh.close_theirs();
  this->scheduler_.run_until(receiving);
  EXPECT_EQ(received, "for the new one[end]");
}

}  // namespace
}  // namespace rehearsal::realnet

// How a kernel behaves towards streams and listeners that a program uses through a host.
#include <optional>

#include "tests/servers/echo_clients.hpp"
#include "tests/servers/kernel_echo.hpp"

namespace rehearsal::servers {
namespace {

using sched::Stream;
using sched::Task;

template <class Net>
class RealSockets : public realnet::Guarded {
 protected:
  RealSockets() {
    auto accepting = host_.spawn("accept", [this]() -> Task<> {
      auto accepted = co_await listener_.accept();
      ours_.emplace(std::move(*accepted));
    });
    client_.emplace(listener_.local());
    host_.run_until(accepting);
  }

  Stream<Net>& ours() { return *ours_; }
  BareClient& client() { return *client_; }
  void settle() { host_.run_until(network_.now() + 20ms); }
  // Receives once at our end: returns the data, or in brackets what was thrown.
  sched::JoinHandle<std::string> receive() {
    return host_.spawn("receive", [this]() -> Task<std::string> {
      std::vector<std::byte> buffer(100);
      try {
        const std::size_t size = co_await ours_->recv(buffer);
        co_return size == 0 ? "[end]" : text(std::span(buffer).first(size));
      } catch (const std::system_error& error) {
        co_return "[" + error.code().message() + "]";
      }
    });
  }
  // Sends all of `what`, which must live until then; returns "sent", or in brackets
  // what was thrown.
  sched::JoinHandle<std::string> send(std::string_view what) {
    return host_.spawn("send", [this, what]() -> Task<std::string> {
      try {
        co_await ours_->send_all(bytes(what));
        co_return "sent";
      } catch (const std::system_error& error) {
        co_return "[" + error.code().message() + "]";
      }
    });
  }
  // More than any buffer of the kernel takes.
  static const std::string& much() {
    static const std::string text = letters(16U << 20U, 1);
    return text;
  }

  Net network_;
  sched::Host<Net> host_{network_};
  sched::Listener<Net> listener_ = host_.listen({"127.0.0.1", 0});
  std::optional<Stream<Net>> ours_;
  std::optional<BareClient> client_;
};
TYPED_TEST_SUITE(RealSockets, realnet::BothNetworks, realnet::NetworkNames);

TYPED_TEST(RealSockets, refuse_a_second_receiver_and_the_first_still_wakes) {
  auto first = this->receive();
  this->settle();
  auto second = this->receive();
  this->host_.run_until(second);
  EXPECT_EQ(second.take(), "[Device or resource busy]");
  EXPECT_FALSE(first.done());
  this->client().say("for the first");
  this->host_.run_until(first);
  EXPECT_EQ(first.take(), "for the first");
}

TYPED_TEST(RealSockets, refuse_a_second_sender_and_the_first_still_sends_all) {
  auto first = this->send(this->much());
  this->settle();
  auto second = this->send("never");
  this->host_.run_until(second);
  EXPECT_EQ(second.take(), "[Device or resource busy]");
  EXPECT_FALSE(first.done());
  std::string heard;
  while (heard.size() < this->much().size()) {
    heard += this->client().hear();
    this->host_.run_until(this->network_.now() + 1ms);
  }
  this->host_.run_until(first);
  EXPECT_EQ(first.take(), "sent");
  EXPECT_TRUE(heard == this->much());
}

TYPED_TEST(RealSockets, receive_and_send_at_once) {
  auto sending = this->send(this->much());
  auto receiving = this->receive();
  this->settle();
  this->client().say("while it sends");
  this->host_.run_until(receiving);
  EXPECT_EQ(receiving.take(), "while it sends");
  EXPECT_FALSE(sending.done());
}

TYPED_TEST(RealSockets, wake_their_sender_when_they_are_closed) {
  auto sending = this->send(this->much());
  this->settle();
  EXPECT_FALSE(sending.done());
  this->ours().close();
  this->host_.run_until(sending);
  EXPECT_EQ(sending.take(), "[Operation canceled]");
}

TYPED_TEST(RealSockets, wake_the_accepting_task_when_the_listener_is_closed) {
  auto accepting =
      this->host_.spawn("accept", [this]() -> Task<> { co_await this->listener_.accept(); });
  this->settle();
  this->listener_.close();
  this->host_.run_until(accepting);
  const auto error = realnet::error_of([&] { accepting.take(); });
  EXPECT_EQ(error, std::errc::operation_canceled);
}

TYPED_TEST(RealSockets, finish_sending_and_continue_to_receive) {
  this->ours().shutdown_send();
  this->ours().shutdown_send();
  EXPECT_EQ(this->client().hear(), "[end]");
  this->client().say("still there");
  auto receiving = this->receive();
  this->host_.run_until(receiving);
  EXPECT_EQ(receiving.take(), "still there");
}

TYPED_TEST(RealSockets, continue_to_send_to_a_peer_that_has_finished) {
  this->client().finish();
  auto receiving = this->receive();
  this->host_.run_until(receiving);
  EXPECT_EQ(receiving.take(), "[end]");
  auto sending = this->send("to the end");
  this->host_.run_until(sending);
  EXPECT_EQ(sending.take(), "sent");
  EXPECT_EQ(this->client().hear(), "to the end");
}

TYPED_TEST(RealSockets, say_how_much_went_out_before_a_send_was_cancelled) {
  auto sending = this->send(this->much());
  this->settle();
  sending.cancel();
  this->host_.run_until(sending);
  const std::uint64_t sent = this->ours().bytes_sent();
  EXPECT_GT(sent, 0U);
  EXPECT_LT(sent, this->much().size());
  this->ours().close();
  EXPECT_TRUE(this->client().hear_all() == this->much().substr(0, sent) + "[end]");
}

TYPED_TEST(RealSockets, once_closed_never_get_what_is_for_the_next_owner_of_their_number) {
  const sched::Handle old = this->ours().handle();
  BareClient next_client(this->listener_.local());
  this->ours().close();
  std::optional<Stream<TypeParam>> next;
  auto accepting = this->host_.spawn("accept", [&]() -> Task<> {
    auto accepted = co_await this->listener_.accept();
    next.emplace(std::move(*accepted));
  });
  this->host_.run_until(accepting);
  next_client.say("for the next");
  this->settle();
  EXPECT_EQ(next->handle().descriptor, old.descriptor);
  EXPECT_FALSE(next->handle() == old);
  auto late = this->receive();
  auto late_send = this->send("never");
  this->settle();
  EXPECT_EQ(late.take(), "[Bad file descriptor]");
  EXPECT_EQ(late_send.take(), "[Bad file descriptor]");
  this->ours().close();  // is closed already, and closes no other socket
  this->ours_ = std::move(next);
  auto receiving = this->receive();
  this->host_.run_until(receiving);
  EXPECT_EQ(receiving.take(), "for the next");
}

}  // namespace
}  // namespace rehearsal::servers

#include "sched/io/listener.hpp"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using simnet::ScriptedNetwork;

using Accepts = decltype(simnet::ScriptedSocket::accepts);

class ListenerTest : public ScriptedHostTest {
 protected:
  static constexpr Descriptor descriptor = 3;

  // REQUIRES: the network's own script is in place.
  Listener<ScriptedNetwork> listen(Accepts accepts) {
    simnet::ScriptedSocket script;
    script.accepts = std::move(accepts);
    network_.script(descriptor, std::move(script));
    return host_.listen(Endpoint());
  }
  // Accepts until the backlog is empty, and records each client.
  Task<> accept_all(Listener<ScriptedNetwork>& listener) {
    for (;;) {
      const auto client = co_await listener.accept();
      if (!client) {
        log_.push_back("the end");
        co_return;
      }
      log_.push_back(client->name());
    }
  }
};

TEST_F(ListenerTest, accepts_what_is_in_the_backlog_and_then_waits_for_more) {
  network_ = ScriptedNetwork({finds({readable(descriptor)})});
  auto listener = listen({5, 6, would_block, 7});
  host_.spawn(accept_all(listener));
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, (Log{"client-5", "client-6", "client-7"}));
  EXPECT_EQ(listener.accepted(), 3U);
}

TEST_F(ListenerTest, skips_a_client_that_is_gone_already) {
  auto listener = listen({std::errc::connection_aborted, 5, std::errc::protocol_error, 6});
  host_.spawn(accept_all(listener));
  host_.run();
  EXPECT_EQ(log_, (Log{"client-5", "client-6"}));
  EXPECT_EQ(listener.skipped(), 2U);
  EXPECT_EQ(host_.now(), at(0ms));
}

TEST_F(ListenerTest, skips_errors_of_accept_about_one_client_or_its_route) {
  for (const std::errc error :
       {std::errc::connection_aborted, std::errc::protocol_error, std::errc::network_down,
        std::errc::host_unreachable, std::errc::network_unreachable, std::errc::no_protocol_option,
        std::errc::operation_not_permitted, std::errc::operation_not_supported}) {
    EXPECT_TRUE(is_of_one_client(error));
    EXPECT_FALSE(is_exhaustion(error));
  }
  EXPECT_FALSE(is_of_one_client(std::errc::bad_file_descriptor));
  EXPECT_FALSE(is_of_one_client(std::errc::invalid_argument));
}

TEST_F(ListenerTest, backs_off_while_descriptors_or_memory_have_run_out_and_needs_no_new_edge) {
  auto listener = listen({std::errc::too_many_files_open, std::errc::too_many_files_open_in_system,
                          std::errc::no_buffer_space, std::errc::not_enough_memory, 5});
  host_.spawn(accept_all(listener));
  host_.run();
  EXPECT_EQ(log_, Log{"client-5"});
  EXPECT_EQ(host_.now(), at(5ms + 10ms + 20ms + 40ms));
  EXPECT_EQ(listener.back_offs(), 4U);
}

TEST_F(ListenerTest, backs_off_for_no_longer_than_a_third_of_a_second_at_a_time) {
  Accepts accepts(9, std::errc::too_many_files_open);
  accepts.emplace_back(5);
  auto listener = listen(accepts);
  host_.spawn(accept_all(listener));
  host_.run();
  EXPECT_EQ(host_.now(), at(5ms + 10ms + 20ms + 40ms + 80ms + 160ms + 3 * 320ms));
}

TEST_F(ListenerTest, begins_with_a_short_back_off_again_after_each_client) {
  auto listener = listen({std::errc::too_many_files_open, std::errc::too_many_files_open, 5,
                          std::errc::too_many_files_open, 6});
  host_.spawn(accept_all(listener));
  host_.run();
  EXPECT_EQ(host_.now(), at(5ms + 10ms + 5ms));
}

TEST_F(ListenerTest, does_not_hold_the_other_tasks_up_while_it_backs_off) {
  auto listener = listen({std::errc::too_many_files_open, 5});
  host_.spawn(accept_all(listener));
  host_.spawn([this]() -> Task<> {
    co_await sleep_for(1ms);
    log_.push_back("another task");
  });
  host_.run();
  EXPECT_EQ(log_, (Log{"another task", "client-5"}));
}

TEST_F(ListenerTest, throws_anything_else) {
  auto listener = listen({std::errc::invalid_argument});
  EXPECT_EQ(error_of([&] { run(listener.accept()); }), std::errc::invalid_argument);
}

TEST_F(ListenerTest, that_is_stopped_takes_the_backlog_and_closes) {
  auto listener = listen({5, 6});
  listener.stop();
  EXPECT_TRUE(listener.stopped());
  EXPECT_TRUE(listener.is_open());
  run(accept_all(listener));
  EXPECT_EQ(log_, (Log{"client-5", "client-6", "the end"}));
  EXPECT_FALSE(listener.is_open());
  EXPECT_TRUE(network_.record(descriptor).closed);
  run(accept_all(listener));
  EXPECT_EQ(log_.back(), "the end");
}

TEST_F(ListenerTest, ends_an_accept_that_waits_when_it_is_stopped) {
  auto listener = listen({5, would_block});
  host_.spawn(accept_all(listener));
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  listener.stop();
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"client-5", "the end"}));
}

TEST_F(ListenerTest, that_is_stopped_while_it_backs_off_still_takes_the_backlog) {
  auto listener = listen({std::errc::too_many_files_open, std::errc::too_many_files_open, 5});
  host_.spawn(accept_all(listener));
  host_.run_until(at(1ms));
  listener.stop();
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"client-5", "the end"}));
  EXPECT_EQ(host_.now(), at(15ms));
}

TEST_F(ListenerTest, that_is_closed_wakes_the_accepting_task_with_an_error) {
  auto listener = listen({});
  auto acceptor = host_.spawn(failure_of(accept_all(listener)));
  host_.run();
  listener.close();
  host_.run();
  EXPECT_EQ(acceptor.take(), std::errc::operation_canceled);
}

TEST_F(ListenerTest, is_busy_for_a_second_task) {
  auto listener = listen({});
  host_.spawn(accept_all(listener));
  auto second = host_.spawn(failure_of(accept_all(listener)));
  host_.run();
  EXPECT_EQ(second.take(), std::errc::device_or_resource_busy);
}

}  // namespace
}  // namespace rehearsal::sched

// What the commands of gdb show of a world, and that they leave no trace in it.
#include "harness/gdb/shown.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/core/footprint.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/timeout.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/latest_world.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using Host = sched::Host<simnet::SimulatedNetwork>;
using simnet::World;

std::string text(const char* shown) { return shown == nullptr ? "null" : shown; }
// Returns the text without the time and the number of steps, its first line.
std::string below_time(const char* shown) {
  const std::string all = text(shown);
  return all.substr(all.find('\n') + 1);
}

TEST(Shown, IsNothingWithoutAWorld) {
  EXPECT_EQ(rehearsal_tasks(), nullptr);
  EXPECT_EQ(rehearsal_sockets(), nullptr);
  EXPECT_EQ(rehearsal_events(0), nullptr);
  EXPECT_EQ(rehearsal_events(3), nullptr);
}

TEST(Shown, IsTheWorldThatRanLast) {
  World first;
  EXPECT_EQ(simnet::LatestWorld::get(), &first);
  {
    World second;
    EXPECT_EQ(simnet::LatestWorld::get(), &second);
    first.run();
    EXPECT_EQ(simnet::LatestWorld::get(), &first);
    second.run();
    EXPECT_EQ(simnet::LatestWorld::get(), &second);
    std::optional<World> third(std::in_place);
    first.run();
    third.reset();
    EXPECT_EQ(simnet::LatestWorld::get(), &first);
  }
  EXPECT_EQ(simnet::LatestWorld::get(), &first);
}

sched::Task<> nap(sched::Duration time) { co_await sched::sleep_for(time); }

sched::Task<> nap_at_most(sched::Duration limit) { co_await sched::with_timeout(limit, nap(1h)); }

sched::Task<> listen(Host& host) {
  auto wire = host.bind({"0.0.0.0", 53});
  auto listener = host.listen({"0.0.0.0", 80});
  auto accepted = co_await listener.accept();
  co_await nap(1h);
}

sched::Task<> talk(Host& host) {
  auto found = co_await host.resolve("server");
  auto wire = host.bind({"0.0.0.0", 0});
  co_await wire.send_to(std::as_bytes(std::span("what?")), {"10.0.0.1", 53});
  auto stream = co_await host.connect({"10.0.0.1", 80});
  co_await nap(1ms);
  co_await stream.send("hello");
  co_await stream.send(" you");
  co_await nap(1ms);
  stream.shutdown_send();
  co_await nap(1h);
}

class ShownWorld : public testing::Test {
 protected:
  ShownWorld() {
    world_.host("server").spawn("listen", [](Host& host) { return listen(host); });
    world_.host("client").spawn("talk", [](Host& host) { return talk(host); });
  }
  // Returns everything that was pending at some instant until `time`.
  std::string all_pending(sched::Duration time) {
    std::string all;
    world_.run_until([&] {
      all += below_time(rehearsal_events(0));
      return world_.now().time_since_epoch() >= time;
    });
    return all;
  }

  World world_;
};

TEST_F(ShownWorld, HasTheTasksAndSocketsOfAllHosts) {
  world_.run_for(10ms);
  const std::string tasks = text(rehearsal_tasks());
  EXPECT_TRUE(tasks.starts_with("10.000 ms of virtual time, ")) << tasks;
  EXPECT_NE(tasks.find("\n2 tasks\n"), std::string::npos) << tasks;
  EXPECT_NE(tasks.find("server/listen  sleep, at shown_test.cpp:"), std::string::npos) << tasks;
  const std::string sockets = text(rehearsal_sockets());
  EXPECT_NE(sockets.find("CLOSE-WAIT  9 "), std::string::npos) << sockets;
  EXPECT_NE(sockets.find("LISTEN "), std::string::npos) << sockets;
  EXPECT_NE(sockets.find("10.0.0.1:80"), std::string::npos) << sockets;
  EXPECT_NE(sockets.find("udp "), std::string::npos) << sockets;
}

TEST_F(ShownWorld, NamesWhatIsPending) {
  world_.at(2ms, [] {});
  world_.eventually("all is well", 1s, [] { return false; });
  const std::string all = all_pending(10ms);
  for (const char* one :
       {"server/listen  runs\n", "client  name resolution ends on ",
        "datagram of 6 bytes arrives from 10.0.0.2:32768 at 10.0.0.1:53\n",
        "SYN arrives on client/talk#0>\n", "SYN-ACK arrives on client/talk#0<\n",
        "ACK of the handshake arrives on client/talk#0>\n",
        "  5 bytes arrive on client/talk#0>, further segments behind: 1\n",
        "FIN arrives on client/talk#0>\n", "client/talk    sleep ends\n",
        "world          action at shown_test.cpp:", "world          deadline of 'all is well'\n"}) {
    EXPECT_NE(all.find(one), std::string::npos) << one << all;
  }
}

TEST(Shown, HasPendingEventsInOrderOfTime) {
  World world;
  for (const auto time : {3s, 1s, 2s}) {
    world.host("a").spawn([time](Host& /*host*/) { return nap(time); });
  }
  world.host("b").spawn("limit", [](Host& /*host*/) { return nap_at_most(1500ms); });
  world.run_for(1ms);
  EXPECT_EQ(below_time(rehearsal_events(0)),
            "5 pending events\n"
            "   1.000000100 s  a/1      sleep ends\n"
            "   1.500000000 s  b/limit  timeout ends\n"
            "   2.000000200 s  a/2      sleep ends\n"
            "   3.000000000 s  a/0      sleep ends\n"
            "3600.000000000 s  b/limit  sleep ends\n");
  world.host("a").pause();
  EXPECT_TRUE(below_time(rehearsal_events(0))
                  .ends_with("3600.000000000 s  b/limit  sleep ends\n"
                             "   after a pause  a/1      sleep ends\n"
                             "   after a pause  a/2      sleep ends\n"
                             "   after a pause  a/0      sleep ends\n"));
}

TEST(Shown, HasNoEventsThatWereNotKept) {
  World world;
  EXPECT_EQ(below_time(rehearsal_events(1)),
            "the events of this run were not kept: replay it with --gdb, or REHEARSAL_GDB=1\n");
}

TEST(Shown, HasTheLastEventsThatWereKept) {
  World world;
  simnet::HistoryRecorder recorder;
  recorder.begins(world);
  show_events_of(&world, &recorder.history());
  world.host("a").spawn("nap", [](Host& /*host*/) { return nap(1s); });
  world.run();
  const std::string last = below_time(rehearsal_events(2));
  EXPECT_TRUE(
      last.starts_with("the last 2 of 4 events\n"
                       "     3     1.000000000 s  a/nap  resume at shown_test.cpp:"));
  EXPECT_TRUE(last.ends_with("\n     4     1.000000000 s  a/nap  done\n")) << last;
  EXPECT_TRUE(below_time(rehearsal_events(99)).starts_with("the last 4 of 4 events\n     1 "));
  show_events_of(nullptr, nullptr);
  EXPECT_TRUE(below_time(rehearsal_events(1)).starts_with("the events of this run were not kept"));
}

// Counts what a search would see.
class Counted final : public sched::Footprint {
 public:
  void touch(std::uint64_t /*object*/, sched::Access /*how*/) override { ++count; }
  std::uint64_t new_object() override { return ++count; }
  std::uint64_t count = 0;
};

TEST_F(ShownWorld, IsTheSameAfterItWasShown) {
  world_.run_for(1ms);
  const std::uint64_t digest = world_.digest();
  Counted counted;
  sched::footprint = &counted;
  for (const char* shown : {rehearsal_tasks(), rehearsal_sockets(), rehearsal_events(0)}) {
    EXPECT_NE(shown, nullptr);
  }
  EXPECT_EQ(sched::footprint, &counted);
  sched::footprint = nullptr;
  EXPECT_EQ(counted.count, 0U) << "a search would take it for a step of the run";
  EXPECT_EQ(world_.digest(), digest);
}

}  // namespace
}  // namespace rehearsal::harness

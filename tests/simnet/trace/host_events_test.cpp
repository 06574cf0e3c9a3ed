#include "simnet/trace/host_events.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/trace/history.hpp"
#include "tests/simnet/search/racy_bank.hpp"

namespace rehearsal::simnet {
namespace {

using Simulated = sched::Host<SimulatedNetwork>;

// Receives `count` bytes, each of another connection.
sched::Task<> receive(Simulated& host, std::uint16_t port, int count) {
  auto listener = host.listen({"0.0.0.0", port});
  for (int i = 0; i < count; ++i) {
    auto stream = co_await listener.accept();
    std::array<std::byte, 1> byte{};
    co_await stream->recv_exactly(byte);
  }
}

sched::Task<> send(Simulated& host, std::string to, std::uint16_t port, std::byte what) {
  auto stream = co_await host.connect({to, port});
  const std::array<std::byte, 1> byte{what};
  co_await stream.send_all(byte);
}

// Two pairs of hosts that do not know each other; "beta" is the host of the last step.
Scenario pairs() {
  return {"pairs", "", [](World& world) {
            world.host("alpha").spawn("serve", [](auto& host) { return receive(host, 7, 1); });
            world.host("beta").spawn("serve", [](auto& host) { return receive(host, 7, 1); });
            world.host("a").spawn("talk",
                                  [](auto& host) { return send(host, "alpha", 7, std::byte{1}); });
            world.host("b").spawn("talk",
                                  [](auto& host) { return send(host, "beta", 7, std::byte{2}); });
          }};
}

// The events of a run, by host and as a list.
struct Observed {
  Observed(const Scenario& scenario, const std::vector<Deviation>& deviations) {
    HistoryRecorder recorder;
    const std::array<RunWatcher*, 2> watchers = {&by_host, &recorder};
    const RunResult run = replay_scenario(scenario, {scenario.name, 3, deviations}, watchers);
    EXPECT_TRUE(run.not_applied.empty());
    all.assign(recorder.history().begin(), recorder.history().end());
  }

  [[nodiscard]] auto first_difference(const Observed& other, bool of_all) const {
    return by_host.first_difference(other.by_host, of_all);
  }
  // Returns the event of this number.
  [[nodiscard]] TraceEvent event(std::uint64_t number) const {
    const auto found = std::ranges::find(all, number, &NumberedEvent::number);
    return found == all.end() ? TraceEvent() : found->event;
  }

  HostEvents by_host;
  std::vector<NumberedEvent> all;
};

TEST(HostEvents, of_equal_runs_do_not_differ) {
  const Observed one = Observed(racy_bank(3, 5), {});
  const Observed other = Observed(racy_bank(3, 5), {});
  EXPECT_EQ(one.first_difference(other, false), std::nullopt);
  EXPECT_EQ(one.first_difference(other, true), std::nullopt);
}

TEST(HostEvents, at_other_times_do_not_differ) {
  // A short delay of a segment moves the end of beta and changes no order.
  const Observed nominal = Observed(pairs(), {});
  const Observed late = Observed(pairs(), {{{Site::late, "b/talk#0>", 0}, 1}});
  EXPECT_EQ(late.first_difference(nominal, true), std::nullopt);
}

TEST(HostEvents, of_hosts_on_which_the_end_does_not_depend_are_no_difference) {
  // The first deviation changes the order on alpha; the second lets beta have the last step.
  const Scenario scenario{
      "two", "", [](World& world) {
        pairs().build(world);
        world.host("alpha").spawn("other", [](auto& host) { return receive(host, 8, 1); });
        world.host("c").spawn("talk",
                              [](auto& host) { return send(host, "alpha", 8, std::byte{3}); });
      }};
  const std::vector<Deviation> swap = {{{Site::late, "a/talk#0>", 0}, 300},
                                       {{Site::late, "b/talk#0>", 0}, 5'000}};
  const Observed nominal = Observed(scenario, {});
  const Observed failing = Observed(scenario, swap);
  EXPECT_EQ(failing.first_difference(nominal, false), std::nullopt);
  const auto first = failing.first_difference(nominal, true);
  ASSERT_TRUE(first);
  EXPECT_EQ(failing.event(first->failing).host, "alpha");
}

// A client sends what it received, so that the receiver depends on the first sender.
sched::Task<> pass_on(Simulated& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto from = co_await listener.accept();
  std::array<std::byte, 1> byte{};
  co_await from->recv_exactly(byte);
  auto to = co_await host.connect({"last", 7});
  co_await to.send_all(byte);
}

TEST(HostEvents, of_those_who_sent_are_differences) {
  const Scenario chain{
      "chain", "", [](World& world) {
        const auto what = static_cast<std::byte>(world.choose("what", 2));
        world.host("last").spawn("serve", [](auto& host) { return receive(host, 7, 1); });
        world.host("middle").spawn("pass", [](auto& host) { return pass_on(host); });
        world.host("first").spawn("talk",
                                  [what](auto& host) { return send(host, "middle", 7, what); });
      }};
  const Observed nominal = Observed(chain, {});
  const Observed other = Observed(chain, {{{Site::program, "world:what", 0}, 1}});
  const auto first = other.first_difference(nominal, false);
  ASSERT_TRUE(first);
  EXPECT_EQ(other.event(first->failing).host, "first");
  EXPECT_EQ(other.event(first->failing).op, Op::send);
  EXPECT_EQ(nominal.event(first->other).op, Op::send);
}

TEST(HostEvents, that_a_host_has_no_more_are_a_difference_of_all_hosts) {
  const Scenario scenario{"dies", "", [](World& world) {
                            pairs().build(world);
                            if (world.choose("dies", 2) == 1) {
                              world.at(std::chrono::microseconds(250)).power_off("beta");
                            }
                          }};
  const Observed nominal = Observed(scenario, {});
  const Observed dies = Observed(scenario, {{{Site::program, "world:dies", 0}, 1}});
  const auto first = dies.first_difference(nominal, true);
  ASSERT_TRUE(first);
  EXPECT_NE(first->failing, 0U);  // the loss of power itself
  const auto reverse = nominal.first_difference(dies, true);
  ASSERT_TRUE(reverse);
  EXPECT_EQ(reverse->other, first->failing);
}

}  // namespace
}  // namespace rehearsal::simnet

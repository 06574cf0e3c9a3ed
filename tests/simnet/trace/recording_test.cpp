// Recording a simulated kernel works as for a real one, including delays and the time
// that tasks take.
#include "record/recording.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "record/recorded.hpp"
#include "sched/host.hpp"
#include "simnet/kernel/kernel.hpp"
#include "tests/record/memory_segments.hpp"

namespace rehearsal::simnet {
namespace {

using record::Recording;
using Log = std::vector<std::string>;

// Three tasks that send to themselves, and sleep.
template <sched::Network Net>
sched::Task<> talk(sched::Host<Net>& host, Log& log) {
  auto listener = host.listen({"0.0.0.0", 80});
  auto echo = host.spawn("echo", [&listener]() -> sched::Task<> {
    auto client = co_await listener.accept();
    std::array<std::byte, 64> buffer{};
    for (;;) {
      const std::size_t size = co_await client->recv(buffer);
      if (size == 0) {
        break;
      }
      co_await client->send_all(std::span(buffer).first(size));
    }
  });
  auto ticks = host.spawn("ticks", [&host, &log]() -> sched::Task<> {
    for (int i = 0; i < 5; ++i) {
      co_await sched::sleep_for(std::chrono::microseconds(7));
      log.push_back("tick " + std::to_string(host.now().time_since_epoch().count()));
    }
  });
  auto stream = co_await host.connect({"127.0.0.1", 80});
  for (int i = 0; i < 8; ++i) {
    const std::uint64_t bits = host.random();
    std::array<std::uint64_t, 4> words{bits, bits, bits, bits};
    const auto out = std::as_writable_bytes(std::span(words));
    co_await stream.send_all(out);
    const std::size_t size = co_await stream.recv_exactly(out);
    log.push_back(std::to_string(size) + " of " + std::to_string(words[3]) + " at " +
                  std::to_string(host.now().time_since_epoch().count()));
  }
  stream.shutdown_send();
  co_await echo.join();
  co_await ticks.join();
}

// Drives the only host as a World does.
template <class Net>
void drive(Kernel& network, sched::Scheduler<Net>& tasks) {
  while (tasks.task_count() != 0) {
    sched::Instant at = network.timers().next();
    const bool ready = tasks.ready_count() != 0 || network.has_report();
    at = std::min(
        at, std::max(ready ? network.busy_until() : network.clock().world(tasks.timers().next()),
                     network.busy_until()));
    ASSERT_NE(at, sched::never);
    network.work(at);
    if (at >= network.busy_until() && (tasks.ready_count() != 0 || network.has_report() ||
                                       tasks.timers().next() <= network.clock().local(at))) {
      network.begin_round(at);
      tasks.poll(sched::never);
      tasks.round();
    }
  }
}

TEST(RecordingOfAWorldsHost, is_replayed_with_every_delay_and_instant) {
  std::uint64_t deviations = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    record::MemorySegments segments;
    Log recorded;
    {
      Fabric fabric{Choices(Policy::random(seed))};
      fabric.loopback_options.latency = std::chrono::microseconds(10);
      Kernel network(fabric, "host", {});
      record::RecordLog records(segments, {"build", "server", {}}, seed);
      Recording<Kernel> recording(network, records);
      sched::Host<Recording<Kernel>> host(recording);
      host.spawn("talk", [&recorded](auto& on) { return talk(on, recorded); });
      drive(network, host.scheduler());
      deviations += fabric.choices.deviations().size();
    }
    record::RecordingReader reader(segments);
    record::RecordedHolding network(reader);
    Log replayed;
    try {
      sched::Host<record::RecordedHolding> host(network);
      host.spawn("talk", [&replayed](auto& on) { return talk(on, replayed); });
      while (host.scheduler().task_count() != 0) {
        host.scheduler().poll(sched::never);
        host.scheduler().round();
      }
    } catch (const record::ReplayStopped&) {
      ADD_FAILURE() << "seed " << seed;
    }
    network.finish();
    ASSERT_TRUE(std::holds_alternative<record::RecordingEnd>(network.ended().value()))
        << "seed " << seed;
    EXPECT_EQ(replayed, recorded);
  }
  EXPECT_GT(deviations, 20U);
}

}  // namespace
}  // namespace rehearsal::simnet

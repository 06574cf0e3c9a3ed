// A stream that is always readable and writable, or any other operation that need not wait, delays
// the other tasks by no more than its budget per resumption.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/host.hpp"
#include "sched/sync/sleep.hpp"
#include "simnet/scripted_network.hpp"

namespace rehearsal::fairness {
namespace {

using simnet::ScriptedNetwork;
using Host = sched::Host<ScriptedNetwork>;
using Stream = sched::Stream<ScriptedNetwork>;

// Counts the operations that the greedy task completes in each of its resumptions, and how many
// other tasks run in between.
class Meter final : public sched::Observer {
 public:
  void complete() { ++completed_; }
  [[nodiscard]] std::uint32_t most_in_one_resumption() const { return most_; }
  [[nodiscard]] std::uint32_t resumptions() const { return resumptions_; }
  // The lowest number of other tasks that ran between two resumptions of the greedy one.
  [[nodiscard]] std::size_t fewest_others() const { return fewest_others_; }

 private:
  void resumed(const sched::TaskRecord& task) override {
    if (task.path() != "greedy") {
      ++others_;
      return;
    }
    if (resumptions_++ > 0) {
      fewest_others_ = std::min(fewest_others_, others_);
    }
    others_ = 0;
    completed_ = 0;
  }
  void waits(const sched::TaskRecord& /*task*/) override { most_ = std::max(most_, completed_); }
  void done(const sched::TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) override {
    most_ = std::max(most_, completed_);
  }

  std::uint32_t completed_ = 0;
  std::uint32_t most_ = 0;
  std::uint32_t resumptions_ = 0;
  std::size_t others_ = 0;
  std::size_t fewest_others_ = std::numeric_limits<std::size_t>::max();
};

sched::Task<> echo(Stream stream, Meter& meter) {
  std::array<std::byte, 8> buffer{};
  for (;;) {
    const std::size_t size = co_await stream.recv(buffer);
    meter.complete();
    if (size == 0) {
      co_return;
    }
    co_await stream.send_all(std::span(buffer).first(size));
    meter.complete();
  }
}

sched::Task<> receive_byte_by_byte(Stream stream, Meter& meter) {
  std::array<std::byte, 1> byte{};
  std::size_t size = 1;
  while (size != 0) {
    size = co_await stream.recv(byte);
    meter.complete();
  }
}

// A line is far shorter than the data of one receive.
sched::Task<> echo_lines(Stream stream, Meter& meter) {
  std::string line = "?";
  while (!line.empty()) {
    line = co_await stream.recv_until("\n", 1000);
    meter.complete();
    const auto bytes = std::as_bytes(std::span(line));
    co_await stream.send_all(bytes);
    meter.complete();
  }
}

sched::Task<> receive_a_line_and_then_bytes(Stream stream, Meter& meter) {
  co_await stream.recv_until("\n", 1000);
  meter.complete();
  co_await receive_byte_by_byte(std::move(stream), meter);
}

sched::Task<> spin(const bool& over) {
  constexpr int enough = 10000;
  for (int turn = 0; turn < enough && !over; ++turn) {
    co_await sched::yield();
  }
}

sched::Task<> run_and_say(sched::Task<> body, bool& over) {
  co_await std::move(body);
  over = true;
}

using Greedy = sched::Task<> (*)(Stream stream, Meter& meter);

// Runs the greedy task together with `others` tasks that always yield. Returns what it sent.
std::string stays_within_its_budget(Greedy greedy, const std::vector<std::string>& chunks) {
  const auto budget = *rc::gen::inRange<std::uint32_t>(1, 6);
  const auto others = *rc::gen::inRange<std::size_t>(1, 6);
  ScriptedNetwork network;
  simnet::ScriptedSocket script;
  for (const std::string& chunk : chunks) {
    script.receives.emplace_back(chunk);
  }
  script.receives.insert(script.receives.end(), 3, "");  // the end stays the end
  network.script(3, std::move(script));
  sched::SchedulerOptions options;
  options.operations_per_resumption = budget;
  Meter meter;
  bool over = false;
  {
    Host host(network, options);
    host.scheduler().observe(meter);
    Stream stream(host.scheduler(), 3, sched::Endpoint());
    // After a hang-up, even a receive that fills less than its buffer does not mean that the next
    // one must wait.
    host.scheduler().handles().report({3, sched::Readiness::hang_up});
    host.spawn("greedy", run_and_say(greedy(std::move(stream), meter), over));
    for (std::size_t i = 0; i < others; ++i) {
      host.spawn(spin(over));
    }
    host.run();
  }
  RC_ASSERT(over);
  RC_ASSERT(meter.most_in_one_resumption() <= budget);
  RC_ASSERT(meter.resumptions() == 1U || meter.fewest_others() == others);
  return network.record(3).sent;
}

// Bytes in which line ends are as frequent as other bytes.
rc::Gen<std::vector<std::string>> some_chunks() {
  namespace gen = rc::gen;
  const auto text = gen::container<std::string>(gen::elementOf<std::string>("abc\n"));
  return gen::scale(0.3, gen::container<std::vector<std::string>>(gen::nonEmpty(text)));
}

std::string joined(const std::vector<std::string>& chunks) {
  std::string all;
  for (const std::string& chunk : chunks) {
    all += chunk;
  }
  return all;
}

RC_GTEST_PROP(GreedyStream, that_echoes_stays_within_its_budget_and_loses_nothing, ()) {
  const auto chunks = *some_chunks();
  RC_ASSERT(stays_within_its_budget(echo, chunks) == joined(chunks));
}

RC_GTEST_PROP(GreedyStream, that_receives_byte_by_byte_stays_within_its_budget, ()) {
  stays_within_its_budget(receive_byte_by_byte, *some_chunks());
}

RC_GTEST_PROP(GreedyStream,
              that_echoes_many_lines_of_one_piece_stays_within_its_budget_and_loses_nothing, ()) {
  const auto chunks = *some_chunks();
  RC_ASSERT(stays_within_its_budget(echo_lines, chunks) == joined(chunks));
}

RC_GTEST_PROP(GreedyStream, that_receives_what_came_behind_a_line_stays_within_its_budget, ()) {
  stays_within_its_budget(receive_a_line_and_then_bytes, *some_chunks());
}

// A listener with an endless backlog would never let its task wait either.
sched::Task<> accept_all(Host& host, Meter& meter) {
  auto listener = host.listen(sched::Endpoint());
  for (;;) {
    const auto client = co_await listener.accept();
    meter.complete();
    if (!client) {
      co_return;
    }
    if (client->handle().descriptor == 4) {
      listener.stop();
    }
  }
}

RC_GTEST_PROP(GreedyListener, stays_within_its_budget, ()) {
  const auto budget = *rc::gen::inRange<std::uint32_t>(1, 6);
  const auto others = *rc::gen::inRange<std::size_t>(1, 6);
  const auto clients = *rc::gen::inRange(0, 20);
  ScriptedNetwork network;
  simnet::ScriptedSocket listener;
  for (int client = 0; client < clients; ++client) {
    listener.accepts.emplace_back(5);
    network.script(5, {});
  }
  listener.accepts.emplace_back(4);
  network.script(3, std::move(listener));
  network.script(4, {});
  sched::SchedulerOptions options;
  options.operations_per_resumption = budget;
  Meter meter;
  bool over = false;
  Host host(network, options);
  host.scheduler().observe(meter);
  host.spawn("greedy", run_and_say(accept_all(host, meter), over));
  for (std::size_t i = 0; i < others; ++i) {
    host.spawn(spin(over));
  }
  host.run();

  RC_ASSERT(over);
  RC_ASSERT(meter.most_in_one_resumption() <= budget);
  RC_ASSERT(meter.resumptions() == 1U || meter.fewest_others() == others);
}

}  // namespace
}  // namespace rehearsal::fairness

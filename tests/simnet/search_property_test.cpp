// On small random scenarios the reduced search comes to the same ends as the full one.
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/channel.hpp"
#include "sched/mutex.hpp"
#include "sched/timeout.hpp"
#include "simnet/exhaustive.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

enum class Op : std::uint8_t {
  yield,
  add_locked,
  add_plainly,
  send,
  receive,
  receive_in_time,
  set,
  clear,
  wait,
  sleep,
  say,
  choose,
  cancel_child,
  join_child
};
constexpr int op_count = 14;

struct Program {
  std::vector<std::vector<std::pair<Op, int>>> tasks;
  bool isolated = true;
};

// What its tasks share, and what they saw.
struct Shared {
  std::array<sched::Mutex, 2> locks;
  std::array<int, 2> locked{};
  int plain = 1;
  sched::Channel<int> channel{1};
  std::array<sched::Event, 2> events;
  std::vector<std::string> seen;  // by task
};

Task<> receive_into(Shared& shared, std::string& seen) {
  const auto item = co_await shared.channel.recv();
  seen += item ? std::to_string(*item) : "-";
}

Task<> receive_in_time(Shared& shared, std::string& seen) {
  try {
    co_await sched::with_timeout(2us, receive_into(shared, seen));
  } catch (const std::system_error&) {
    seen += 'T';
  }
}

Task<> add_locked(Shared& shared, std::string& seen, std::size_t object, int by) {
  auto lock = co_await shared.locks[object].lock();
  const int read = shared.locked[object];
  co_await sched::yield();
  shared.locked[object] = read * 3 + by;
  seen += 'L' + std::to_string(shared.locked[object]);
}

Task<> say(ProgramHost& host, int word) {
  auto stream = co_await host.connect({"sink", 7});
  const std::array said{static_cast<std::byte>('0' + word)};
  co_await stream.send_all(said);
}

Task<> cancel_child(Shared& shared, ProgramHost& host, std::string& seen) {
  auto child = host.spawn([&shared, &seen] { return receive_into(shared, seen); });
  co_await sched::yield();
  child.cancel();
}

Task<> join_child(Shared& shared, ProgramHost& host, std::string& seen) {
  auto child = host.spawn([&shared]() -> Task<int> {
    co_await sched::yield();
    shared.events[0].set();
    co_return 7;
  });
  const int got = co_await child.join();
  seen += 'J' + std::to_string(got);
}

Task<> interpret(std::shared_ptr<Shared> shared, ProgramHost& host, const Program& program,
                 std::size_t number) {
  std::string& seen = shared->seen[number];
  const int by = static_cast<int>(number) + 1;
  for (const auto& [op, object] : program.tasks[number]) {
    const auto which = static_cast<std::size_t>(object);
    if (op == Op::yield) {
      co_await sched::yield();
    } else if (op == Op::add_locked) {
      co_await add_locked(*shared, seen, which, by);
    } else if (op == Op::add_plainly && !program.isolated) {
      shared->plain = shared->plain * 3 + by;
      seen += 'P' + std::to_string(shared->plain);
    } else if (op == Op::send) {
      co_await shared->channel.send(by);
    } else if (op == Op::receive) {
      co_await receive_into(*shared, seen);
    } else if (op == Op::receive_in_time) {
      co_await receive_in_time(*shared, seen);
    } else if (op == Op::set) {
      shared->events[which].set();
    } else if (op == Op::clear) {
      shared->events[which].clear();
    } else if (op == Op::wait) {
      co_await shared->events[which].wait();
      seen += 'W';
    } else if (op == Op::sleep) {
      co_await sched::sleep_for((object + 1) * 1us);
    } else if (op == Op::say) {
      co_await say(host, by);
    } else if (op == Op::choose) {
      seen += 'C' + std::to_string(host.choose("any", 2));
    } else if (op == Op::cancel_child) {
      co_await cancel_child(*shared, host, seen);
    } else if (op == Op::join_child) {
      co_await join_child(*shared, host, seen);
    }
  }
  seen += '.';
}

Task<> sink(ProgramHost& host, std::shared_ptr<std::string> heard) {
  auto listener = host.listen({"0.0.0.0", 7});
  std::array<std::byte, 8> buffer{};
  for (;;) {
    auto client = co_await listener.accept();
    const std::size_t size = co_await client->recv(buffer);
    *heard += size == 0 ? '-' : static_cast<char>(buffer[0]);
  }
}

// The ends that runs come to, in words.
using Ends = std::set<std::string>;

Scenario interpreting(const Program& program, const std::shared_ptr<std::string>& end) {
  const auto tell = std::make_shared<std::function<std::string()>>();
  Scenario scenario("random", "A small random scenario", [=](World& world) {
    HostOptions options;
    options.isolated_tasks = program.isolated;
    auto heard = std::make_shared<std::string>();
    world.host("sink", options).spawn([heard](ProgramHost& host) { return sink(host, heard); });
    std::vector<std::shared_ptr<Shared>> all;
    // The first two tasks share a host; a third has another one.
    for (const auto& [host, first, last] : {std::tuple("a", 0U, 2U), std::tuple("b", 2U, 3U)}) {
      auto shared = std::make_shared<Shared>();
      shared->seen.resize(program.tasks.size());
      all.push_back(shared);
      for (std::size_t i = first; i < std::min<std::size_t>(last, program.tasks.size()); ++i) {
        world.host(host, options).spawn([=](ProgramHost& runs) {
          return interpret(shared, runs, program, i);
        });
      }
    }
    *tell = [=] {
      std::string told = *heard;
      for (const auto& shared : all) {
        for (const std::string& seen : shared->seen) {
          told += ' ' + seen;
        }
      }
      return told;
    };
  });
  scenario.run = [=](World& world) {
    RunReport report = world.run();
    std::vector<std::string> lines = report.tasks;
    std::ranges::sort(lines);
    *end =
        (*tell)() + ' ' + std::string(name(report.end)) + ' ' + std::to_string(report.time.count());
    for (const std::string& line : lines) {
      *end += '\n' + line;
    }
    return report;
  };
  return scenario;
}

struct Found {
  SearchReport report;
  Ends ends;
  bool replays = true;
};

Found look(const Program& program, Exhaustive::Reduction reduction, std::uint64_t runs) {
  Found found;
  const auto end = std::make_shared<std::string>();
  const Scenario scenario = interpreting(program, end);
  const auto replayed_end = std::make_shared<std::string>();
  const Scenario again = interpreting(program, replayed_end);
  SearchOptions options;
  options.runs = runs;
  options.stop_at_failure = false;
  options.on_run = [&](const RunResult& result) {
    found.ends.insert(*end);
    if (reduction != Exhaustive::Reduction::none && found.ends.size() <= 20) {
      const RunResult replayed = replay_scenario(again, result.schedule);
      found.replays = found.replays && replayed.report.digest == result.report.digest &&
                      replayed.not_applied.empty() && *replayed_end == *end;
    }
  };
  Exhaustive exhaustive(reduction);
  found.report = search(scenario, options, exhaustive);
  return found;
}

// A range is drawn whole, whatever the size of the rest.
rc::Gen<int> below(int bound) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, bound));
}

rc::Gen<std::vector<std::pair<Op, int>>> some_ops() {
  const auto op = rc::gen::map(below(op_count), [](int number) { return static_cast<Op>(number); });
  return rc::gen::resize(
      4, rc::gen::container<std::vector<std::pair<Op, int>>>(rc::gen::pair(op, below(2))));
}

constexpr std::uint64_t most_runs = 6'000;

void compare(const Program& program) {
  const Found full = look(program, Exhaustive::Reduction::none, most_runs);
  if (!full.report.complete()) {
    RC_DISCARD("too many schedules");
  }
  const Found reduced = look(program, Exhaustive::Reduction::source_sets, most_runs);
  RC_CLASSIFY(full.report.runs >= 10 * reduced.report.runs, "ten times fewer runs");
  RC_CLASSIFY(full.ends.size() > 1, "several ends");
  RC_ASSERT(reduced.report.complete());
  RC_ASSERT(reduced.replays);
  RC_ASSERT(reduced.ends == full.ends);
  RC_ASSERT(reduced.report.traces == full.report.traces);
  RC_ASSERT(reduced.report.runs - reduced.report.given_up == reduced.report.traces);
}

RC_GTEST_PROP(ReducedSearch, comes_to_the_same_ends_as_the_full_one, ()) {
  Program program;
  program.isolated = *below(4) != 0;
  const int tasks = 2 + *below(2);
  for (int i = 0; i < tasks; ++i) {
    program.tasks.push_back(*some_ops());
  }
  compare(program);
}

// A host that says its tasks are isolated, and they are not: what the reduction then leaves out
// shows.
TEST(ReducedSearch, needs_to_know_what_tasks_share) {
  const auto ends = [](bool isolated, Exhaustive::Reduction reduction) {
    auto number = std::make_shared<int>();
    std::set<int> found;
    const Scenario scenario("shares", "A number", [=](World& world) {
      *number = 1;
      HostOptions options;
      options.isolated_tasks = isolated;
      for (int i = 1; i <= 3; ++i) {
        world.host("host", options).spawn([number, i](ProgramHost& /*host*/) -> Task<> {
          *number = *number * 3 + i;
          co_return;
        });
      }
    });
    SearchOptions options;
    options.on_run = [&](const RunResult& /*result*/) { found.insert(*number); };
    Exhaustive exhaustive(reduction);
    EXPECT_TRUE(search(scenario, options, exhaustive).complete());
    return found.size();
  };
  EXPECT_EQ(ends(false, Exhaustive::Reduction::source_sets), 6U);
  EXPECT_EQ(ends(true, Exhaustive::Reduction::none), 6U);
  EXPECT_EQ(ends(true, Exhaustive::Reduction::source_sets), 1U);
}

}  // namespace
}  // namespace rehearsal::simnet

#include "tests/simnet/search/random_program.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <system_error>
#include <tuple>

#include "sched/core/footprint.hpp"
#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/timeout.hpp"
#include "sched/sync/when.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

// State that the tasks of a host share, and what they saw.
struct Shared {
  std::array<sched::Mutex, 2> locks;
  std::array<int, 2> locked{};
  sched::Condition changed{locks[0]};
  int plain = 1;
  sched::Channel<int> channel{1};
  std::array<sched::Event, 2> events;
  // For each task: its own words, then those of each child. Two tasks never add to the same text,
  // because that would be shared state.
  std::vector<std::deque<std::string>> seen;
};

// One task of a program.
struct Player {
  Shared& shared;
  ProgramHost& host;
  std::deque<std::string>& all_seen;
  int number = 1;
  std::string& seen = all_seen.front();

  std::string& child_seen() { return all_seen.emplace_back(); }

  // A wait may end in an error, which is recorded too.
  Task<> attempt(Act act, int object) {
    try {
      co_await play(act, object);
    } catch (const std::system_error& error) {
      seen += 'E' + std::to_string(error.code().value());
    }
  }

  Task<> receive(std::string& into) {
    const auto item = co_await shared.channel.recv();
    into += item ? std::to_string(*item) : "-";
  }
  Task<> send() { co_await shared.channel.send(number); }
  Task<> wait(std::size_t which, std::string& into) {
    co_await shared.events[which].wait();
    into += 'W';
  }
  Task<> add_locked(std::size_t which) {
    auto lock = co_await shared.locks[which].lock();
    const int read = shared.locked[which];
    co_await sched::yield();
    shared.locked[which] = read * 3 + number;
    seen += 'L' + std::to_string(shared.locked[which]);
  }
  Task<> await_change() {
    auto lock = co_await shared.locks[0].lock();
    co_await shared.changed.wait(lock);
    seen += 'N' + std::to_string(shared.locked[0]);
  }
  Task<> change(bool all) {
    auto lock = co_await shared.locks[0].lock();
    shared.locked[0] = shared.locked[0] * 3 + number;
    if (all) {
      shared.changed.notify_all();
    } else {
      shared.changed.notify_one();
    }
  }

  Task<> say(std::string server, std::uint16_t port, bool listens) {
    auto stream = co_await host.connect({server, port});
    std::array word{static_cast<std::byte>('0' + number)};
    co_await stream.send_all(word);
    if (listens) {
      const std::size_t size = co_await stream.recv(word);
      seen += 'A' + std::to_string(size) + std::string(1, static_cast<char>(word[0]));
    }
  }
  // One task sends, another receives on the same connection.
  Task<> talk(bool hangs_up) {
    auto stream = co_await host.connect({"sink", 7});
    sched::TaskGroup group(host);
    group.spawn("hears", [&stream, &into = child_seen()]() -> Task<> {
      std::array<std::byte, 1> word{};
      const std::size_t size = co_await stream.recv(word);
      into += 'H' + std::to_string(size);
    });
    const std::array word{static_cast<std::byte>('0' + number)};
    co_await stream.send_all(word);
    if (hangs_up) {
      stream.close();
    }
    co_await group.join();
  }
  Task<> tell() {
    auto socket = host.bind({"0.0.0.0", 0});
    const std::array word{static_cast<std::byte>('0' + number)};
    const auto sink = co_await host.resolve("sink");
    co_await socket.send_to(word, sink.front().with_port(9));
  }
  Task<> listen() {
    const auto listener = host.listen({"0.0.0.0", 80});
    co_await sched::yield();
    seen += 'B';
  }
  Task<> call() {
    auto work = [number = number] { return number; };
    const int answer = co_await host.run_blocking(work);
    seen += 'K' + std::to_string(answer);
  }

  Task<> cancel_child() {
    auto child = host.spawn([this] { return receive(child_seen()); });
    co_await sched::yield();
    child.cancel();
  }
  Task<> join_child() {
    auto child = host.spawn([this]() -> Task<int> {
      co_await sched::yield();
      shared.events[0].set();
      co_return 7;
    });
    const int got = co_await child.join();
    seen += 'J' + std::to_string(got);
  }
  Task<> look_at_child() {
    auto child = host.spawn([]() -> Task<> { co_await sched::yield(); });
    co_await sched::yield();
    seen += child.done() ? 'd' : 'u';
  }
  Task<> fail(int error) {
    co_await sched::yield();
    throw std::system_error(error, std::generic_category());
  }
  Task<> fail_together() {
    sched::TaskGroup group(host);
    group.spawn("first", fail(11));
    group.spawn("second", fail(12));
    co_await group.join();
  }
  Task<> fail_apart() {
    sched::SupervisorOptions options;
    options.limit = 1;
    sched::Supervisor supervisor(host, options);
    supervisor.spawn("first", receive(child_seen()));
    co_await sched::with_timeout(1us, supervisor.room());
    supervisor.spawn("second", fail(13));
    seen += 'S' + std::to_string(supervisor.finished());
  }
  Task<> race() {
    const auto ended = co_await sched::when_any(wait(0, child_seen()), receive(child_seen()));
    seen += std::get<0>(ended) ? '<' : '>';
  }

  Task<> play(Act act, int object) {
    const auto which = static_cast<std::size_t>(object);
    switch (act) {
      case Act::yield:
        return []() -> Task<> { co_await sched::yield(); }();
      case Act::add_locked:
        return add_locked(which);
      case Act::add_locked_in_time:
        return [](Player& self, std::size_t lock) -> Task<> {
          co_await sched::with_timeout(1us, self.add_locked(lock));
        }(*this, which);
      case Act::await_change:
        return await_change();
      case Act::change:
        return change(object != 0);
      case Act::send:
        return send();
      case Act::receive:
        return receive(seen);
      case Act::receive_in_time:
        return [](Player& self) -> Task<> {
          co_await sched::with_timeout(2us, self.receive(self.seen));
        }(*this);
      case Act::wait:
        return wait(which, seen);
      case Act::sleep:
        return [](int time) -> Task<> { co_await sched::sleep_for(time * 1us); }(object + 1);
      case Act::say:
        return say("sink", 7, false);
      case Act::ask:
        return say("sink", 7, true);
      case Act::talk:
        return talk(object != 0);
      case Act::tell:
        return tell();
      case Act::refuse:
        return say("sink", 81, false);
      case Act::listen:
        return listen();
      case Act::call:
        return call();
      case Act::cancel_child:
        return cancel_child();
      case Act::join_child:
        return join_child();
      case Act::look_at_child:
        return look_at_child();
      case Act::fail_together:
        return fail_together();
      case Act::fail_apart:
        return fail_apart();
      case Act::race:
        return race();
      default:
        return at_once(act, which);
    }
  }
  // Actions that need no wait.
  Task<> at_once(Act act, std::size_t which) {
    if (act == Act::add_plainly) {
      sched::touches("plain");
      shared.plain = shared.plain * 3 + number;
      seen += 'P' + std::to_string(shared.plain);
    } else if (act == Act::read_plainly) {
      sched::reads("plain");
      seen += 'R' + std::to_string(shared.plain);
    } else if (act == Act::close) {
      shared.channel.close();
    } else if (act == Act::set) {
      shared.events[which].set();
    } else if (act == Act::clear) {
      shared.events[which].clear();
    } else if (act == Act::choose) {
      seen += 'C' + std::to_string(host.choose("any", 2));
    } else if (act == Act::draw) {
      seen += 'D' + std::to_string(host.random() % 10);
    }
    co_return;
  }
};

Task<> interpret(std::shared_ptr<Shared> shared, ProgramHost& host, const RandomProgram& program,
                 std::size_t task) {
  Player player{*shared, host, shared->seen[task], static_cast<int>(task) + 1};
  for (const auto& [act, object] : program.tasks[task]) {
    co_await player.attempt(act, object);
  }
  player.seen += '.';
}

using Text = std::shared_ptr<std::string>;

// Receives one word of each connection, and records how many it has received.
Task<> hear(sched::Listener<SimulatedNetwork>& listener, Text heard) {
  std::array<std::byte, 1> word{};
  for (;;) {
    auto client = co_await listener.accept();
    const std::size_t size = co_await client->recv(word);
    *heard += size == 0 ? '-' : static_cast<char>(word[0]);
    const std::array answer{static_cast<std::byte>('0' + heard->size())};
    if (size != 0) {
      co_await client->send_all(answer);
    }
  }
}

Task<> serve(ProgramHost& host, Sink sink, std::array<Text, 2> heard) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::TaskGroup group(host);
  if (sink == Sink::hangs_up) {
    auto client = co_await listener.accept();
    listener.close();
    *heard[0] += '!';
  } else if (sink == Sink::shares) {
    group.spawn("first", [&] { return hear(listener, heard[0]); });
    group.spawn("second", [&] { return hear(listener, heard[1]); });
  } else {
    co_await hear(listener, heard[0]);
  }
  co_await group.join();
}

Task<> hear_datagrams(ProgramHost& host, Text heard) {
  auto socket = host.bind({"0.0.0.0", 9});
  std::array<std::byte, 1> word{};
  for (;;) {
    co_await socket.recv_from(word);
    *heard += static_cast<char>(word[0]);
  }
}

using Tell = std::function<std::string()>;

void build(World& world, const RandomProgram& program, Tell& tell) {
  HostOptions options;
  options.isolated_tasks = program.isolated;
  std::array<Text, 3> heard;
  std::ranges::generate(heard, [] { return std::make_shared<std::string>(); });
  if (program.has({Act::say, Act::ask, Act::talk})) {
    world.host("sink", options).spawn([=](ProgramHost& host) {
      return serve(host, program.sink, {heard[0], heard[1]});
    });
  }
  if (program.has({Act::tell, Act::refuse})) {
    world.host("sink", options).spawn([=](ProgramHost& host) {
      return hear_datagrams(host, heard[2]);
    });
  }
  std::vector<std::shared_ptr<Shared>> all;
  for (const auto& [host, first, last] : {std::tuple("a", 0U, 2U), std::tuple("b", 2U, 3U)}) {
    auto shared = std::make_shared<Shared>();
    shared->seen.resize(program.tasks.size(), {""});
    all.push_back(shared);
    for (std::size_t i = first; i < std::min<std::size_t>(last, program.tasks.size()); ++i) {
      world.host(host, options).spawn([=](ProgramHost& runs) {
        return interpret(shared, runs, program, i);
      });
    }
  }
  tell = [=] {
    std::string told = *heard[0] + '|' + *heard[1] + '|' + *heard[2];
    for (const auto& shared : all) {
      for (const auto& texts : shared->seen) {
        told += ' ';
        for (const std::string& seen : texts) {
          told += seen + ',';
        }
      }
    }
    return told;
  };
}

}  // namespace

const char* name(Act act) {
  static constexpr std::array<const char*, act_count> names{"yield",
                                                            "add_locked",
                                                            "add_locked_in_time",
                                                            "add_plainly",
                                                            "read_plainly",
                                                            "await_change",
                                                            "change",
                                                            "send",
                                                            "receive",
                                                            "receive_in_time",
                                                            "close",
                                                            "set",
                                                            "clear",
                                                            "wait",
                                                            "sleep",
                                                            "say",
                                                            "ask",
                                                            "talk",
                                                            "tell",
                                                            "refuse",
                                                            "listen",
                                                            "choose",
                                                            "draw",
                                                            "call",
                                                            "cancel_child",
                                                            "join_child",
                                                            "look_at_child",
                                                            "fail_together",
                                                            "fail_apart",
                                                            "race"};
  return names[static_cast<std::size_t>(act)];
}

bool RandomProgram::has(std::initializer_list<Act> any) const {
  return std::ranges::any_of(tasks, [any](const auto& acts) {
    return std::ranges::any_of(
        acts, [any](const auto& act) { return std::ranges::count(any, act.first) != 0; });
  });
}

std::string RandomProgram::to_string() const {
  static constexpr std::array sinks{"answers", "shares", "hangs up"};
  std::string text = std::string(isolated ? "isolated" : "not isolated") + ", the sink " +
                     sinks[static_cast<std::size_t>(sink)];
  for (const auto& acts : tasks) {
    text += "\n ";
    for (const auto& [act, object] : acts) {
      text += std::string(" ") + name(act) + ' ' + std::to_string(object);
    }
  }
  return text;
}

Scenario running(const RandomProgram& program, const std::shared_ptr<std::string>& end) {
  const auto tell = std::make_shared<Tell>();
  Scenario scenario("random", "A small random program",
                    [=](World& world) { build(world, program, *tell); });
  scenario.run = [=](World& world) {
    RunReport report = world.run();
    std::vector<std::string> lines = report.tasks;
    std::ranges::sort(lines);
    *end = (*tell)() + ' ' + std::string(simnet::name(report.end)) + ' ' +
           std::to_string(report.time.count());
    for (const std::string& line : lines) {
      *end += '\n' + line;
    }
    return report;
  };
  return scenario;
}

}  // namespace rehearsal::simnet

#include "tests/corpus/faults/scenarios/scenarios.hpp"

#include <array>
#include <memory>
#include <set>
#include <string>

#include "sched/sync/timeout.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"

namespace rehearsal::faults {
namespace {

using bugs::Host;
using bugs::port;
using bugs::Stream;
using bugs::Version;
using sched::Task;
using simnet::Rates;
using simnet::Scenario;
using simnet::Site;
using simnet::World;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

std::string name_of(const std::string& name, Version version) {
  return version == Version::buggy ? name + ".buggy" : name;
}

Task<std::string> echo(std::string question) { co_return question; }

// The data that a client has received. It outlives the processes.
struct Got {
  int answers = 0;
};

Task<> ask_once(World& world, Host& host, std::shared_ptr<Got> got) {
  const std::string answer = co_await bugs::ask(host, "server", "hello");
  world.always("the answer is the question", answer == "hello");
  ++got->answers;
}

// One question and its answer. What is varied is what every network does.
Scenario echo_once() {
  return {"echo", "A client asks a server once", [](World& world) {
            auto got = std::make_shared<Got>();
            world.host("server").spawn("serve",
                                       [](Host& host) { return bugs::serve_answers(host, echo); });
            world.host("client").spawn(
                "ask", [&world, got](Host& host) { return ask_once(world, host, got); });
            world.eventually("the client is answered", 60s, [got] { return got->answers == 1; });
          }};
}

Task<> ask_until_answered(Host& host, std::shared_ptr<Got> got) {
  std::optional<std::string> answer;
  while (!answer) {
    answer = co_await bugs::try_ask(host, "server", "hello", 1s);
  }
  ++got->answers;
}

// Connections break, and cannot be made or accepted; the client tries again.
Scenario retry() {
  Scenario scenario("retry", "A client asks again when its connection fails", [](World& world) {
    auto got = std::make_shared<Got>();
    world.host("server").spawn("serve", [](Host& host) { return bugs::serve_answers(host, echo); });
    world.host("client").spawn("ask", [got](Host& host) { return ask_until_answered(host, got); });
    world.eventually("the client is answered", 60s, [got] { return got->answers == 1; });
  });
  scenario.rates = Rates();
  scenario.rates[Site::reset] = {1'000, 1};
  scenario.rates[Site::connect] = {1'000, 4};
  scenario.rates[Site::accept] = {1'000, 6};
  return scenario;
}

Task<> answer_datagrams(Host& host) {
  auto socket = host.bind({"0.0.0.0", port});
  std::array<std::byte, 64> buffer{};
  for (;;) {
    const sched::Received received = co_await socket.recv_from(buffer);
    co_await socket.send_to(std::span(buffer).first(received.size), received.from);
  }
}

// Sends the question up to `attempts` times.
Task<> ask_by_datagram(Host& host, int attempts, std::shared_ptr<Got> got) {
  auto socket = host.bind({"0.0.0.0", port});
  const auto found = co_await host.resolve("server");
  std::array<std::byte, 64> buffer{};
  for (int attempt = 0; attempt < attempts && got->answers == 0; ++attempt) {
    co_await socket.send_to(bugs::bytes_of("hello"), found.front().with_port(port));
    try {
      co_await sched::with_timeout(10ms, socket.recv_from(buffer));
      ++got->answers;
    } catch (const std::system_error&) {
      // Lost: it tries again.
    }
  }
}

// Datagrams get lost and arrive twice. A client that tries N times survives N - 1 losses, so the
// buggy one needs two.
Scenario datagram(Version version) {
  Scenario scenario(
      name_of("datagram", version), "A client asks by datagram, and asks again if no answer comes",
      [version](World& world) {
        auto got = std::make_shared<Got>();
        world.host("server").daemon().spawn("serve", answer_datagrams);
        world.host("client").spawn("ask", [version, got](Host& host) {
          return ask_by_datagram(host, version == Version::buggy ? 2 : 3, got);
        });
        world.eventually("the client is answered", 60s, [got] { return got->answers == 1; });
      });
  scenario.rates = Rates();
  scenario.rates[Site::lost] = {1'000, 1};
  scenario.rates[Site::duplicate] = {1'000, 1};
  return scenario;
}

// The buggy client takes the next line for the answer, although it may be that to a question which
// the client has given up.
Task<std::string> read_answer(Stream& stream, Version version, std::string question) {
  std::string line;
  do {
    line = co_await bugs::expect_line(stream);
  } while (version == Version::fixed && line != question);
  co_return line;
}

Task<> ask_impatiently(World& world, Host& host, Version version, std::shared_ptr<Got> got) {
  Stream stream = co_await host.connect({"server", port});
  for (int number = 1; number <= 3; ++number) {
    const std::string question = std::to_string(number);
    co_await bugs::send_line(stream, question);
    try {
      const std::string answer =
          co_await sched::with_timeout(1ms, read_answer(stream, version, question));
      world.always("the answer is to the question", answer == question);
    } catch (const std::system_error&) {
      // Too late: this question is given up.
    }
    co_await sched::sleep_for(300us);
  }
  ++got->answers;
}

// Packets arrive late. Only delays that outlast the patience of the client matter.
Scenario timeout(Version version) {
  Scenario scenario(name_of("timeout", version), "A client does not wait for a late answer",
                    [version](World& world) {
                      auto got = std::make_shared<Got>();
                      world.host("server").spawn(
                          "serve", [](Host& host) { return bugs::serve_answers(host, echo); });
                      world.host("client").spawn("ask", [&world, version, got](Host& host) {
                        return ask_impatiently(world, host, version, got);
                      });
                      world.eventually("the client is done", 60s,
                                       [got] { return got->answers == 1; });
                    });
  scenario.rates = Rates();
  scenario.rates[Site::late] = {50'000, 2'000};
  return scenario;
}

// Accounts, and what the clerk has written down. They outlive the processes.
struct Books {
  std::set<std::string> debited;
  std::set<std::string> credited;
  bool done = false;
};

Task<std::string> book(std::set<std::string>& account, std::string order) {
  account.insert(order);
  co_return "ok";
}

// The buggy clerk writes down that the order is done between its two halves. If it crashes at the
// call that sends the second, it does not send it when it is back.
Task<> transfer_once(Host& host, Version version, std::shared_ptr<Books> books) {
  if (books->done) {
    co_return;
  }
  Stream payer = co_await host.connect({"payer", port});
  Stream payee = co_await host.connect({"payee", port});
  co_await bugs::send_line(payer, "order-1");
  if (version == Version::buggy) {
    books->done = true;
  }
  co_await bugs::send_line(payee, "order-1");
  co_await bugs::expect_line(payer);
  co_await bugs::expect_line(payee);
  books->done = true;
}

// Orders have a name, so each half may be sent again.
Scenario transfer(Version version) {
  Scenario scenario(
      name_of("transfer", version), "A clerk crashes while it moves money",
      [version](World& world) {
        auto books = std::make_shared<Books>();
        world.host("payer").spawn("serve", [books](Host& host) {
          return bugs::serve_answers(
              host, [books](std::string order) { return book(books->debited, std::move(order)); });
        });
        world.host("payee").spawn("serve", [books](Host& host) {
          return bugs::serve_answers(
              host, [books](std::string order) { return book(books->credited, std::move(order)); });
        });
        world.host("clerk").spawn("transfer", [version, books](Host& host) {
          return transfer_once(host, version, books);
        });
        world.survives({simnet::crash("clerk")});
        world.eventually("the money arrives", 60s, [books] {
          return books->done && books->debited.size() == 1 && books->credited.size() == 1;
        });
      });
  scenario.rates = Rates();
  scenario.rates[Site::crash] = {4'000, 1'000};
  return scenario;
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all{echo_once(), retry()};
  for (const Version version : {Version::fixed, Version::buggy}) {
    all.push_back(datagram(version));
    all.push_back(timeout(version));
    all.push_back(transfer(version));
  }
  return all;
}

}  // namespace rehearsal::faults

// ABA: a proxy numbers the requests of its one connection to the backend and reuses free numbers.
// After a timeout a number is free although a reply with it may still arrive. The fixed variant
// frees a number only when its reply has arrived.
#include <array>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

class Proxy {
 public:
  Proxy(Version version, Stream backend) : version_(version), backend_(std::move(backend)) {}

  sched::Task<std::string> forward(std::string question) {
    std::size_t id = 0;
    while (slots_[id].taken) {
      ++id;
    }
    Slot& slot = slots_[id];
    slot.taken = true;
    slot.given_up = false;
    slot.answer.clear();
    slot.answered.clear();
    co_await send_line(backend_, std::to_string(id) + ' ' + question);
    try {
      co_await sched::with_timeout(5ms, slot.answered.wait());
    } catch (const std::system_error&) {
      slot.given_up = true;
      slot.taken = version_ == Version::fixed;
      co_return "timeout";
    }
    slot.taken = false;
    co_return slot.answer;
  }

  sched::Task<> receive() {
    for (;;) {
      const std::string reply = co_await expect_line(backend_);
      const std::vector<std::string> words = words_of(reply);  // "ID ANSWER"
      Slot& slot = slots_[std::stoul(words[0])];
      slot.answer = words[1];
      slot.answered.set();
      if (slot.given_up) {
        slot.taken = false;
      }
    }
  }

 private:
  struct Slot {
    bool taken = false;
    bool given_up = false;
    std::string answer;
    sched::Event answered;
  };

  Version version_;
  Stream backend_;
  std::array<Slot, 64> slots_;
};

sched::Task<> run_proxy(Version version, Host& host) {
  Stream backend = co_await host.connect({"backend", port});
  Proxy proxy(version, std::move(backend));
  sched::TaskGroup receiving(host);
  receiving.spawn("receive", proxy.receive());
  const Answer answer = [&proxy](std::string question) {
    return proxy.forward(std::move(question));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> work(Host& host, Stream& proxy, std::string request) {
  const auto think = [] {};
  co_await host.run_blocking(think);
  const std::vector<std::string> words = words_of(request);  // "ID QUESTION"
  co_await send_line(proxy, words[0] + " re:" + words[1]);
}

sched::Task<> serve_proxy(Host& host, Stream proxy) {
  sched::Supervisor jobs(host);
  for (;;) {
    auto request = co_await recv_line(proxy);
    if (!request) {
      break;
    }
    co_await work(host, proxy, std::move(*request));
  }
}

sched::Task<> ask_on(World& world, Host& host) {
  co_await until(50ms);
  Stream proxy = co_await host.connect({"proxy", port});
  for (int i = 0; i < 5; ++i) {
    const std::string question = host.network().name() + '/' + std::to_string(i);
    co_await send_line(proxy, question);
    const std::string answer = co_await expect_line(proxy);
    world.always("an answer is to the question that was asked",
                 answer == "timeout" || answer == "re:" + question);
  }
}

}  // namespace

Scenario reused_id(Version version) {
  return {"reused_id", "A proxy frees the number of a request whose reply is under way",
          [version](World& world) {
            world.host("backend").spawn("serve", [](Host& host) {
              return serve(host,
                           [&host](Stream proxy) { return serve_proxy(host, std::move(proxy)); });
            });
            world.host("proxy").spawn("serve",
                                      [version](Host& host) { return run_proxy(version, host); });
            for (int i = 0; i < 2; ++i) {
              world.host("client-" + std::to_string(i)).spawn("ask", [&world](Host& host) {
                return ask_on(world, host);
              });
            }
          }};
}

}  // namespace rehearsal::bugs

// A timer is left running, because it should find its request gone. It finds the next request under
// the same key instead. The fixed variant cancels the timer together with its request.
#include <map>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration limit = 12ms;

class Gateway {
 public:
  Gateway(Version version, Host& host) : version_(version), host_(host), timers_(host) {}

  sched::Task<std::string> forward(std::string user) {
    pending_[user] = Request{};
    auto timer = timers_.spawn(expire(user));
    co_await ask(host_, "backend", user);
    const bool expired = pending_[user].expired;
    pending_.erase(user);
    if (version_ == Version::fixed) {
      timer.cancel();
    }
    co_return expired ? "timeout" : "ok";
  }

 private:
  struct Request {
    bool expired = false;
  };

  sched::Task<> expire(std::string user) {
    co_await sched::sleep_for(limit);
    const auto found = pending_.find(user);
    if (found != pending_.end()) {
      found->second.expired = true;
    }
  }

  Version version_;
  Host& host_;
  std::map<std::string, Request> pending_;
  sched::Supervisor timers_;
};

sched::Task<> run_gateway(Version version, Host& host) {
  Gateway gateway(version, host);
  const Answer answer = [&gateway](std::string user) { return gateway.forward(std::move(user)); };
  co_await serve_answers(host, answer);
}

sched::Task<std::string> answer_late(std::string /*user*/) { co_return "done"; }

sched::Task<> want(World& world, Host& host) {
  Stream gateway = co_await host.connect({"gateway", port});
  for (int i = 0; i < 4; ++i) {
    co_await until((i + 1) * 10ms);
    const sched::Instant start = host.now();
    co_await send_line(gateway, host.network().name());
    const std::string answer = co_await expect_line(gateway);
    world.always("no request times out early", answer == "ok" || host.now() - start >= limit);
  }
}

}  // namespace

Scenario timer_after_cancel(Version version) {
  return {"timer_after_cancel", "A gateway lets the timer of an answered request run on",
          [version](World& world) {
            world.host("backend").spawn(
                "serve", [](Host& host) { return serve_answers(host, answer_late); });
            world.host("gateway").spawn(
                "serve", [version](Host& host) { return run_gateway(version, host); });
            for (int i = 0; i < 2; ++i) {
              world.host("user-" + std::to_string(i)).spawn("want", [&world](Host& host) {
                return want(world, host);
              });
            }
          }};
}

}  // namespace rehearsal::bugs

// The end of a lease is an instant of the server's clock, but the client compares it with its own.
// If that is behind, the holder uses the lease after the server granted it to another. The fixed
// variant counts the length of the lease from the request, on the holder's clock.
#include <array>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration lease = 20ms;
constexpr sched::Duration reserve = 5ms;  // a holder stops this long before its lease ends

class Locks {
 public:
  explicit Locks(Host& host) : host_(host) {}

  // Returns "busy", or the end of the lease that the client now holds.
  sched::Task<std::string> acquire(std::string /*who*/) {
    if (host_.now() < until_) {
      co_return "busy";
    }
    until_ = host_.now() + lease;
    co_return std::to_string(until_.time_since_epoch().count());
  }

 private:
  Host& host_;
  sched::Instant until_{};
};

sched::Task<> run_locks(Host& host) {
  Locks locks(host);
  const Answer answer = [&locks](std::string who) { return locks.acquire(std::move(who)); };
  co_await serve_answers(host, answer);
}

struct Holders {
  std::array<bool, 2> holds{};
};

sched::Task<> work(Version version, std::shared_ptr<Holders> holders, Host& host, std::size_t me) {
  for (int i = 0; i < 12; ++i) {
    const sched::Instant asked = host.now();
    const std::string answer = co_await ask(host, "locks", "me");
    if (answer != "busy") {
      const sched::Instant end = version == Version::buggy
                                     ? sched::Instant(sched::Duration(std::stoll(answer)))
                                     : asked + lease;
      if (host.now() < end - reserve) {
        holders->holds[me] = true;
        co_await sched::sleep_until(end - reserve);
        holders->holds[me] = false;
      }
    }
    co_await sched::sleep_for(3ms);
  }
}

}  // namespace

Scenario skewed_lease(Version version) {
  return {
      "skewed_lease", "A lease ends at an instant of the server's clock", [version](World& world) {
        auto holders = std::make_shared<Holders>();
        world.host("locks").spawn("serve", run_locks);
        for (std::size_t i = 0; i < 2; ++i) {
          simnet::HostOptions options;
          options.clock_offset = -std::chrono::milliseconds(
              world.parameter("worker-" + std::to_string(i) + " behind ms", 0, 50));
          world.host("worker-" + std::to_string(i), options)
              .spawn("work",
                     [version, holders, i](Host& host) { return work(version, holders, host, i); });
        }
        world.invariant("one worker holds the lock",
                        [holders] { return !holders->holds[0] || !holders->holds[1]; });
      }};
}

}  // namespace rehearsal::bugs

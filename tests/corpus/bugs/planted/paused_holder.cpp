// A worker looks at its lease before it writes. If its process is paused between the two, the lease
// has ended, and another worker has it, when the write arrives. The fixed variant numbers the
// leases, and the store refuses a write under an older lease than it has seen: a fencing token.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration lease_length = 40ms;
constexpr sched::Duration write_reserve = 15ms;  // for what is on its way to the store

class Leases {
 public:
  explicit Leases(Host& host) : host_(host) {}

  // Returns "busy", or the number of the lease that the client now has.
  sched::Task<std::string> acquire(std::string /*who*/) {
    if (host_.now() < until_) {
      co_return "busy";
    }
    until_ = host_.now() + lease_length;
    co_return std::to_string(++last_);
  }

 private:
  Host& host_;
  sched::Instant until_{};
  int last_ = 0;
};

sched::Task<> run_leases(Host& host) {
  Leases leases(host);
  const Answer answer = [&leases](std::string who) { return leases.acquire(std::move(who)); };
  co_await serve_answers(host, answer);
}

// Performs the write of a worker under the lease of this number.
sched::Task<std::string> write_under(Version version, World& world, int& newest,
                                     std::string token) {
  const int number = std::stoi(token);
  if (version == Version::fixed && number < newest) {
    co_return "refused";
  }
  world.always("nothing is written under an old lease", number >= newest);
  newest = std::max(newest, number);
  co_return "written";
}

sched::Task<> run_fenced_store(Version version, World& world, Host& host) {
  int newest = 0;
  const Answer answer = [version, &world, &newest](std::string token) {
    return write_under(version, world, newest, std::move(token));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> write_under_lease(Host& host) {
  Stream leases = co_await host.connect({"leases", port});
  Stream store = co_await host.connect({"store", port});
  for (int i = 0; i < 8; ++i) {
    const sched::Instant asked = host.now();
    co_await send_line(leases, "me");
    const std::string token = co_await expect_line(leases);
    while (token != "busy" && host.now() < asked + lease_length - write_reserve) {
      co_await send_line(store, token);
      co_await expect_line(store);
      co_await sched::sleep_for(5ms);
    }
    co_await sched::sleep_for(10ms);
  }
}

}  // namespace

Scenario paused_holder(Version version) {
  return {"paused_holder", "A worker is paused while it has a lease", [version](World& world) {
            world.host("leases").spawn("serve", run_leases);
            world.host("store").spawn("serve", [version, &world](Host& host) {
              return run_fenced_store(version, world, host);
            });
            for (const char* name : {"worker-0", "worker-1"}) {
              world.host(name).spawn("work", write_under_lease);
            }
            world.survives({simnet::pause("worker-0"), simnet::pause("worker-1")},
                           {.in_all = 2, .until = 300ms});
          }};
}

}  // namespace rehearsal::bugs

// A task that was just spawned has not run yet. This dispatcher spawns its workers, yields once and
// assumes that all are ready, but one may be delayed longer. The fixed variant waits for each.
#include <array>

#include "sched/sync/semaphore.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Worker {
  int done = 0;
};
using Workers = std::array<Worker*, 3>;

sched::Task<> work(Workers& workers, std::size_t me, sched::Event& registered) {
  Worker worker;
  workers[me] = &worker;
  registered.set();
  sched::Event never;
  co_await never.wait();
}

sched::Task<std::string> dispatch(World& world, Workers& workers, std::string job) {
  Worker* worker = workers[std::stoul(job) % workers.size()];
  world.always("the worker that is to do a job is there", worker != nullptr);
  if (worker == nullptr) {
    co_return "nobody";
  }
  co_return std::to_string(++worker->done);
}

sched::Task<> run_answering_server(Version version, World& world, Host& host) {
  Workers workers{};
  std::array<sched::Event, 3> registered;
  sched::TaskGroup tasks(host);
  for (std::size_t i = 0; i < workers.size(); ++i) {
    tasks.spawn(work(workers, i, registered[i]));
  }
  if (version == Version::buggy) {
    co_await sched::yield();
  } else {
    for (sched::Event& event : registered) {
      co_await event.wait();
    }
  }
  for (const char* job : {"0", "1", "2"}) {  // left over from the last time
    co_await dispatch(world, workers, job);
  }
  const Answer answer = [&world, &workers](std::string job) {
    return dispatch(world, workers, std::move(job));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> want_job(Host& host) {
  co_await until(100ms);
  co_await ask(host, "server", "1");
}

}  // namespace

Scenario unready_worker(Version version) {
  return {"unready_worker", "A dispatcher takes the workers that it has spawned to be ready",
          [version](World& world) {
            world.host("server").spawn("serve", [version, &world](Host& host) {
              return run_answering_server(version, world, host);
            });
            world.host("client").spawn("want", want_job);
          }};
}

}  // namespace rehearsal::bugs

// A notified task does not run at once: another task may take the lock first, and the job with it.
// A task that checks once, and not in a loop, finds the queue empty.
#include <deque>

#include "sched/sync/condition.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct TextQueue {
  sched::Mutex mutex;
  sched::Condition not_empty{mutex};
  std::deque<std::string> jobs;
};

sched::Task<std::optional<std::string>> next_job(Version version, TextQueue& queue) {
  auto lock = co_await queue.mutex.lock();
  if (version == Version::buggy) {
    if (queue.jobs.empty()) {
      co_await queue.not_empty.wait(lock);
    }
  } else {
    while (queue.jobs.empty()) {
      co_await queue.not_empty.wait(lock);
    }
  }
  if (queue.jobs.empty()) {
    co_return std::nullopt;  // without the check, this would read past the end
  }
  std::string job = std::move(queue.jobs.front());
  queue.jobs.pop_front();
  co_return job;
}

sched::Task<> work(Version version, World& world, Host& host, TextQueue& queue) {
  for (;;) {
    const auto job = co_await next_job(version, queue);
    world.always("there is a job for a worker that was woken", job.has_value());
    const auto sweat = [] {};
    co_await host.run_blocking(sweat);
  }
}

sched::Task<std::string> take_job(Host& host, TextQueue& queue, std::string job) {
  auto lock = co_await queue.mutex.lock();
  queue.jobs.push_back(std::move(job));
  const auto write_journal = [] {};
  co_await host.run_blocking(write_journal);
  queue.not_empty.notify_one();
  co_return "taken";
}

sched::Task<> run_waking_server(Version version, World& world, Host& host) {
  TextQueue queue;
  sched::TaskGroup workers(host);
  for (int i = 0; i < 2; ++i) {
    workers.spawn(work(version, world, host, queue));
  }
  const Answer answer = [&host, &queue](std::string job) {
    return take_job(host, queue, std::move(job));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> want_jobs(Host& host) {
  Stream server = co_await host.connect({"server", port});
  for (int job = 1; job <= 6; ++job) {
    co_await until(job * 2ms);
    co_await send_line(server, "a job");
    co_await expect_line(server);
  }
}

}  // namespace

Scenario woken_once(Version version) {
  return {"woken_once", "A worker waits for a job with `if`, though another may take it",
          [version](World& world) {
            world.host("server").spawn("serve", [version, &world](Host& host) {
              return run_waking_server(version, world, host);
            });
            world.host("client").spawn("want", want_jobs);
          }};
}

}  // namespace rehearsal::bugs

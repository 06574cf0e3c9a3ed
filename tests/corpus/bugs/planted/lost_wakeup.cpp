// A wake-up between the look at the queue and the wait is lost, because the flag is cleared after
// the look. The worker sleeps although a job is in the queue.
#include <deque>

#include "sched/sync/event.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Job {
  std::string text;
  sched::Event done;
};

struct JobQueue {
  std::deque<Job*> jobs;
  sched::Event arrived;
};

sched::Task<std::string> note(std::string /*state*/) { co_return "noted"; }

sched::Task<> work(Version version, Host& host, JobQueue& queue) {
  for (;;) {
    while (queue.jobs.empty()) {
      if (version == Version::fixed) {
        queue.arrived.clear();
      }
      co_await ask(host, "monitor", "idle");
      if (version == Version::buggy) {
        queue.arrived.clear();
      }
      co_await queue.arrived.wait();
    }
    Job* job = queue.jobs.front();
    queue.jobs.pop_front();
    job->done.set();
  }
}

sched::Task<std::string> do_job(JobQueue& queue, std::string text) {
  Job job;
  job.text = std::move(text);
  queue.jobs.push_back(&job);
  queue.arrived.set();
  co_await job.done.wait();
  co_return "done";
}

sched::Task<> run_job_server(Version version, Host& host) {
  JobQueue queue;
  sched::TaskGroup workers(host);
  workers.spawn("worker", work(version, host, queue));
  const Answer answer = [&queue](std::string text) { return do_job(queue, std::move(text)); };
  co_await serve_answers(host, answer);
}

sched::Task<> want_noted(Host& host) {
  for (int job = 1; job <= 4; ++job) {
    co_await until(job * 5ms);
    co_await ask(host, "server", "a job");
  }
}

}  // namespace

Scenario lost_wakeup(Version version) {
  return {"lost_wakeup", "A worker clears its flag after it has looked at its queue",
          [version](World& world) {
            world.host("monitor").spawn("serve",
                                        [](Host& host) { return serve_answers(host, note); });
            world.host("server").spawn(
                "serve", [version](Host& host) { return run_job_server(version, host); });
            world.host("client").spawn("want", want_noted);
          }};
}

}  // namespace rehearsal::bugs

// Programs that do not compile, because they start something that is not a task. A comment is the
// error that the compiler must report at its line.
#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/sync/task_group.hpp"
#include "simnet/call.hpp"
#include "simnet/world.hpp"

using namespace rehearsal;
using On = sched::Host<simnet::SimulatedNetwork>;

sched::Task<> task();
int no_task(On& host);

void on_scheduler(sched::Scheduler<simnet::SimulatedNetwork>& scheduler) {
  scheduler.spawn([] { return 3; });          // spawn: the callable must return a Task;
  scheduler.spawn("name", [] { return 3; });  // spawn: the callable must return a Task;
  scheduler.spawn("name", [](int) {}, 3);     // spawn: the callable must return a Task;
  scheduler.spawn(3);                         // spawn: the callable must return a Task;
  sched::Task<> begun = task();
  scheduler.spawn(begun);  // a Task itself is moved
}

void on_host(On& host) {
  host.spawn([](auto& on) { return no_task(on); });  // spawn: the callable must return a Task;
  host.spawn("name", no_task);                       // spawn: the callable must return a Task;
}

void in_group(On& host) {
  sched::TaskGroup group(host);
  group.spawn("name", [] {});  // spawn: the callable must return a Task;
  sched::Supervisor supervisor(host);
  supervisor.spawn([] {});  // spawn: the callable must return a Task;
}

void in_world(simnet::World& world) {
  simnet::SimulatedHost& host = world.host("a");
  host.spawn("name", no_task);                       // called with the host, must return a Task
  host.spawn([](auto& on) { return no_task(on); });  // called with the host, must return a Task
  host.spawn(task());                                // called with the host, must return a Task
  simnet::call(world, host, no_task);                // called with the host, must return a Task
}

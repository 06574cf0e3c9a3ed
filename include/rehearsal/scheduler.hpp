// The scheduler alone, over sockets that you create yourself: `co_await
// scheduler.wait(handle, way)`.
//
//     tasks       Task, JoinHandle, Scheduler, SchedulerOptions, RunEnd
//     time        Duration, Instant, sleep_for, sleep_until, yield
//     sockets     Descriptor, Handle, Handles, Direction, Readiness
//     sources     the concept Source; Ready, ReadyList, Wake, Deadline, never, Result
//     observers   Observer, TaskRecord, TaskInfo, TaskState
#pragma once

#include "sched/core/scheduler.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal {

using sched::JoinHandle;
using sched::RunEnd;
using sched::Scheduler;
using sched::SchedulerOptions;
using sched::Task;

using sched::Duration;
using sched::Instant;
using sched::sleep_for;
using sched::sleep_until;
using sched::yield;

using sched::Descriptor;
using sched::Direction;
using sched::Handle;
using sched::Handles;
using sched::Readiness;

using sched::Deadline;
using sched::never;
using sched::Ready;
using sched::ReadyList;
using sched::Result;
using sched::Source;
using sched::Wake;

using sched::Observer;
using sched::TaskInfo;
using sched::TaskRecord;
using sched::TaskState;

}  // namespace rehearsal

// How tasks wait for each other.
//
//     state       Event, Mutex, Condition, Semaphore
//     values      Channel, ChannelStatus
//     several     when_all, when_any
//     clean-up    finally
//     shared      touches, reads: what tasks share, for an exhaustive search
#pragma once

#include "sched/core/footprint.hpp"
#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/finally.hpp"
#include "sched/sync/mutex.hpp"
#include "sched/sync/semaphore.hpp"
#include "sched/sync/when.hpp"

namespace rehearsal {

using sched::Channel;
using sched::ChannelStatus;
using sched::Condition;
using sched::Event;
using sched::finally;
using sched::Mutex;
using sched::reads;
using sched::Semaphore;
using sched::touches;
using sched::when_all;
using sched::when_any;

}  // namespace rehearsal

// The parts of a server. A server is a template of its network type, and runs unchanged on each
// network: epoll, select, a simulation or a recording.
//
//     tasks       Task, JoinHandle, TaskGroup, Supervisor, SupervisorOptions, TaskLocal
//     time        Duration, Instant, WallTime, sleep_for, sleep_until, yield, with_timeout,
//                 with_deadline
//     a machine   Host, SchedulerOptions, RunEnd; the concept Network
//     sockets     Stream, Listener, Datagram, Received, MessageSender; Bytes, ConstBytes,
//                 as_text
//     addresses   Address, Endpoint, unix_path, unix_abstract, unix_unnamed;
//                 StreamOptions, ListenOptions, BindOptions
//     process     Signals, Inbox, Message
//     task dump   TaskRecord, TaskInfo, TaskState, task_table
#pragma once

#include "sched/core/task_local.hpp"
#include "sched/core/task_table.hpp"
#include "sched/host.hpp"
#include "sched/io/message_sender.hpp"
#include "sched/sync/supervisor.hpp"

namespace rehearsal {

using sched::JoinHandle;
using sched::Supervisor;
using sched::SupervisorOptions;
using sched::Task;
using sched::TaskGroup;
using sched::TaskLocal;

using sched::Duration;
using sched::Instant;
using sched::sleep_for;
using sched::sleep_until;
using sched::WallTime;
using sched::with_deadline;
using sched::with_timeout;
using sched::yield;

using sched::Host;
using sched::Network;
using sched::RunEnd;
using sched::SchedulerOptions;

using sched::as_text;
using sched::Bytes;
using sched::ConstBytes;
using sched::Datagram;
using sched::Listener;
using sched::MessageSender;
using sched::Received;
using sched::Stream;

using sched::Address;
using sched::BindOptions;
using sched::Endpoint;
using sched::ListenOptions;
using sched::StreamOptions;
using sched::unix_abstract;
using sched::unix_path;
using sched::unix_unnamed;

using sched::Inbox;
using sched::Message;
using sched::Signals;

using sched::task_table;
using sched::TaskInfo;
using sched::TaskRecord;
using sched::TaskState;

}  // namespace rehearsal

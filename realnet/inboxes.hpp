// Inboxes: where other threads leave messages for the tasks of one network. post() is the only call
// that another thread may make; it needs the network to be alive.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "sched/seam/network.hpp"

namespace rehearsal::realnet {

class Inboxes {
 public:
  // So many messages wait in one inbox at most.
  static constexpr std::size_t max_waiting = 65536;

  Inboxes() = default;
  Inboxes(const Inboxes&) = delete;
  Inboxes& operator=(const Inboxes&) = delete;
  ~Inboxes();

  // Readable when a message waits, those posted before it was opened among them.
  // device_or_resource_busy while `name` is open already; otherwise those of eventfd(2).
  sched::Result<sched::Descriptor> open(std::string_view name);
  // Takes the oldest message; would_block where none waits.
  sched::Result<sched::Message> next(sched::Descriptor descriptor);
  // What waits stays for the next one to open that name. REQUIRES: open() gave the descriptor.
  void close(sched::Descriptor descriptor);

  // By any thread; a name that nobody has opened yet keeps what is posted to it. The messages of
  // one thread stay in order. no_buffer_space while max_waiting wait.
  sched::Result<> post(std::string_view name, sched::ConstBytes message);

 private:
  struct Inbox {
    std::deque<sched::Message> messages;
    sched::Descriptor event = -1;  // raised since a message came to an empty inbox; -1: not open
  };

  std::mutex mutex_;  // guards both; events are raised under it, so never one that was closed
  std::map<std::string, Inbox, std::less<>> inboxes_;
  std::map<sched::Descriptor, Inbox*> open_;
};

}  // namespace rehearsal::realnet

// Inboxes: messages that other threads post to the tasks of one network. post() is the only
// function that another thread may call, and only while the network exists.
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
  // Maximum number of messages that wait in one inbox.
  static constexpr std::size_t max_waiting = 65536;

  Inboxes() = default;
  Inboxes(const Inboxes&) = delete;
  Inboxes& operator=(const Inboxes&) = delete;
  ~Inboxes();

  // Opens an inbox; the descriptor is readable when a message waits, including those posted before.
  // Returns device_or_resource_busy while `name` is open already, or the errors of eventfd(2).
  sched::Result<sched::Descriptor> open(std::string_view name);
  // Takes the oldest message; would_block if there is none.
  sched::Result<sched::Message> next(sched::Descriptor descriptor);
  // Closes an inbox. Its messages stay until that name is opened again. REQUIRES: open() returned
  // the descriptor.
  void close(sched::Descriptor descriptor);

  // Posts a message; any thread may call it. An inbox that is not open yet keeps its messages. The
  // messages of one thread stay in order. Returns no_buffer_space while max_waiting messages wait.
  sched::Result<> post(std::string_view name, sched::ConstBytes message);

 private:
  struct Inbox {
    std::deque<sched::Message> messages;
    // raised when a message arrives in an empty inbox; -1 if it is not open
    sched::Descriptor event = -1;
  };

  // guards both maps; events are raised under it, so a closed one is never raised
  std::mutex mutex_;
  std::map<std::string, Inbox, std::less<>> inboxes_;
  std::map<sched::Descriptor, Inbox*> open_;
};

}  // namespace rehearsal::realnet

// Name resolution: getaddrinfo(3), which blocks, on the threads of a ThreadPool.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "realnet/thread_pool.hpp"
#include "sched/seam/endpoint.hpp"

namespace rehearsal::realnet {

class Resolver {
 public:
  explicit Resolver(ThreadPool& blocking) : blocking_(blocking) {}

  // Begins a name resolution; the descriptor is readable once finish() has the answer. `name` is a
  // host name or a numeric address. Returns invalid_argument if it is empty or holds a zero byte,
  // or the errors of ThreadPool::start.
  sched::Result<sched::Descriptor> start(std::string_view name);
  // Returns the addresses, at least one, with port 0; the one to try first is at the front (RFC
  // 6724). Errors:
  //   would_block                there is no answer yet
  //   no_such_device_or_address  the name does not exist, or has no address
  //   timed_out                  no name server answered; a later attempt may succeed
  //   io_error                   a name server answered that it cannot answer
  //   not_enough_memory, and the errors of the system calls in getaddrinfo
  // REQUIRES: start() returned the descriptor, which is not closed.
  sched::Result<std::vector<sched::Endpoint>> finish(sched::Descriptor descriptor);
  // Drops the answer. REQUIRES: start() returned the descriptor, which is not closed.
  void close(sched::Descriptor descriptor);

 private:
  struct Answer {
    std::vector<sched::Endpoint> endpoints;
    std::errc error{};
  };
  static void look_up(const char* name, Answer& answer);

  ThreadPool& blocking_;
  std::map<sched::Descriptor, std::shared_ptr<Answer>> answers_;
};

}  // namespace rehearsal::realnet

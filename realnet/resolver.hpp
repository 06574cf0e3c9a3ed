// Names to addresses: getaddrinfo(3), which blocks, on the threads of ThreadPool.
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

  // Readable once finish() has the answer. `name` is a host name or a numeric address;
  // invalid_argument where it is empty or holds a zero byte; otherwise the errors of
  // ThreadPool::start.
  sched::Result<sched::Descriptor> start(std::string_view name);
  // The addresses with port 0, at least one, the one to try first in front (RFC 6724). Errors:
  //   would_block                there is no answer yet
  //   no_such_device_or_address  nobody has this name, or it has no address
  //   timed_out                  no name server answered; the same name may be found later
  //   io_error                   a name server answered that it cannot answer
  //   not_enough_memory, and what the system calls of getaddrinfo failed with
  // REQUIRES: start() gave the descriptor, which is not closed.
  sched::Result<std::vector<sched::Endpoint>> finish(sched::Descriptor descriptor);
  // REQUIRES: as finish().
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

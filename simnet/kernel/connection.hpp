// Connection: a TCP connection with both its ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sched/seam/endpoint.hpp"
#include "simnet/kernel/tcp_end.hpp"

namespace rehearsal::simnet {

class Connection {
 public:
  // Begins a connection from `from` to a socket of `to`. The connection owns itself and is
  // destroyed when both ends are released.
  static TcpEnd& open(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
                      const sched::Endpoint& local, const sched::Endpoint& remote);

  [[nodiscard]] std::string name() const { return name_.get(); }
  [[nodiscard]] std::uint64_t key() const { return key_; }

 private:
  friend class TcpEnd;
  Connection(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
             const sched::Endpoint& local, const sched::Endpoint& remote);

  // The members besides the ends fill one cache line.
  std::unique_ptr<char[]> name_;
  std::uint64_t key_;
  sched::Endpoint client_at_;
  sched::Endpoint server_at_;
  TcpEnd client_;
  TcpEnd server_;
};

}  // namespace rehearsal::simnet

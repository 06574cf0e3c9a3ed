#include "simnet/kernel/connection.hpp"

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

Connection::Connection(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
                       const sched::Endpoint& local, const sched::Endpoint& remote)
    : name_(std::make_unique<char[]>(name.size() + 1)),
      key_(key),
      client_at_(local),
      server_at_(remote),
      client_(*this, from, true),
      server_(*this, to, false) {
  name.copy(name_.get(), name.size());
  client_.peer_ = local == remote ? &client_ : &server_;
  server_.peer_ = &client_;
}

TcpEnd& Connection::open(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
                         const sched::Endpoint& local, const sched::Endpoint& remote) {
  // Owned by its ends: TcpEnd::release deletes it.
  auto* connection = new Connection(from, to, name, key, local, remote);
  connection->server_.released_ = true;  // until a listener has it
  return connection->client_;
}

}  // namespace rehearsal::simnet

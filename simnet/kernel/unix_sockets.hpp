// UnixSockets: owns the Unix sockets that the process of one host has open, knows their names, and
// implements the calls of the sched::Network interface for them.
//
// A path is a file: it stays when its socket is closed, when the process ends and when the host
// loses its power. An abstract name ends with its socket, and a listener and a datagram socket may
// have the same one. Every directory exists.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "simnet/kernel/unix_datagram.hpp"
#include "simnet/kernel/unix_socket.hpp"

namespace rehearsal::simnet {

class Kernel;
class UnixListener;

class UnixSockets {
 public:
  explicit UnixSockets(Kernel& kernel) : kernel_(kernel) {}

  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  // Connects to the listener at `to`, as a connection of this name.
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to, const SocketName& connection);
  // Opens two stream sockets that are connected to each other (socketpair(2)).
  struct Pair {
    sched::Descriptor one = -1;
    sched::Descriptor other = -1;
  };
  sched::Result<Pair> pair();
  sched::Result<sched::Accepted> accept(UnixSocket& socket);
  sched::Result<> connected(UnixSocket& socket);
  sched::Result<std::size_t> recv(UnixSocket& socket, sched::Bytes into);
  sched::Result<std::size_t> send(UnixSocket& socket, sched::Pieces pieces);
  sched::Result<> shutdown_send(UnixSocket& socket);
  sched::Result<> set_options(UnixSocket& socket, const sched::StreamOptions& options);
  sched::Result<> set_peer(UnixSocket& socket, const sched::Endpoint& peer);
  sched::Result<sched::Received> recv_from(UnixSocket& socket, sched::Bytes into);
  sched::Result<std::size_t> send_to(UnixSocket& socket, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  // Closes a socket that had this descriptor, and destroys it.
  void close(UnixSocket& socket, sched::Descriptor descriptor);

  [[nodiscard]] bool listens() const;

  // For the sockets.
  [[nodiscard]] Kernel& kernel() const { return kernel_; }
  enum class Kind : std::uint8_t { listener, datagram };
  // Returns the socket of this kind at `to`. Fails with no_such_file_or_directory if the path is
  // free, connection_refused if no socket has it open, and wrong_protocol_type if it is of the
  // other kind.
  [[nodiscard]] sched::Result<UnixSocket*> find(const sched::Endpoint& to, Kind kind) const;
  // Opens a descriptor for a socket. REQUIRES: one is free.
  sched::Descriptor open(std::unique_ptr<UnixSocket> socket);
  template <class F>
  void for_each_datagram(F&& f) const {
    for (const auto& [descriptor, socket] : open_) {
      if (auto* datagram = dynamic_cast<UnixDatagram*>(socket.get()); datagram != nullptr) {
        f(*datagram);
      }
    }
  }

 private:
  struct Bound {
    UnixSocket* socket = nullptr;  // null: a file that is left
    Kind kind = Kind::listener;
  };

  [[nodiscard]] static std::string key_of(const sched::Endpoint& at, Kind kind);
  // Enters the name of a socket that is about to be created. Returns null if it is taken.
  [[nodiscard]] Bound* claim(const sched::Endpoint& at, Kind kind, bool replaces_stale);
  [[nodiscard]] SocketName name_of(const sched::Endpoint& at, std::string_view protocol);

  Kernel& kernel_;
  std::map<sched::Descriptor, std::unique_ptr<UnixSocket>> open_;
  std::map<std::string, Bound> names_;  // by key_of()
};

}  // namespace rehearsal::simnet

// What every socket of a simulated host has.
#pragma once

#include <cstdint>
#include <string>

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

class Network;

// What the choices of a socket are filed under: its name in a run, and the key of that.
struct SocketName {
  std::string text;
  std::uint64_t key = 0;
};

class Socket {
 public:
  enum class Kind : std::uint8_t { listener, stream, datagram, completion, signals, inbox };

  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] Network& network() const { return *network_; }
  [[nodiscard]] sched::Descriptor descriptor() const { return descriptor_; }
  void set_descriptor(sched::Descriptor descriptor) { descriptor_ = descriptor; }
  // How often a choice of this socket was asked at each of these sites.
  struct Ordinals {
    std::uint32_t watches = 0;
    std::uint32_t reports = 0;
    std::uint32_t calls = 0;
  } ordinals;

 protected:
  Socket(Kind kind, Network& network) : network_(&network), kind_(kind) {}
  ~Socket() = default;

 private:
  Network* network_;
  sched::Descriptor descriptor_ = -1;  // -1: not open
  Kind kind_;
};

}  // namespace rehearsal::simnet

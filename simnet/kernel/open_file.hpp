// OpenFile: the common part of all sockets of a simulated host.
#pragma once

#include <cstdint>
#include <string>

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

class Kernel;

// The name under which a socket makes its choices, and the key of that name.
struct SocketName {
  std::string text;
  std::uint64_t key = 0;
};

class OpenFile {
 public:
  enum class Kind : std::uint8_t {
    listener,
    stream,
    datagram,
    unix_socket,
    completion,
    signals,
    inbox
  };

  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] Kernel& kernel() const { return *kernel_; }
  [[nodiscard]] sched::Descriptor descriptor() const { return descriptor_; }
  void set_descriptor(sched::Descriptor descriptor) { descriptor_ = descriptor; }
  // The number of choices of this socket at each of these sites.
  struct Ordinals {
    std::uint32_t watches = 0;
    std::uint32_t reports = 0;
    std::uint32_t calls = 0;
  } ordinals;

 protected:
  OpenFile(Kind kind, Kernel& kernel) : kernel_(&kernel), kind_(kind) {}
  ~OpenFile() = default;

 private:
  Kernel* kernel_;
  sched::Descriptor descriptor_ = -1;  // -1: not open
  Kind kind_;
};

}  // namespace rehearsal::simnet

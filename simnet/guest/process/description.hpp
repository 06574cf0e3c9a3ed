// Description: an open file description (open(2)), to which one or more descriptors refer.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "sched/seam/network.hpp"
#include "simnet/guest/process/pollable.hpp"

namespace rehearsal::simnet {

// What a call returns: a value, or a negative errno.
using CallResult = long;

class Description : public Pollable {
 public:
  // The flags of fcntl(F_GETFL): O_RDWR or another access mode, and O_NONBLOCK.
  int flags = O_RDWR;
  [[nodiscard]] bool blocks() const { return (flags & O_NONBLOCK) == 0; }

  // Both move what they can at once; -EAGAIN if that is nothing.
  virtual CallResult read(sched::Bytes /*into*/) { return -EINVAL; }
  virtual CallResult write(sched::Pieces /*from*/) { return -EINVAL; }
  // Returns the number of bytes that can be read (FIONREAD of ioctl(2)), or -ENOTTY.
  [[nodiscard]] virtual CallResult unread() { return -ENOTTY; }
  // Returns the type of file, as the bits S_IFMT of stat(2).
  [[nodiscard]] virtual std::uint32_t type() const { return 0; }
};

}  // namespace rehearsal::simnet

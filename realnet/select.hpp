// Select: the network whose source is select(2). It asks about the descriptors that are watched,
// each time anew, and reports levels: a socket that is still readable is reported again.
//
// select() is defined for descriptors below FD_SETSIZE. A higher one is refused by watch(), and the
// sets are bitsets of our own that never hold one: FD_SET would write beyond its set.
//
// A wait costs one system call, and copies and looks at the words of 64 descriptors up to the
// highest one watched; the kernel looks at each descriptor watched.
#pragma once

#include <sys/select.h>

#include <array>
#include <cstddef>

#include "realnet/real_network.hpp"
#include "sched/host.hpp"

namespace rehearsal::realnet {

class Select : public RealNetwork {
 public:
  // Descriptors from here on cannot be watched.
  static constexpr sched::Descriptor limit = FD_SETSIZE;

  Select() = default;

  // value_too_large for a descriptor from `limit` on; bad_file_descriptor for a negative one.
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way) {
    if (descriptor < 0 || descriptor >= limit) [[unlikely]] {
      return descriptor < 0 ? std::errc::bad_file_descriptor : std::errc::value_too_large;
    }
    const std::size_t index = word_of(descriptor);
    Word& word = set_of(watched_, way)[index];
    if ((word & bit_of(descriptor)) == 0) {
      word |= bit_of(descriptor);
      count_of(way) += 1;
      words_ = index < words_ ? words_ : index + 1;
    }
    return {};
  }
  void unwatch(sched::Descriptor descriptor, sched::Direction way) {
    if (descriptor < 0 || descriptor >= limit) [[unlikely]] {
      return;
    }
    Word& word = set_of(watched_, way)[word_of(descriptor)];
    if ((word & bit_of(descriptor)) != 0) {
      word &= ~bit_of(descriptor);
      count_of(way) -= 1;
    }
  }

  // Appends by ascending descriptor: recv and send as watched and found, and urgent with recv.
  // Where a socket has failed or hung up, select() calls it readable and writable. A watched
  // descriptor that was closed behind the network's back is reported with error, so that its task
  // meets EBADF. Throws std::system_error where the kernel has no memory for the sets.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);

  // As RealNetwork's; what is closed is no longer watched.
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);

 private:
  using Word = unsigned long;  // the kernel's fd_set is an array of them, the lowest bit first
  static constexpr std::size_t word_bits = sizeof(Word) * 8;
  using Set = std::array<Word, FD_SETSIZE / word_bits>;
  static_assert(sizeof(Set) == sizeof(fd_set));

  struct Sets {
    Set recv{};
    Set send{};
  };

  static std::size_t word_of(sched::Descriptor descriptor) {
    return static_cast<std::size_t>(descriptor) / word_bits;
  }
  static Word bit_of(sched::Descriptor descriptor) {
    return Word{1} << (static_cast<std::size_t>(descriptor) % word_bits);
  }
  static Set& set_of(Sets& sets, sched::Direction way) {
    return way == sched::Direction::recv ? sets.recv : sets.send;
  }
  std::size_t& count_of(sched::Direction way) {
    return way == sched::Direction::recv ? receivers_ : senders_;
  }

  int ask(sched::Deadline until);
  void collect(int found, sched::ReadyList& ready) const;
  void collect_closed(sched::ReadyList& ready) const;

  std::size_t words_ = 0;      // no word from here on has a bit in watched_
  std::size_t receivers_ = 0;  // how many bits watched_.recv has
  std::size_t senders_ = 0;
  Sets watched_;
  Sets found_;  // what the last select() answered, in the first words_ words
  Set urgent_{};
};

static_assert(sched::Network<Select>);

}  // namespace rehearsal::realnet

// Compiled once, and not by each program.
extern template class rehearsal::sched::Scheduler<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Host<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Listener<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Stream<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Datagram<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Signals<rehearsal::realnet::Select>;

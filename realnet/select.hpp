// Select: the network whose event source is select(2). Each wait passes all watched descriptors to
// the kernel, and reports levels: a socket that is still readable is reported again.
//
// select() is defined for descriptors below FD_SETSIZE. watch() refuses higher ones, and the sets
// are bitsets of this class that never contain one: FD_SET would write past the end of its set.
//
// A wait costs one system call. It copies and scans the words of 64 descriptors up to the highest
// one watched; the kernel checks each watched descriptor.
#pragma once

#include <sys/select.h>

#include <array>
#include <cstddef>

#include "realnet/real_network.hpp"
#include "sched/host.hpp"

namespace rehearsal::realnet {

/// The POSIX network over select(2): at most FD_SETSIZE descriptors, usually 1024. One thread uses
/// it; only post() may be called by others.
class Select : public RealNetwork {
 public:
  /// The lowest descriptor that cannot be watched.
  static constexpr sched::Descriptor limit = FD_SETSIZE;

  Select() = default;

  /// Begins to watch a descriptor. Returns value_too_large for a descriptor of at least `limit`,
  /// and bad_file_descriptor for a negative one.
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
  /// Ends a watch, without a system call.
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

  /// Waits, and appends the reports in order of descriptors: recv and send as watched and found,
  /// and urgent together with recv. select() reports a socket that has failed or hung up as
  /// readable and writable. A watched descriptor that was closed without this network is reported
  /// with error, so that its task gets EBADF. Throws std::system_error if the kernel has no memory
  /// for the sets.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);

  /// Closes a descriptor, as RealNetwork::close does. Its watch ends.
  void close(sched::Descriptor descriptor);
  /// Aborts a connection, as RealNetwork::abort does. Its watch ends.
  void abort(sched::Descriptor descriptor);

 private:
  using Word = unsigned long;  // The kernel's fd_set is an array of words, the lowest bit first.
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
  std::size_t receivers_ = 0;  // number of bits in watched_.recv
  std::size_t senders_ = 0;
  Sets watched_;
  Sets found_;  // the result of the last select(), in the first words_ words
  Set urgent_{};
};

static_assert(sched::Network<Select>);

}  // namespace rehearsal::realnet

/// Compiled once, so that not every program compiles them.
extern template class rehearsal::sched::Scheduler<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Host<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Listener<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Stream<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Datagram<rehearsal::realnet::Select>;
extern template class rehearsal::sched::Signals<rehearsal::realnet::Select>;

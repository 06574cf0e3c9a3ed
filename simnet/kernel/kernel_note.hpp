// How the calls of a simulated kernel are noted.
#pragma once

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

template <class T>
std::uint64_t noted_value(const sched::Result<T>& result) {
  if (!result.ok()) {
    return result_of(result.error());
  }
  if constexpr (std::is_integral_v<T>) {
    return static_cast<std::uint64_t>(result.value());
  } else {
    return 0;
  }
}

template <class T>
T Kernel::note(Op op, sched::Descriptor descriptor, std::uint64_t key, T result,
               sched::ConstBytes data) {
  fabric_.note({op, number_, descriptor, at_, key, noted_value(result), data});
  return result;
}

}  // namespace rehearsal::simnet

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

// Notes a call of the kernel's program and returns its result.
template <class T>
T note(Kernel& kernel, Op op, sched::Descriptor descriptor, std::uint64_t key, T result,
       sched::ConstBytes data = {}, const sched::Endpoint* address = nullptr) {
  RunEvent event{op, kernel.number(), descriptor, kernel.at(), key, noted_value(result), data};
  event.address = address;
  kernel.fabric().note(event);
  return result;
}

}  // namespace rehearsal::simnet

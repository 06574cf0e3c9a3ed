// What the fault rules do to a call on a connection.
#pragma once

#include <cstddef>
#include <system_error>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

// Returns the error that the fault rules inject into a call of `kernel` on `end`, whose peer is on
// `other`, or none. May set `limit`. REQUIRES: some rule looks at the operation.
template <class End>
[[gnu::noinline]] std::errc judge_call(Kernel& kernel, Operation on, End& end, const Kernel& other,
                                       std::size_t& limit) {
  Faults& faults = kernel.fabric().faults;
  const Verdict verdict = kernel.judge(on, &other, end.name());
  if (verdict.kind == Verdict::Kind::reset) {
    faults.mattered();
    end.break_off();
    return std::errc::connection_reset;
  }
  if (verdict.kind == Verdict::Kind::fail) {
    faults.mattered();
    if (verdict.error == sched::would_block) {
      kernel.report(end, on == Operation::recv ? sched::Readiness::recv : sched::Readiness::send);
    }
    return verdict.error;
  }
  if (verdict.kind == Verdict::Kind::limit) {
    limit = verdict.count;
  }
  return {};
}

}  // namespace rehearsal::simnet

#include "simnet/kernel/unix_listener.hpp"

#include <algorithm>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp_listener.hpp"
#include "simnet/kernel/unix_sockets.hpp"

namespace rehearsal::simnet {

using sched::Readiness;
using sched::Result;

namespace {

// Returns whether an accept of a Unix socket can fail with this error: it has no route and no
// handshake.
bool can_happen(std::errc error) {
  return error != std::errc::connection_aborted && error != std::errc::protocol_error;
}

}  // namespace

UnixListener::UnixListener(UnixSockets& sockets, SocketName name, const sched::Endpoint& at,
                           const sched::ListenOptions& options)
    : UnixSocket(sockets, std::move(name), at), backlog_(TcpListener::length_of(options)) {}

void UnixListener::push(std::unique_ptr<UnixStream> end) {
  queued_.push_back(std::move(end));
  kernel().report(*this, Readiness::recv);
}

// Returns the error that a choice or a fault rule injects, or none.
std::errc UnixListener::injected_error() {
  Fabric& fabric = kernel().fabric();
  const Choice chosen = fabric.choices.choose(Site::accept, key(), accepts_++,
                                              accept_errors.size() + 1, [this] { return name(); });
  if (chosen.deviates() && can_happen(accept_errors[chosen.value() - 1])) {
    return accept_errors[chosen.matters() - 1];
  }
  if (fabric.faults.any(Operation::accept)) {
    const Verdict verdict = kernel().judge(Operation::accept, nullptr, name());
    if (verdict.kind == Verdict::Kind::fail) {
      fabric.faults.mattered();
      return verdict.error;
    }
  }
  return {};
}

Result<sched::Accepted> UnixListener::accept() {
  sched::touch(key());
  if (queued_.empty()) {
    return sched::would_block;
  }
  if (const std::errc error = injected_error(); error != std::errc{}) {
    return error;
  }
  if (kernel().descriptors().full()) {
    return std::errc::too_many_files_open;
  }
  std::unique_ptr<UnixStream> end = std::move(queued_.front());
  queued_.pop_front();
  UnixStream& accepted = *end;
  const sched::Descriptor descriptor = sockets().open(std::move(end));
  accepted.report_early_end();
  return sched::Accepted{descriptor, sched::unix_unnamed()};
}

void UnixListener::hang_up() {
  for (const auto& end : queued_) {
    end->refuse();
  }
}

}  // namespace rehearsal::simnet

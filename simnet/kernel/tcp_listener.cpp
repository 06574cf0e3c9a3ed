#include "simnet/kernel/tcp_listener.hpp"

#include <algorithm>
#include <utility>

#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

TcpListener::TcpListener(Kernel& kernel, SocketName name, const sched::Endpoint& at,
                         const sched::ListenOptions& options)
    : OpenFile(Kind::listener, kernel),
      at_(at),
      name_(std::move(name)),
      reuse_port_(options.reuse_port),
      ipv6_only_(options.ipv6_only),
      clients_(options.clients) {}

std::size_t TcpListener::length_of(const sched::ListenOptions& options) {
  return options.backlog == 0
             ? most_backlog
             : std::min<std::size_t>(static_cast<std::size_t>(options.backlog), most_backlog);
}

void TcpListener::start(std::size_t backlog) {
  backlog_ = std::min(backlog, most_backlog);
  listening_ = true;
}

void TcpListener::stop() {
  listening_ = false;
  refuse_all();
}

sched::Readiness TcpListener::readiness() const {
  if (!listening_) {
    return sched::Readiness::send | sched::Readiness::hang_up;
  }
  return empty() ? sched::Readiness::none : sched::Readiness::recv;
}

void TcpListener::refuse_all() {
  for (TcpEnd* embryo : std::exchange(embryos, {})) {
    embryo->refuse();
  }
  while (!queued_.empty()) {
    queued_.pop()->refuse();
  }
}

void TcpListener::forget_all() {
  for (TcpEnd* embryo : std::exchange(embryos, {})) {
    embryo->vanish();
  }
  while (!queued_.empty()) {
    queued_.pop()->vanish();
  }
}

}  // namespace rehearsal::simnet

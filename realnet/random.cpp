#include "realnet/random.hpp"

#include <sys/random.h>

#include "realnet/system_call.hpp"

namespace rehearsal::realnet {

void Random::refill() {
  const ssize_t count =
      retry_interrupted([this] { return ::getrandom(buffer_.data(), sizeof buffer_, 0); });
  sched::check(count == sizeof buffer_, "the kernel gives random bytes");
  left_ = buffer_.size();
}

}  // namespace rehearsal::realnet

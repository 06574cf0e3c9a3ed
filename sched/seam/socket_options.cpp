#include "sched/seam/socket_options.hpp"

namespace rehearsal::sched {

bool StreamOptions::valid() const {
  using std::chrono::seconds;
  constexpr seconds longest{32767};
  constexpr std::chrono::milliseconds longest_timeout{0x7fffffff};
  return keep_alive_idle >= seconds{} && keep_alive_idle <= longest &&
         keep_alive_interval >= seconds{1} && keep_alive_interval <= longest &&
         keep_alive_count >= 1 && keep_alive_count <= 127 && user_timeout.count() >= 0 &&
         user_timeout <= longest_timeout;
}

bool operator==(const StreamOptions&, const StreamOptions&) = default;

}  // namespace rehearsal::sched

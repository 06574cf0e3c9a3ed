#include "sched/io/listener.hpp"

namespace rehearsal::sched {

bool is_of_one_client(std::errc error) {
  switch (error) {
    case std::errc::connection_aborted:
    case std::errc::protocol_error:
    case std::errc::no_protocol_option:
    case std::errc::operation_not_permitted:
    case std::errc::network_down:
    case std::errc::network_unreachable:
    case std::errc::host_unreachable:
    case std::errc::operation_not_supported:
    case std::errc::timed_out:
    case std::errc::connection_reset:
      return true;
    default:
      return error == static_cast<std::errc>(EHOSTDOWN) || error == static_cast<std::errc>(ENONET);
  }
}

bool is_exhaustion(std::errc error) {
  return error == std::errc::too_many_files_open ||
         error == std::errc::too_many_files_open_in_system || error == std::errc::no_buffer_space ||
         error == std::errc::not_enough_memory;
}

}  // namespace rehearsal::sched

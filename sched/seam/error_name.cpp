#include "sched/seam/error_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace rehearsal::sched {
namespace {

using ErrorName = std::pair<std::errc, std::string_view>;

constexpr std::array error_names = {
    ErrorName{std::errc::address_family_not_supported, "EAFNOSUPPORT"},
    ErrorName{std::errc::address_in_use, "EADDRINUSE"},
    ErrorName{std::errc::address_not_available, "EADDRNOTAVAIL"},
    ErrorName{std::errc::already_connected, "EISCONN"},
    ErrorName{std::errc::bad_address, "EFAULT"},
    ErrorName{std::errc::bad_file_descriptor, "EBADF"},
    ErrorName{std::errc::broken_pipe, "EPIPE"},
    ErrorName{std::errc::connection_aborted, "ECONNABORTED"},
    ErrorName{std::errc::connection_already_in_progress, "EALREADY"},
    ErrorName{std::errc::connection_refused, "ECONNREFUSED"},
    ErrorName{std::errc::connection_reset, "ECONNRESET"},
    ErrorName{std::errc::destination_address_required, "EDESTADDRREQ"},
    ErrorName{std::errc::device_or_resource_busy, "EBUSY"},
    ErrorName{std::errc::host_unreachable, "EHOSTUNREACH"},
    ErrorName{std::errc::interrupted, "EINTR"},
    ErrorName{std::errc::invalid_argument, "EINVAL"},
    ErrorName{std::errc::io_error, "EIO"},
    ErrorName{std::errc::message_size, "EMSGSIZE"},
    ErrorName{std::errc::network_down, "ENETDOWN"},
    ErrorName{std::errc::network_reset, "ENETRESET"},
    ErrorName{std::errc::network_unreachable, "ENETUNREACH"},
    ErrorName{std::errc::no_buffer_space, "ENOBUFS"},
    ErrorName{std::errc::no_protocol_option, "ENOPROTOOPT"},
    ErrorName{std::errc::no_such_device_or_address, "ENXIO"},
    ErrorName{std::errc::no_such_file_or_directory, "ENOENT"},
    ErrorName{std::errc::not_a_directory, "ENOTDIR"},
    ErrorName{std::errc::not_a_socket, "ENOTSOCK"},
    ErrorName{std::errc::not_connected, "ENOTCONN"},
    ErrorName{std::errc::not_enough_memory, "ENOMEM"},
    ErrorName{std::errc::operation_canceled, "ECANCELED"},
    ErrorName{std::errc::operation_in_progress, "EINPROGRESS"},
    ErrorName{std::errc::operation_not_permitted, "EPERM"},
    ErrorName{std::errc::operation_not_supported, "EOPNOTSUPP"},
    ErrorName{std::errc::operation_would_block, "EAGAIN"},
    ErrorName{std::errc::permission_denied, "EACCES"},
    ErrorName{std::errc::protocol_error, "EPROTO"},
    ErrorName{std::errc::protocol_not_supported, "EPROTONOSUPPORT"},
    ErrorName{std::errc::resource_unavailable_try_again, "EAGAIN"},
    ErrorName{std::errc::timed_out, "ETIMEDOUT"},
    ErrorName{std::errc::too_many_files_open, "EMFILE"},
    ErrorName{std::errc::too_many_files_open_in_system, "ENFILE"},
    ErrorName{std::errc::value_too_large, "EOVERFLOW"},
    ErrorName{std::errc::wrong_protocol_type, "EPROTOTYPE"},
};

}  // namespace

std::string error_name(std::errc error) {
  const auto* const found = std::ranges::find(error_names, error, &ErrorName::first);
  return found != error_names.end() ? std::string(found->second)
                                    : "E" + std::to_string(static_cast<int>(error));
}

std::optional<std::errc> error_named(std::string_view name) {
  const auto* const found = std::ranges::find(error_names, name, &ErrorName::second);
  if (found != error_names.end()) {
    return found->first;
  }
  int number = 0;
  const char* end = name.data() + name.size();
  if (name.size() < 2 || name.front() != 'E') {
    return std::nullopt;
  }
  const auto [stopped, error] = std::from_chars(name.data() + 1, end, number);
  if (error != std::errc{} || stopped != end || number <= 0) {
    return std::nullopt;
  }
  return static_cast<std::errc>(number);
}

}  // namespace rehearsal::sched

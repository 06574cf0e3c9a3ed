#include "sched/trace.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "sched/check.hpp"
#include "sched/digits.hpp"
#include "sched/key.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::array<std::string_view, trace_op_count> op_names = {
    "spawn",     "resume",    "wait",     "done",     "failed",   "cancelled", "listen",  "accept",
    "connect",   "connected", "recv",     "send",     "shutdown", "close",     "abort",   "bind",
    "recv_from", "send_to",   "options",  "set_peer", "resolve",  "resolved",  "signals", "signal",
    "inbox",     "message",   "blocking", "random",   "choose",   "deliver",   "fault",   "crash",
    "power_off", "restart",   "pause",    "unpause",  "link",     "note"};

using ErrorName = std::pair<std::errc, std::string_view>;

// Of two names of one number, the first counts.
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
};

}  // namespace

std::uint64_t data_hash(std::string_view bytes) { return extend_key(empty_key, bytes); }

std::string_view name(TraceOp op) {
  check(op < TraceOp::other, "an operation of a trace has a name");
  return op_names.at(static_cast<std::size_t>(op));
}

std::optional<TraceOp> trace_op_named(std::string_view name) {
  const auto* const found = std::ranges::find(op_names, name);
  if (found == op_names.end()) {
    return std::nullopt;
  }
  return static_cast<TraceOp>(found - op_names.begin());
}

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

std::string hex16(std::uint64_t number) {
  std::string text(16, '0');
  put_hex16(text.data(), number);
  return text;
}

std::string_view TraceEvent::op_name() const {
  return op == TraceOp::other ? std::string_view(other_op) : name(op);
}

void TraceEvent::set_op(std::string_view name) {
  op = trace_op_named(name).value_or(TraceOp::other);
  other_op = op == TraceOp::other ? name : std::string_view();
}

std::uint64_t TraceEvent::data_size() const { return bytes.empty() ? size : bytes.size(); }

std::uint64_t TraceEvent::data_hash() const {
  return bytes.empty() ? hash : sched::data_hash(bytes);
}

void TraceEvent::summarise(std::size_t most) {
  if (bytes.size() > most) {
    hash = data_hash();
    size = data_size();
    bytes.clear();
  }
}

bool same_event(const TraceEvent& a, const TraceEvent& b) {
  return a.t == b.t && a.host == b.host && a.task == b.task && a.op_name() == b.op_name() &&
         a.handle == b.handle && a.result == b.result && a.error == b.error &&
         a.data_size() == b.data_size() && a.data_hash() == b.data_hash() && a.digest == b.digest;
}

}  // namespace rehearsal::sched

#include "simnet/network/run_event.hpp"

#include <algorithm>
#include <array>

namespace rehearsal::simnet {
namespace {

constexpr std::string_view name_of(Op op) {
  using Kind = Op;
  switch (op) {
    REHEARSAL_SEAM_CALLS(REHEARSAL_CALL_TEXT)
    case Op::spawn:
      return "spawn";
    case Op::resume:
      return "resume";
    case Op::done:
      return "done";
    case Op::failed:
      return "failed";
    case Op::cancelled:
      return "cancelled";
    case Op::deliver:
      return "deliver";
    case Op::fault:
      return "fault";
    case Op::crash:
      return "crash";
    case Op::power_off:
      return "power_off";
    case Op::restart:
      return "restart";
    case Op::pause:
      return "pause";
    case Op::link:
      return "link";
    case Op::log:
      return "log";
    case Op::clock_jump:
      return "clock_jump";
    case Op::wait:
      return "wait";
    case Op::unpause:
      return "unpause";
    case Op::note:
      return "note";
    case Op::other:
      break;
  }
  return {};
}

constexpr auto names = [] {
  std::array<std::string_view, op_count> all;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all.at(i) = name_of(static_cast<Op>(i));
  }
  return all;
}();

}  // namespace

std::string_view name(Op op) { return names[static_cast<std::size_t>(op)]; }

std::optional<Op> op_named(std::string_view name) {
  const auto* const found = name.empty() ? names.end() : std::ranges::find(names, name);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<Op>(found - names.begin()));
}

}  // namespace rehearsal::simnet

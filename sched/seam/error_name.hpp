// The errors of the seam by their names of errno(3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace rehearsal::sched {

// "ECONNRESET"; "E999" for an error that std::errc has no name for.
[[nodiscard]] std::string error_name(std::errc error);
// The error that error_name() gives this name; nothing if there is none.
[[nodiscard]] std::optional<std::errc> error_named(std::string_view name);

}  // namespace rehearsal::sched

// The errno(3) names of errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace rehearsal::sched {

/// Returns the name of an error, such as "ECONNRESET"; "E999" for one that std::errc has no
/// name for.
[[nodiscard]] std::string error_name(std::errc error);
/// Returns the error for which error_name() returns `name`, or nothing if there is none.
[[nodiscard]] std::optional<std::errc> error_named(std::string_view name);

}  // namespace rehearsal::sched

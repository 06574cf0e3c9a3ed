// Bytes as text: base64 (RFC 4648, section 4), padded, without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rehearsal::sched {

void append_base64(std::string& to, std::string_view bytes);
// Nothing where `text` is not what append_base64() gives for some bytes.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace rehearsal::sched

// Bytes as text: base64 (RFC 4648, section 4), padded, without line breaks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rehearsal::sched {

[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
// Writes base64_size(bytes.size()) characters from `to` on, and gives the place behind them.
char* put_base64(char* to, std::string_view bytes);
void append_base64(std::string& to, std::string_view bytes);
// Nothing where `text` is not what append_base64() gives for some bytes.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace rehearsal::sched

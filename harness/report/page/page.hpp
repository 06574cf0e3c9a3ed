// A page: one HTML file that shows a run, and needs nothing else. It forbids the browser every
// request.
#pragma once

#include <string>
#include <string_view>

namespace rehearsal::harness {

// Returns the page with `data`, JSON of page_format.md.
[[nodiscard]] std::string page(std::string_view data);

}  // namespace rehearsal::harness

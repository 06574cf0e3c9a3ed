// A page: one HTML file that shows a run, and needs nothing else. It forbids the browser every
// request.
#pragma once

#include <string>
#include <string_view>

namespace rehearsal::harness {

// Returns the page with `data`, JSON of page_format.md.
[[nodiscard]] std::string page(std::string_view data);
// Writes the page. Returns what is wrong with the file in one line, or an empty string.
[[nodiscard]] std::string write_page(const std::string& file, std::string_view data);
// Writes the page and prints its name, or what is wrong after the name of the program. Returns the
// exit status: `status`, or `bad_input` if the page cannot be written.
int finish_page(const std::string& program, const std::string& file, std::string_view data,
                int status);

}  // namespace rehearsal::harness

#include "harness/report/page/page.hpp"

#include <array>
#include <utility>

#include "harness/report/page/page_files.hpp"

namespace rehearsal::harness {
namespace {

// Appends JSON for a <script> element: without "<", which occurs in texts only.
void append_data(std::string& to, std::string_view data) {
  to.reserve(to.size() + data.size() + data.size() / 16);
  for (const char c : data) {
    if (c == '<') {
      to += "\\u003c";
    } else {
      to += c;
    }
  }
}

}  // namespace

std::string page(std::string_view data) {
  std::string text;
  std::string_view rest = page_html;
  const std::array<std::pair<std::string_view, std::string_view>, 3> parts = {
      {{"/*page.css*/", page_css}, {"/*data*/", data}, {"/*page.js*/", page_js}}};
  for (const auto& [mark, part] : parts) {
    const std::size_t at = rest.find(mark);
    text += rest.substr(0, at);
    if (mark == "/*data*/") {
      append_data(text, part);
    } else {
      text += part;
    }
    rest.remove_prefix(at + mark.size());
  }
  text += rest;
  return text;
}

}  // namespace rehearsal::harness

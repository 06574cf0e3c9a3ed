#include "harness/report/page/page.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
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

std::string write_page(const std::string& file, std::string_view data) {
  std::ofstream out(file, std::ios::binary);
  out << page(data);
  out.close();
  return out ? std::string()
             : file + ": the page cannot be written; check the folder and the space on the disk";
}

int finish_page(const std::string& program, const std::string& file, std::string_view data,
                int status) {
  if (const std::string wrong = write_page(file, data); !wrong.empty()) {
    fmt::print(stderr, "{}: {}\n", program, wrong);
    return bad_input;
  }
  fmt::print("page: {}\n", file);
  std::fflush(stdout);
  return status;
}

}  // namespace rehearsal::harness

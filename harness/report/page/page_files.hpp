// The files of this folder that make up a page. The build writes them into a source.
#pragma once

#include <string_view>

namespace rehearsal::harness {

extern const std::string_view page_html;
extern const std::string_view page_css;
extern const std::string_view page_js;

}  // namespace rehearsal::harness

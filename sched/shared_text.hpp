// A text that stands in many events of a trace, together with the JSON of it, which is made once.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "sched/json_line.hpp"

namespace rehearsal::sched {

class SharedText {
 public:
  SharedText() = default;
  explicit SharedText(std::string text) : text_(std::move(text)) { append_json_text(json_, text_); }

  [[nodiscard]] const std::string& text() const { return text_; }
  // With its quotation marks; nothing where the text is empty, which is never written.
  [[nodiscard]] std::string_view json() const {
    return text_.empty() ? std::string_view() : std::string_view(json_);
  }

 private:
  std::string text_;
  std::string json_;
};

}  // namespace rehearsal::sched

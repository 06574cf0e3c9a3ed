// SharedText: a text of many events of a trace, together with its JSON, which is made once.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "simnet/trace/json_line.hpp"

namespace rehearsal::simnet {

class SharedText {
 public:
  SharedText() = default;
  explicit SharedText(std::string text) : text_(std::move(text)) {
    if (!text_.empty()) {
      append_json_text(json_, text_);
      size_ = json_.size();
      json_.resize(room());
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  // Returns the JSON with quotation marks; empty if the text is empty, which is never written.
  [[nodiscard]] std::string_view json() const { return {json_.data(), size_}; }
  // Returns how many bytes put_json() may write.
  [[nodiscard]] std::size_t room() const { return (size_ + chunk - 1) / chunk * chunk; }
  // Writes json() from `to` on, and returns its end. Bytes behind the end, up to room(), may
  // change: chunks of one size are copied without a call, and most texts are one chunk.
  char* put_json(char* to) const {
    for (std::size_t done = 0; done < size_; done += chunk) {
      std::memcpy(to + done, json_.data() + done, chunk);
    }
    return to + size_;
  }

 private:
  static constexpr std::size_t chunk = 32;

  std::string text_;
  std::string json_;      // and zeros up to room()
  std::size_t size_ = 0;  // of the JSON
};

}  // namespace rehearsal::simnet

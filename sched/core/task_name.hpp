// The name of a task among its siblings, in one machine word: a text, or a number if it has
// no name.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rehearsal::sched {

class TaskName {
 public:
  // Stores a copy of `text`. An empty text means unnamed.
  explicit TaskName(std::string_view text) { *this = text; }
  TaskName(const TaskName&) = delete;
  TaskName& operator=(const TaskName&) = delete;
  ~TaskName() { clear(); }

  TaskName& operator=(std::string_view text) {
    char* copy = nullptr;
    if (!text.empty()) {
      copy = new char[text.size() + 1];
      std::memcpy(copy, text.data(), text.size());
      copy[text.size()] = '\0';
    }
    clear();
    bits_ = std::bit_cast<std::uintptr_t>(copy);
    return *this;
  }
  // Sets the number, if there is no text.
  void number(std::uint32_t ordinal) {
    if (bits_ == 0) {
      bits_ = std::uintptr_t{ordinal} << 1U | 1U;
    }
  }

  [[nodiscard]] std::string to_string() const {
    return has_number() ? std::to_string(bits_ >> 1U)
           : bits_ == 0 ? std::string()
                        : std::string(text());
  }

 private:
  // A text is aligned, so its address is even.
  [[nodiscard]] bool has_number() const { return (bits_ & 1U) != 0; }
  [[nodiscard]] char* text() const { return std::bit_cast<char*>(bits_); }
  void clear() {
    if (!has_number()) {
      delete[] text();
    }
    bits_ = 0;
  }

  std::uintptr_t bits_ = 0;
  static_assert(sizeof bits_ > sizeof(std::uint32_t));
};

}  // namespace rehearsal::sched

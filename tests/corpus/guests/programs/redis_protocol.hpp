// The part of the protocol of Redis that the servers speak: PING and ECHO.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rehearsal::guests {

class RedisCommands {
 public:
  void append(std::string_view bytes) { input_ += bytes; }
  // Removes the commands that are complete, and returns their answers.
  std::string answers();

 private:
  using Command = std::vector<std::string>;
  std::optional<Command> next();
  std::optional<int> number(char kind, std::size_t& at) const;

  std::string input_;
};

}  // namespace rehearsal::guests

#include "tests/corpus/guests/programs/redis_protocol.hpp"

#include <cstdlib>

namespace rehearsal::guests {

// Reads "*3\r\n" or "$5\r\n" at `at`, and moves behind it.
std::optional<int> RedisCommands::number(char kind, std::size_t& at) const {
  const std::size_t end = input_.find("\r\n", at);
  if (end == std::string::npos || input_[at] != kind) {
    return std::nullopt;
  }
  const int value = std::atoi(input_.c_str() + at + 1);
  at = end + 2;
  return value;
}

std::optional<RedisCommands::Command> RedisCommands::next() {
  std::size_t at = 0;
  const auto count = number('*', at);
  if (!count) {
    return std::nullopt;
  }
  Command command;
  for (int i = 0; i < *count; ++i) {
    const auto size = number('$', at);
    if (!size || input_.size() < at + static_cast<std::size_t>(*size) + 2) {
      return std::nullopt;
    }
    command.push_back(input_.substr(at, static_cast<std::size_t>(*size)));
    at += static_cast<std::size_t>(*size) + 2;
  }
  input_.erase(0, at);
  return command;
}

std::string RedisCommands::answers() {
  std::string output;
  while (const auto command = next()) {
    if (command->size() == 2 && command->front() == "ECHO") {
      const std::string& text = command->back();
      output += '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    } else if (command->size() == 1 && command->front() == "PING") {
      output += "+PONG\r\n";
    } else {
      output += "-ERR unknown command\r\n";
    }
  }
  return output;
}

}  // namespace rehearsal::guests

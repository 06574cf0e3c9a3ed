// The part of the protocol of PostgreSQL that the servers speak: connections without
// authentication, and the simple query SELECT 'text'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rehearsal::guests {

class PostgresSession {
 public:
  void append(std::string_view bytes) { input_ += bytes; }
  // Removes the messages that are complete, and returns their answers.
  std::string answers();
  // Whether the client has said that it is over.
  [[nodiscard]] bool over() const { return over_; }

 private:
  [[nodiscard]] std::uint32_t integer(std::size_t at) const;
  std::string start(std::uint32_t code);

  std::string input_;
  bool started_ = false;
  bool over_ = false;
};

}  // namespace rehearsal::guests

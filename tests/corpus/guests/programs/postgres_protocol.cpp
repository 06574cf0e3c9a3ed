#include "tests/corpus/guests/programs/postgres_protocol.hpp"

namespace rehearsal::guests {
namespace {

std::string integer32(std::size_t value) {
  std::string bytes;
  for (unsigned shift : {24U, 16U, 8U, 0U}) {
    bytes += static_cast<char>(value >> shift & 0xFFU);
  }
  return bytes;
}

std::string integer16(std::size_t value) { return integer32(value).substr(2); }

std::string message(char type, const std::string& body) {
  return type + integer32(body.size() + 4) + body;
}

const std::string nul(1, '\0');
const std::string ready = message('Z', "I");

std::string parameter(const std::string& name, const std::string& value) {
  return message('S', name + nul + value + nul);
}

// Answers SELECT 'text' with one row of one column.
std::string select(const std::string& query) {
  const std::size_t begin = query.find('\'');
  const std::size_t end = query.rfind('\'');
  if (begin == end) {
    return message('E', "SERROR" + nul + "C42601" + nul + "Mexpected SELECT 'text'" + nul + nul) +
           ready;
  }
  const std::string text = query.substr(begin + 1, end - begin - 1);
  constexpr std::size_t text_type = 25;
  const std::string column = "text" + nul + integer32(0) + integer16(0) + integer32(text_type) +
                             integer16(0xFFFF) + integer32(0xFFFFFFFF) + integer16(0);
  return message('T', integer16(1) + column) +
         message('D', integer16(1) + integer32(text.size()) + text) +
         message('C', "SELECT 1" + nul) + ready;
}

}  // namespace

std::uint32_t PostgresSession::integer(std::size_t at) const {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    value = value << 8U | static_cast<unsigned char>(input_[i]);
  }
  return value;
}

std::string PostgresSession::start(std::uint32_t code) {
  constexpr std::uint32_t version3 = 196'608;
  if (code != version3) {
    return "N";  // neither TLS nor GSSAPI
  }
  started_ = true;
  return message('R', integer32(0)) + parameter("server_version", "15.0") +
         parameter("client_encoding", "UTF8") + parameter("standard_conforming_strings", "on") +
         message('K', integer32(1) + integer32(2)) + ready;
}

std::string PostgresSession::answers() {
  std::string output;
  for (;;) {
    const std::size_t header = started_ ? 5 : 8;
    if (over_ || input_.size() < header) {
      return output;
    }
    const std::size_t size = started_ ? integer(1) + 1 : integer(0);
    if (input_.size() < size) {
      return output;
    }
    if (!started_) {
      output += start(integer(4));
    } else if (input_[0] == 'Q') {
      output += select(input_.substr(header, size - header));
    } else {
      over_ = input_[0] == 'X';
    }
    input_.erase(0, size);
  }
}

}  // namespace rehearsal::guests

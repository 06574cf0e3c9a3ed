// Reads a fuzzer's bytes as the messages of a child process, in pieces (libFuzzer). Whatever they
// are, the reader returns whole messages, and their bytes are those that it has read. The first
// byte is the size of a piece.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/process/wire.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

struct Heard {
  std::string bytes;  // of the messages that were read
  bool damaged = false;
  friend bool operator==(const Heard&, const Heard&) = default;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  MessageReader reader;
  Heard heard;
  while (!bytes.empty()) {
    reader.add(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (std::optional<Message> message = reader.next()) {
      heard.bytes += to_bytes(std::move(*message));
    }
  }
  heard.damaged = reader.damaged();
  return heard;
}

void try_input(std::string_view bytes, std::size_t piece) {
  const Heard whole = hear(bytes, bytes.size() + 1);
  sched::check(bytes.starts_with(whole.bytes), "a message has one form");
  sched::check(hear(bytes, piece) == whole, "messages do not depend on how they are cut");
}

}  // namespace
}  // namespace rehearsal::harness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) {
    rehearsal::harness::try_input({reinterpret_cast<const char*>(data) + 1, size - 1},
                                  std::size_t{1} + data[0]);
  }
  return 0;
}

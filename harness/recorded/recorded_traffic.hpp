// The clients of a recording, each with its messages in order and the pauses between them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "record/recording_reader.hpp"

namespace rehearsal::harness {

struct RecordedMessage {
  sched::Duration pause{};  // since the previous message, or since the client was accepted
  std::vector<std::byte> bytes;
  std::uint64_t answered = 0;  // bytes that the server had sent to the client before this message
};

struct RecordedClient {
  enum class End : std::uint8_t { none, finished, reset };

  sched::Duration at{};  // when it was accepted, since the first clock reading
  std::vector<RecordedMessage> messages;
  std::uint64_t answered = 0;  // bytes that the server sent to it in total
  // How the client ended. `none` means that the server or the recording ended first.
  End end = End::none;
  sched::Duration end_pause{};            // from its last message to its end
  std::uint64_t answered_before_end = 0;  // bytes that the server had sent to it before its end
};

struct RecordedTraffic {
  record::RecordingHead head;
  std::vector<RecordedClient> clients;  // in the order of acceptance
};

// Reads the recording at `path`. If parts are missing, returns the clients accepted in the rest.
// Throws BadInput if it cannot be read, no client was accepted, or their bytes were not kept.
[[nodiscard]] std::shared_ptr<const RecordedTraffic> read_traffic(const std::string& path);

}  // namespace rehearsal::harness

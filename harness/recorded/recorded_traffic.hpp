// The clients of a recording, each with its bytes, in its order, with its pauses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "record/recording_reader.hpp"

namespace rehearsal::harness {

struct RecordedMessage {
  sched::Duration pause{};  // since the one before, or since the client was accepted
  std::vector<std::byte> bytes;
  std::uint64_t answered = 0;  // bytes that had been sent to the client before this came
};

struct RecordedClient {
  enum class End : std::uint8_t { none, finished, reset };

  sched::Duration at{};  // when it was accepted, since the first reading of the clock
  std::vector<RecordedMessage> messages;
  std::uint64_t answered = 0;  // bytes that were sent to it in all
  // None: the server, or the recording, ended before it did.
  End end = End::none;
  sched::Duration end_pause{};  // since its last message
  std::uint64_t answered_before_end = 0;
};

struct RecordedTraffic {
  record::RecordingHead head;
  std::vector<RecordedClient> clients;  // in the order in which they were accepted
};

// Reads the recording at `path`; of one that is cut, the clients that were accepted in what is
// there. Throws BadInput.
[[nodiscard]] std::shared_ptr<const RecordedTraffic> read_traffic(const std::string& path);

}  // namespace rehearsal::harness

// What a server composes with its network to have it recorded:
//
//   Recorder recorder("my-server", flags, options, network.random());
//   Recording<realnet::Epoll> recording(network, recorder.log());
//   sched::Host host(recording);
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/files/segment_files.hpp"
#include "record/record_log.hpp"

namespace rehearsal::record {

struct RecorderOptions {
  RecorderOptions() = default;

  std::string directory;  // empty: nothing is recorded
  PayloadKept payload = PayloadKept::full;
  bool keep_sent = false;
  std::size_t segment_bytes = std::size_t{8} << 20U;
  std::uint64_t most_bytes = std::uint64_t{256} << 20U;  // of all files in the directory
  sched::Duration most_age{};                            // of a segment; zero: until it is full
  bool compress = false;                                 // segments that are full, with zstd
};

class Recorder {
 public:
  // `flags` are names and values by turns, from which the server's run is set up again; `id` is
  // unpredictable. Throws std::system_error where the directory cannot be used.
  Recorder(const std::string& server, std::vector<std::string> flags,
           const RecorderOptions& options, std::uint64_t id);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  // Says in the log how many records were lost, if any.
  ~Recorder();

  [[nodiscard]] RecordLog& log() { return log_; }

 private:
  SegmentFiles files_;
  RecordLog log_;
};

// Whether this build can compress and read what is compressed.
[[nodiscard]] bool can_compress();

}  // namespace rehearsal::record

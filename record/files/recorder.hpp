// Recorder: records a server into a directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/files/segment_files.hpp"
#include "record/record_log.hpp"

namespace rehearsal::record {

/// Options of a Recorder.
struct RecorderOptions {
  RecorderOptions() = default;

  std::string directory;  ///< where the files go; empty means that nothing is recorded
  /// How much is kept of received bytes.
  PayloadKept payload = PayloadKept::full;
  /// Keeps sent bytes like received ones. If false, keeps a hash of them.
  bool keep_sent = false;
  /// Size of a segment file, from 1 MiB to 256 MiB.
  std::size_t segment_bytes = std::size_t{8} << 20U;
  /// limit of all files in the directory, in bytes; the oldest are reused
  std::uint64_t most_bytes = std::uint64_t{256} << 20U;
  sched::Duration most_age{};  ///< age at which a segment is closed; 0 means when it is full
  bool compress = false;       ///< compresses full segments with zstd; see can_compress()
};

/// Records a server into a directory:
///
///     Recorder recorder("my-server", flags, options, network.random());
///     Recording<realnet::Epoll> recording(network, recorder.log());
///     sched::Host host(recording);
///
/// It must outlive the Recording. If the disk is full, records are lost and the server continues.
class Recorder {
 public:
  /// Starts a recording of `server`. `flags` are names and values, alternating, from which a replay
  /// configures the server again. `id` must be unpredictable. Throws std::system_error if the
  /// directory cannot be used.
  Recorder(const std::string& server, std::vector<std::string> flags,
           const RecorderOptions& options, std::uint64_t id);
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  /// Ends the recording, and logs how many records were lost, if any.
  ~Recorder();

  /// Returns the log to pass to the Recording.
  [[nodiscard]] RecordLog& log() { return log_; }

 private:
  SegmentFiles files_;
  RecordLog log_;
};

/// Returns true if this build can write and read compressed segments.
[[nodiscard]] bool can_compress();

}  // namespace rehearsal::record

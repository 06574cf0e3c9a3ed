// The files of a recording, as a reader takes them: a directory, whose latest recording is meant,
// or one file of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "record/recording_reader.hpp"

namespace rehearsal::record {

class RecordingFiles final : public RecordedSegments {
 public:
  // Finds the files; none where there is no recording at `path`.
  explicit RecordingFiles(const std::string& path);

  [[nodiscard]] bool empty() const { return files_.empty(); }
  std::optional<RecordedSegment> next() override;

 private:
  [[nodiscard]] std::string load(const std::string& file);

  std::vector<std::string> files_;
  std::size_t next_ = 0;
  std::vector<std::byte> bytes_;
};

// Whether `path` is a recording, or a file of one; all else is told by reading it.
[[nodiscard]] bool is_recording(const std::string& path);

}  // namespace rehearsal::record

// The files of a recording for a reader: the latest recording of a directory, or one file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "record/recording_reader.hpp"

namespace rehearsal::record {

class RecordingFiles final : public RecordedSegments {
 public:
  // Finds the files of the recording at `path`; none if there is none.
  explicit RecordingFiles(const std::string& path);

  [[nodiscard]] bool empty() const { return files_.empty(); }
  std::optional<RecordedSegment> next() override;

 private:
  [[nodiscard]] std::string load(const std::string& file);

  std::vector<std::string> files_;
  std::size_t next_ = 0;
  std::vector<std::byte> bytes_;
};

// Returns true if `path` is a recording or a file of one, by its name. Whether it is intact shows
// when it is read.
[[nodiscard]] bool is_recording(const std::string& path);

}  // namespace rehearsal::record

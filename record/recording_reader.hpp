// Reads a recording, segment by segment: each record, then its end or the first error. Memory is
// bounded by the longest record and the segments that the store holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "record/record.hpp"

namespace rehearsal::record {

// One file. If it cannot be loaded, `damage` says why.
struct RecordedSegment {
  std::string file;
  sched::ConstBytes bytes;
  std::string damage;
};

class RecordedSegments {
 public:
  RecordedSegments() = default;
  RecordedSegments(const RecordedSegments&) = delete;
  RecordedSegments& operator=(const RecordedSegments&) = delete;
  virtual ~RecordedSegments() = default;

  // Returns the next segment, whose bytes are valid until the next call, or nothing at the end.
  virtual std::optional<RecordedSegment> next() = 0;
};

struct RecordingError {
  std::string file;
  std::uint64_t record = 1;  // in that file, from 1; 0 means the whole file
  std::string reason;

  // Returns "DIR/0001-000000.rec: record 3: its checksum is wrong".
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const RecordingError&, const RecordingError&) = default;
};

// Records are missing: they could not be stored, or their files are gone.
struct RecordingGap {
  std::string file;  // the first after the gap
  std::uint64_t missing = 0;
};

struct RecordingEnd {
  bool whole = false;  // false if the process was killed, or is still running
};

class RecordingReader {
 public:
  using Item = std::variant<Record, RecordingGap, RecordingEnd, RecordingError>;

  // Reads the head. `segments` must outlive the reader.
  explicit RecordingReader(RecordedSegments& segments);

  // Returns the head, or null if there is none; next() then returns the reason.
  [[nodiscard]] const RecordingHead* head() const { return head_ ? &*head_ : nullptr; }
  // Returns how many records are missing before the first that is present; 0 if none.
  [[nodiscard]] std::uint64_t missing_before() const { return missing_before_; }
  // Returns the next record of the program, including `quiescent`; records of the file structure
  // are skipped. Its data is valid until the next call. The end or an error is returned repeatedly.
  [[nodiscard]] Item next();
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Step {
    enum class Kind : std::uint8_t { record, end_of_file, error } kind = Kind::error;
    Record record;
  };

  Step step();
  Step fail(std::string reason);
  std::optional<Item> begin_segment();
  std::optional<Item> enter_segment(const Record& segment);
  bool read_head();
  std::optional<Item> gather(Record& record);
  std::string check_record(const Record& record, std::size_t left) const;

  RecordedSegments& segments_;
  std::string file_;
  sched::ConstBytes left_;         // of the segment
  std::uint64_t in_file_ = 0;      // how many records of this file were read
  std::uint64_t next_number_ = 0;  // of the next record of the recording
  std::uint64_t next_segment_ = 0;
  std::uint64_t id_ = 0;
  std::uint64_t missing_before_ = 0;
  std::optional<RecordingHead> head_;
  std::vector<std::byte> gathered_;
  bool skips_more_ = false;   // at the start of a segment before which records are missing
  std::optional<Item> last_;  // the end or the error, once reached
  RecordingError error_;
};

}  // namespace rehearsal::record

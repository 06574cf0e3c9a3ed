#include "record/recording_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "record/record_hash.hpp"
#include "record/record_log.hpp"

namespace rehearsal::record {
namespace {

// Returns whether a record of this kind is valid only where the structure of the file has it.
bool is_of_the_file(RecordKind kind) {
  return kind == RecordKind::segment || kind == RecordKind::head || kind == RecordKind::more;
}

// Returns the error text if `bytes` begin with the first record of another format version, which
// may have another checksum, or else an empty text.
std::string other_version(sched::ConstBytes bytes) {
  RecordHeader first;
  if (bytes.size() < sizeof first) {
    return {};
  }
  std::memcpy(&first, bytes.data(), sizeof first);
  const auto version = static_cast<std::uint32_t>(first.number);
  if (first.kind != RecordKind::segment || version == recording_version) {
    return {};
  }
  return "recording of version " + std::to_string(version) + "; this program reads version " +
         std::to_string(recording_version) +
         (version < recording_version ? "; record it again" : "");
}

bool all_zero(sched::ConstBytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{}; });
}

}  // namespace

std::string RecordingError::to_string() const {
  return file + ": " + (record == 0 ? "" : "record " + std::to_string(record) + ": ") + reason;
}

RecordingReader::RecordingReader(RecordedSegments& segments) : segments_(segments) {
  last_ = begin_segment();
}

RecordingReader::Step RecordingReader::fail(std::string reason) {
  error_ = {file_, in_file_ + 1, std::move(reason)};
  return {};
}

// Returns what is wrong with the record at the front of `left` remaining bytes, or an empty text.
std::string RecordingReader::check_record(const Record& record, std::size_t left) const {
  if (record.size < sizeof(RecordHeader) || record.size % record_word != 0 ||
      record.size > sizeof(RecordHeader) + most_record_data) {
    return "its length, " + std::to_string(record.size) + ", is not one of a record";
  }
  if (record.size > left) {
    return "its length, " + std::to_string(record.size) + ", is more than the file has left, " +
           std::to_string(left);
  }
  if (sizeof(RecordHeader) + filled_up(record.length) != record.size) {
    return "it says that its data has " + std::to_string(record.length) + " bytes";
  }
  const sched::ConstBytes data = left_.subspan(sizeof(RecordHeader), record.length);
  const std::uint64_t salt = in_file_ == 0 ? 0 : record_salt(id_, next_number_);
  if (record_check(record, data.empty() ? 0 : record_hash(data), salt) != record.check) {
    return "its checksum is wrong";
  }
  if (name(record.kind).empty() || record.kind == RecordKind::none) {
    return "its kind, " + std::to_string(static_cast<unsigned>(record.kind)) + ", is unknown";
  }
  if ((record.how & ~(record_continues | 3U)) != 0 || (record.how & 3U) == 3) {
    return "it keeps its payload in an unknown way";
  }
  return {};
}

// Reads one record of the file.
RecordingReader::Step RecordingReader::step() {
  if (left_.size() < record_word) {
    return fail("the file is cut off");
  }
  std::uint64_t first = 0;
  std::memcpy(&first, left_.data(), record_word);
  if (first == 0) {
    return {Step::Kind::end_of_file, {}};
  }
  if (left_.size() < sizeof(RecordHeader)) {
    return fail("the file is cut off");
  }
  Step found;
  found.kind = Step::Kind::record;
  std::memcpy(static_cast<RecordHeader*>(&found.record), left_.data(), sizeof(RecordHeader));
  std::string wrong = check_record(found.record, left_.size());
  if (!wrong.empty()) {
    return fail(std::move(wrong));
  }
  found.record.data = left_.subspan(sizeof(RecordHeader), found.record.length);
  left_ = left_.subspan(found.record.size);
  ++in_file_;
  found.record.at = next_number_++;
  return found;
}

// Returns nothing if records follow, or else what the reader returns.
std::optional<RecordingReader::Item> RecordingReader::begin_segment() {
  const std::optional<RecordedSegment> segment = segments_.next();
  if (!segment) {
    return RecordingEnd{false};
  }
  file_ = segment->file;
  in_file_ = 0;
  left_ = segment->bytes;
  if (!segment->damage.empty()) {
    return RecordingError{file_, 1, segment->damage};
  }
  const std::size_t start = recording_magic.size();
  if (left_.size() < start + record_word) {
    return RecordingError{file_, 1, "the file is cut off"};
  }
  const sched::ConstBytes magic = left_.first(start);
  left_ = left_.subspan(start);
  if (all_zero(magic) && all_zero(left_.first(record_word))) {
    return RecordingEnd{false};  // the process was killed right after it created the file
  }
  if (std::memcmp(magic.data(), recording_magic.data(), start) != 0) {
    return RecordingError{file_, 1, "the file is not a segment of a recording"};
  }
  if (std::string other = other_version(left_); !other.empty()) {
    return RecordingError{file_, 0, std::move(other)};
  }
  Step first = step();
  if (first.kind == Step::Kind::error) {
    return error_;
  }
  if (first.kind == Step::Kind::end_of_file) {
    return RecordingEnd{false};
  }
  return enter_segment(first.record);
}

std::optional<RecordingReader::Item> RecordingReader::enter_segment(const Record& segment) {
  const auto refuse = [this](std::string reason) {
    return RecordingError{file_, in_file_, std::move(reason)};
  };
  if (segment.kind != RecordKind::segment || !data_is_of_its_kind(segment)) {
    return refuse("a segment begins with another record");
  }
  std::uint64_t number = 0;
  std::memcpy(&number, segment.data.data(), sizeof number);
  const std::uint64_t expected = next_number_ - 1;  // step() has counted this record
  if (head_ && segment.value != id_) {
    return refuse("the segment belongs to another recording");
  }
  if (head_ && (number < expected || segment.asked < next_segment_)) {
    return refuse("the segment is older than the one before it");
  }
  const std::uint64_t missing = head_ ? number - expected : 0;
  if (!head_) {
    missing_before_ = number;
  }
  // The records that they continue may be among the missing ones.
  skips_more_ = missing != 0 || (!head_ && number != 0);
  id_ = segment.value;
  next_number_ = number + 1;
  next_segment_ = segment.asked + 1;
  if (!read_head()) {
    return error_.reason.empty() ? Item(RecordingEnd{false}) : Item(error_);
  }
  if (missing != 0) {
    return RecordingGap{file_, missing};
  }
  return std::nullopt;
}

// Returns false if there is no head; error_ then holds what is wrong, if anything.
bool RecordingReader::read_head() {
  const Step second = step();
  if (second.kind != Step::Kind::record) {
    return false;
  }
  const std::optional<RecordingHead> head =
      second.record.kind == RecordKind::head ? head_in(second.record.data) : std::nullopt;
  if (!head) {
    error_ = {file_, in_file_, "the head of the segment is missing"};
    return false;
  }
  if (!head_) {
    head_ = *head;
  }
  return true;
}

// Appends the data of the `more` records of `record`. Returns what is wrong, if anything.
std::optional<RecordingReader::Item> RecordingReader::gather(Record& record) {
  gathered_.assign(record.data.begin(), record.data.end());
  bool continues = true;
  while (continues) {
    Step next = step();
    if (next.kind == Step::Kind::error) {
      return error_;
    }
    if (next.kind == Step::Kind::end_of_file) {
      return RecordingEnd{false};
    }
    if (next.record.kind == RecordKind::next_segment) {
      if (std::optional<Item> other = begin_segment()) {
        // The rest is missing, so the record is too.
        return std::holds_alternative<RecordingGap>(*other) ? RecordingGap{file_, 1} : other;
      }
      continue;
    }
    if (next.record.kind != RecordKind::more || next.record.data.empty()) {
      return RecordingError{file_, in_file_, "the record does not continue the data before it"};
    }
    if (gathered_.size() + next.record.data.size() > most_whole_data) {
      return RecordingError{file_, in_file_, "the data is longer than any that is recorded"};
    }
    gathered_.insert(gathered_.end(), next.record.data.begin(), next.record.data.end());
    continues = next.record.continues();
  }
  record.data = gathered_;
  return std::nullopt;
}

RecordingReader::Item RecordingReader::next() {
  const auto keep = [this](Item item) {
    if (!std::holds_alternative<RecordingGap>(item)) {
      last_ = item;
    }
    return item;
  };
  for (;;) {
    if (last_) {
      return *last_;
    }
    Step found = step();
    if (found.kind == Step::Kind::error) {
      return keep(error_);
    }
    if (found.kind == Step::Kind::end_of_file) {
      return keep(RecordingEnd{false});
    }
    Record& record = found.record;
    if (record.kind == RecordKind::more && skips_more_) {
      continue;
    }
    skips_more_ = false;
    if (record.kind == RecordKind::end) {
      return keep(RecordingEnd{true});
    }
    if (record.kind == RecordKind::next_segment) {
      if (std::optional<Item> other = begin_segment()) {
        return keep(*std::move(other));
      }
      continue;
    }
    if (record.continues()) {
      const std::uint64_t in_file = in_file_;
      if (std::optional<Item> other = gather(record)) {
        return keep(*std::move(other));
      }
      if (!data_is_of_its_kind(record)) {
        return keep(RecordingError{file_, in_file, "its data is not what its kind has"});
      }
      return record;
    }
    if (is_of_the_file(record.kind) || !data_is_of_its_kind(record)) {
      return keep(RecordingError{file_, in_file_, "its data is not what its kind has"});
    }
    return record;
  }
}

}  // namespace rehearsal::record

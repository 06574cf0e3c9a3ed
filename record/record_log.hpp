// Writes the records of a recording into segments of memory, one after another. The store decides
// what the memory is (a mapped file) and where it comes from.
//
// A record is valid once its first word is written, which is done last, in one store. So a reader
// that looks at the memory at any time, or after the process was killed, finds complete records and
// then the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "record/record.hpp"
#include "sched/base/time.hpp"
#include "sched/core/observer.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::record {

/// Provides the memory of a recording's segments.
class SegmentStore {
 public:
  SegmentStore() = default;
  SegmentStore(const SegmentStore&) = delete;
  SegmentStore& operator=(const SegmentStore&) = delete;
  virtual ~SegmentStore() = default;

  /// Returns the next segment: at least least_segment_bytes, aligned to a page, with any contents.
  /// Returns an empty span if none is available now, and sets `why`. Must not block for long.
  virtual std::span<std::byte> open(std::string& why) = 0;
  /// Ends the segment opened last, of which the first `used` bytes are valid. It is not written
  /// to again.
  virtual void close(std::size_t used) = 0;
};

/// Options of a RecordLog.
struct RecordOptions {
  RecordOptions() = default;

  PayloadKept payload = PayloadKept::full;  ///< how much of received bytes is kept
  bool keep_sent = false;  ///< if true, sent bytes are kept like received ones; if false, hashed
  /// age at which a segment is closed; 0 means when it is full
  sched::Duration most_age{};
  /// Called when records begin to be lost, with the reason, and when that ends. May be empty.
  std::function<void(const std::string& what)> on_trouble;
};

/// Writes the records of a recording. Used by the thread of the recorded scheduler only.
class RecordLog final : public sched::Observer {
 public:
  /// Begins a recording. `store` must outlive the log. `id` must differ from that of every
  /// other recording.
  RecordLog(SegmentStore& store, const RecordingHead& head, std::uint64_t id,
            RecordOptions options = {});
  /// Writes the end of the recording.
  ~RecordLog() override;

  /// Returns the options.
  [[nodiscard]] const RecordOptions& options() const { return options_; }
  /// Returns how many records were lost because they could not be stored.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  /// Returns how many records were written or lost.
  [[nodiscard]] std::uint64_t records() const { return next_number_; }

  /// Appends a record. Sets size, check, task and length of its header.
  void append(const RecordHeader& header) { append(header, std::span<const sched::ConstBytes>()); }
  /// Appends a record with data.
  void append(const RecordHeader& header, sched::ConstBytes data) {
    append(header, std::span<const sched::ConstBytes>(&data, 1));
  }
  /// Appends a record whose data is the parts, one after another.
  void append(const RecordHeader& header, std::span<const sched::ConstBytes> parts);
  /// Appends a record of received bytes: `always` is stored, `payload` as the options say.
  void append_payload(RecordHeader header, sched::ConstBytes always, sched::ConstBytes payload) {
    append_kept(header, options_.payload, always, payload);
  }
  /// Appends a record of sent bytes: the first `size` bytes of the pieces.
  void append_sent(RecordHeader header, sched::Pieces pieces, std::size_t size);

  /// Appends a record of a datagram that was sent, or could not be: `always` is stored, `datagram`
  /// as the options say.
  void append_datagram(RecordHeader header, sched::ConstBytes always, sched::ConstBytes datagram);

  /// Appends a record of a clock reading.
  void clock(sched::Instant now);
  /// Appends a record of a wait of the source, and what it reported.
  void wait(sched::Deadline until, sched::Wake wake, std::span<const sched::Ready> found);
  /// Appends a record of a watch that failed; counts it among the steps.
  void watched(sched::Descriptor descriptor, sched::Direction way, const sched::Result<>& result);
  /// Counts the end of a watch among the steps.
  void unwatched(sched::Descriptor descriptor, sched::Direction way);
  /// Appends a record that a replay may start from. See Recording::declare_quiescent.
  void quiescent();

  /// The functions of an observer.
  void spawned(const sched::TaskRecord& task) override;
  void resumed(const sched::TaskRecord& task) override;
  void waits(const sched::TaskRecord& /*task*/) override { task_ = 0; }
  void done(const sched::TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) override {
    task_ = 0;
  }

 private:
  static constexpr sched::Duration retry_after = std::chrono::seconds(1);

  void append_kept(RecordHeader header, PayloadKept kept, sched::ConstBytes always,
                   sched::ConstBytes payload);
  void append_one(const RecordHeader& header, std::span<const sched::ConstBytes> parts,
                  std::size_t length);
  void append_long(const RecordHeader& header, std::span<const sched::ConstBytes> parts);
  void put(RecordHeader header, std::span<const sched::ConstBytes> parts, std::size_t length);
  void begin_segment();
  void end_segment(RecordKind how);
  void lose();

  SegmentStore& store_;
  RecordOptions options_;
  std::vector<std::byte> head_;
  std::uint64_t id_;
  std::byte* at_ = nullptr;  // where the next record begins; null if there is no segment
  std::byte* begin_ = nullptr;
  std::byte* end_ = nullptr;
  std::uint64_t next_number_ = 0;
  std::uint64_t next_segment_ = 0;
  std::uint64_t steps_ = first_steps;
  std::uint32_t task_ = 0;
  sched::Instant now_{};
  sched::Instant segment_began_{};
  sched::Instant retry_at_{};
  std::uint64_t lost_ = 0;
  std::uint64_t lost_before_ = 0;  // when records began to be lost
  bool in_trouble_ = false;
  std::vector<RecordedReady> found_;

 public:
  /// The initial value of the running hash of the steps of all tasks: each resumption, and each
  /// begin and end of a watch.
  static constexpr std::uint64_t first_steps = 0x8ebc6af09c88c6e3;
  /// Returns the running hash after one more step.
  static std::uint64_t step(std::uint64_t steps, std::uint64_t what);
  /// Returns the step that begins or ends a watch.
  static std::uint64_t watch_step(sched::Descriptor descriptor, sched::Direction way, bool begins) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(descriptor)) << 2U |
           (way == sched::Direction::recv ? 0U : 2U) | (begins ? 1U : 0U);
  }
};

/// Returns the initial value of a record's checksum.
[[nodiscard]] std::uint64_t record_salt(std::uint64_t id, std::uint64_t number);

/// Returns the hash of what was sent: of the first `size` bytes of the pieces, and of the sizes of
/// the pieces.
[[nodiscard]] std::uint64_t hash_of_pieces(sched::Pieces pieces, std::size_t size);

}  // namespace rehearsal::record

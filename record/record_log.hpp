// Writes the records of a recording into segments of memory, one after another; what the memory is
// (a mapped file) and where it comes from is its store's affair.
//
// A record counts once its first word is there, which is written last, in one store: whoever looks
// at the memory at any moment, or after the process was killed, finds whole records and then the
// end.
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

class SegmentStore {
 public:
  SegmentStore() = default;
  SegmentStore(const SegmentStore&) = delete;
  SegmentStore& operator=(const SegmentStore&) = delete;
  virtual ~SegmentStore() = default;

  // The next segment, at least least_segment_bytes and aligned to a page, whatever bytes it holds;
  // nothing where none can be had now, and `why` says why. Must not block for long.
  virtual std::span<std::byte> open(std::string& why) = 0;
  // Of the segment opened last, `used` bytes count; it is not written to any more.
  virtual void close(std::size_t used) = 0;
};

struct RecordOptions {
  RecordOptions() = default;

  PayloadKept payload = PayloadKept::full;  // of what came in
  bool keep_sent = false;                   // what went out is kept as what came in is; or hashed
  sched::Duration most_age{};  // of a segment, before the next is begun; zero: until it is full
  // Told once when records begin to be lost, with the reason, and once when that is over.
  std::function<void(const std::string& what)> on_trouble;
};

class RecordLog final : public sched::Observer {
 public:
  // `store` must outlive the log. `id` tells this recording from every other.
  RecordLog(SegmentStore& store, const RecordingHead& head, std::uint64_t id,
            RecordOptions options = {});
  // Writes the end.
  ~RecordLog() override;

  [[nodiscard]] const RecordOptions& options() const { return options_; }
  // Records that could not be kept.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t records() const { return next_number_; }

  // Appends a record; size, check, task and length of the header are filled in here.
  void append(const RecordHeader& header) { append(header, std::span<const sched::ConstBytes>()); }
  void append(const RecordHeader& header, sched::ConstBytes data) {
    append(header, std::span<const sched::ConstBytes>(&data, 1));
  }
  void append(const RecordHeader& header, std::span<const sched::ConstBytes> parts);
  // Bytes that came in, `parts` of them behind what is kept in any case.
  void append_payload(RecordHeader header, sched::ConstBytes always, sched::ConstBytes payload) {
    append_kept(header, options_.payload, always, payload);
  }
  // The first `size` bytes of the pieces, which went out.
  void append_sent(RecordHeader header, sched::Pieces pieces, std::size_t size);

  // A datagram that was sent, or could not be, behind what is kept in any case.
  void append_datagram(RecordHeader header, sched::ConstBytes always, sched::ConstBytes datagram);

  void clock(sched::Instant now);
  void wait(sched::Deadline until, sched::Wake wake, std::span<const sched::Ready> found);
  void watched(sched::Descriptor descriptor, sched::Direction way, const sched::Result<>& result);
  void unwatched(sched::Descriptor descriptor, sched::Direction way);
  void quiescent();

  // Observer.
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
  bool begin_segment();
  void end_segment(RecordKind how);
  void lose();

  SegmentStore& store_;
  RecordOptions options_;
  std::vector<std::byte> head_;
  std::uint64_t id_;
  std::byte* at_ = nullptr;  // where the next record begins; null: there is no segment
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
  std::uint64_t lost_before_ = 0;  // when the trouble began
  bool in_trouble_ = false;
  std::vector<RecordedReady> found_;

 public:
  // The running hash of the steps of all tasks: who went on, who began or ceased to watch what.
  static constexpr std::uint64_t first_steps = 0x8ebc6af09c88c6e3;
  static std::uint64_t step(std::uint64_t steps, std::uint64_t what);
  static std::uint64_t watch_step(sched::Descriptor descriptor, sched::Direction way, bool begins) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(descriptor)) << 2U |
           (way == sched::Direction::recv ? 0U : 2U) | (begins ? 1U : 0U);
  }
};

// The checksum of a record begins with this.
[[nodiscard]] std::uint64_t record_salt(std::uint64_t id, std::uint64_t number);

// The hash of what was sent: of the first `size` bytes of the pieces, and of how they were cut.
[[nodiscard]] std::uint64_t hash_of_pieces(sched::Pieces pieces, std::size_t size);

}  // namespace rehearsal::record

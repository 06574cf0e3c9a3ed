#include "record/record_log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "record/record_hash.hpp"
#include "sched/base/check.hpp"
#include "sched/base/hash.hpp"
#include "sched/core/task_record.hpp"

namespace rehearsal::record {
namespace {

constexpr std::size_t cache_line = 64;
// Every segment must have room after its last record for the record that closes it, and for the
// word that ends it.
constexpr std::size_t tail = sizeof(RecordHeader) + record_word;

void store_word(std::byte* at, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(at))
      .store(value, std::memory_order_release);
}

std::size_t total(std::span<const sched::ConstBytes> parts) {
  std::size_t size = 0;
  for (const sched::ConstBytes& part : parts) {
    size += part.size();
  }
  return size;
}

// Copies the data. Returns its hash.
std::uint64_t put_data(std::byte* to, std::span<const sched::ConstBytes> parts,
                       std::size_t length) {
  if (parts.size() == 1) {
    return copy_and_hash(to, parts.front());
  }
  std::byte* const begin = to;
  for (const sched::ConstBytes& part : parts) {
    if (!part.empty()) {
      std::memcpy(to, part.data(), part.size());
      to += part.size();
    }
  }
  return record_hash(sched::ConstBytes(begin, length));
}

}  // namespace

std::uint64_t record_salt(std::uint64_t id, std::uint64_t number) {
  return id + number * 0xd1342543de82ef95;
}

std::uint64_t hash_of_pieces(sched::Pieces pieces, std::size_t size) {
  std::uint64_t hash = 0;
  for (const sched::ConstBytes& piece : pieces) {
    const std::size_t taken = std::min(size, piece.size());
    hash = sched::fold(hash ^ 0xa0761d6478bd642f, record_hash(piece.first(taken)));
    size -= taken;
    if (size == 0) {
      break;
    }
  }
  return hash;
}

std::uint64_t RecordLog::step(std::uint64_t steps, std::uint64_t what) {
  return sched::fold(steps ^ what, 0xe7037ed1a0b428db) + (steps << 7U);
}

RecordLog::RecordLog(SegmentStore& store, const RecordingHead& head, std::uint64_t id,
                     RecordOptions options)
    : store_(store), options_(std::move(options)), head_(to_record(head)), id_(id) {
  sched::check(head_.size() <= most_record_data, "the flags of a recording fit into one record");
  begin_segment();
}

RecordLog::~RecordLog() {
  if (at_ != nullptr) {
    end_segment(RecordKind::end);
  }
}

void RecordLog::append(const RecordHeader& header, std::span<const sched::ConstBytes> parts) {
  const std::size_t length = total(parts);
  if (length > most_record_data) [[unlikely]] {
    append_long(header, parts);
  } else {
    append_one(header, parts, length);
  }
}

void RecordLog::append_one(const RecordHeader& header, std::span<const sched::ConstBytes> parts,
                           std::size_t length) {
  const std::size_t size = sizeof(RecordHeader) + filled_up(length);
  if (static_cast<std::size_t>(end_ - at_) < size + tail) [[unlikely]] {
    if (at_ != nullptr) {
      end_segment(RecordKind::next_segment);
      begin_segment();
    }
    if (at_ == nullptr) {
      lose();
      return;
    }
  }
  put(header, parts, length);
}

void RecordLog::append_long(const RecordHeader& header, std::span<const sched::ConstBytes> parts) {
  RecordHeader next = header;
  std::array<sched::ConstBytes, sched::max_pieces + 1> chunk;
  std::size_t left = total(parts);
  std::size_t part = 0;
  std::size_t skip = 0;
  while (left > 0) {
    std::size_t count = 0;
    std::size_t length = 0;
    while (length < most_record_data && part < parts.size()) {
      const std::size_t room = most_record_data - length;
      const sched::ConstBytes rest = parts[part].subspan(skip);
      chunk[count] = rest.first(std::min(room, rest.size()));
      length += chunk[count].size();
      skip += chunk[count].size();
      ++count;
      if (skip == parts[part].size()) {
        ++part;
        skip = 0;
      }
    }
    left -= length;
    next.how = static_cast<std::uint8_t>((next.how & 3U) | (left > 0 ? record_continues : 0U));
    append_one(next, std::span(chunk).first(count), length);
    next = RecordHeader{.kind = RecordKind::more};
  }
}

// The written memory is not read back: most often, no cache holds it.
[[gnu::always_inline]] inline void RecordLog::put(RecordHeader header,
                                                  std::span<const sched::ConstBytes> parts,
                                                  std::size_t length) {
  const std::size_t size = sizeof(RecordHeader) + filled_up(length);
  std::byte* const at = at_;
  header.size = static_cast<std::uint32_t>(size);
  header.task = task_;
  header.length = static_cast<std::uint32_t>(length);
  const bool is_long = length >= long_copy;
  if (is_long) [[unlikely]] {
    // No cache holds the memory at the record's end, and a store that waits for it delays
    // the others.
    __builtin_prefetch(at + size - record_word, 1);
    __builtin_prefetch(at + size, 1);
    __builtin_prefetch(at + size + cache_line, 1);
  }
  std::uint64_t hash = 0;
  if (length != 0) {
    hash = put_data(at + sizeof(RecordHeader), parts, length);
    if (length % record_word != 0) {
      const std::size_t filled = record_word - length % record_word;
      std::memset(at + size - filled, 0, filled);
    }
  }
  std::memset(at + size, 0, record_word);
  const std::uint64_t salt =
      header.kind == RecordKind::segment ? 0 : record_salt(id_, next_number_);
  header.check = record_check(header, hash, salt);
  std::uint64_t first = 0;
  std::memcpy(&first, &header, record_word);
  std::memcpy(at + record_word, reinterpret_cast<const std::byte*>(&header) + record_word,
              sizeof(RecordHeader) - record_word);
  if (is_long) [[unlikely]] {
    finish_copy();
  }
  store_word(at, first);
  at_ = at + size;
  ++next_number_;
}

void RecordLog::begin_segment() {
  std::string why;
  const std::span<std::byte> memory = store_.open(why);
  if (memory.empty()) {
    at_ = end_ = begin_ = nullptr;
    retry_at_ = sched::after(now_, retry_after);
    if (!in_trouble_) {
      in_trouble_ = true;
      lost_before_ = lost_;
      if (options_.on_trouble) {
        options_.on_trouble("recording stops: " + why);
      }
    }
    return;
  }
  sched::check(memory.size() >= least_segment_bytes && memory.size() <= most_segment_bytes,
               "a segment is of a size that records fit into");
  begin_ = memory.data();
  end_ = begin_ + memory.size();
  at_ = begin_ + recording_magic.size();
  store_word(at_, 0);
  std::memcpy(begin_, recording_magic.data(), recording_magic.size());
  segment_began_ = now_;
  const std::uint32_t task = std::exchange(task_, 0);
  RecordHeader segment{.kind = RecordKind::segment};
  segment.number = recording_version;
  segment.value = id_;
  segment.asked = next_segment_++;
  const std::uint64_t number = next_number_;
  const sched::ConstBytes number_bytes = std::as_bytes(std::span(&number, 1));
  put(segment, std::span(&number_bytes, 1), record_word);
  const sched::ConstBytes head(head_);
  put({.kind = RecordKind::head}, std::span(&head, 1), head.size());
  task_ = task;
  if (in_trouble_) {
    in_trouble_ = false;
    if (options_.on_trouble) {
      options_.on_trouble("recording continues: " + std::to_string(lost_ - lost_before_) +
                          " records are missing");
    }
  }
}

void RecordLog::end_segment(RecordKind how) {
  const std::uint32_t task = std::exchange(task_, 0);
  put({.kind = how}, {}, 0);
  task_ = task;
  // The word after the last record counts as used.
  store_.close(static_cast<std::size_t>(at_ - begin_) + record_word);
  at_ = end_ = begin_ = nullptr;
}

void RecordLog::lose() {
  ++lost_;
  ++next_number_;
}

void RecordLog::append_kept(RecordHeader header, PayloadKept kept, sched::ConstBytes always,
                            sched::ConstBytes payload) {
  header.how = static_cast<std::uint8_t>(kept);
  std::uint64_t hash = 0;
  std::array<sched::ConstBytes, 2> parts{always, payload};
  if (kept == PayloadKept::hash) {
    hash = hash_of_pieces(sched::Pieces(&payload, 1), payload.size());
    parts[1] = std::as_bytes(std::span(&hash, 1));
  } else if (kept == PayloadKept::none) {
    parts[1] = {};
  }
  append(header, always.empty() ? std::span<const sched::ConstBytes>(parts).subspan(1)
                                : std::span<const sched::ConstBytes>(parts));
}

void RecordLog::append_sent(RecordHeader header, sched::Pieces pieces, std::size_t size) {
  PayloadKept kept = options_.payload;
  if (kept == PayloadKept::full && !options_.keep_sent) {
    kept = PayloadKept::hash;
  }
  header.how = static_cast<std::uint8_t>(kept);
  if (kept == PayloadKept::hash) {
    const std::uint64_t hash = hash_of_pieces(pieces, size);
    append(header, std::as_bytes(std::span(&hash, 1)));
    return;
  }
  std::array<sched::ConstBytes, sched::max_pieces> taken;
  std::size_t count = 0;
  if (kept == PayloadKept::full) {
    for (const sched::ConstBytes& piece : pieces) {
      taken[count] = piece.first(std::min(size, piece.size()));
      size -= taken[count].size();
      ++count;
    }
  }
  append(header, std::span<const sched::ConstBytes>(taken).first(count));
}

void RecordLog::append_datagram(RecordHeader header, sched::ConstBytes always,
                                sched::ConstBytes datagram) {
  const PayloadKept kept = options_.payload == PayloadKept::full && !options_.keep_sent
                               ? PayloadKept::hash
                               : options_.payload;
  append_kept(header, kept, always, datagram);
}

void RecordLog::clock(sched::Instant now) {
  now_ = now;
  if (at_ == nullptr) [[unlikely]] {
    if (now >= retry_at_) {
      begin_segment();
    }
  } else if (options_.most_age != sched::Duration::zero() &&
             now - segment_began_ >= options_.most_age) [[unlikely]] {
    end_segment(RecordKind::next_segment);
    begin_segment();
  }
  append({.kind = RecordKind::clock,
          .value = static_cast<std::uint64_t>(now.time_since_epoch().count())});
}

void RecordLog::wait(sched::Deadline until, sched::Wake wake, std::span<const sched::Ready> found) {
  found_.clear();
  for (const sched::Ready& ready : found) {
    found_.push_back({ready.descriptor, static_cast<std::uint32_t>(ready.what)});
  }
  append({.kind = RecordKind::wait,
          .number = static_cast<std::int32_t>(wake),
          .value = steps_,
          .asked = static_cast<std::uint64_t>(until.time_since_epoch().count())},
         std::as_bytes(std::span(found_)));
}

void RecordLog::watched(sched::Descriptor descriptor, sched::Direction way,
                        const sched::Result<>& result) {
  steps_ = step(steps_, watch_step(descriptor, way, true));
  if (!result.ok()) [[unlikely]] {
    append({.kind = RecordKind::watch,
            .error = static_cast<std::uint16_t>(result.error()),
            .number = descriptor,
            .asked = way == sched::Direction::recv ? 0U : 1U});
  }
}

void RecordLog::unwatched(sched::Descriptor descriptor, sched::Direction way) {
  steps_ = step(steps_, watch_step(descriptor, way, false));
}

void RecordLog::quiescent() {
  append({.kind = RecordKind::quiescent});
  steps_ = first_steps;
}

void RecordLog::spawned(const sched::TaskRecord& task) {
  const std::string path = task.path();
  append({.kind = RecordKind::task,
          .value = task.key(),
          .asked = task.parent() == nullptr ? 0 : task.parent()->key()},
         std::as_bytes(std::span(path).first(std::min(path.size(), most_record_data))));
}

void RecordLog::resumed(const sched::TaskRecord& task) {
  task_ = static_cast<std::uint32_t>(task.key());
  steps_ = step(steps_, task.key());
}

}  // namespace rehearsal::record

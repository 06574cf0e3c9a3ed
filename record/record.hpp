// What a recording holds: records of what crossed the seam, as recording_format.md lays them out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "sched/seam/calls.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/network.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::record {

// The numbers are those of the file.
enum class RecordKind : std::uint8_t {
  none,
  // Of the file.
  segment,
  head,
  more,
  next_segment,
  // Calls of the network.
  REHEARSAL_SEAM_CALLS(REHEARSAL_CALL_ENUMERATOR)
  // Of the program, its tasks and the source.
  end = 64,
  quiescent,
  task,
  clock,
  wait,
  watch,
  delay,
  turn
};

// Empty where no record is of this kind.
[[nodiscard]] std::string_view name(RecordKind kind);

// What the data of a record is.
enum class RecordData : std::uint8_t {
  none,
  number,  // 8 bytes
  head,    // texts
  text,
  ready,      // RecordedReady, any number of them
  listener,   // RecordedListener
  options,    // RecordedOptions
  endpoint,   // RecordedEndpoint
  endpoints,  // at least one
  numbers,    // 4 bytes each
  payload,    // bytes that came in or went out, or what is kept of them
  datagram    // an endpoint, then a payload
};
// Of a record of this kind whose call succeeded.
[[nodiscard]] RecordData data_of(RecordKind kind);

// How much is kept of the bytes that came in; of those that went out `full` needs another flag.
enum class PayloadKept : std::uint8_t { full, hash, none };

inline constexpr std::uint8_t record_continues = 0x80;
// The error of blocking work that threw what is no std::system_error.
inline constexpr std::uint16_t other_exception = 0xffff;

// What stands before the data of each record; in memory as in the file, little-endian.
struct RecordHeader {
  std::uint32_t size = 0;   // of the record, with this and what fills it up to a multiple of 8
  std::uint32_t check = 0;  // the lower half of the checksum of all that follows
  RecordKind kind = RecordKind::none;
  std::uint8_t how = 0;      // what is kept of the payload, and whether `more` follows
  std::uint16_t error = 0;   // an errno value, 0 where the call succeeded
  std::int32_t number = 0;   // a descriptor, most often
  std::uint64_t value = 0;   // what the call gave: a count, a time, ...
  std::uint64_t asked = 0;   // what the program asked for: room for so many bytes, ...
  std::uint32_t task = 0;    // the lower half of the key of the task that ran; 0: none did
  std::uint32_t length = 0;  // of the data of this record

  [[nodiscard]] bool ok() const { return error == 0; }
  [[nodiscard]] PayloadKept kept() const { return static_cast<PayloadKept>(how & 3U); }
  [[nodiscard]] bool continues() const { return (how & record_continues) != 0; }
  [[nodiscard]] std::errc code() const { return static_cast<std::errc>(error); }
};
static_assert(sizeof(RecordHeader) == 40);

inline constexpr std::string_view recording_magic = "REHEARSAL RECORD";  // 16 bytes
inline constexpr std::uint32_t recording_version = 3;
// A record's data: what is longer goes on in records of the kind `more`.
inline constexpr std::size_t most_record_data = std::size_t{1} << 18U;
// Of all the data of one record.
inline constexpr std::size_t most_whole_data = std::size_t{1} << 31U;
inline constexpr std::size_t least_segment_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t most_segment_bytes = std::size_t{1} << 28U;

// Records are whole words, of so many bytes.
inline constexpr std::size_t record_word = sizeof(std::uint64_t);
constexpr std::size_t filled_up(std::size_t size) {
  return (size + record_word - 1) & ~(record_word - 1);
}

// The check of a record: of its header but for the first word, of the hash of its data
// (record_hash.hpp; 0 where there is none), and of `salt`, which says where it belongs.
[[nodiscard]] std::uint32_t record_check(const RecordHeader& header, std::uint64_t data_hash,
                                         std::uint64_t salt);

// A record as a reader gives it. `data` is all of it, those of `more` too.
struct Record : RecordHeader {
  std::uint64_t at = 0;  // which record of the recording it is, from 0
  sched::ConstBytes data;
};

// What stands at the head of every segment.
struct RecordingHead {
  std::string build;
  std::string server;              // what serves: "echo"
  std::vector<std::string> flags;  // a name and a value by turns

  // Empty where no flag has this name.
  [[nodiscard]] std::string flag(std::string_view name) const;
  friend bool operator==(const RecordingHead&, const RecordingHead&) = default;
};

// Texts, one after another, each behind its length in 32 bits.
[[nodiscard]] std::vector<std::byte> to_record(const RecordingHead& head);
[[nodiscard]] std::optional<RecordingHead> head_in(sched::ConstBytes data);

// An endpoint in a record.
struct RecordedEndpoint {
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t scope = 0;
  std::uint16_t port = 0;
  std::uint8_t family = 0;  // 4 or 6
  std::uint8_t unused = 0;
};
static_assert(sizeof(RecordedEndpoint) == 24);
[[nodiscard]] RecordedEndpoint to_record(const sched::Endpoint& endpoint);
// REQUIRES of these: the reader has given the record, whose data they are.
[[nodiscard]] sched::Endpoint endpoint_in(sched::ConstBytes data, std::size_t index = 0);
[[nodiscard]] std::vector<sched::Endpoint> endpoints_in(sched::ConstBytes data);

// Options of a stream, or of those of a listener, in a record.
struct RecordedOptions {
  std::int64_t keep_alive_idle = 0;      // seconds
  std::int64_t keep_alive_interval = 0;  // seconds
  std::int64_t user_timeout = 0;         // milliseconds
  std::int32_t keep_alive_count = 0;
  std::uint32_t reset_on_close = 0;
};
static_assert(sizeof(RecordedOptions) == 32);
[[nodiscard]] RecordedOptions to_record(const sched::StreamOptions& options);

// Where something listens, and how.
struct RecordedListener {
  RecordedEndpoint at;
  RecordedOptions clients;
};
static_assert(sizeof(RecordedListener) == 56);
[[nodiscard]] RecordedListener to_record(const sched::Endpoint& at,
                                         const sched::ListenOptions& options);
// The backlog, and a bit for each other option.
[[nodiscard]] std::uint64_t listen_word(const sched::ListenOptions& options);

// A socket that was ready, in the record of a wait.
struct RecordedReady {
  std::int32_t descriptor = -1;
  std::uint32_t what = 0;
};
static_assert(sizeof(RecordedReady) == 8);

// Whether the data of a record is of the form that its kind has.
[[nodiscard]] bool data_is_of_its_kind(const Record& record);

}  // namespace rehearsal::record

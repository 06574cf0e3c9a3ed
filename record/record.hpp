// The records of a recording, in the layout of recording_format.md.
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

/// The kind of a record. The numbers are those of the file format.
enum class RecordKind : std::uint8_t {
  none,
  // Structure of the file:
  segment,
  head,
  more,
  next_segment,
  // Calls of the network:
  REHEARSAL_SEAM_CALLS(REHEARSAL_CALL_ENUMERATOR)
  // The program, its tasks and the event source:
  end = 64,
  quiescent,
  task,
  clock,
  wait,
  watch,
  delay,
  turn
};

/// Returns the name of a kind, or an empty text if `kind` is unknown.
[[nodiscard]] std::string_view name(RecordKind kind);

/// The form of a record's data.
enum class RecordData : std::uint8_t {
  none,
  number,  ///< 8 bytes
  head,    ///< texts
  text,
  ready,      ///< any number of RecordedReady
  listener,   ///< an endpoint, then one RecordedOptions
  options,    ///< one RecordedOptions
  endpoint,   ///< one endpoint; see RecordedEndpoint
  endpoints,  ///< one endpoint or more
  numbers,    ///< 4 bytes each
  payload,    ///< bytes that were received or sent, or what is kept of them
  datagram    ///< an endpoint, then a payload
};
/// Returns the form of the data of a record whose call succeeded.
[[nodiscard]] RecordData data_of(RecordKind kind);

/// How much is kept of the received bytes: all, a hash, or nothing. Sent bytes are kept in full
/// only if RecorderOptions::keep_sent is set too.
enum class PayloadKept : std::uint8_t { full, hash, none };

/// The bit of RecordHeader::how which means that a `more` record follows.
inline constexpr std::uint8_t record_continues = 0x80;
/// The error of blocking work that threw an exception other than std::system_error.
inline constexpr std::uint16_t other_exception = 0xffff;

/// The header of each record, before its data. Little-endian, in memory as in the file.
struct RecordHeader {
  /// Size of the record in bytes, with this header and its padding to a multiple of 8.
  std::uint32_t size = 0;
  std::uint32_t check = 0;  ///< the lower half of the checksum of all that follows
  RecordKind kind = RecordKind::none;
  std::uint8_t how = 0;      ///< what is kept of the payload, and whether `more` follows
  std::uint16_t error = 0;   ///< an errno value, or 0 if the call succeeded
  std::int32_t number = 0;   ///< a descriptor, for most kinds
  std::uint64_t value = 0;   ///< what the call returned: a count, a time, ...
  std::uint64_t asked = 0;   ///< what the program asked for: the size of its buffer, ...
  std::uint32_t task = 0;    ///< the lower half of the key of the running task; 0 if none ran
  std::uint32_t length = 0;  ///< size of this record's data in bytes

  /// Returns true if the call succeeded.
  [[nodiscard]] bool ok() const { return error == 0; }
  /// Returns how much of the payload is kept.
  [[nodiscard]] PayloadKept kept() const { return static_cast<PayloadKept>(how & 3U); }
  /// Returns true if a `more` record follows.
  [[nodiscard]] bool continues() const { return (how & record_continues) != 0; }
  /// Returns the error of the call.
  [[nodiscard]] std::errc code() const { return static_cast<std::errc>(error); }
};
static_assert(sizeof(RecordHeader) == 40);

inline constexpr std::string_view recording_magic = "REHEARSAL RECORD";  ///< 16 bytes
inline constexpr std::uint32_t recording_version = 4;
/// Maximum data of one record, in bytes. Longer data continues in records of the kind `more`.
inline constexpr std::size_t most_record_data = std::size_t{1} << 18U;
/// Maximum data of one record and its `more` records, in bytes.
inline constexpr std::size_t most_whole_data = std::size_t{1} << 31U;
/// Minimum size of a segment, in bytes.
inline constexpr std::size_t least_segment_bytes = std::size_t{1} << 20U;
/// Maximum size of a segment, in bytes.
inline constexpr std::size_t most_segment_bytes = std::size_t{1} << 28U;

/// Records are a multiple of this many bytes.
inline constexpr std::size_t record_word = sizeof(std::uint64_t);
/// Returns `size` rounded up to a multiple of record_word.
constexpr std::size_t filled_up(std::size_t size) {
  return (size + record_word - 1) & ~(record_word - 1);
}

/// Returns the checksum of a record: of its header without the first word, of the hash of its data
/// (record_hash.hpp; 0 if there is no data), and of `salt`, which depends on its place.
[[nodiscard]] std::uint32_t record_check(const RecordHeader& header, std::uint64_t data_hash,
                                         std::uint64_t salt);

/// A record that was read. `data` includes that of its `more` records.
struct Record : RecordHeader {
  std::uint64_t at = 0;  ///< index in the recording, from 0
  sched::ConstBytes data;
};

/// The head of every segment: the program that was recorded.
struct RecordingHead {
  /// The versions of the library and of the compiler.
  std::string build;
  std::string server;              ///< the name of the server, for example "echo"
  std::vector<std::string> flags;  ///< names and values, alternating

  /// Returns the value of the flag `name`, or an empty text if there is none.
  [[nodiscard]] std::string flag(std::string_view name) const;
  friend bool operator==(const RecordingHead&, const RecordingHead&) = default;
};

/// Returns the head as texts, one after another, each preceded by its length in 32 bits.
[[nodiscard]] std::vector<std::byte> to_record(const RecordingHead& head);
/// Parses such texts. Returns nothing if they are malformed.
[[nodiscard]] std::optional<RecordingHead> head_in(sched::ConstBytes data);

/// An endpoint as a record holds it. The name of a Unix socket follows it.
struct RecordedEndpoint {
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t scope = 0;
  std::uint16_t port = 0;   ///< of a Unix socket, the length of its name
  std::uint8_t family = 0;  ///< 4, 6, or 1 for a Unix socket
  std::uint8_t unused = 0;
};
static_assert(sizeof(RecordedEndpoint) == 24);
/// Returns the size of the endpoint with which `data` begins, or nothing if there is none.
[[nodiscard]] std::optional<std::size_t> endpoint_size(sched::ConstBytes data);
/// Returns the endpoint with which a record's data begins. REQUIRES: the reader has checked the
/// record.
[[nodiscard]] sched::Endpoint endpoint_in(sched::ConstBytes data);
/// Returns all endpoints of a record's data. REQUIRES: the reader has checked the record.
[[nodiscard]] std::vector<sched::Endpoint> endpoints_in(sched::ConstBytes data);

/// Options of a stream, or of the clients of a listener, as a record holds them.
struct RecordedOptions {
  std::int64_t keep_alive_idle = 0;      ///< seconds
  std::int64_t keep_alive_interval = 0;  ///< seconds
  std::int64_t user_timeout = 0;         ///< milliseconds
  std::int32_t keep_alive_count = 0;
  std::uint32_t reset_on_close = 0;
};
static_assert(sizeof(RecordedOptions) == 32);
/// Returns the form that a record holds.
[[nodiscard]] RecordedOptions to_record(const sched::StreamOptions& options);

/// The bytes of an endpoint in a record, and of the options of a listener behind it.
class EndpointBytes {
 public:
  explicit EndpointBytes(const sched::Endpoint& endpoint);
  EndpointBytes(const sched::Endpoint& at, const RecordedOptions& clients);

  [[nodiscard]] sched::ConstBytes bytes() const { return sched::ConstBytes(bytes_).first(size_); }

 private:
  void append(sched::ConstBytes bytes);

  std::array<std::byte,
             sizeof(RecordedEndpoint) + sched::Endpoint::max_unix_name + sizeof(RecordedOptions)>
      bytes_;  // NOLINT: only the part that is used is written
  std::size_t size_ = 0;
};

/// Returns the backlog, and a bit for each other option.
[[nodiscard]] std::uint64_t listen_word(const sched::ListenOptions& options);
/// Returns a bit for each option.
[[nodiscard]] std::uint64_t bind_word(const sched::BindOptions& options);

/// A ready socket in the record of a wait.
struct RecordedReady {
  std::int32_t descriptor = -1;
  std::uint32_t what = 0;
};
static_assert(sizeof(RecordedReady) == 8);

/// Returns true if the data of a record has the form of its kind.
[[nodiscard]] bool data_is_of_its_kind(const Record& record);

}  // namespace rehearsal::record

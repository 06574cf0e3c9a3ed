// Uses a fuzzer's bytes as a recording file (libFuzzer). Whatever they are, the reader returns
// records and then an end or one error, and the code that uses the records stays correct.
//
// The bytes are a recipe. The first one decides what the others are:
//   0      a whole file
//   1      two files
//   4      a compressed file
//   other  a file is built from them: each record gets its header from the bytes and a correct
//          checksum, so that the fuzzer gets past the checksum; 3: its clients are simulated, too
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "harness/exit_status.hpp"
#include "harness/recorded/recorded_scenario.hpp"
#include "record/files/compression.hpp"
#include "record/record_hash.hpp"
#include "record/record_log.hpp"
#include "record/record_text.hpp"
#include "record/recorded.hpp"
#include "sched/base/check.hpp"
#include "servers/recordable_echo.hpp"
#include "tests/corpus/fuzz/memory_file.hpp"

namespace rehearsal {
namespace {

using record::RecordHeader;
using sched::ConstBytes;

class Segments final : public record::RecordedSegments {
 public:
  explicit Segments(const std::vector<ConstBytes>& files) : files_(files) {}
  std::optional<record::RecordedSegment> next() override {
    if (next_ == files_.size()) {
      return std::nullopt;
    }
    return record::RecordedSegment{"file", files_[next_++], {}};
  }

 private:
  const std::vector<ConstBytes>& files_;
  std::size_t next_ = 0;
};

void put(std::vector<std::byte>& file, RecordHeader header, ConstBytes data, std::uint64_t salt) {
  const std::size_t size = sizeof header + record::filled_up(data.size());
  header.size = static_cast<std::uint32_t>(size);
  header.length = static_cast<std::uint32_t>(data.size());
  header.check = record::record_check(header, data.empty() ? 0 : record::record_hash(data), salt);
  const auto head = std::as_bytes(std::span(&header, 1));
  file.insert(file.end(), head.begin(), head.end());
  file.insert(file.end(), data.begin(), data.end());
  file.resize(file.size() + record::filled_up(data.size()) - data.size());
}

// Returns a file of records whose headers and data are taken from the recipe.
std::vector<std::byte> cook(ConstBytes recipe) {
  constexpr std::uint64_t id = 1;
  std::vector<std::byte> file;
  const auto magic = std::as_bytes(std::span(record::recording_magic));
  file.insert(file.end(), magic.begin(), magic.end());
  const std::uint64_t first = 0;
  RecordHeader segment{.kind = record::RecordKind::segment};
  segment.number = record::recording_version;
  segment.value = id;
  put(file, segment, std::as_bytes(std::span(&first, 1)), 0);
  put(file, {.kind = record::RecordKind::head},
      record::to_record({"build", "echo", {"listen", "127.0.0.1:80"}}), record::record_salt(id, 1));
  std::uint64_t number = 2;
  while (recipe.size() >= sizeof(RecordHeader)) {
    RecordHeader header;
    std::memcpy(static_cast<void*>(&header), recipe.data(), sizeof header);
    recipe = recipe.subspan(sizeof header);
    const std::size_t length = std::min<std::size_t>(header.length % 256, recipe.size());
    put(file, header, recipe.first(length), record::record_salt(id, number++));
    recipe = recipe.subspan(length);
  }
  file.resize(file.size() + 8);
  return file;
}

void read_all(const std::vector<ConstBytes>& files, std::size_t bytes) {
  Segments segments(files);
  record::RecordingReader reader(segments);
  // No record is smaller than its header.
  for (std::size_t left = bytes / sizeof(RecordHeader) + files.size() + 2; left > 0; --left) {
    const auto item = reader.next();
    if (const auto* record = std::get_if<record::Record>(&item)) {
      if (record::describe(*record, record->data).empty() || record->data.size() > bytes) {
        std::abort();
      }
    } else if (const auto* error = std::get_if<record::RecordingError>(&item)) {
      if (error->reason.empty() || error->file.empty()) {
        std::abort();
      }
      return;
    } else if (std::holds_alternative<record::RecordingEnd>(item)) {
      return;
    }
  }
  std::abort();  // the reader returned more than the files contain
}

// Runs the echo server over the records, whatever they contain.
void replay(const std::vector<ConstBytes>& files) {
  Segments segments(files);
  record::RecordingReader reader(segments);
  if (reader.head() == nullptr) {
    return;
  }
  record::Recorded network(reader);
  if (network.ended()) {
    return;
  }
  try {
    servers::recordable_echo().replay(network, *reader.head());
    network.finish();
  } catch (const record::ReplayStopped&) {
    // Expected.
  } catch (const std::exception&) {
    return;  // the server cannot start; that is not a bug of the reader
  }
  if (!network.ended()) {
    std::abort();
  }
}

// Simulates the clients of the recording against the server.
void simulate(ConstBytes file) {
  const fuzz::MemoryFile on_disk(sched::as_text(file));
  try {
    simnet::Scenario scenario =
        harness::recorded_scenario(on_disk.path(), {servers::recordable_echo()});
    scenario.options.step_limit = 2'000;
    simnet::run_scenario(scenario, simnet::Policy::nominal(), 1);
  } catch (const harness::BadInput&) {
    // Expected.
  }
}

// Returns the file, or nothing if the bytes are not compressed data.
std::optional<std::vector<std::byte>> decompressed(ConstBytes bytes) {
  constexpr std::size_t most = std::size_t{1} << 20U;
  std::string wrong;
  auto file = record::decompress(bytes, most, wrong);
  sched::check(file ? file->size() <= most : !wrong.empty(), "a file is small, or an error");
  return file;
}

// The first byte decides how the other bytes become files.
void try_input(std::span<const std::uint8_t> data) {
  const auto bytes = std::as_bytes(data).subspan(1);
  std::vector<std::byte> made;
  std::vector<ConstBytes> files;
  if (data[0] == 0) {
    files = {bytes};
  } else if (data[0] == 1) {
    files = {bytes.first(bytes.size() / 2), bytes.subspan(bytes.size() / 2)};
  } else if (data[0] == 4) {
    made = decompressed(bytes).value_or(made);
    files = {made};
  } else {
    made = cook(bytes);
    files = {made};
  }
  std::size_t all = 0;
  for (const auto& file : files) {
    all += file.size();
  }
  read_all(files, all);
  replay(files);
  if (data[0] == 3) {
    simulate(made);
  }
}

}  // namespace
}  // namespace rehearsal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) {
    rehearsal::try_input({data, size});
  }
  return 0;
}

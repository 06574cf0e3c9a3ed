// Uses a fuzzer's bytes as a recording file (libFuzzer). Whatever they are, the reader returns
// records and then an end or one error, and the code that uses the records stays correct.
//
// The bytes are a recipe. If the first byte is 0, the rest is a whole file. Otherwise the file is
// built: each record gets its header from the bytes and a correct checksum, so that the fuzzer gets
// past the checksum.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "record/record_hash.hpp"
#include "record/record_log.hpp"
#include "record/record_text.hpp"
#include "record/recorded.hpp"
#include "servers/recordable_echo.hpp"

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

// The first byte decides how the other bytes become files.
void try_input(std::span<const std::uint8_t> data) {
  const auto bytes = std::as_bytes(data).subspan(1);
  std::vector<std::byte> cooked;
  std::vector<ConstBytes> files;
  if (data[0] == 0) {
    files = {bytes};
  } else if (data[0] == 1) {
    files = {bytes.first(bytes.size() / 2), bytes.subspan(bytes.size() / 2)};
  } else {
    cooked = cook(bytes);
    files = {cooked};
  }
  std::size_t all = 0;
  for (const auto& file : files) {
    all += file.size();
  }
  read_all(files, all);
  replay(files);
}

}  // namespace
}  // namespace rehearsal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) {
    rehearsal::try_input({data, size});
  }
  return 0;
}

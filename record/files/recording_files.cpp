#include "record/files/recording_files.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "record/files/compression.hpp"

namespace rehearsal::record {
namespace {

namespace fs = std::filesystem;

// RRRR-SSSSSS.rec, followed by a suffix if it is compressed.
bool is_segment_name(std::string_view name) {
  const std::size_t dash = name.find('-');
  const std::size_t dot = name.find(".rec");
  if (dash == std::string_view::npos || dot == std::string_view::npos || dot < dash) {
    return false;
  }
  const auto digits = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::string_view rest = name.substr(dot + 4);
  return digits(name.substr(0, dash)) && digits(name.substr(dash + 1, dot - dash - 1)) &&
         (rest.empty() || rest == compressed_suffix);
}

// Returns the number of the recording without leading zeros: compare it by length, then by text.
std::string number_of(const std::string& name) {
  const std::string number = name.substr(0, name.find('-'));
  return number.substr(std::min(number.find_first_not_of('0'), number.size()));
}

bool is_before(const std::string& left, const std::string& right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

}  // namespace

RecordingFiles::RecordingFiles(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    files_.push_back(path);
    return;
  }
  std::vector<std::string> names;
  std::string latest;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (is_segment_name(name)) {
      names.push_back(name);
      if (is_before(latest, number_of(name))) {
        latest = number_of(name);
      }
    }
  }
  std::erase_if(names, [&](const std::string& name) { return number_of(name) != latest; });
  std::ranges::sort(names);
  // If both forms of a segment exist, the compressed one is complete.
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i + 1 == names.size() || names[i + 1] != names[i] + std::string(compressed_suffix)) {
      files_.push_back((fs::path(path) / names[i]).string());
    }
  }
}

// Returns what is wrong, or an empty text if bytes_ holds the segment.
std::string RecordingFiles::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0) {
    return "the file cannot be read";
  }
  if (static_cast<std::uint64_t>(size) > most_segment_bytes) {
    return "the file is larger than any segment";
  }
  bytes_.resize(static_cast<std::size_t>(size));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes_.data()), size);
  if (!in) {
    return "the file cannot be read";
  }
  if (file.ends_with(compressed_suffix)) {
    std::string wrong;
    auto unpacked = decompress(bytes_, most_segment_bytes, wrong);
    if (!unpacked) {
      return wrong;
    }
    bytes_ = std::move(*unpacked);
  }
  return {};
}

std::optional<RecordedSegment> RecordingFiles::next() {
  if (next_ == files_.size()) {
    return std::nullopt;
  }
  const std::string& file = files_[next_++];
  std::string damage = load(file);
  return RecordedSegment{file, bytes_, std::move(damage)};
}

bool is_recording(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return !RecordingFiles(path).empty();
  }
  if (is_segment_name(fs::path(path).filename().string())) {
    return true;
  }
  std::ifstream in(path, std::ios::binary);
  std::string magic(recording_magic.size(), '\0');
  return in.read(magic.data(), static_cast<std::streamsize>(magic.size())) &&
         magic == recording_magic;
}

}  // namespace rehearsal::record

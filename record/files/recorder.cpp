#include "record/files/recorder.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "record/files/compression.hpp"

#ifndef REHEARSAL_VERSION
#define REHEARSAL_VERSION "unknown"
#endif

namespace rehearsal::record {
namespace {

SegmentFilesOptions file_options(const RecorderOptions& options) {
  SegmentFilesOptions files;
  files.directory = options.directory;
  files.segment_bytes = options.segment_bytes;
  files.most_bytes = options.most_bytes;
  if (options.compress) {
    files.compress = compress_to;
    files.suffix = compressed_suffix;
  }
  return files;
}

RecordingHead head_of(const std::string& server, std::vector<std::string> flags) {
  return {"rehearsal " REHEARSAL_VERSION ", " __VERSION__, server, std::move(flags)};
}

RecordOptions log_options(const RecorderOptions& options) {
  RecordOptions log;
  log.payload = options.payload;
  log.keep_sent = options.keep_sent;
  log.most_age = options.most_age;
  log.on_trouble = [](const std::string& what) { spdlog::warn("{}", what); };
  return log;
}

}  // namespace

Recorder::Recorder(const std::string& server, std::vector<std::string> flags,
                   const RecorderOptions& options, std::uint64_t id)
    : files_(file_options(options)),
      log_(files_, head_of(server, std::move(flags)), id, log_options(options)) {}

Recorder::~Recorder() {
  if (const std::uint64_t lost = log_.lost(); lost != 0) {
    spdlog::warn("{} record{} could not be recorded", lost, lost == 1 ? "" : "s");
  }
}

bool can_compress() { return compression_is_there; }

}  // namespace rehearsal::record

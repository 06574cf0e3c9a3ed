// The flags --record and those that go with it, of every server.
#pragma once

#include <cstdint>
#include <string>

#include "record/files/recorder.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::servers {

class RecordFlags {
 public:
  // `app` must not outlive this, which must not move.
  void add_to(CLI::App& app);
  // What they say. REQUIRES: they were parsed.
  [[nodiscard]] record::RecorderOptions options() const;

 private:
  std::string directory_;
  std::string payload_ = "full";
  bool keep_sent_ = false;
  bool compress_ = false;
  std::uint64_t segment_mib_ = 8;
  std::uint64_t limit_mib_ = 256;
  double most_age_ = 0;
};

}  // namespace rehearsal::servers

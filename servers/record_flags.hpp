// The flag --record and the flags that go with it, the same for every server.
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
  // Adds the flags to `app`. Parsing writes into this object: it must outlive `app` and not move.
  void add_to(CLI::App& app);
  // Returns the options that the flags name. REQUIRES: the flags were parsed.
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

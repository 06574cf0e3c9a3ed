// Segments of a recording in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "record/record_log.hpp"
#include "record/recording_reader.hpp"

namespace rehearsal::record {

class MemorySegments final : public SegmentStore, public RecordedSegments {
 public:
  // `before` is the initial content of the memory, as in a recycled file.
  explicit MemorySegments(std::byte before = std::byte{0xa5}) : before_(before) {}

  std::span<std::byte> open(std::string& why) override {
    if (left_ == 0) {
      why = "there is no more";
      return {};
    }
    --left_;
    std::vector<std::byte>& segment = segments_.emplace_back();
    segment.reserve(least_segment_bytes + 1024);  // a writer that exceeds it is found in close()
    segment.resize(least_segment_bytes, before_);
    return segment;
  }
  void close(std::size_t used) override {
    EXPECT_LE(used, segments_.back().size());
    segments_.back().resize(used);
  }

  std::optional<RecordedSegment> next() override {
    if (next_ == segments_.size()) {
      return std::nullopt;
    }
    const std::size_t number = next_++;
    return RecordedSegment{"segment-" + std::to_string(number), segments_[number], {}};
  }
  void rewind() { next_ = 0; }
  void lose_first() {
    segments_.pop_front();
    rewind();
  }
  // Allows this many more segments.
  void allow(std::size_t count) { left_ = count; }
  [[nodiscard]] std::deque<std::vector<std::byte>>& segments() { return segments_; }
  [[nodiscard]] bool holds(std::string_view text) const {
    return std::ranges::any_of(segments_, [text](const auto& segment) {
      const std::string_view all(reinterpret_cast<const char*>(segment.data()), segment.size());
      return all.find(text) != std::string_view::npos;
    });
  }

 private:
  std::byte before_;
  std::size_t left_ = 1000;
  std::size_t next_ = 0;
  std::deque<std::vector<std::byte>> segments_;
};

}  // namespace rehearsal::record

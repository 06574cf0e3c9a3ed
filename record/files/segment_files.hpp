// SegmentFiles: where a recording is kept on disk, as files of one size that are mapped into
// memory.
//
// Files are allocated and mapped ahead, and once all together take too much the oldest is recycled
// where it is: a page that is touched for the first time costs more than what is written into it.
// Nothing is ever flushed: what a process that was killed had written is in the kernel's hands; a
// machine that loses its power loses the last seconds.
//
// Files are allocated before they are mapped, so a full disk shows when a file is made, and not as
// SIGBUS when it is written to. The directory is locked while it is recorded into.
//
// Only where full files are compressed is there a thread, which does that: a process of several
// threads pays for it in every system call.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "record/record_log.hpp"

namespace rehearsal::record {

struct SegmentFilesOptions {
  SegmentFilesOptions() = default;

  std::string directory;  // made where it is not there
  std::size_t segment_bytes = std::size_t{8} << 20U;
  // Of all files in the directory, those of earlier recordings too; the oldest give way.
  std::uint64_t most_bytes = std::uint64_t{256} << 20U;
  // So much of it is allocated and touched before recording begins, which takes some hundred
  // milliseconds.
  std::uint64_t prepared_bytes = std::uint64_t{256} << 20U;
  // So much of it stays mapped.
  std::uint64_t mapped_bytes = std::uint64_t{256} << 20U;
  // Writes the bytes to the descriptor in another form, of files named with `suffix` behind; false
  // where that failed. Called by a thread; empty: files stay as they are.
  std::function<bool(sched::ConstBytes bytes, int descriptor)> compress;
  std::string suffix;
};

class SegmentFiles final : public SegmentStore {
 public:
  // Throws std::system_error where the directory cannot be used, busy where it is recorded into.
  explicit SegmentFiles(SegmentFilesOptions options);
  // Waits until what is full is dealt with.
  ~SegmentFiles() override;

  std::span<std::byte> open(std::string& why) override;
  void close(std::size_t used) override;

  // The number of this recording in its directory, from 1.
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  struct Mapped {
    std::string path;
    int descriptor = -1;
    std::span<std::byte> memory;
  };
  struct Full {
    Mapped file;
    std::size_t used = 0;
  };
  struct Kept {
    std::string path;
    std::uint64_t bytes;
    Mapped file;  // mapped still, or not
  };

  void look_around();
  std::string make(Mapped& file, const std::string& path, bool touch) const;
  static void unmap(Mapped& file);
  std::string take_spare(Mapped& spare);
  std::string name_it(Mapped& file);
  void put_away(const Full& full);
  void keep(Kept file);
  bool recycle(Kept old);
  std::string spare_path();
  void compress_all();
  [[nodiscard]] std::optional<std::uint64_t> pack(const Full& full) const;

  SegmentFilesOptions options_;
  int directory_ = -1;
  std::size_t most_mapped_ = 0;  // files
  std::uint32_t number_ = 1;
  std::uint32_t next_ = 0;
  Mapped current_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable something_to_do_;
  std::deque<Mapped> spares_;
  std::deque<Full> full_;  // to be compressed
  std::deque<Kept> kept_;  // the oldest first
  std::uint64_t kept_bytes_ = 0;
  std::size_t mapped_ = 0;  // files, whatever for
  std::uint64_t spares_made_ = 0;
  bool ending_ = false;
  std::thread thread_;  // where there is anything to compress
};

}  // namespace rehearsal::record

// SegmentFiles: stores a recording on disk, in files of one size that are mapped into memory.
//
// Files are allocated and mapped ahead. Once all files together reach the limit, the oldest is
// reused in place, because the first touch of a page costs more than what is written into it.
// Nothing is flushed: after a kill of the process, the kernel still has what was written; after a
// power loss, the last seconds are lost.
//
// Files are allocated before they are mapped. So a full disk is reported when a file is created,
// and does not cause SIGBUS on a write. The directory is locked during the recording.
//
// There is a thread only if full files are compressed, because every system call of a process with
// several threads costs more.
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

  std::string directory;  // created if it does not exist
  std::size_t segment_bytes = std::size_t{8} << 20U;
  // Limit of all files in the directory, including those of earlier recordings. The oldest are
  // reused or deleted.
  std::uint64_t most_bytes = std::uint64_t{256} << 20U;
  // How much of that is allocated and touched before the recording begins, which takes some
  // hundred milliseconds.
  std::uint64_t prepared_bytes = std::uint64_t{256} << 20U;
  // How much of that stays mapped.
  std::uint64_t mapped_bytes = std::uint64_t{256} << 20U;
  // Writes the bytes to the descriptor in another form; returns false if that fails. Called by a
  // thread. The names of these files end with `suffix`. If empty, files stay as they are.
  std::function<bool(sched::ConstBytes bytes, int descriptor)> compress;
  std::string suffix;
};

class SegmentFiles final : public SegmentStore {
 public:
  // Throws std::system_error if the directory cannot be used: device_or_resource_busy if another
  // process records into it.
  explicit SegmentFiles(SegmentFilesOptions options);
  // Waits until the full files are compressed.
  ~SegmentFiles() override;

  std::span<std::byte> open(std::string& why) override;
  void close(std::size_t used) override;

  // Returns the number of this recording in its directory, from 1.
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
    Mapped file;  // if it is still mapped
  };

  void look_around();
  std::string make(Mapped& file, const std::string& path, bool touch) const;
  static void unmap(Mapped& file);
  std::string take_spare(Mapped& spare);
  std::string name_it(Mapped& file);
  void put_away(const Full& full);
  void keep(Kept file);
  void recycle(Kept old);
  void recycle_oldest();
  void remove(Mapped& file);
  void make_room();
  std::string spare_path();
  void compress_all();
  [[nodiscard]] std::optional<std::uint64_t> pack(const Full& full) const;

  SegmentFilesOptions options_;
  int directory_ = -1;
  std::size_t most_mapped_ = 0;  // number of files
  std::uint32_t number_ = 1;
  std::uint32_t next_ = 0;
  Mapped current_;

  std::mutex mutex_;  // guards all members from here on
  std::condition_variable something_to_do_;
  std::deque<Mapped> spares_;
  std::deque<Full> full_;  // waiting to be compressed
  std::deque<Kept> kept_;  // oldest first
  std::uint64_t kept_bytes_ = 0;
  std::size_t mapped_ = 0;  // number of mapped files, for any purpose
  std::uint64_t spares_made_ = 0;
  bool ending_ = false;
  std::thread thread_;  // only if files are compressed
};

}  // namespace rehearsal::record

#include "record/files/segment_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace rehearsal::record {
namespace {

constexpr std::string_view spare_prefix = "spare-";
// Bytes at the start of a reused file that are cleared, so that its old contents are not read.
constexpr std::size_t emptied = 64;

std::string failure(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

// Returns the number of the recording that a file belongs to, or nothing if it belongs to none.
std::optional<std::uint32_t> recording_of(std::string_view name) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const std::string_view rest(end, name.data() + name.size());
  if (error != std::errc{} || !rest.starts_with('-') ||
      rest.find(".rec") == std::string_view::npos) {
    return std::nullopt;
  }
  return number;
}

int open_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw std::system_error(error, path + ": cannot be created");
  }
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return directory;
}

}  // namespace

SegmentFiles::SegmentFiles(SegmentFilesOptions options)
    : options_(std::move(options)), directory_(open_directory(options_.directory)) {
  if (::flock(directory_, LOCK_EX | LOCK_NB) < 0) {
    const int error = errno == EWOULDBLOCK ? EBUSY : errno;
    ::close(directory_);
    throw std::system_error(error, std::generic_category(), options_.directory);
  }
  // One more is written to, and one may be in transit to the others.
  most_mapped_ = options_.mapped_bytes / options_.segment_bytes + 2;
  look_around();
  const std::uint64_t ahead = std::min(options_.prepared_bytes, options_.most_bytes);
  for (std::uint64_t i = 0; i < ahead / options_.segment_bytes; ++i) {
    Mapped spare;
    if (!make(spare, spare_path(), true).empty()) {
      break;  // open() reports the reason
    }
    ++mapped_;
    spares_.push_back(std::move(spare));
  }
  if (options_.compress) {
    thread_ = std::thread([this] { compress_all(); });
  }
}

SegmentFiles::~SegmentFiles() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    something_to_do_.notify_one();
    thread_.join();
  }
  for (Mapped& spare : spares_) {
    unmap(spare);
    ::unlink(spare.path.c_str());
  }
  for (Kept& kept : kept_) {
    if (kept.file.descriptor >= 0) {
      unmap(kept.file);
    }
  }
  ::close(directory_);
}

// Finds the files of earlier recordings.
void SegmentFiles::look_around() {
  std::vector<Kept> found;
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(spare_prefix)) {
      std::filesystem::remove(entry.path());
    } else if (const auto number = recording_of(name)) {
      number_ = std::max(number_, *number + 1);
      found.push_back({entry.path().string(), entry.file_size(), {}});
    }
  }
  std::ranges::sort(found, {}, &Kept::path);
  for (Kept& file : found) {
    keep(std::move(file));
  }
}

// Allocates and maps the file. Returns what is wrong, or an empty text.
std::string SegmentFiles::make(Mapped& file, const std::string& path, bool touch) const {
  file.path = path;
  file.descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file.descriptor < 0) {
    return failure(path, errno);
  }
  const auto size = static_cast<off_t>(options_.segment_bytes);
  int error = 0;
  do {
    error = ::posix_fallocate(file.descriptor, 0, size);
  } while (error == EINTR);
  void* memory = MAP_FAILED;
  if (error == 0) {
    memory = ::mmap(nullptr, options_.segment_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                    file.descriptor, 0);
    error = memory == MAP_FAILED ? errno : 0;
  }
  if (error != 0) {
    ::close(file.descriptor);
    ::unlink(path.c_str());
    return failure(path, error);
  }
  file.memory = {static_cast<std::byte*>(memory), options_.segment_bytes};
  if (touch) {
#ifdef MADV_HUGEPAGE
    // A huge page of 2 MiB is filled at once, and a payload of 16 KiB takes one page-table walk
    // instead of four. If there is none, the kernel uses small pages.
    ::madvise(memory, options_.segment_bytes, MADV_HUGEPAGE);
#endif
#ifdef MADV_POPULATE_WRITE
    // Not available before Linux 5.14: then the loop takes the page faults.
    ::madvise(memory, options_.segment_bytes, MADV_POPULATE_WRITE);
#endif
  }
  std::memset(memory, 0, emptied);
  return {};
}

void SegmentFiles::unmap(Mapped& file) {
  ::munmap(file.memory.data(), file.memory.size());
  ::close(file.descriptor);
  file.descriptor = -1;
}

std::string SegmentFiles::spare_path() {
  return options_.directory + '/' + std::string(spare_prefix) + std::to_string(spares_made_++);
}

std::span<std::byte> SegmentFiles::open(std::string& why) {
  const std::lock_guard lock(mutex_);
  Mapped file;
  why = take_spare(file);
  if (why.empty()) {
    why = name_it(file);
  }
  if (!why.empty()) {
    return {};
  }
  current_ = std::move(file);
  return current_.memory;
}

void SegmentFiles::close(std::size_t used) {
  const std::lock_guard lock(mutex_);
  Full full{std::move(current_), used};
  current_ = {};
  if (thread_.joinable()) {
    full_.push_back(std::move(full));
    something_to_do_.notify_one();
  } else {
    put_away(full);
  }
}

// REQUIRES for the following functions: the lock is held, or there is no thread.

// Takes a prepared file, reuses the oldest one, or creates one. Returns what is wrong, or an
// empty text.
std::string SegmentFiles::take_spare(Mapped& spare) {
  const std::uint64_t in_use = full_.size() * options_.segment_bytes;
  while (spares_.empty() && !kept_.empty() &&
         kept_bytes_ + in_use + options_.segment_bytes > options_.most_bytes) {
    recycle_oldest();
  }
  if (spares_.empty()) {
    std::string wrong = make(spare, spare_path(), false);
    mapped_ += wrong.empty() ? 1U : 0U;
    return wrong;
  }
  spare = std::move(spares_.front());
  spares_.pop_front();
  return {};
}

// Makes the spare file the next segment. Returns what is wrong, or an empty text.
std::string SegmentFiles::name_it(Mapped& file) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%04u-%06u.rec", number_, next_);
  const std::string path = options_.directory + '/' + name.data();
  if (::rename(file.path.c_str(), path.c_str()) < 0) {
    std::string wrong = failure(path, errno);
    remove(file);
    return wrong;
  }
  ++next_;
  file.path = path;
  return {};
}

// Removes the file from its recording. If it is still mapped, it is a spare from now on.
void SegmentFiles::recycle(Kept old) {
  const std::string spare = spare_path();
  if (old.file.descriptor < 0) {
    ::unlink(old.path.c_str());
  } else if (::rename(old.path.c_str(), spare.c_str()) < 0) {
    remove(old.file);
  } else {
    old.file.path = spare;
    std::memset(old.file.memory.data(), 0, emptied);
    spares_.push_back(std::move(old.file));
  }
}

void SegmentFiles::recycle_oldest() {
  Kept oldest = std::move(kept_.front());
  kept_.pop_front();
  kept_bytes_ -= oldest.bytes;
  recycle(std::move(oldest));
}

void SegmentFiles::remove(Mapped& file) {
  ::unlink(file.path.c_str());
  unmap(file);
  --mapped_;
}

// Removes files until all of them take no more than the limit: first the spares except one, which
// the next segment reuses, then the oldest segments.
void SegmentFiles::make_room() {
  const auto whole = [this] {
    return full_.size() + spares_.size() + (current_.descriptor >= 0 ? 1U : 0U);
  };
  while (kept_bytes_ + whole() * options_.segment_bytes > options_.most_bytes) {
    if (spares_.size() > 1) {
      remove(spares_.back());
      spares_.pop_back();
    } else if (!kept_.empty()) {
      recycle_oldest();
    } else {
      return;
    }
  }
}

void SegmentFiles::put_away(const Full& full) {
  Kept kept{full.file.path, options_.segment_bytes, full.file};
  const bool is_last = full.used < options_.segment_bytes / 2;
  if (is_last || mapped_ > most_mapped_) {
    // The bytes after the end are not read, so a failure only leaves the file larger.
    if (::ftruncate(kept.file.descriptor, static_cast<off_t>(full.used)) == 0) {
      kept.bytes = full.used;
    }
    unmap(kept.file);
    kept.file = {};
    --mapped_;
  }
  keep(std::move(kept));
}

void SegmentFiles::keep(Kept file) {
  kept_bytes_ += file.bytes;
  kept_.push_back(std::move(file));
}

// Runs in the thread.
void SegmentFiles::compress_all() {
  std::unique_lock lock(mutex_);
  for (;;) {
    something_to_do_.wait(lock, [this] { return ending_ || !full_.empty(); });
    if (full_.empty()) {
      return;
    }
    const Full full = full_.front();
    lock.unlock();
    const std::optional<std::uint64_t> packed = pack(full);
    lock.lock();
    full_.pop_front();
    if (packed) {
      keep({full.file.path + options_.suffix, *packed, {}});
      recycle({full.file.path, 0, full.file});
    } else {
      put_away(full);
    }
    make_room();
  }
}

// Writes the file in its other form. Returns the size of that in bytes, or nothing if it failed.
std::optional<std::uint64_t> SegmentFiles::pack(const Full& full) const {
  const std::string unfinished = options_.directory + '/' + std::string(spare_prefix) + "packed";
  const std::string target = full.file.path + options_.suffix;
  const int descriptor = ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) {
    return std::nullopt;
  }
  struct stat status{};
  const bool packed = options_.compress(full.file.memory.first(full.used), descriptor) &&
                      ::fstat(descriptor, &status) == 0 &&
                      ::rename(unfinished.c_str(), target.c_str()) == 0;
  ::close(descriptor);
  if (!packed) {
    ::unlink(unfinished.c_str());
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace rehearsal::record

#include "record/files/compression.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>

#ifdef REHEARSAL_HAS_ZSTD
#include <zstd.h>
#endif

namespace rehearsal::record {

#ifdef REHEARSAL_HAS_ZSTD
namespace {

constexpr int level = 1;  // the fastest: it must keep up with the server

bool write_all(int descriptor, sched::ConstBytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

}  // namespace

bool compress_to(sched::ConstBytes bytes, int descriptor) {
  std::vector<std::byte> packed(ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
  return ZSTD_isError(size) == 0 && write_all(descriptor, std::span(packed).first(size));
}

std::optional<std::vector<std::byte>> decompress(sched::ConstBytes bytes, std::size_t most,
                                                 std::string& wrong) {
  constexpr std::size_t step = std::size_t{1} << 20U;
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::vector<std::byte> unpacked;
  std::size_t left = 1;
  while (left != 0) {
    const std::size_t before = unpacked.size();
    unpacked.resize(before + step);
    ZSTD_outBuffer out{unpacked.data() + before, step, 0};
    left = ZSTD_decompressStream(stream.get(), &out, &in);
    unpacked.resize(before + out.pos);
    if (ZSTD_isError(left) != 0) {
      wrong = std::string("not zstd data: ") + ZSTD_getErrorName(left);
      return std::nullopt;
    }
    if (unpacked.size() > most) {
      wrong = "the file is larger than any segment";
      return std::nullopt;
    }
    if (left != 0 && out.pos == 0 && in.pos == in.size) {
      wrong = "the zstd data is cut off";
      return std::nullopt;
    }
  }
  return unpacked;
}

#else

bool compress_to(sched::ConstBytes /*bytes*/, int /*descriptor*/) { return false; }

std::optional<std::vector<std::byte>> decompress(sched::ConstBytes /*bytes*/, std::size_t /*most*/,
                                                 std::string& wrong) {
  wrong = "this program was built without zstd";
  return std::nullopt;
}

#endif

}  // namespace rehearsal::record

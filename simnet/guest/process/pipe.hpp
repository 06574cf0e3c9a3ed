// Pipe: the bytes of a pipe(2). PipeEnd: a description of one of its ends.
#pragma once

#include <deque>
#include <memory>

#include "simnet/guest/process/description.hpp"

namespace rehearsal::simnet {

class PipeEnd;

// The bytes on their way from a writer to a reader.
struct Pipe {
  static constexpr std::size_t capacity = 65536;  // pipe(7)
  static constexpr std::size_t atomic = 4096;     // PIPE_BUF

  std::deque<std::byte> bytes;
  PipeEnd* reader = nullptr;  // null once it is closed
  PipeEnd* writer = nullptr;
};

class PipeEnd final : public Description {
 public:
  // Reads from `in` or writes to `out`; the other is null.
  PipeEnd(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out);
  ~PipeEnd() override;

  CallResult read(sched::Bytes into) override;
  CallResult write(sched::Pieces from) override;
  [[nodiscard]] CallResult unread() override;
  [[nodiscard]] Events events() override;
  [[nodiscard]] std::uint32_t type() const override;

 private:
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
};

}  // namespace rehearsal::simnet

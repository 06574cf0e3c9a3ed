// Pipe: one direction of a pipe(2). PipeEnd: a description of one end of a pipe, or of a pair of
// them, which is a socketpair(2) of streams.
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
  PipeEnd* reader = nullptr;  // null once it is closed, or has shut down reading
  PipeEnd* writer = nullptr;
};

class PipeEnd final : public Description {
 public:
  // Reads from `in` and writes to `out`; null if it cannot.
  PipeEnd(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, bool is_socket);
  ~PipeEnd() override;

  CallResult read(sched::Bytes into) override;
  CallResult write(sched::Pieces from) override;
  CallResult peek(sched::Bytes into);
  CallResult shutdown(int how);
  [[nodiscard]] CallResult unread() override;
  [[nodiscard]] Events events() override;
  [[nodiscard]] bool is_socket() const { return is_socket_; }
  [[nodiscard]] std::uint32_t type() const override;

 private:
  void close_reading();
  void close_writing();

  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  bool is_socket_;
};

}  // namespace rehearsal::simnet

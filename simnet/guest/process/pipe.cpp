#include "simnet/guest/process/pipe.hpp"

#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace rehearsal::simnet {

PipeEnd::PipeEnd(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
    : in_(std::move(in)), out_(std::move(out)) {
  if (in_ != nullptr) {
    in_->reader = this;
    flags = O_RDONLY;
  } else {
    out_->writer = this;
    flags = O_WRONLY;
  }
}

PipeEnd::~PipeEnd() {
  Pipe& pipe = in_ != nullptr ? *in_ : *out_;
  (in_ != nullptr ? pipe.reader : pipe.writer) = nullptr;
  if (PipeEnd* other = in_ != nullptr ? pipe.writer : pipe.reader; other != nullptr) {
    other->changed(any_event);
  }
}

CallResult PipeEnd::read(sched::Bytes into) {
  if (in_ == nullptr) {
    return -EBADF;
  }
  const std::size_t count = std::min(into.size(), in_->bytes.size());
  if (count == 0) {
    return into.empty() || in_->writer == nullptr ? 0 : -EAGAIN;
  }
  std::copy_n(in_->bytes.begin(), count, into.begin());
  in_->bytes.erase(in_->bytes.begin(), in_->bytes.begin() + static_cast<std::ptrdiff_t>(count));
  if (in_->writer != nullptr) {
    in_->writer->changed(EPOLLOUT);
  }
  return static_cast<CallResult>(count);
}

CallResult PipeEnd::write(sched::Pieces from) {
  if (out_ == nullptr) {
    return -EBADF;
  }
  std::size_t size = 0;
  for (const sched::ConstBytes& piece : from) {
    size += piece.size();
  }
  if (size == 0) {
    return 0;
  }
  if (out_->reader == nullptr) {
    return -EPIPE;
  }
  const std::size_t room = Pipe::capacity - out_->bytes.size();
  if (room == 0 || (size <= Pipe::atomic && size > room)) {
    return -EAGAIN;
  }
  std::size_t left = std::min(size, room);
  const auto written = static_cast<CallResult>(left);
  for (const sched::ConstBytes& piece : from) {
    const sched::ConstBytes part = piece.first(std::min(piece.size(), left));
    out_->bytes.insert(out_->bytes.end(), part.begin(), part.end());
    left -= part.size();
  }
  out_->reader->changed(EPOLLIN);
  return written;
}

CallResult PipeEnd::unread() {
  return static_cast<CallResult>((in_ != nullptr ? *in_ : *out_).bytes.size());
}

Events PipeEnd::events() {
  if (in_ != nullptr) {
    return (in_->bytes.empty() ? 0U : EPOLLIN | EPOLLRDNORM) |
           (in_->writer == nullptr ? Events{EPOLLHUP} : 0U);
  }
  const std::size_t room = Pipe::capacity - out_->bytes.size();
  return (room >= Pipe::atomic ? EPOLLOUT | EPOLLWRNORM : 0U) |
         (out_->reader == nullptr ? Events{EPOLLERR} : 0U);
}

std::uint32_t PipeEnd::type() const { return S_IFIFO; }

}  // namespace rehearsal::simnet

#include "simnet/guest/process/pipe.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace rehearsal::simnet {

PipeEnd::PipeEnd(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, bool is_socket)
    : in_(std::move(in)), out_(std::move(out)), is_socket_(is_socket) {
  if (in_ != nullptr) {
    in_->reader = this;
  }
  if (out_ != nullptr) {
    out_->writer = this;
  }
  if (!is_socket_) {
    flags = in_ != nullptr ? O_RDONLY : O_WRONLY;
  }
}

PipeEnd::~PipeEnd() {
  close_reading();
  close_writing();
}

void PipeEnd::close_reading() {
  if (in_ != nullptr && std::exchange(in_->reader, nullptr) != nullptr && in_->writer != nullptr) {
    in_->writer->changed(any_event);
  }
}

void PipeEnd::close_writing() {
  if (out_ != nullptr && std::exchange(out_->writer, nullptr) != nullptr &&
      out_->reader != nullptr) {
    out_->reader->changed(any_event);
  }
}

CallResult PipeEnd::peek(sched::Bytes into) {
  if (in_ == nullptr) {
    return -EBADF;
  }
  const std::size_t count = std::min(into.size(), in_->bytes.size());
  if (count == 0 && !into.empty() && in_->writer != nullptr && in_->reader != nullptr) {
    return -EAGAIN;
  }
  std::copy_n(in_->bytes.begin(), count, into.begin());
  return static_cast<CallResult>(count);
}

CallResult PipeEnd::read(sched::Bytes into) {
  const CallResult count = peek(into);
  if (count > 0) {
    in_->bytes.erase(in_->bytes.begin(), in_->bytes.begin() + count);
    if (in_->writer != nullptr) {
      in_->writer->changed(EPOLLOUT);
    }
  }
  return count;
}

CallResult PipeEnd::write(sched::Pieces from) {
  if (out_ == nullptr) {
    return -EBADF;
  }
  if (out_->reader == nullptr || out_->writer == nullptr) {
    return -EPIPE;
  }
  std::size_t size = 0;
  for (const sched::ConstBytes& piece : from) {
    size += piece.size();
  }
  const std::size_t room = Pipe::capacity - out_->bytes.size();
  if (size != 0 && (room == 0 || (!is_socket_ && size <= Pipe::atomic && size > room))) {
    return -EAGAIN;
  }
  std::size_t left = std::min(size, room);
  const auto written = static_cast<CallResult>(left);
  for (const sched::ConstBytes& piece : from) {
    const sched::ConstBytes part = piece.first(std::min(piece.size(), left));
    out_->bytes.insert(out_->bytes.end(), part.begin(), part.end());
    left -= part.size();
  }
  if (written != 0) {
    out_->reader->changed(EPOLLIN);
  }
  return written;
}

CallResult PipeEnd::shutdown(int how) {
  if (how != SHUT_WR) {
    close_reading();
  }
  if (how != SHUT_RD) {
    close_writing();
  }
  changed(any_event);
  return 0;
}

CallResult PipeEnd::unread() {
  return in_ == nullptr ? -ENOTTY : static_cast<CallResult>(in_->bytes.size());
}

Events PipeEnd::events() {
  Events found = 0;
  if (in_ != nullptr) {
    const bool ended = in_->writer == nullptr || in_->reader == nullptr;
    found |= !in_->bytes.empty() || (ended && is_socket_) ? EPOLLIN | EPOLLRDNORM : 0U;
    found |= ended ? (is_socket_ ? Events{EPOLLRDHUP} : Events{EPOLLHUP}) : 0U;
  }
  if (out_ != nullptr) {
    const bool broken = out_->reader == nullptr || out_->writer == nullptr;
    const std::size_t room = Pipe::capacity - out_->bytes.size();
    found |= room >= Pipe::atomic || broken ? EPOLLOUT | EPOLLWRNORM : 0U;
    found |= broken && !is_socket_ ? Events{EPOLLERR} : 0U;
    found |= broken && is_socket_ && in_->writer == nullptr ? Events{EPOLLHUP} : 0U;
  }
  return found;
}

std::uint32_t PipeEnd::type() const { return is_socket_ ? S_IFSOCK : S_IFIFO; }

}  // namespace rehearsal::simnet

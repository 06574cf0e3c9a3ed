// An echo server written by hand over select(): no coroutines, no library.
//
// The sets are bitsets of its own, as long as the highest descriptor needs. The fd_set macros are
// undefined above descriptor 1023, while the kernel reads as many bits as the caller asks for. The
// set of writers is passed only while a connection is clogged.
#include <sys/select.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <memory>
#include <vector>

#include "peer.hpp"

namespace {

using Word = unsigned long;  // the word that the kernel's fd_set consists of
constexpr std::size_t word_bits = sizeof(Word) * 8;

class DescriptorSet {
 public:
  void resize(std::size_t words) { words_.resize(words); }
  void insert(std::size_t bit) { words_[bit / word_bits] |= Word{1} << bit % word_bits; }
  void erase(std::size_t bit) { words_[bit / word_bits] &= ~(Word{1} << bit % word_bits); }
  [[nodiscard]] bool contains(std::size_t bit) const {
    return (words_[bit / word_bits] >> bit % word_bits & 1) != 0;
  }
  [[nodiscard]] Word word(std::size_t index) const { return words_[index]; }
  void copy_to(DescriptorSet& other) const {
    std::copy(words_.begin(), words_.end(), other.words_.begin());
  }
  fd_set* native() { return reinterpret_cast<fd_set*>(words_.data()); }

 private:
  std::vector<Word> words_;
};

struct Connection {
  Connection(int socket, std::size_t capacity)
      : descriptor(socket), buffer(std::make_unique_for_overwrite<char[]>(capacity)) {}
  ~Connection() { ::close(descriptor); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor;
  std::size_t begin = 0;  // [begin, end) of the buffer has been read and not yet sent
  std::size_t end = 0;
  std::unique_ptr<char[]> buffer;
};

bool would_block() { return errno == EAGAIN; }

class Server {
 public:
  Server(int listener, std::size_t capacity) : listener_(listener), capacity_(capacity) {
    watch(static_cast<std::size_t>(listener));
  }

  void serve_once() {
    reading_.copy_to(readable_);
    if (clogged_ > 0) writing_.copy_to(writable_);
    const int ready = ::select(static_cast<int>(limit_), readable_.native(),
                               clogged_ > 0 ? writable_.native() : nullptr, nullptr, nullptr);
    if (ready < 0) return;
    const std::size_t words = (limit_ + word_bits - 1) / word_bits;
    const bool look_at_writers = clogged_ > 0;
    for (std::size_t index = 0; index < words; ++index) {
      if (look_at_writers) {
        visit(index, writable_.word(index), [this](Connection& connection) { drain(connection); });
      }
      visit(index, readable_.word(index), [this](Connection& connection) { echo(connection); });
    }
  }

 private:
  template <class Action>
  void visit(std::size_t index, Word bits, Action action) {
    for (; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(bits));
      const std::size_t descriptor = index * word_bits + bit;
      if (descriptor == static_cast<std::size_t>(listener_)) {
        accept_all();
      } else if (connections_[descriptor]) {
        action(*connections_[descriptor]);
      }
    }
  }

  void watch(std::size_t descriptor) {
    if (descriptor >= limit_) {
      limit_ = descriptor + 1;
      const std::size_t words = std::bit_ceil((limit_ + word_bits - 1) / word_bits);
      for (DescriptorSet* set : {&reading_, &writing_, &readable_, &writable_}) set->resize(words);
      connections_.resize(words * word_bits);
    }
    reading_.insert(descriptor);
  }

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) return;
      const auto descriptor = static_cast<std::size_t>(socket);
      watch(descriptor);
      connections_[descriptor] = std::make_unique<Connection>(socket, capacity_);
    }
  }

  void echo(Connection& connection) {
    const ssize_t received = ::recv(connection.descriptor, connection.buffer.get(), capacity_, 0);
    if (received <= 0) {
      if (received == 0 || !would_block()) end(connection);
      return;
    }
    connection.begin = 0;
    connection.end = static_cast<std::size_t>(received);
    if (!send_pending(connection) || connection.begin == connection.end) return;
    // The server reads no more until all is sent, so a peer that never reads clogs only itself.
    ++clogged_;
    reading_.erase(static_cast<std::size_t>(connection.descriptor));
    writing_.insert(static_cast<std::size_t>(connection.descriptor));
  }

  void drain(Connection& connection) {
    if (!send_pending(connection) || connection.begin != connection.end) return;
    --clogged_;
    writing_.erase(static_cast<std::size_t>(connection.descriptor));
    reading_.insert(static_cast<std::size_t>(connection.descriptor));
  }

  // Returns false if the connection has ended and is destroyed.
  bool send_pending(Connection& connection) {
    const ssize_t sent = ::send(connection.descriptor, connection.buffer.get() + connection.begin,
                                connection.end - connection.begin, MSG_NOSIGNAL);
    if (sent >= 0) {
      connection.begin += static_cast<std::size_t>(sent);
      return true;
    }
    if (would_block()) return true;
    end(connection);
    return false;
  }

  void end(Connection& connection) {
    const auto descriptor = static_cast<std::size_t>(connection.descriptor);
    if (writing_.contains(descriptor)) --clogged_;
    reading_.erase(descriptor);
    writing_.erase(descriptor);
    connections_[descriptor].reset();
  }

  int listener_;
  std::size_t capacity_;
  std::size_t limit_ = 0;    // one above the highest descriptor ever watched
  std::size_t clogged_ = 0;  // number of connections that wait until they can send
  DescriptorSet reading_, writing_, readable_, writable_;
  std::vector<std::unique_ptr<Connection>> connections_;  // indexed by descriptor
};

}  // namespace

int main(int count, char** arguments) {
  const peers::Options options = peers::options_from(count, arguments);
  const int listener = peers::listen_on(options.port);
  peers::announce(listener);
  Server server(listener, options.buffer);
  for (;;) server.serve_once();
}

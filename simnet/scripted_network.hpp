// A scripted source with a scripted kernel: what each call on each descriptor returns is a literal
// list too. A whole server runs over it in a test of a few lines; calls that no script names are
// not supported.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sched/seam/network.hpp"
#include "simnet/scripted_source.hpp"

namespace rehearsal::simnet {

// What the calls on one descriptor return, in turn.
struct ScriptedSocket {
  // Bytes, or an error; "" is the end of the stream. When used up: would_block.
  std::deque<std::variant<std::string, std::errc>> receives;
  // How many bytes each send takes at most, 0 for would_block, or an error. When used up: all.
  std::deque<std::variant<std::size_t, std::errc>> sends;
  // Of a listener: the descriptors it accepts, or errors. When used up: would_block.
  std::deque<std::variant<sched::Descriptor, std::errc>> accepts;
};

// What the program did with a descriptor.
struct ScriptedRecord {
  std::string sent;
  bool finished_sending = false;
  bool closed = false;
  bool aborted = false;
  sched::StreamOptions options;
  sched::Endpoint peer;  // as set_peer() said
};

class ScriptedNetwork : public ScriptedSource {
 public:
  using ScriptedSource::ScriptedSource;

  // The descriptor that the next listen, connect or bind gives is the lowest scripted one that is
  // not in use.
  void script(sched::Descriptor descriptor, ScriptedSocket socket);
  [[nodiscard]] const ScriptedRecord& record(sched::Descriptor descriptor) const;

  // The seam.
  sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                          const sched::ListenOptions& options);
  sched::Result<sched::Accepted> accept(sched::Descriptor listener);
  sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  sched::Result<> connected(sched::Descriptor descriptor);
  sched::Result<std::size_t> recv(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send(sched::Descriptor descriptor, sched::Pieces pieces);
  sched::Result<> shutdown_send(sched::Descriptor descriptor);
  void close(sched::Descriptor descriptor);
  void abort(sched::Descriptor descriptor);
  sched::Result<> set_options(sched::Descriptor descriptor, const sched::StreamOptions& options);
  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer);
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  sched::Result<sched::Endpoint> local(sched::Descriptor descriptor);
  sched::Result<sched::Endpoint> peer(sched::Descriptor descriptor);
  std::string connection_name(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> resolve(std::string_view name);
  sched::Result<std::vector<sched::Endpoint>> resolved(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> signals(std::span<const int> numbers);
  sched::Result<int> next_signal(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> inbox(std::string_view name);
  sched::Result<sched::Message> next_message(sched::Descriptor descriptor);
  sched::Result<sched::Descriptor> start_blocking(std::function<void()> work);
  std::uint64_t random() { return next_random_++; }
  std::uint32_t choose(std::string_view /*name*/, std::uint32_t /*outcomes*/) { return 0; }

 private:
  struct Socket {
    ScriptedSocket script;
    ScriptedRecord record;
    bool in_use = false;
  };

  sched::Result<sched::Descriptor> take_lowest();

  std::map<sched::Descriptor, Socket> sockets_;
  std::uint64_t next_random_ = 1;
};

}  // namespace rehearsal::simnet

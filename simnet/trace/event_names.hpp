// EventNames: the names in the events of one trace: hosts, tasks, connections and source lines.
// Each name is made once, because a trace has few names and many events.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sched/base/key_table.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::simnet {

// Returns the name of the other end of a connection: "a#0<" for "a#0>".
[[nodiscard]] std::string opposite_end(std::string name);

class EventNames {
 public:
  EventNames() = default;
  EventNames(const EventNames&) = delete;
  EventNames& operator=(const EventNames&) = delete;

  // Returns `event`, which has just happened in `fabric`, with its names. The names live as long as
  // this object, the data as long as the event's data.
  SharedEvent name(const Fabric& fabric, const RunEvent& event);

 private:
  using Text = const SharedText*;

  Text keep(std::string text) { return &texts_.emplace_back(std::move(text)); }
  Text host(const Fabric& fabric, std::uint32_t number);
  Text operation(const RunEvent& event);
  Text task(const Kernel& kernel, const RunEvent& event);
  // Returns the connection or the socket of an event; of accept() and connect(), the connection.
  Text handle(const Kernel& kernel, const RunEvent& event);
  Text handle(const Kernel& kernel, sched::Descriptor descriptor);
  Text address(const Kernel& kernel, const RunEvent& event);
  Text address(const sched::Endpoint& endpoint);
  Text line(const std::source_location& where);
  Text error(std::int64_t number);

  struct Handle {
    std::uint64_t key = 0;  // of the direction; 0: not a connection
    Text text = nullptr;
  };
  struct OfHost {
    Text name = nullptr;
    Text running = nullptr;       // the task resumed last
    std::vector<Handle> handles;  // by descriptor
  };

  std::deque<SharedText> texts_;
  std::vector<OfHost> hosts_;                // by number
  std::array<Text, op_count> operations_{};  // by Op
  KeyTable<Text> tasks_;                     // by key
  KeyTable<Text> ends_;                      // ends of connections, by key
  KeyTable<Text> lines_;                     // by the address of the file name, and the line
  KeyTable<Text> errors_;                    // by number
  std::map<sched::Endpoint, Text> addresses_;
};

}  // namespace rehearsal::simnet

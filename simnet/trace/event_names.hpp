// What a trace says of the events of one run: their hosts, tasks, connections and lines by name.
// Each name is made once, for a trace has few of them and many events.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "sched/base/key_table.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::simnet {

class EventNames {
 public:
  EventNames() = default;
  EventNames(const EventNames&) = delete;
  EventNames& operator=(const EventNames&) = delete;

  // `event`, which has just happened in `fabric`. Its names live as long as this object, its data
  // as long as the event's.
  SharedEvent name(const Fabric& fabric, const RunEvent& event);

 private:
  using Text = const SharedText*;

  Text keep(std::string text) { return &texts_.emplace_back(std::move(text)); }
  Text host(const Fabric& fabric, std::uint32_t number);
  Text operation(const RunEvent& event);
  Text task(const Kernel& kernel, const RunEvent& event);
  Text handle(const Kernel& kernel, sched::Descriptor descriptor);
  Text line(const std::source_location& where);
  Text error(std::int64_t number);

  struct Handle {
    std::uint64_t key = 0;  // of the direction; 0: it is no connection's
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
  KeyTable<Text> lines_;                     // by the address of the file's name, and the line
  KeyTable<Text> errors_;                    // by number
};

}  // namespace rehearsal::simnet

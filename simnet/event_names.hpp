// What a trace says of the events of one run: their hosts, tasks, connections and lines by name.
// Each name is made once, for a trace has few of them and many events.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sched/trace_writer.hpp"
#include "simnet/fabric.hpp"
#include "simnet/key_table.hpp"

namespace rehearsal::simnet {

class EventNames {
 public:
  EventNames() = default;
  EventNames(const EventNames&) = delete;
  EventNames& operator=(const EventNames&) = delete;

  // `event`, which has just happened in `fabric`. Its names live as long as this object, those of
  // an error and of an unknown task until the next call, its data as long as the event's.
  sched::SharedEvent name(const Fabric& fabric, const Event& event);

 private:
  using Text = const sched::SharedText*;

  Text keep(std::string text) { return &texts_.emplace_back(std::move(text)); }
  Text host(const Fabric& fabric, std::uint32_t number);
  Text operation(const Event& event);
  Text task(const Network& network, const Event& event);
  Text handle(const Network& network, const Event& event);
  Text line(const std::source_location& where);

  std::deque<sched::SharedText> texts_;
  std::vector<Text> hosts_;       // by number
  std::vector<Text> running_;     // by host: the task resumed last
  std::vector<Text> operations_;  // by TraceOp, and behind those by Op
  KeyTable<Text> tasks_;          // by key
  KeyTable<Text> connections_;    // by key of the direction
  KeyTable<Text> descriptors_;    // of those that are no connection's
  KeyTable<Text> lines_;          // by the address of the file's name, and the line
  sched::SharedText error_;
  sched::SharedText unknown_;  // the task whose start nobody saw
};

}  // namespace rehearsal::simnet

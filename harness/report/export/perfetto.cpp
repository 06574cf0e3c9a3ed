#include "harness/report/export/perfetto.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/report/event_lookup.hpp"
#include "harness/report/page/deliveries.hpp"
#include "harness/report/trace_text.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {
namespace {

using simnet::NumberedEvent;
using simnet::Op;

std::string json_text(std::string_view text) {
  std::string json;
  simnet::append_json_text(json, text);
  return json;
}

// Returns the time in microseconds, the unit of the format, exactly.
std::string micros(sched::Instant at) {
  const std::int64_t ns = at.time_since_epoch().count();
  return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
}

class PerfettoFile {
 public:
  explicit PerfettoFile(const ShownRun& run) : run_(run) {}

  std::string text() {
    for (const std::string& host : run_.hosts) {
      process(host);
    }
    for (const NumberedEvent& one : *run_.history) {
      add(one);
    }
    add_flows();
    return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n" + text_ + "\n]}\n";
  }

 private:
  // A thread of a process. Thread 1 is the network of the host.
  struct Place {
    std::size_t process = 0;
    std::size_t thread = 1;
  };

  void put(const std::string& object) {
    text_ += text_.empty() ? "" : ",\n";
    text_ += object;
  }
  std::size_t process(const std::string& host) {
    const auto [found, added] = processes_.try_emplace(host, processes_.size() + 1);
    if (added) {
      name("process_name", {found->second, 1}, host);
      name("thread_name", {found->second, 1}, "network");
    }
    return found->second;
  }
  void name(std::string_view what, Place place, const std::string& text) {
    put(fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"name":{}}}}})", what,
                    place.process, place.thread, json_text(text)));
  }
  Place place_of(const NumberedEvent& one) {
    Place place{process(one.event.host), 1};
    if (!one.event.task.empty()) {
      const auto [found, added] = threads_.try_emplace(one.event.task, threads_.size() + 2);
      place.thread = found->second;
      if (added) {
        name("thread_name", place, one.event.task);
      }
    }
    return place;
  }
  void add(const NumberedEvent& one);
  void add_wait(const NumberedEvent& one, Place at);
  void add_flows();

  const ShownRun& run_;
  std::string text_;
  std::map<std::string, std::size_t> processes_;
  std::map<std::string, std::size_t> threads_;  // by the path of the task
  std::map<std::string, sched::Instant> last_;  // event of each task
};

void PerfettoFile::add(const NumberedEvent& one) {
  const Place place = place_of(one);
  if (one.event.op == Op::resume) {
    add_wait(one, place);
  }
  simnet::TraceEvent event = one.event;
  event.at.clear();
  put(fmt::format(R"({{"ph":"X","name":{},"cat":"event","pid":{},"tid":{},"ts":{},"dur":0.001,)"
                  R"("args":{{"event":{},"step":{},"what":{},"frames":{}}}}})",
                  json_text(one.event.op_name()), place.process, place.thread, micros(one.event.t),
                  one.number, one.step, json_text(operation_text(event)), json_text(one.frames)));
  if (!one.event.task.empty()) {
    last_[one.event.task] = one.event.t;
  }
}

// The task has waited since its last event.
void PerfettoFile::add_wait(const NumberedEvent& one, Place at) {
  const auto before = last_.find(one.event.task);
  constexpr sched::Duration event{1};
  if (before == last_.end() || one.event.t <= before->second + event) {
    return;
  }
  const std::int64_t ns = (one.event.t - before->second - event).count();
  put(fmt::format(R"({{"ph":"X","name":{},"cat":"wait","pid":{},"tid":{},"ts":{},"dur":{}.{:03}}})",
                  json_text("wait" + place(one)), at.process, at.thread,
                  micros(before->second + event), ns / 1000, ns % 1000));
}

void PerfettoFile::add_flows() {
  std::size_t id = 0;
  for (const Delivery& one : deliveries_of(*run_.history)) {
    const NumberedEvent* from = run_.history->find(one.from);
    const NumberedEvent* to = run_.history->find(one.to);
    if (from == nullptr || to == nullptr) {
      continue;
    }
    ++id;
    for (const auto& [phase, end] :
         {std::pair(R"("ph":"s")", from), std::pair(R"("ph":"f","bp":"e")", to)}) {
      const Place place = place_of(*end);
      put(fmt::format(R"({{{},"id":{},"name":"{}","cat":"message","pid":{},"tid":{},"ts":{}}})",
                      phase, id, harness::name(one.kind), place.process, place.thread,
                      micros(end->event.t)));
    }
  }
}

}  // namespace

std::string perfetto(const ShownRun& run) { return PerfettoFile(run).text(); }

}  // namespace rehearsal::harness

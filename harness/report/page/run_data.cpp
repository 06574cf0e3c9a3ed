#include "harness/report/page/run_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/report/deviation_text.hpp"
#include "harness/report/page/deliveries.hpp"
#include "harness/report/page/json.hpp"
#include "harness/report/trace_text.hpp"
#include "simnet/failure.hpp"

namespace rehearsal::harness {
namespace {

using simnet::History;
using simnet::NumberedEvent;
using simnet::Op;
using simnet::TraceEvent;
using Sources = std::map<std::string, std::string, std::less<>>;

constexpr std::uint64_t most_exact = std::uint64_t{1} << 53U;  // a number in JavaScript
constexpr std::size_t most_payload = 256;                      // bytes of an event
constexpr std::size_t lines_around = 4;                        // of source, on each side

// Texts that many events share, each written once.
class TextTable {
 public:
  TextTable() { number(""); }
  std::uint64_t number(const std::string& text) {
    const auto [found, added] = numbers_.try_emplace(text, texts_.size());
    if (added) {
      texts_.push_back(&found->first);
    }
    return found->second;
  }
  void write(Json& json) const {
    json.begin('[');
    for (const std::string* text : texts_) {
      json.text(*text);
    }
    json.end(']');
  }

 private:
  std::map<std::string, std::uint64_t> numbers_;
  std::vector<const std::string*> texts_;
};

// Returns whether the same happened, at whatever time.
bool is_equal(const TraceEvent& a, const TraceEvent& b) {
  return a.op == b.op && a.task == b.task && a.handle == b.handle && a.result == b.result &&
         a.error == b.error && a.bytes == b.bytes && a.data_size() == b.data_size();
}

// How many of the first events of each host are the same in both runs.
std::map<std::string, std::size_t> common_events(const History& one, const History& other) {
  std::map<std::string, std::vector<const TraceEvent*>> by_host;
  for (const NumberedEvent& event : other) {
    by_host[event.event.host].push_back(&event.event);
  }
  std::map<std::string, std::size_t> common;
  std::set<std::string> differ;
  for (const NumberedEvent& event : one) {
    const std::string& host = event.event.host;
    const std::vector<const TraceEvent*>& there = by_host[host];
    std::size_t& place = common[host];
    if (differ.contains(host) || place == there.size() || !is_equal(event.event, *there[place])) {
      differ.insert(host);
    } else {
      ++place;
    }
  }
  return common;
}

class PageData {
 public:
  explicit PageData(const PageOptions& options) : options_(options) {}

  std::string of_run(const ShownRun& run);
  std::string of_failure(const Analysis& analysis, const std::string& report);

 private:
  void begin(const std::string& scenario, const std::string& schedule, const std::string& outcome,
             const std::string& report);
  std::string finish(const Sources& sources);
  void add_hosts(const std::vector<std::string>& first,
                 std::initializer_list<const History*> histories);
  void add_run(std::string_view name, const History& history, const History* other);
  void add_event(const NumberedEvent& one, bool common);
  void add_result(const TraceEvent& event);
  void add_deviation(const AnalysedDeviation& one);
  void add_point(const Analysis& analysis);
  void add_state(const Analysis& analysis);
  void add_sources(const Sources& sources);
  void add_source(const std::string& path, const std::set<std::size_t>& lines);
  void note_lines(std::string_view frames);

  const PageOptions& options_;
  Json json_;
  TextTable texts_;
  std::vector<std::string> hosts_;
  std::map<std::string, std::set<std::size_t>, std::less<>> lines_;  // of source, by file
  std::set<std::string> known_frames_;
};

void PageData::begin(const std::string& scenario, const std::string& schedule,
                     const std::string& outcome, const std::string& report) {
  json_.begin('{').key("format").text("rehearsal-page").key("version").number(1);
  json_.key("program").text(options_.program).key("scenario").text(scenario);
  json_.key("schedule").text(schedule).key("command").text(options_.command);
  json_.key("stop").text(options_.stop);
  json_.key("outcome").text(outcome).key("report").text(report);
}

std::string PageData::finish(const Sources& sources) {
  if (!options_.sweep.empty()) {
    json_.key("sweep").value(options_.sweep);
  }
  add_sources(sources);
  json_.key("texts");
  texts_.write(json_);
  return json_.end('}').take();
}

void PageData::add_hosts(const std::vector<std::string>& first,
                         std::initializer_list<const History*> histories) {
  hosts_ = first;
  std::set<std::string> known(first.begin(), first.end());
  for (const History* history : histories) {
    for (const NumberedEvent& one : *history) {
      if (known.insert(one.event.host).second) {
        hosts_.push_back(one.event.host);
      }
    }
  }
  json_.key("hosts").begin('[');
  for (const std::string& host : hosts_) {
    json_.text(host);
  }
  json_.end(']');
}

// Notes the lines of "io.cpp:5 < db.cpp:12", whose source the page shows.
void PageData::note_lines(std::string_view frames) {
  while (!frames.empty()) {
    const std::size_t end = std::min(frames.find_first_of(" <"), frames.size());
    const std::string_view line = frames.substr(0, end);
    const std::size_t colon = line.rfind(':');
    std::size_t number = 0;
    if (colon != std::string_view::npos &&
        std::from_chars(line.data() + colon + 1, line.data() + line.size(), number).ec ==
            std::errc()) {
      lines_[std::string(line.substr(0, colon))].insert(number);
    }
    frames.remove_prefix(std::min(frames.find_first_not_of(" <", end), frames.size()));
  }
}

void PageData::add_result(const TraceEvent& event) {
  if (!event.result) {
    json_.null();
  } else if (event.op == Op::deliver) {
    json_.count(event.segment_end());
  } else if (*event.result < most_exact) {
    json_.count(*event.result);
  } else {
    json_.text(std::to_string(*event.result));
  }
}

std::string error_of(const TraceEvent& event) {
  return event.op == Op::deliver && event.result ? std::string(segment_text(event)) : event.error;
}

void PageData::add_event(const NumberedEvent& one, bool common) {
  const TraceEvent& event = one.event;
  const auto host = std::ranges::find(hosts_, event.host) - hosts_.begin();
  json_.begin('[').number(event.t.time_since_epoch().count()).number(host);
  json_.count(texts_.number(event.task)).count(texts_.number(std::string(event.op_name())));
  json_.count(texts_.number(event.handle));
  add_result(event);
  json_.count(texts_.number(error_of(event)))
      .text(options_.payload ? std::string_view(event.bytes).substr(0, most_payload) : "");
  json_.count(event.data_size()).count(texts_.number(one.frames)).count(one.step);
  json_.number(common ? 1 : 0).count(texts_.number(event.address)).end(']');
  if (known_frames_.insert(one.frames).second) {
    note_lines(one.frames);
  }
}

void PageData::add_run(std::string_view name, const History& history, const History* other) {
  const std::size_t shown = std::min(history.size(), options_.most_events);
  const auto begin = history.end() - static_cast<std::ptrdiff_t>(shown);
  std::map<std::string, std::size_t> common;
  if (other != nullptr) {
    common = common_events(history, *other);
  }
  json_.begin('{').key("name").text(name);
  json_.key("first").count(shown == 0 ? 1 : begin->number).key("events").begin('[');
  for (auto one = history.begin(); one != history.end(); ++one) {
    std::size_t& left = common[one->event.host];
    const bool is_common = left != 0;
    left -= is_common ? 1 : 0;
    if (one >= begin) {
      add_event(*one, is_common);
    }
  }
  json_.end(']').key("messages").begin('[');
  const std::uint64_t first = shown == 0 ? 0 : begin->number;
  for (const Delivery& delivery : deliveries_of(history)) {
    if (std::max(delivery.from, delivery.to) >= first) {
      json_.begin('[').text(harness::name(delivery.kind)).count(delivery.from).count(delivery.to);
      json_.count(delivery.begin).count(delivery.bytes).end(']');
    }
  }
  json_.end(']').end('}');
}

std::string PageData::of_run(const ShownRun& run) {
  begin(run.scenario, run.schedule, run.outcome, {});
  json_.key("failure").null();
  add_hosts(run.hosts, {run.history});
  json_.key("runs").begin('[');
  add_run("run", *run.history, nullptr);
  json_.end(']');
  return finish(run.sources);
}

void PageData::add_deviation(const AnalysedDeviation& one) {
  const simnet::AppliedDeviation& applied = one.applied;
  json_.begin('{').key("name").text(applied.deviation.to_string());
  json_.key("text").text(sentence(applied)).key("effect").text(one.effect.text);
  json_.key("event").count(applied.event).key("t").number(applied.at.time_since_epoch().count());
  json_.key("host").text(applied.host).key("parameter").flag(one.parameter);
  json_.key("events").begin('[');
  for (const std::uint64_t event : one.effect.events) {
    json_.count(event);
  }
  json_.end(']').key("without");
  if (one.without.outcome.empty()) {
    json_.null().end('}');
    return;
  }
  json_.begin('{').key("passes").flag(one.without.passes);
  json_.key("outcome").text(one.without.outcome);
  if (const auto& difference = one.without.difference; difference) {
    json_.key("failing").count(difference->failing).key("other").count(difference->other);
    json_.key("failingLine").text(difference->failing_line);
    json_.key("otherLine").text(difference->other_line);
  }
  json_.end('}').end('}');
}

// The curve has the event that begins each step.
void PageData::add_point(const Analysis& analysis) {
  std::map<std::uint64_t, std::uint64_t> resumptions;
  for (const NumberedEvent& one : analysis.evidence.history) {
    if (one.event.op == Op::resume) {
      resumptions[one.step] = one.number;
    }
  }
  const auto event_of = [&](std::uint64_t step) {
    const auto found = resumptions.find(step);
    return found == resumptions.end() ? std::uint64_t{0} : found->second;
  };
  json_.key("curve").begin('[');
  for (const simnet::Continuations& some : analysis.point.curve) {
    json_.begin('[').count(some.step).count(event_of(some.step)).count(some.failed);
    json_.count(some.samples).end(']');
  }
  json_.end(']').key("point").begin('{').key("step").count(analysis.point.step);
  json_.key("event").count(event_of(analysis.point.step)).end('}');
}

void PageData::add_state(const Analysis& analysis) {
  json_.key("tasks").begin('[');
  const sched::Instant now{analysis.evidence.time};
  for (const simnet::HostDiagnostics& host : analysis.evidence.hosts) {
    for (const sched::TaskInfo& task : host.tasks) {
      std::string frames;
      for (const std::source_location& frame : task.frames) {
        if (frame.line() != 0) {
          frames += (frames.empty() ? "" : " < ") + simnet::line_of(frame);
        }
      }
      note_lines(frames);
      json_.begin('{').key("path").text(task.path).key("host").text(host.name);
      json_.key("waitsOn").text(task.waits_on);
      json_.key("since").number((now - (host.now - task.since)).time_since_epoch().count());
      json_.key("frames").text(frames).end('}');
    }
  }
  json_.end(']').key("time").number(analysis.evidence.time.count());
}

std::string PageData::of_failure(const Analysis& analysis, const std::string& report) {
  const simnet::Failure& failure = *analysis.failure;
  const simnet::Diagnostics& evidence = analysis.evidence;
  begin(analysis.scenario->name, analysis.schedule->to_string(), failure.to_string(), report);
  json_.key("failure").begin('{').key("kind").text(simnet::name(failure.kind));
  json_.key("what").text(failure.what).key("where").text(failure.where);
  json_.key("event").count(evidence.failing_step ? evidence.failing_step->number : 0).end('}');
  note_lines(failure.where);
  std::vector<std::string> hosts;
  for (const simnet::HostDiagnostics& host : evidence.hosts) {
    hosts.push_back(host.name);
  }
  const History* other = analysis.default_history;
  add_hosts(hosts, {&evidence.history});
  json_.key("runs").begin('[');
  add_run("failing run", evidence.history, other);
  if (other != nullptr) {
    add_run("default run", *other, &evidence.history);
  }
  json_.end(']').key("defaultOutcome").text(analysis.default_outcome);
  json_.key("difference");
  if (const auto& difference = analysis.difference; difference) {
    json_.begin('{').key("failing").count(difference->failing);
    json_.key("other").count(difference->other).end('}');
  } else {
    json_.null();
  }
  json_.key("parameters").begin('{');
  for (const auto& [name, value] : evidence.parameters) {
    json_.key(name).count(value);
  }
  json_.end('}').key("deviations").begin('[');
  for (const AnalysedDeviation& one : analysis.deviations) {
    add_deviation(one);
  }
  json_.end(']').key("faults").begin('[');
  for (const simnet::FaultEvent& fault : evidence.faults) {
    json_.begin('{').key("event").count(fault.event.number).key("rule").text(fault.rule).end('}');
  }
  json_.end(']');
  add_point(analysis);
  add_state(analysis);
  return finish(evidence.sources);
}

void PageData::add_sources(const Sources& sources) {
  json_.key("sources").begin('{');
  for (const auto& [file, lines] : lines_) {
    const auto path = sources.find(file);
    if (path != sources.end() && !path->second.empty()) {
      json_.key(file);
      add_source(path->second, lines);
    }
  }
  json_.end('}');
}

// The lines around each of `lines`, by their numbers.
void PageData::add_source(const std::string& path, const std::set<std::size_t>& lines) {
  std::ifstream in(path);
  json_.begin('{').key("path").text(path).key("lines").begin('{');
  std::string line;
  auto wanted = lines.begin();
  for (std::size_t number = 1; wanted != lines.end() && std::getline(in, line); ++number) {
    while (wanted != lines.end() && *wanted + lines_around < number) {
      ++wanted;
    }
    if (wanted != lines.end() && number + lines_around >= *wanted) {
      json_.key(std::to_string(number)).text(line);
    }
  }
  json_.end('}').end('}');
}

}  // namespace

void ShownRun::take(const simnet::Diagnostics& evidence) {
  history = &evidence.history;
  sources = evidence.sources;
  for (const simnet::HostDiagnostics& host : evidence.hosts) {
    hosts.push_back(host.name);
  }
  for (const simnet::AppliedDeviation& one : evidence.deviations) {
    if (one.deviation.at.site == simnet::Site::lost) {
      lost[one.event + 1] = one.deviation.value;
    }
  }
}

std::string run_data(const ShownRun& run, const PageOptions& options) {
  return PageData(options).of_run(run);
}

std::string failure_data(const Analysis& analysis, const std::string& report,
                         const PageOptions& options) {
  return PageData(options).of_failure(analysis, report);
}

}  // namespace rehearsal::harness

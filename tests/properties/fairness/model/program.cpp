#include "tests/properties/fairness/model/program.hpp"

#include <array>
#include <ostream>

namespace rehearsal::fairness {
namespace {

void show(const Steps& steps, std::ostream& out) {
  out << "[";
  const char* separator = "";
  for (const Step& step : steps) {
    out << separator;
    showValue(step, out);
    separator = ", ";
  }
  out << "]";
}

}  // namespace

const char* name_of(Action action) {
  constexpr std::array names{"yield",     "sleep",       "wait_recv",     "wait_send", "reopen",
                             "set_event", "clear_event", "wait_event",    "acquire",   "release",
                             "send",      "recv",        "close_channel", "produce",   "consume",
                             "cancel",    "join",        "fail",          "spawn",     "timeout",
                             "group",     "first_of",    "supervise",     "clean_up"};
  return names.at(static_cast<std::size_t>(action));
}

void showValue(const Step& step, std::ostream& out) {
  out << name_of(step.action);
  switch (step.action) {
    case Action::sleep:
    case Action::timeout:
      out << " " << step.number << "ns";
      break;
    case Action::join:
    case Action::cancel:
      out << " task " << step.number;
      break;
    default:
      if (step.bodies.empty() && step.action != Action::yield) {
        out << " " << step.which;
      }
  }
  for (const Steps& body : step.bodies) {
    out << " ";
    show(body, out);
  }
}

void showValue(const Program& program, std::ostream& out) {
  for (std::size_t i = 0; i < program.tasks.size(); ++i) {
    out << "\n  task " << i << ": ";
    show(program.tasks[i], out);
  }
}

void showValue(const Script& script, std::ostream& out) {
  for (std::size_t i = 0; i < script.waits.size(); ++i) {
    out << "\n  wait " << i << ": takes " << script.waits[i].takes.count() << "ns;";
    for (const sched::Ready& ready : script.waits[i].ready) {
      out << " " << ready.descriptor << " shows " << static_cast<unsigned>(ready.what) << ";";
    }
  }
  out << "\n  delays:";
  for (const std::uint32_t delay : script.delays) {
    out << " " << delay;
  }
}

}  // namespace rehearsal::fairness

#include "harness/report/trace_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "sched/base/hex.hpp"
#include "simnet/network/link.hpp"
#include "simnet/trace/json_line.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_shown = 60;  // characters of data

// Returns the state of a link that an event sets.
std::string link_text(std::uint64_t state) {
  switch (static_cast<simnet::LinkState>(state)) {
    case simnet::LinkState::open:
      return " healed";
    case simnet::LinkState::held:
      return " held";
    case simnet::LinkState::cut:
      return " cut";
  }
  return fmt::format(" = {}", state);
}

// Returns the first character of `text`, or nothing if it cannot be printed. Control characters, C1
// ones too, and those that change the direction of the text cannot.
std::string_view printed(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  constexpr unsigned char del = 0x7f;
  if (first < del) {
    return first >= ' ' || first == '\n' || first == '\r' || first == '\t' ? text.substr(0, 1)
                                                                           : std::string_view();
  }
  const std::string_view character = text.substr(0, simnet::utf8_length(text));
  const bool control = character.size() < 2 || character < "\u00a0" ||
                       (character >= "\u200b" && character <= "\u200f") ||
                       (character >= "\u2028" && character <= "\u202e") ||
                       (character >= "\u2066" && character <= "\u2069") || character == "\ufeff";
  return control ? std::string_view() : character;
}

std::string escaped(std::string_view character) {
  switch (character.front()) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    default:
      return std::string(character);
  }
}

// Returns what follows if only `shown` of `size` bytes are shown.
std::string cut_text(std::uint64_t shown, std::uint64_t size) {
  return shown >= size ? std::string() : fmt::format("... ({})", counted(size, "byte"));
}

std::string hex_text(std::string_view bytes, std::uint64_t size) {
  constexpr std::size_t most = most_shown / 3;  // two digits and a space
  std::string text = "hex";
  for (const char byte : bytes.substr(0, most)) {
    text += fmt::format(" {:02x}", static_cast<unsigned char>(byte));
  }
  return text + cut_text(std::min(bytes.size(), most), size);
}

}  // namespace

std::string_view segment_text(const simnet::TraceEvent& event) {
  switch (event.segment_kind()) {
    case simnet::Segment::Kind::data:
      return {};
    case simnet::Segment::Kind::fin:
      return "FIN";
    case simnet::Segment::Kind::reset:
      return "RST";
    case simnet::Segment::Kind::probe:
      return "probe";
  }
  return {};
}

std::string outcome_text(const simnet::TraceEvent& event) {
  if (!event.error.empty()) {
    return ' ' + event.error;
  }
  if (!event.result) {
    return {};
  }
  if (event.op == simnet::Op::deliver) {
    const std::string_view kind = segment_text(event);
    return kind.empty() ? fmt::format(" = {}", event.segment_end()) : ' ' + std::string(kind);
  }
  switch (event.op) {
    case simnet::Op::link:
      return link_text(*event.result);
    case simnet::Op::log:
    case simnet::Op::crash:
    case simnet::Op::power_off:
    case simnet::Op::restart:
    case simnet::Op::pause:
    case simnet::Op::unpause:
      return {};
    default:
      break;
  }
  return fmt::format(" = {}", *event.result);
}

std::string payload_text(std::string_view bytes, std::uint64_t size) {
  std::string text;
  std::size_t characters = 0;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::string_view character = printed(rest);
    if (character.empty()) {
      return hex_text(bytes, size);
    }
    const std::string form = escaped(character);
    characters += form.size() == character.size() ? 1 : form.size();
    if (characters > most_shown) {
      break;
    }
    text += form;
    rest.remove_prefix(character.size());
  }
  return fmt::format("\"{}\"{}", text, cut_text(bytes.size() - rest.size(), size));
}

std::string payload_of(const simnet::TraceEvent& event) {
  if (event.op == simnet::Op::failed || event.data_size() == 0) {
    return {};
  }
  if (event.bytes.empty()) {
    return fmt::format(" ({}, {})", counted(event.size, "byte"), sched::hex16(event.hash));
  }
  // A send of several pieces has the data of the first one.
  const bool pieces = event.op == simnet::Op::send && event.result;
  const std::uint64_t size =
      pieces ? std::max(*event.result, event.data_size()) : event.data_size();
  return ' ' + payload_text(event.bytes, size);
}

std::string operation_text(const simnet::TraceEvent& event) {
  std::string text(event.op_name());
  if (!event.handle.empty()) {
    text += ' ' + event.handle;
  }
  text += outcome_text(event);
  if (event.op == simnet::Op::failed && !event.bytes.empty()) {
    text += ": " + event.bytes.substr(0, event.bytes.find('\n'));
  }
  text += payload_of(event);
  if (!event.at.empty()) {
    text += " at " + event.at;
  }
  return text;
}

std::string event_line(std::uint64_t number, const simnet::TraceEvent& event) {
  const auto nanoseconds = event.t.time_since_epoch().count();
  return fmt::format("{:>6}  {:>4}.{:09} s  {}  {}", number, nanoseconds / 1'000'000'000,
                     nanoseconds % 1'000'000'000, event.task.empty() ? event.host : event.task,
                     operation_text(event));
}

}  // namespace rehearsal::harness

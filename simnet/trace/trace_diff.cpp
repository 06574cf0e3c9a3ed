#include "simnet/trace/trace_diff.hpp"

#include <utility>

namespace rehearsal::simnet {
namespace {

bool same(const TraceReader::Item& left, const TraceReader::Item& right) {
  const auto* const left_event = std::get_if<TraceEvent>(&left);
  const auto* const right_event = std::get_if<TraceEvent>(&right);
  if (left_event != nullptr && right_event != nullptr) {
    return same_event(*left_event, *right_event);
  }
  return left == right;
}

// Returns the record of an item. REQUIRES: `item` is not an error.
TraceRecord record_of(TraceReader::Item item) {
  if (auto* const event = std::get_if<TraceEvent>(&item)) {
    return std::move(*event);
  }
  return std::move(std::get<TraceEnd>(item));
}

}  // namespace

TraceComparison diff(TraceReader& left, TraceReader& right) {
  for (std::uint64_t index = 0;; ++index) {
    TraceReader::Item on_left = left.next();
    TraceReader::Item on_right = right.next();
    if (auto* const error = std::get_if<TraceError>(&on_left)) {
      return TraceUnreadable{TraceWhich::left, index, std::move(*error)};
    }
    if (auto* const error = std::get_if<TraceError>(&on_right)) {
      return TraceUnreadable{TraceWhich::right, index, std::move(*error)};
    }
    if (!same(on_left, on_right)) {
      return TraceDifference{index,
                             {left.line(), record_of(std::move(on_left))},
                             {right.line(), record_of(std::move(on_right))}};
    }
    if (std::holds_alternative<TraceEnd>(on_left)) {
      return TracesEqual{index};
    }
  }
}

}  // namespace rehearsal::simnet

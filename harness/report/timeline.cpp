#include "harness/report/timeline.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/number_text.hpp"
#include "harness/report/trace_text.hpp"

namespace rehearsal::harness {
namespace {

using Names = std::vector<std::string>;

constexpr std::size_t time_width = 12;
constexpr std::size_t least_width = 22;  // minimum width of a host's column with the gap before it

struct Row {
  std::size_t host;
  const simnet::NumberedEvent* event;
};

std::vector<Row> rows_of(const EventRows& events, const Names& hosts) {
  std::vector<Row> rows;
  for (const simnet::NumberedEvent* event : events) {
    const auto host = std::ranges::find(hosts, event->event.host);
    rows.push_back({static_cast<std::size_t>(host - hosts.begin()), event});
  }
  return rows;
}

// Returns how many events are left out before a row.
std::uint64_t left_out_before(const EventRows& rows, std::size_t place) {
  return place == 0 ? 0 : rows[place]->number - rows[place - 1]->number - 1;
}

std::string gap_line(std::uint64_t events, std::size_t indent) {
  return events == 0 ? std::string()
                     : fmt::format("{:>{}}  ({})\n", "...", indent, counted(events, "event"));
}

// Returns the indexes of the hosts whose columns fit, in ascending order.
std::vector<std::size_t> shown(const std::vector<Row>& rows, std::size_t hosts, std::size_t most) {
  std::vector<std::size_t> latest;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (std::ranges::find(latest, row->host) == latest.end() && latest.size() < most) {
      latest.push_back(row->host);
    }
  }
  for (std::size_t host = 0; host < hosts && latest.size() < most; ++host) {
    if (std::ranges::find(latest, host) == latest.end()) {
      latest.push_back(host);
    }
  }
  std::ranges::sort(latest);
  return latest;
}

// Cuts a long text at the front: the end of a path is more specific.
std::string fitted(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : '~' + text.substr(text.size() - width + 1);
}

// Returns a path without its host if that is the host of the column.
std::string_view within(std::string_view host, std::string_view path) {
  const bool own =
      path.starts_with(host) && path.size() > host.size() + 1 && path[host.size()] == '/';
  return own ? path.substr(host.size() + 1) : path;
}

// Returns the text of an event. A task is named only in the row that resumes it; its operations
// follow in the rows below.
std::string cell(std::string_view host, const simnet::TraceEvent& event, std::size_t width) {
  const std::string_view task = within(host, event.task);
  switch (event.op) {
    case simnet::Op::resume:
      return fitted(std::string(task), width - 2) + " >";
    case simnet::Op::spawn:
    case simnet::Op::done:
    case simnet::Op::failed:
    case simnet::Op::cancelled: {
      const std::string what = fmt::format(" {}", event.op_name());
      return fitted(std::string(task), width - std::min(width, what.size())) + what;
    }
    default: {
      const std::string what =
          fmt::format(" {}{}", event.op_name(), event.handle.empty() ? "" : " ");
      const std::string result = outcome_text(event);
      const std::size_t taken = what.size() + result.size();
      const std::string whole =
          what + fitted(std::string(within(host, event.handle)), width > taken ? width - taken : 1);
      // The data as far as it fits, if it fits at all.
      std::string data = payload_of(event);
      const std::size_t left = width - std::min(width, whole.size() + result.size());
      constexpr std::size_t least_data = 8;
      if (data.size() > left) {
        data = left < least_data ? std::string() : data.substr(0, left - 1) + '~';
      }
      return (whole + result).substr(0, width) + data;
    }
  }
}

// Returns whether the row of an event needs the name of its task above it.
bool is_of_task(const simnet::TraceEvent& event) {
  switch (event.op) {
    case simnet::Op::resume:
    case simnet::Op::spawn:
    case simnet::Op::done:
    case simnet::Op::failed:
    case simnet::Op::cancelled:
      return false;
    default:
      return !event.task.empty();
  }
}

std::string plain(const EventRows& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += gap_line(left_out_before(rows, i), 6);
    text += event_line(rows[i]->number, rows[i]->event) + '\n';
  }
  return text;
}

}  // namespace

std::string event_table(const EventRows& events, const Names& hosts, std::size_t width) {
  if (width == 0) {
    return plain(events);
  }
  const std::vector<Row> rows = rows_of(events, hosts);
  const std::size_t room = width > time_width ? width - time_width : 0;
  const std::vector<std::size_t> columns =
      shown(rows, hosts.size(), std::max<std::size_t>(room / least_width, 1));
  if (columns.empty()) {
    return {};
  }
  const std::size_t wide = std::max(room / columns.size(), least_width) - 2;
  std::string text(time_width, ' ');
  Names left_out;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    if (std::ranges::find(columns, host) == columns.end()) {
      left_out.push_back(hosts[host]);
    } else {
      text += fmt::format("  {:<{}}", fitted(hosts[host], wide), wide);
    }
  }
  text = text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  Names named(hosts.size());  // the task that the rows of each column are about
  std::uint64_t shown_last = rows.empty() ? 0 : rows.front().event->number - 1;
  for (const Row& row : rows) {
    const simnet::TraceEvent& event = row.event->event;
    const auto column = std::ranges::find(columns, row.host);
    if (column == columns.end()) {
      continue;
    }
    text += gap_line(row.event->number - shown_last - 1, time_width);
    shown_last = row.event->number;
    const std::string before(static_cast<std::size_t>(column - columns.begin()) * (wide + 2), ' ');
    if (is_of_task(event) && event.task != named[row.host]) {
      text += fmt::format("{:{}}{}  {} :\n", "", time_width, before,
                          fitted(std::string(within(hosts[row.host], event.task)), wide - 2));
    }
    named[row.host] = event.op == simnet::Op::deliver ? named[row.host] : event.task;
    text += fmt::format("{:>{}}{}  {}\n", exact(event.t.time_since_epoch()), time_width, before,
                        cell(hosts[row.host], event, wide));
  }
  if (!left_out.empty()) {
    text += fmt::format("(no room for {})\n", fmt::join(left_out, ", "));
  }
  return text;
}

}  // namespace rehearsal::harness

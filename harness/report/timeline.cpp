#include "harness/report/timeline.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/number_text.hpp"
#include "harness/report/trace_text.hpp"

namespace rehearsal::harness {
namespace {

using simnet::HostDiagnostics;
using simnet::NumberedEvent;

constexpr std::size_t time_width = 12;
constexpr std::size_t least_width = 22;  // minimum width of a host's column with the gap before it
constexpr std::size_t most_rows = 30;

struct Row {
  std::size_t host;
  const NumberedEvent* event;
};

std::vector<Row> rows_of(const std::vector<HostDiagnostics>& hosts) {
  std::vector<Row> rows;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    for (const NumberedEvent& event : hosts[host].last) {
      rows.push_back({host, &event});
    }
  }
  std::ranges::sort(rows, {}, [](const Row& row) { return row.event->number; });
  if (rows.size() > most_rows) {
    rows.erase(rows.begin(), rows.end() - most_rows);
  }
  return rows;
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

// Cuts a long text at the front: in a path, the end tells more.
std::string fitted(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : '~' + text.substr(text.size() - width + 1);
}

// Returns a path without its host if that is the host of the column.
std::string_view within(const HostDiagnostics& host, std::string_view path) {
  const bool own = path.starts_with(host.name) && path.size() > host.name.size() + 1 &&
                   path[host.name.size()] == '/';
  return own ? path.substr(host.name.size() + 1) : path;
}

// Returns the text of an event. A task is named only in the row that resumes it; its operations
// follow in the rows below.
std::string cell(const HostDiagnostics& host, const simnet::TraceEvent& event, std::size_t width) {
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
      return (whole + result).substr(0, width);
    }
  }
}

std::string plain(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    text += event_line(row.event->number, row.event->event) + '\n';
  }
  return text;
}

}  // namespace

std::string last_events(const std::vector<HostDiagnostics>& hosts, std::size_t width) {
  const std::vector<Row> rows = rows_of(hosts);
  if (width == 0) {
    return plain(rows);
  }
  const std::size_t room = width > time_width ? width - time_width : 0;
  const std::vector<std::size_t> columns =
      shown(rows, hosts.size(), std::max<std::size_t>(room / least_width, 1));
  if (columns.empty()) {
    return {};
  }
  const std::size_t wide = std::max(room / columns.size(), least_width) - 2;
  std::string text(time_width, ' ');
  std::vector<std::string> left_out;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    if (std::ranges::find(columns, host) == columns.end()) {
      left_out.push_back(hosts[host].name);
    } else {
      text += fmt::format("  {:<{}}", fitted(hosts[host].name, wide), wide);
    }
  }
  text = text.substr(0, text.find_last_not_of(' ') + 1) + '\n';
  for (const Row& row : rows) {
    const auto column = std::ranges::find(columns, row.host);
    if (column == columns.end()) {
      continue;
    }
    const auto place = static_cast<std::size_t>(column - columns.begin());
    text += fmt::format("{:>{}}{}  {}\n", exact(row.event->event.t.time_since_epoch()), time_width,
                        std::string(place * (wide + 2), ' '),
                        cell(hosts[row.host], row.event->event, wide));
  }
  if (!left_out.empty()) {
    text += fmt::format("(no room for {})\n", fmt::join(left_out, ", "));
  }
  return text;
}

}  // namespace rehearsal::harness

#include "simnet/search/kept.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "sched/base/key.hpp"

namespace rehearsal::simnet {
namespace {

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
  return text;
}

// Reads the lines after the first.
class Reader {
 public:
  Reader(const std::string& file, std::string_view text) : file_(file), rest_(text) {}

  std::variant<KeptSchedule, KeptError> read();

 private:
  // Returns the next line without its line break, or nothing at the end.
  std::optional<std::string_view> line();
  KeptError error(std::string expected) const { return {file_, number_, std::move(expected)}; }
  std::optional<KeptError> field(std::string_view key, std::string_view value);
  std::optional<KeptError> kind(std::string_view value);

  const std::string& file_;
  std::string_view rest_;
  std::size_t number_ = 0;
  KeptSchedule kept_;
  std::vector<std::string_view> seen_;
};

std::optional<std::string_view> Reader::line() {
  if (rest_.empty()) {
    return std::nullopt;
  }
  ++number_;
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

std::optional<KeptError> Reader::kind(std::string_view value) {
  std::string kinds;
  for (std::size_t i = 0; i < failure_kind_count; ++i) {
    const auto kind = static_cast<FailureKind>(i);
    if (name(kind) == value) {
      kept_.failure->kind = kind;
      return std::nullopt;
    }
    kinds += (kinds.empty() ? "" : ", ") + std::string(name(kind));
  }
  return error("expected one of " + kinds + " after 'kind', got '" + std::string(value) + "'");
}

std::optional<KeptError> Reader::field(std::string_view key, std::string_view value) {
  if (std::ranges::find(seen_, key) != seen_.end()) {
    return error("expected '" + std::string(key) + "' once, got it again");
  }
  seen_.push_back(key);
  if (key == "expect") {
    if (value != "pass" && value != "fail") {
      return error("expected 'expect pass' or 'expect fail', got 'expect " + std::string(value) +
                   "'");
    }
    kept_.fails = value == "fail";
    return std::nullopt;
  }
  if (!kept_.failure) {
    kept_.failure.emplace();
  }
  if (key == "kind") {
    return kind(value);
  }
  if (key == "what" || key == "where") {
    (key == "what" ? kept_.failure->what : kept_.failure->where) = one_line(std::string(value));
    return std::nullopt;
  }
  return error("expected one of expect, kind, what, where, got '" + std::string(key) + "'");
}

std::variant<KeptSchedule, KeptError> Reader::read() {
  const auto first = line();
  auto schedule = parse_schedule(first.value_or(""));
  if (const auto* wrong = std::get_if<ScheduleError>(&schedule)) {
    number_ = 1;
    return error(wrong->to_string());
  }
  kept_.schedule = std::get<Schedule>(std::move(schedule));
  while (const auto next = line()) {
    if (next->empty() || next->front() == '#') {
      continue;
    }
    const std::size_t blank = std::min(next->find(' '), next->size());
    const std::string_view value = next->substr(std::min(blank + 1, next->size()));
    if (const auto wrong = field(next->substr(0, blank), value)) {
      return *wrong;
    }
  }
  const auto has = [this](std::string_view key) {
    return std::ranges::find(seen_, key) != seen_.end();
  };
  ++number_;
  if (!has("expect")) {
    return error("expected a line 'expect pass' or 'expect fail'");
  }
  if ((kept_.fails || kept_.failure) && !(has("kind") && has("what"))) {
    return error("expected the lines 'kind ...' and 'what ...' of its failure");
  }
  return std::move(kept_);
}

// Line numbers do not count, because they change when the source above them changes.
bool fails_as_expected(const Failure& expected, const Failure& failure) {
  const auto same = [](const std::string& a, const std::string& b) {
    return without_digits(a) == without_digits(b);
  };
  return expected.kind == failure.kind && same(expected.what, one_line(failure.what)) &&
         (expected.where.empty() || failure.kind != FailureKind::property ||
          same(expected.where, failure.where));
}

std::string renewal(const std::string& file, const std::string& scenario) {
  return "find the failure of " + scenario +
         " again, keep its schedule and remove this file; or only remove it:\nrm " + file;
}

KeptJudgement stale(const std::string& file, const KeptSchedule& kept,
                    const std::optional<Failure>& failure,
                    const std::vector<Deviation>& not_applied) {
  std::string said =
      file + ": stale: deviation " + not_applied.front().to_string() + " does not apply";
  if (not_applied.size() > 1) {
    said += ", nor do " + std::to_string(not_applied.size() - 1) + " more";
  }
  said += failure ? "; its run fails: " + failure->to_string() : "; its run passes";
  return {KeptVerdict::stale, said + "\n  " + renewal(file, kept.schedule.scenario)};
}

}  // namespace

std::string KeptSchedule::to_string() const {
  std::string text = schedule.to_string() + "\nexpect " + (fails ? "fail" : "pass") + '\n';
  if (failure) {
    text += "kind " + std::string(name(failure->kind)) + "\nwhat " + one_line(failure->what) + '\n';
    text += failure->where.empty() ? std::string() : "where " + one_line(failure->where) + '\n';
  }
  return text;
}

std::string KeptError::to_string() const {
  return file + ": " + (line == 0 ? std::string() : "line " + std::to_string(line) + ": ") +
         expected;
}

std::variant<KeptSchedule, KeptError> parse_kept(const std::string& file, std::string_view text) {
  return Reader(file, text).read();
}

std::variant<KeptSchedule, KeptError> read_kept(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) {
    return KeptError{file, 0, "cannot be read; expected a kept schedule"};
  }
  return parse_kept(file, text);
}

std::variant<std::vector<std::string>, KeptError> kept_files(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == kept_ending) {
      files.push_back(entry->path().string());
    }
  }
  if (error) {
    return KeptError{folder, 0, "cannot be read: " + error.message() + "; expected a folder"};
  }
  std::ranges::sort(files);
  return files;
}

std::string kept_file(const std::string& folder, std::string_view name) {
  return (std::filesystem::path(folder) / (std::string(name) + std::string(kept_ending))).string();
}

std::string write_kept(const std::string& file, const KeptSchedule& kept) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    return file + " already exists; remove it or choose another name";
  }
  std::ofstream out(file, std::ios::binary);
  out << kept.to_string();
  out.close();
  return out ? std::string() : file + ": cannot be written; expected an existing folder";
}

std::string kept_name(const Schedule& schedule) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name = schedule.scenario;
  std::ranges::replace(name, '/', '-');
  name += '-';
  std::uint64_t key = sched::extend_key(sched::empty_key, schedule.to_string());
  for (int i = 0; i < 8; ++i, key >>= 4U) {
    name += digits[key & 15U];
  }
  return name;
}

KeptJudgement judge_kept(const std::string& file, const KeptSchedule& kept,
                         const std::optional<Failure>& failure,
                         const std::vector<Deviation>& not_applied) {
  if (!not_applied.empty()) {
    return stale(file, kept, failure, not_applied);
  }
  if (!kept.fails) {
    return failure ? KeptJudgement{KeptVerdict::failed, file + ": fails: " + failure->to_string()}
                   : KeptJudgement();
  }
  if (!failure) {
    return {KeptVerdict::passed,
            file + ": passes but is marked 'expect fail': " + kept.failure->to_string() +
                "\n  If the bug is fixed, change the file to 'expect pass'. Otherwise " +
                renewal(file, kept.schedule.scenario)};
  }
  if (!fails_as_expected(*kept.failure, *failure)) {
    return {KeptVerdict::failed, file +
                                     ": fails differently than expected: " + failure->to_string() +
                                     "\n  expected: " + kept.failure->to_string()};
  }
  return {};
}

}  // namespace rehearsal::simnet

#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "harness/cli/recording_commands.hpp"
#include "harness/exit_status.hpp"
#include "harness/report/export/trace_run.hpp"
#include "record/files/recording_files.hpp"
#include "record/record_text.hpp"
#include "sched/base/hash.hpp"
#include "sched/seam/error_name.hpp"
#include "simnet/trace/trace_writer.hpp"

namespace rehearsal::harness {
namespace {

using record::RecordKind;

// Turns records into events of a trace.
class Shown {
 public:
  Shown(const record::RecordingHead& head, TraceTaker& take) : take_(take) {
    take_.begin(header(head));
    std::string text = "build=" + head.build;
    for (std::size_t i = 0; i + 1 < head.flags.size(); i += 2) {
      text += '\n' + head.flags[i] + '=' + head.flags[i + 1];
    }
    note(std::move(text));
  }

  void show(const record::Record& record);
  void gap(const record::RecordingGap& gap) {
    note("records are missing before " + gap.file, gap.missing);
  }
  void end(const record::RecordingEnd& end) {
    simnet::TraceEnd last;
    last.end = end.whole ? "done" : "cut";
    last.t = now_;
    last.digest = digest_;
    take_.take(last);
  }

 private:
  static simnet::TraceHeader header(const record::RecordingHead& head) {
    simnet::TraceHeader header;
    header.scenario = head.server;
    header.policy = "recorded";
    return header;
  }
  void note(std::string text, std::optional<std::uint64_t> result = std::nullopt) {
    simnet::TraceEvent event;
    event.op = simnet::Op::note;
    event.result = result;
    event.bytes = std::move(text);
    put(std::move(event));
  }
  void put(simnet::TraceEvent event) {
    event.t = now_;
    event.digest = digest_;
    take_.take(std::move(event));
  }
  std::string task_named(std::uint32_t key) const {
    const auto found = tasks_.find(key);
    return found == tasks_.end() ? std::string() : found->second;
  }
  void put_data(const record::Record& record, simnet::TraceEvent& event) const;

  TraceTaker& take_;
  std::map<std::uint32_t, std::string> tasks_;
  sched::Instant now_{};
  std::uint64_t digest_ = 0;
};

void Shown::put_data(const record::Record& record, simnet::TraceEvent& event) const {
  const record::RecordData form = record::data_of(record.kind);
  const bool is_datagram = form == record::RecordData::datagram;
  if (!is_datagram && form != record::RecordData::payload) {
    event.bytes = record.data.empty() ? std::string() : record::describe_data(form, record.data);
    return;
  }
  const std::size_t behind = is_datagram ? record::endpoint_size(record.data).value_or(0) : 0;
  const auto payload = record.data.subspan(std::min(behind, record.data.size()));
  if (!record.ok() || record.kept() == record::PayloadKept::full) {
    event.bytes = sched::as_text(payload);
    return;
  }
  event.size = is_datagram ? record.value & 0xffffffffU : record.value;
  if (record.kept() == record::PayloadKept::hash) {
    std::memcpy(&event.hash, payload.data(), sizeof event.hash);
  }
}

void Shown::show(const record::Record& record) {
  if (record.kind == RecordKind::clock) {
    now_ = sched::Instant(sched::Duration(static_cast<std::int64_t>(record.value)));
  } else if (record.kind == RecordKind::task) {
    tasks_[static_cast<std::uint32_t>(record.value)] = sched::as_text(record.data);
  }
  digest_ = sched::fold(digest_ ^ record.check, 0xa0761d6478bd642f ^ record.size);
  simnet::TraceEvent event;
  event.set_op(record::name(record.kind));
  event.task = task_named(record.task);
  if (record.number != 0) {
    event.handle = std::to_string(record.number);
  }
  if (record.ok()) {
    event.result = record.value;
  } else {
    event.error = sched::error_name(record.code());
  }
  put_data(record, event);
  put(std::move(event));
}

}  // namespace

void read_recording(const std::string& path, TraceTaker& take) {
  record::RecordingFiles files(path);
  record::RecordingReader reader(files);
  std::optional<Shown> shown;
  if (reader.head() != nullptr) {
    shown.emplace(*reader.head(), take);
  }
  for (;;) {
    const record::RecordingReader::Item item = reader.next();
    if (const auto* error = std::get_if<record::RecordingError>(&item)) {
      throw BadInput(error->to_string());
    }
    if (!shown) {
      throw BadInput(path + ": the recording is empty");
    }
    if (const auto* record = std::get_if<record::Record>(&item)) {
      shown->show(*record);
    } else if (const auto* gap = std::get_if<record::RecordingGap>(&item)) {
      shown->gap(*gap);
    } else {
      shown->end(std::get<record::RecordingEnd>(item));
      return;
    }
  }
}

void show_recording(const std::string& path) {
  class Writes final : public TraceTaker {
   public:
    ~Writes() override {
      writer_.reset();
      std::cout.flush();
    }
    void begin(const simnet::TraceHeader& header) override {
      writer_.emplace(std::cout, header,
                      simnet::TraceWriterOptions{.most_bytes = std::size_t{8} << 20U});
    }
    void take(simnet::TraceRecord record) override {
      if (const auto* event = std::get_if<simnet::TraceEvent>(&record)) {
        writer_->write(*event);
      } else {
        writer_->end(std::get<simnet::TraceEnd>(record));
      }
    }

   private:
    std::optional<simnet::TraceWriter> writer_;
  };
  Writes writes;
  read_recording(path, writes);
}

}  // namespace rehearsal::harness

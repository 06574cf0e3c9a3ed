#include "harness/recorded/recorded_traffic.hpp"

#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "harness/exit_status.hpp"
#include "record/files/recording_files.hpp"

namespace rehearsal::harness {
namespace {

using record::RecordKind;

class Gatherer {
 public:
  Gatherer(const std::string& path, RecordedTraffic& traffic) : path_(path), traffic_(traffic) {}

  void take(const record::Record& record);
  // Forgets the open connections, at a gap in the recording.
  void forget() { open_.clear(); }

 private:
  struct Open {
    std::size_t client = 0;
    sched::Instant last;    // time of the last message, or of the acceptance
    bool answered = false;  // the server has sent bytes since then
  };

  void accepted(const record::Record& record);
  void received(const record::Record& record, Open& open);
  void ends(RecordedClient& client, const Open& open, RecordedClient::End how) const {
    client.end = how;
    client.end_pause = now_ - open.last;
    client.answered_before_end = client.answered;
  }

  const std::string& path_;
  RecordedTraffic& traffic_;
  sched::Instant began_{};
  sched::Instant now_{};
  std::map<std::int32_t, Open> open_;
};

void Gatherer::take(const record::Record& record) {
  switch (record.kind) {
    case RecordKind::clock:
      now_ = sched::Instant(sched::Duration(static_cast<std::int64_t>(record.value)));
      if (began_ == sched::Instant{}) {
        began_ = now_;
      }
      return;
    case RecordKind::accept:
      accepted(record);
      return;
    case RecordKind::close:
    case RecordKind::abort:
      open_.erase(record.number);
      return;
    default:
      break;
  }
  const auto found = open_.find(record.number);
  if (found == open_.end()) {
    return;
  }
  if (record.kind == RecordKind::recv) {
    received(record, found->second);
  } else if (record.kind == RecordKind::send && record.ok()) {
    traffic_.clients[found->second.client].answered += record.value;
    found->second.answered = true;
  }
}

void Gatherer::accepted(const record::Record& record) {
  if (record.ok()) {
    open_[static_cast<std::int32_t>(record.value)] = {traffic_.clients.size(), now_};
    RecordedClient client;
    client.at = now_ - began_;
    traffic_.clients.push_back(std::move(client));
  }
}

void Gatherer::received(const record::Record& record, Open& open) {
  RecordedClient& client = traffic_.clients[open.client];
  if (!record.ok()) {
    if (record.code() != sched::would_block) {
      ends(client, open, RecordedClient::End::reset);
    }
    return;
  }
  if (record.value == 0) {
    ends(client, open, RecordedClient::End::finished);
    return;
  }
  if (record.kept() != record::PayloadKept::full) {
    throw BadInput(
        fmt::format("{}: record {}: the bytes that clients sent were not recorded; record with "
                    "--record-payload full",
                    path_, record.at));
  }
  // Bytes read at one instant, without an answer in between, are parts of one message.
  if (client.messages.empty() || open.answered || open.last != now_) {
    RecordedMessage message;
    message.pause = now_ - open.last;
    message.answered = client.answered;
    client.messages.push_back(std::move(message));
  }
  std::vector<std::byte>& bytes = client.messages.back().bytes;
  bytes.insert(bytes.end(), record.data.begin(), record.data.end());
  open.last = now_;
  open.answered = false;
}

}  // namespace

std::shared_ptr<const RecordedTraffic> read_traffic(const std::string& path) {
  record::RecordingFiles files(path);
  record::RecordingReader reader(files);
  auto traffic = std::make_shared<RecordedTraffic>();
  if (reader.head() != nullptr) {
    traffic->head = *reader.head();
  }
  Gatherer gatherer(path, *traffic);
  for (;;) {
    const record::RecordingReader::Item item = reader.next();
    if (const auto* error = std::get_if<record::RecordingError>(&item)) {
      throw BadInput(error->to_string());
    }
    if (const auto* record = std::get_if<record::Record>(&item)) {
      gatherer.take(*record);
    } else if (std::holds_alternative<record::RecordingGap>(item)) {
      gatherer.forget();
    } else {
      break;
    }
  }
  if (reader.head() == nullptr || traffic->clients.empty()) {
    throw BadInput(path + ": no client was accepted in this recording");
  }
  return traffic;
}

}  // namespace rehearsal::harness

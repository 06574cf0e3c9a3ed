#include "tests/properties/conformance/comparison.hpp"

#include <unistd.h>

#include <filesystem>
#include <sstream>

namespace rehearsal::conformance {

using sched::Endpoint;

namespace {

std::string text(Readiness shown) {
  const auto part = [shown](Readiness what, const char* name) {
    return sched::any(shown, what) ? std::string(name) : std::string();
  };
  return '[' + part(Readiness::recv, " recv") + part(Readiness::send, " send") +
         part(Readiness::hang_up, " hang_up") + part(Readiness::error, " error") + " ]";
}

// A directory for the files of Unix sockets; it is removed when this process ends.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "conformance-XXXXXX").string();
    sched::check(::mkdtemp(name.data()) != nullptr, "there is a directory for temporary files");
    path_ = name;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Comparison {
 public:
  explicit Comparison(const Place& place) : simulated_(world_, place), real_(kernel_, place) {}

  // Returns the difference, or an empty string if both did the same.
  std::string compare(const Step& step) {
    kernel_.begin_settling();
    world_.forget_reports();
    const std::string expected = real_.perform(step);
    const std::string seen = simulated_.perform(step);
    tally()[std::string(name(step.action)) + ": " + expected]++;
    log_ << "  " << step << ": " << expected << '\n';
    if (real_.ambiguous()) {
      return {};
    }
    if (seen != expected) {
      return "the simulated kernel: " + seen;
    }
    world_.settle();
    kernel_.begin_settling();
    std::string different = readiness();
    while (!different.empty() && kernel_.settle()) {
      different = readiness();
    }
    return different.empty() ? unreported() : different;
  }
  // Returns true if the rest of the program cannot be compared.
  [[nodiscard]] bool abandoned() const { return real_.ambiguous(); }
  [[nodiscard]] std::string log() const { return log_.str(); }

 private:
  std::string readiness() {
    for (std::size_t i = 0; i < real_.slots().size(); ++i) {
      const Slot& slot = real_.slots()[i];
      const bool stream = slot.kind == Slot::Kind::stream;
      Readiness expected = kernel_.shown(slot.descriptor);
      Readiness seen = world_.shown(simulated_.slots()[i].descriptor);
      if (stream && real_.outward(slot).clogged) {
        // Each kernel is free to decide how much space must be free before the socket shows it.
        expected = sched::without(expected, Readiness::send);
        seen = sched::without(seen, Readiness::send);
      }
      if (seen != expected) {
        return "socket " + std::to_string(i) + " shows " + text(expected) + ", simulated " +
               text(seen);
      }
      if (stream && (slot.local.is_unix() || slot.local.port() != 0) &&
          !real_.inward(slot).clogged) {
        const Flow& flow = real_.inward(slot);
        const std::size_t queued = kernel_.queued(slot.descriptor);
        if (queued != flow.sent - flow.read && !sched::any(expected, Readiness::hang_up)) {
          return "socket " + std::to_string(i) + " has " + std::to_string(queued) + " bytes of " +
                 std::to_string(flow.sent - flow.read);
        }
      }
    }
    return {};
  }

  // A simulated socket must report each readiness that it starts to show, or its waiter
  // would not wake.
  std::string unreported() {
    for (std::size_t i = 0; i < simulated_.slots().size(); ++i) {
      Slot& slot = simulated_.slots()[i];
      const Readiness shown = world_.shown(slot.descriptor);
      const Readiness risen = sched::without(shown, slot.shown);
      const Readiness reported = world_.reported(slot.descriptor);
      const bool both = sched::any(reported, Readiness::hang_up | Readiness::error);
      slot.shown = shown;
      const bool fresh = std::exchange(slot.fresh, false);
      if (!fresh && !both && sched::without(risen, reported) != Readiness::none) {
        return "socket " + std::to_string(i) + " now shows " + text(risen) +
               ", simulated reports " + text(reported);
      }
    }
    return {};
  }

  Simulated world_;
  Kernel kernel_;
  Performer<Simulated> simulated_;
  Performer<Kernel> real_;
  std::ostringstream log_;
};

}  // namespace

std::map<std::string, std::uint64_t>& tally() {
  static std::map<std::string, std::uint64_t> counts;
  return counts;
}

Place next_place(Protocol protocol) {
  if (protocol == Protocol::unix_socket) {
    static const Directory directory;
    static std::uint32_t programs = 0;
    return {sched::unix_path((directory.path() / std::to_string(programs++)).string()), 0};
  }
  static std::uint32_t next = static_cast<std::uint32_t>(::getpid()) * 40503U;
  const std::uint32_t at = next++ % (253U * 256U * 254U);
  const auto process = static_cast<std::uint32_t>(::getpid()) % 10'000U;
  const Endpoint::Bytes bytes = {127, static_cast<std::uint8_t>(1U + at / (256U * 254U)),
                                 static_cast<std::uint8_t>(at / 254U % 256U),
                                 static_cast<std::uint8_t>(1U + at % 254U)};
  const auto port = static_cast<std::uint16_t>(12'000U + 2U * process);
  if (protocol == Protocol::ipv6) {
    return {Endpoint("::1", 0), port};
  }
  return {Endpoint(Endpoint::Family::ipv4, bytes, 0), port};
}

std::string difference(const Program& program, Protocol protocol) {
  const Place place = next_place(protocol);
  Comparison comparison(place);
  for (const Step& step : program) {
    const std::string different = comparison.compare(step);
    if (!different.empty()) {
      return comparison.log() + different;
    }
    if (comparison.abandoned()) {
      tally()["abandoned"]++;
      break;
    }
  }
  remove_files(place);
  return {};
}

}  // namespace rehearsal::conformance

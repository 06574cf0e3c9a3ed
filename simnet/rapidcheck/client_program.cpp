#include "simnet/rapidcheck/client_program.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <ostream>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/sync/timeout.hpp"

namespace rehearsal::simnet {
namespace {

using Step = ClientStep::Kind;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 6> step_names = {"send",   "receive",   "pause",
                                                        "finish", "reconnect", "vanish"};
constexpr std::array kinds = {Step::send,   Step::receive,   Step::pause,
                              Step::finish, Step::reconnect, Step::vanish};
constexpr sched::Duration patience = milliseconds(100);

class Client {
 public:
  Client(sched::Host<SimulatedNetwork>& host, sched::Address server, ClientLog& log)
      : host_(host), server_(std::move(server)), log_(log) {}

  sched::Task<> perform(const ClientStep& step);

 private:
  sched::Task<> step_connected(const ClientStep& step);
  sched::Task<> receive(std::uint32_t amount);
  sched::Task<std::size_t> receive_once(std::span<std::byte> into);

  sched::Host<SimulatedNetwork>& host_;
  sched::Address server_;
  ClientLog& log_;
  std::optional<sched::Stream<SimulatedNetwork>> stream_;
};

sched::Task<std::size_t> Client::receive_once(std::span<std::byte> into) {
  const std::size_t size = co_await stream_->recv(into);
  co_return size;
}

sched::Task<> Client::receive(std::uint32_t amount) {
  std::vector<std::byte> into(std::max(amount, 1U));
  std::size_t size = 0;
  try {
    size = co_await sched::with_timeout(patience, receive_once(into));
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::timed_out) {
      throw;
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    log_.received += static_cast<char>(into[i]);
  }
}

sched::Task<> Client::step_connected(const ClientStep& step) {
  if (!stream_) {
    auto connected = co_await host_.connect(server_);
    stream_.emplace(std::move(connected));
  }
  switch (step.kind) {
    case Step::send: {
      const auto bytes = std::as_bytes(std::span(step.bytes));
      co_await stream_->send_all(bytes);
      log_.sent += bytes.size();
      break;
    }
    case Step::receive:
      co_await receive(step.amount);
      break;
    case Step::pause:
      co_await sched::sleep_for(milliseconds(step.amount));
      break;
    case Step::finish:
      stream_->shutdown_send();
      break;
    case Step::reconnect:
      stream_.reset();
      break;
    case Step::vanish:
      stream_->abort();
      stream_.reset();
      break;
  }
}

sched::Task<> Client::perform(const ClientStep& step) {
  try {
    co_await step_connected(step);
  } catch (const std::system_error&) {
    ++log_.broken;
    stream_.reset();
  }
}

}  // namespace

rc::Gen<ClientProgram> client_programs(const ClientBytes& bytes) {
  sched::check(!bytes.alphabet.empty(), "a client sends bytes of some alphabet");
  // Drawn by position, so that it shrinks towards the first.
  const auto place_in = [](std::size_t size) {
    return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, size));
  };
  const auto text =
      rc::gen::map(rc::gen::container<std::vector<std::size_t>>(place_in(bytes.alphabet.size())),
                   [bytes](const std::vector<std::size_t>& places) {
                     std::string all;
                     for (std::size_t i = 0; i < std::min(places.size(), bytes.most); ++i) {
                       all += bytes.alphabet[places[i]];
                     }
                     return all;
                   });
  return rc::gen::container<ClientProgram>(rc::gen::map(
      rc::gen::tuple(place_in(kinds.size()), rc::gen::inRange<std::uint32_t>(0, 100), text),
      [](const auto& drawn) {
        const Step kind = kinds[std::get<0>(drawn)];
        return ClientStep{kind, std::get<1>(drawn),
                          kind == Step::send ? std::get<2>(drawn) : std::string()};
      }));
}

sched::Task<> perform(sched::Host<SimulatedNetwork>& host, sched::Address server,
                      ClientProgram program, ClientLog& log) {
  Client client(host, std::move(server), log);
  for (const ClientStep& step : program) {
    co_await client.perform(step);
  }
}

void showValue(const ClientStep& step, std::ostream& out) {
  out << step_names[static_cast<std::size_t>(step.kind)];
  if (step.kind == Step::send) {
    out << ' ';
    rc::show(step.bytes, out);
  } else if (step.kind == Step::receive || step.kind == Step::pause) {
    out << ' ' << step.amount;
  }
}

}  // namespace rehearsal::simnet

// The simulated kernel behaves like Linux: every program of socket calls has the same results and
// shows the same readiness on both (FREEDOMS.md lists the permitted differences).
#include <array>
#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/properties/conformance/comparison.hpp"
#include "tests/realnet/has_ipv6.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::conformance {
namespace {

constexpr int programs_in_a_test = 15'000;  // a third of them with Unix sockets

// Results that the programs must have produced, or they compare too little.
constexpr std::array rarely_seen = {
    "accept: Invalid argument",
    "accept: Operation not supported",
    "bind: Address already in use",
    "bind: Cannot assign requested address",
    "connected: Broken pipe",
    "connected: Connection refused",
    "connected: Connection reset by peer",
    "drain: received 0, then Connection reset by peer, all of it",
    "drain: received what there was, then Connection reset by peer",
    "drain: received what there was, then the end, all of it",
    "fill: filled",
    "peer: Transport endpoint is not connected",
    "recv: Connection reset by peer",
    "recv: Transport endpoint is not connected",
    "send: Broken pipe",
    "send: Connection reset by peer",
    "send: Destination address required",
    "send: sent as much as fits",
    "send: sent 100 to the peer",
    "send: Connection refused",
    "recv_from: Connection refused",
    "send_to: Connection refused",
    "send_to: Broken pipe",
    "send_to: Invalid argument",
    "send_to: Message too long",
    // Unix sockets.
    "accept: from unnamed at a",
    "bind: @a",
    "bind: unnamed",
    "connect: Connection refused",
    "connect: No such file or directory",
    "connect: Protocol wrong type for socket",
    "connect: at once from unnamed",
    "fill: would block after some",
    "send_to: Operation not permitted",
    "set_peer: Connection refused",
    "set_peer: Operation not permitted",
};

// Further ones, unless this machine lets more than the default of 10 datagrams wait in a Unix
// socket.
constexpr std::array seen_if_queues_fill = {
    "fill: No buffer space available after some",
};

// REHEARSAL_CONFORMANCE_PROGRAMS sets another number.
int programs() {
  const char* asked = std::getenv("REHEARSAL_CONFORMANCE_PROGRAMS");  // NOLINT: before any thread
  return asked == nullptr ? programs_in_a_test : std::atoi(asked);    // NOLINT: 0 runs none
}

TEST(Conformance, a_program_of_socket_calls_does_on_simnet_what_it_does_on_the_kernel) {
  rc::detail::TestMetadata metadata;
  metadata.id = "Conformance";
  rc::detail::TestParams parameters = rc::detail::configuration().testParams;
  parameters.maxSuccess = programs();
  std::string first;  // the difference, in case it does not happen again
  const auto result = rc::detail::checkTestable(
      [&first, ipv6 = realnet::has_ipv6()] {
        const Program program = *any_program();
        const int drawn = *whole_range(0, 6);
        const Protocol protocol = drawn == 5   ? Protocol::ipv6
                                  : drawn >= 3 ? Protocol::unix_socket
                                               : Protocol::ipv4;
        const std::string different =
            difference(program, ipv6 || drawn != 5 ? protocol : Protocol::ipv4);
        if (!different.empty()) {
          if (first.empty()) {
            first = different;
          }
          RC_FAIL(different);
        }
      },
      metadata, parameters);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>())
      << message.str() << "\nThe first difference was\n"
      << first;
  if (programs() >= programs_in_a_test) {
    for (const char* rare : rarely_seen) {
      EXPECT_TRUE(tally().contains(rare)) << rare;
    }
    for (const char* rare : seen_if_queues_fill) {
      EXPECT_TRUE(tally().contains(rare) || like_this_machine().unix_datagrams > 10) << rare;
    }
  }
}

}  // namespace
}  // namespace rehearsal::conformance

// The checks on the clients of a recording, and their replacements.
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "servers/echo_program.hpp"
#include "servers/recordable_echo.hpp"

namespace rehearsal::servers {
namespace {

sched::ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(JudgeEcho, takes_what_came_so_far_and_at_the_end_all) {
  EXPECT_FALSE(judge_echo({bytes("hello"), bytes("hel"), 0, false}));
  EXPECT_FALSE(judge_echo({bytes("hello"), bytes("hello"), 3, true}));
  EXPECT_EQ(judge_echo({bytes("hello"), bytes("hel"), 3, true}), "only 3 of 5 bytes came back");
  EXPECT_EQ(judge_echo({bytes("hello"), bytes("help"), 0, false}), "byte 3 came back as another");
  EXPECT_EQ(judge_echo({bytes("hello"), bytes("help"), 3, false}), "byte 3 came back as another");
  EXPECT_EQ(judge_echo({bytes("he"), bytes("hel"), 0, false}), "more came back than was sent");
}

TEST(EchoProgramOptions, come_back_from_the_flags_of_a_recording) {
  EchoProgramOptions options;
  options.listen = {"::1", 7};
  options.echo.prefix = "> ";
  options.echo.max_connections = 3;
  options.echo.idle_timeout = std::chrono::milliseconds(5);
  options.echo.drain_timeout = std::chrono::milliseconds(6);
  options.echo.buffer_bytes = 99;
  options.statistics_every = std::chrono::milliseconds(7);
  const EchoProgramOptions back = echo_program_options({"build", "echo", to_flags(options)});
  EXPECT_EQ(to_flags(back), to_flags(options));
  EXPECT_EQ(back.listen, options.listen);
  EXPECT_EQ(back.echo.prefix, options.echo.prefix);
  EXPECT_EQ(back.echo.max_connections, options.echo.max_connections);
  EXPECT_EQ(back.echo.idle_timeout, options.echo.idle_timeout);
  EXPECT_EQ(back.echo.drain_timeout, options.echo.drain_timeout);
  EXPECT_EQ(back.echo.buffer_bytes, options.echo.buffer_bytes);
  EXPECT_EQ(back.statistics_every, options.statistics_every);
}

TEST(EchoProgramOptions, that_are_wrong_are_refused) {
  for (const auto& flags :
       {std::vector<std::string>{"listen", "nowhere"}, std::vector<std::string>{"buffer", "0"},
        std::vector<std::string>{"buffer", "many"}, std::vector<std::string>{"unheard-of", "1"}}) {
    EXPECT_THROW(static_cast<void>(echo_program_options({"build", "echo", flags})),
                 std::invalid_argument)
        << flags.front();
  }
}

}  // namespace
}  // namespace rehearsal::servers

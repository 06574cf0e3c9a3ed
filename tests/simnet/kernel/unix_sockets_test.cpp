// Unix sockets of a simulated host: the names that outlive a process, and the choices.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "simnet/simulated_host.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

const sched::Endpoint& server_path() {
  static const sched::Endpoint path = sched::unix_path("/run/x.sock");
  return path;
}

// Returns the error of a listen at the path; listens until the process ends if there is none.
std::errc listen_error(ProgramHost& host, bool replaces) {
  sched::ListenOptions options;
  options.replace_stale = replaces;
  try {
    auto listener = host.listen(server_path(), options);
  } catch (const std::system_error& error) {
    return static_cast<std::errc>(error.code().value());
  }
  return {};
}

Task<std::errc> connect_error(ProgramHost& host) {
  std::errc error{};
  try {
    auto stream = co_await host.connect(server_path());
  } catch (const std::system_error& failure) {
    error = static_cast<std::errc>(failure.code().value());
  }
  co_return error;
}

// What the second process of a host finds at the path.
struct AtPath {
  std::errc connect{};
  std::errc listen{};
  std::errc replacing{};
};

// Runs a host that listens, and dies at 1 s; its second process reports what is left.
AtPath run_twice(bool loses_power) {
  World world;
  AtPath found;
  int boots = 0;
  world.host("a").daemon().spawn("main", [&](ProgramHost& host) -> Task<> {
    if (++boots == 1) {
      auto listener = host.listen(server_path());
      co_await sched::sleep_for(1h);
    }
    found.connect = co_await connect_error(host);
    found.listen = listen_error(host, false);
    found.replacing = listen_error(host, true);
  });
  if (loses_power) {
    world.at(1s).power_off("a");
  } else {
    world.at(1s).kill("a");
  }
  world.at(2s).restart("a");
  EXPECT_EQ(world.run_for(3s).end, WorldEnd::condition);
  EXPECT_EQ(boots, 2);
  return found;
}

TEST(UnixSockets, leave_a_file_when_their_process_is_killed_or_their_host_loses_power) {
  for (const bool loses_power : {false, true}) {
    const AtPath found = run_twice(loses_power);
    EXPECT_EQ(found.connect, std::errc::connection_refused) << loses_power;
    EXPECT_EQ(found.listen, std::errc::address_in_use) << loses_power;
    EXPECT_EQ(found.replacing, std::errc{}) << loses_power;
  }
}

TEST(UnixSockets, of_one_host_are_not_there_on_another) {
  World world;
  std::errc error{};
  world.host("server").daemon().spawn("main", [](ProgramHost& host) -> Task<> {
    auto listener = host.listen(server_path());
    co_await sched::sleep_for(1h);
  });
  world.host("client").spawn("main", [&](ProgramHost& host) -> Task<> {
    co_await sched::sleep_for(1s);
    error = co_await connect_error(host);
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(error, std::errc::no_such_file_or_directory);
}

// What a client of an echo server on one host sees.
struct Talk {
  std::errc connect{};
  std::vector<std::size_t> sent;
  std::vector<std::size_t> received;
};

Task<> talk(ProgramHost& host, Talk& seen) {
  try {
    auto stream = co_await host.connect(server_path());
    const std::string text = "0123456789";
    for (std::size_t done = 0; done < text.size();) {
      seen.sent.push_back(co_await stream.send(std::as_bytes(std::span(text)).subspan(done)));
      done += seen.sent.back();
    }
    stream.shutdown_send();
    std::vector<std::byte> buffer(100);
    for (;;) {
      const std::size_t size = co_await stream.recv(buffer);
      if (size == 0) {
        break;
      }
      seen.received.push_back(size);
    }
  } catch (const std::system_error& error) {
    seen.connect = static_cast<std::errc>(error.code().value());
  }
}

// Sends back what one client sends, all at once.
Task<> answer(ProgramHost& host) {
  auto listener = host.listen(server_path());
  auto client = co_await listener.accept();
  const std::string text = co_await client->recv_until("\n", 100);
  co_await client->send_all(text);
}

// Runs the talk with these deviations, each of which must apply and matter.
Talk run_talk(std::vector<Deviation> deviations) {
  std::vector<Site> sites;
  for (const Deviation& deviation : deviations) {
    sites.push_back(deviation.at.site);
  }
  World world(std::move(deviations));
  Talk seen;
  world.host("a").daemon().spawn("answer", answer);
  world.host("a").spawn("talk", [&seen](ProgramHost& host) { return talk(host, seen); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_TRUE(world.choices().not_applied().empty());
  for (const Site site : sites) {
    EXPECT_EQ(world.choices().count(site).mattered, 1U) << name(site);
  }
  return seen;
}

TEST(UnixSockets, move_all_bytes_at_once_by_default) {
  const Talk seen = run_talk({});
  EXPECT_EQ(seen.sent, std::vector<std::size_t>({10}));
  EXPECT_EQ(seen.received, std::vector<std::size_t>({10}));
}

TEST(UnixSockets, move_fewer_bytes_by_choice) {
  const Talk seen =
      run_talk({{{Site::send, "a/talk#0>", 0}, 3}, {{Site::recv, "a/talk#0>", 1}, 4}});
  EXPECT_EQ(seen.sent, std::vector<std::size_t>({3, 7}));
  EXPECT_EQ(seen.received, std::vector<std::size_t>({4, 6}));
}

TEST(UnixSockets, have_nothing_to_receive_by_choice) {
  const Talk seen = run_talk({{{Site::again, "a/talk#0>", 1}, 1}});
  EXPECT_EQ(seen.received, std::vector<std::size_t>({10}));
}

TEST(UnixSockets, are_reported_although_they_are_not_ready_by_choice) {
  World world({{{Site::spurious, "a/talk#0>", 0}, 1}});
  Talk seen;
  world.host("a").daemon().spawn("answer", answer);
  world.host("a").spawn("talk", [&](ProgramHost& host) { return talk(host, seen); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_EQ(seen.received, std::vector<std::size_t>({10}));
}

TEST(UnixSockets, have_a_full_queue_by_choice) {
  const Talk seen = run_talk({{{Site::backlog, "a/talk#0", 2}, 1}});
  EXPECT_EQ(seen.connect, sched::would_block);
}

TEST(UnixSockets, fail_to_accept_by_choice_if_descriptors_run_out_but_not_by_their_route) {
  const std::string listener = "a:unix:/run/x.sock";
  const Talk seen = run_talk({{{Site::accept, listener, 0}, 2}});  // EMFILE: the server waits
  EXPECT_EQ(seen.received, std::vector<std::size_t>({10}));
  World world({{{Site::accept, listener, 0}, 1}});  // ECONNABORTED
  Talk untouched;
  world.host("a").daemon().spawn("answer", answer);
  world.host("a").spawn("talk", [&](ProgramHost& host) { return talk(host, untouched); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(world.choices().count(Site::accept).mattered, 0U);
  EXPECT_EQ(untouched.received, std::vector<std::size_t>({10}));
}

TEST(UnixSockets, are_broken_by_a_fault_rule) {
  World world;
  world.faults().add(FaultRule("cut", Operation::recv, Verdict::reset()).nth(1));
  Talk seen;
  std::string end = "regular";
  world.host("a").daemon().spawn("answer", [&](ProgramHost& host) -> Task<> {
    try {
      co_await answer(host);
    } catch (const std::system_error& error) {
      end = error.code().message();
    }
  });
  world.host("a").spawn("talk", [&](ProgramHost& host) { return talk(host, seen); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(end, "Connection reset by peer");
  EXPECT_EQ(seen.connect, std::errc::connection_reset);
}

TEST(UnixSockets, fail_to_send_by_a_fault_rule) {
  World world;
  world.faults().add(
      FaultRule("full", Operation::send, Verdict::fail(std::errc::no_buffer_space)).nth(1));
  Talk seen;
  world.host("a").daemon().spawn("answer", answer);
  world.host("a").spawn("talk", [&](ProgramHost& host) { return talk(host, seen); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(seen.connect, std::errc::no_buffer_space);
}

TEST(UnixSockets, of_one_connection_have_one_name_and_others_have_none) {
  World world;
  std::string of_client;
  std::string of_server;
  world.host("a").daemon().spawn("answer", [&](ProgramHost& host) -> Task<> {
    auto listener = host.listen(server_path());
    auto client = co_await listener.accept();
    of_server = client->name();
  });
  world.host("a").spawn("talk", [&](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect(server_path());
    of_client = stream.name();
    co_await sched::sleep_for(1s);
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(of_client, "a/talk#0");
  EXPECT_EQ(of_server, of_client);
  Kernel& kernel = world.host("a").kernel();
  EXPECT_EQ(kernel.connection_name(-1), "unconnected");
  const sched::Descriptor datagram = kernel.bind(sched::unix_unnamed(), {}).value();
  EXPECT_EQ(kernel.connection_name(datagram), "unconnected");
}

TEST(UnixSockets, that_listen_make_their_host_a_daemon) {
  World world;
  world.host("a").spawn("main", [](ProgramHost& host) -> Task<> {
    auto listener = host.listen(server_path());
    auto client = co_await listener.accept();
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

}  // namespace
}  // namespace rehearsal::simnet

// Unix sockets of the kernel: what the tests on every network (tests/properties/conformance) cannot
// see, because it is about files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

class UnixSockets : public Guarded {
 protected:
  UnixSockets() {
    std::string name = (std::filesystem::temp_directory_path() / "unix-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    replacing_.replace_stale = true;
  }
  ~UnixSockets() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path path(const char* name) const { return directory_ / name; }
  [[nodiscard]] Endpoint at(const char* name) const {
    return sched::unix_path(path(name).string());
  }

  std::filesystem::path directory_;
  sched::ListenOptions replacing_;
};

TEST_F(UnixSockets, are_non_blocking_closed_on_exec_and_leave_their_file) {
  const auto listener = Sockets::listen(at("a"));
  ASSERT_TRUE(listener.ok());
  EXPECT_NE(::fcntl(listener.value(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(listener.value(), F_GETFD) & FD_CLOEXEC, 0);
  Sockets::close(listener.value());
  EXPECT_TRUE(std::filesystem::is_socket(path("a")));
}

TEST_F(UnixSockets, replace_no_file_that_is_not_a_stale_socket) {
  std::ofstream(path("precious")) << "text";
  EXPECT_EQ(Sockets::listen(at("precious"), replacing_).error(), std::errc::address_in_use);
  EXPECT_EQ(std::filesystem::file_size(path("precious")), 4U);
  std::filesystem::create_symlink(path("nowhere"), path("link"));
  EXPECT_EQ(Sockets::listen(at("link"), replacing_).error(), std::errc::address_in_use);
  sched::BindOptions replacing;
  replacing.replace_stale = true;
  const auto receiver = Sockets::bind(at("datagrams"), replacing);
  ASSERT_TRUE(receiver.ok());
  EXPECT_EQ(Sockets::bind(at("datagrams"), replacing).error(), std::errc::address_in_use);
  EXPECT_EQ(Sockets::listen(at("datagrams"), replacing_).error(), std::errc::address_in_use);
  Sockets::close(receiver.value());
  const auto listener = Sockets::listen(at("datagrams"), replacing_);
  ASSERT_TRUE(listener.ok());
  Sockets::close(listener.value());
}

TEST_F(UnixSockets, report_the_errors_of_their_paths) {
  EXPECT_EQ(Sockets::listen(at("no/a")).error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(Sockets::listen(sched::unix_unnamed()).error(), std::errc::invalid_argument);
  EXPECT_EQ(Sockets::connect(at("none")).error(), std::errc::no_such_file_or_directory);
  std::ofstream(path("file")) << "text";
  EXPECT_EQ(Sockets::connect(at("file")).error(), std::errc::connection_refused);
  EXPECT_EQ(Sockets::connect(at("file/a")).error(), std::errc::not_a_directory);
}

TEST_F(UnixSockets, name_a_client_by_its_process) {
  const auto listener = Sockets::listen(at("a"));
  ASSERT_TRUE(listener.ok());
  const auto client = Sockets::connect(at("a"));
  ASSERT_TRUE(client.ok());
  EXPECT_FALSE(client.value().in_progress);
  const auto accepted = Sockets::accept(listener.value());
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(accepted.value().peer, sched::unix_unnamed());
  EXPECT_EQ(Sockets::connection_name(accepted.value().descriptor),
            "pid-" + std::to_string(::getpid()));
  EXPECT_EQ(Sockets::connection_name(client.value().descriptor), at("a").to_string());
  for (const Descriptor descriptor :
       {listener.value(), client.value().descriptor, accepted.value().descriptor}) {
    Sockets::close(descriptor);
  }
}

TEST_F(UnixSockets, take_a_path_of_the_maximum_length) {
  std::string longest = path("a").string();
  longest.append(Endpoint::max_unix_name - longest.size(), 'a');
  const auto listener = Sockets::listen(sched::unix_path(longest));
  ASSERT_TRUE(listener.ok());
  EXPECT_EQ(Sockets::local(listener.value()).value().unix_name(), longest);
  Sockets::close(listener.value());
}

}  // namespace
}  // namespace rehearsal::realnet

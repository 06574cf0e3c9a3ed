#include "realnet/resolver.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "tests/realnet/loopback.hpp"

// Stands in for the function of the C library, for names that no host has: "fails with CODE ERRNO",
// and "has several addresses".
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto of_library =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  int code = 0;
  int error = 0;
  if (name != nullptr && std::sscanf(name, "fails with %d %d", &code, &error) == 2) {
    errno = error;
    return code;
  }
  if (name == nullptr || std::string(name) != "has several addresses") {
    return of_library(name, service, hints, found);
  }
  addrinfo** next = found;
  for (const char* address : {"10.0.0.1", "::1", "10.0.0.1", "10.0.0.2"}) {
    code = code != 0 ? code : of_library(address, service, hints, next);
    next = code != 0 ? next : &(*next)->ai_next;
  }
  return code;
}

namespace rehearsal::realnet {
namespace {

class ResolverTest : public Guarded {
 protected:
  sched::Result<std::vector<Endpoint>> resolve(std::string_view name) {
    const auto descriptor = resolver_.start(name);
    if (!descriptor.ok()) {
      return descriptor.error();
    }
    auto found = eventually(descriptor.value(), POLLIN,
                            [&] { return resolver_.finish(descriptor.value()); });
    resolver_.close(descriptor.value());
    return found;
  }

  ThreadPool blocking_;
  Resolver resolver_{blocking_};
};

TEST_F(ResolverTest, a_name_has_its_addresses_without_a_port) {
  const auto found = resolve("localhost");
  ASSERT_TRUE(found.ok());
  ASSERT_FALSE(found.value().empty());
  for (const Endpoint& endpoint : found.value()) {
    EXPECT_TRUE(endpoint == Endpoint("127.0.0.1", 0) || endpoint == Endpoint("::1", 0));
  }
}

TEST_F(ResolverTest, a_numeric_address_is_its_own_name) {
  EXPECT_EQ(resolve("127.0.0.1").value(), (std::vector{Endpoint("127.0.0.1", 0)}));
  EXPECT_EQ(resolve("::1").value(), (std::vector{Endpoint("::1", 0)}));
}

TEST_F(ResolverTest, a_name_has_each_of_its_addresses_once_in_order) {
  EXPECT_EQ(resolve("has several addresses").value(),
            (std::vector{Endpoint("10.0.0.1", 0), Endpoint("::1", 0), Endpoint("10.0.0.2", 0)}));
}

TEST_F(ResolverTest, an_error_of_the_library_is_a_code_of_the_standard) {
  const auto error = [this](int code, int number) {
    return resolve("fails with " + std::to_string(code) + ' ' + std::to_string(number)).error();
  };
  for (const int code : {EAI_NONAME, EAI_NODATA, EAI_ADDRFAMILY}) {
    EXPECT_EQ(error(code, EIO), std::errc::no_such_device_or_address) << code;
  }
  EXPECT_EQ(error(EAI_AGAIN, EIO), std::errc::timed_out);
  EXPECT_EQ(error(EAI_MEMORY, EIO), std::errc::not_enough_memory);
  EXPECT_EQ(error(EAI_SYSTEM, EMFILE), std::errc::too_many_files_open);
  EXPECT_EQ(error(EAI_SYSTEM, EAGAIN), std::errc::timed_out) << "it is not a wait";
  EXPECT_EQ(error(EAI_FAIL, ENOMEM), std::errc::io_error);
}

TEST_F(ResolverTest, an_unknown_name_is_an_error) {
  // Not a host name at all, so no server is asked.
  EXPECT_EQ(resolve("no such name").error(), std::errc::no_such_device_or_address);
}

TEST_F(ResolverTest, an_invalid_name_is_refused_at_once) {
  EXPECT_EQ(resolver_.start("").error(), std::errc::invalid_argument);
  EXPECT_EQ(resolver_.start(std::string_view("a\0b", 3)).error(), std::errc::invalid_argument);
}

TEST_F(ResolverTest, an_answer_may_come_after_its_task_is_gone) {
  for (int i = 0; i < 50; ++i) {
    const auto descriptor = resolver_.start("localhost");
    ASSERT_TRUE(descriptor.ok());
    resolver_.close(descriptor.value());
    EXPECT_EQ(resolver_.finish(descriptor.value()).error(), std::errc::bad_file_descriptor);
  }
}

template <class Net>
class ResolverOver : public OverKernel<Net> {};
TYPED_TEST_SUITE(ResolverOver, BothNetworks, NetworkNames);

TYPED_TEST(ResolverOver, a_task_connects_to_a_name) {
  sched::Host<TypeParam> host(this->net_);
  std::string received;
  auto task = host.spawn("both", [&]() -> sched::Task<> {
    auto listener = host.listen({"127.0.0.1", 0});
    const auto port = listener.local().port();
    auto client = co_await host.connect({"localhost", port});
    auto served = co_await listener.accept();
    co_await client.send_all(bytes("by name"));
    std::array<std::byte, 16> buffer{};
    const std::size_t size = co_await served->recv(buffer);
    received = text(std::span(buffer).first(size));
  });
  EXPECT_EQ(host.run(), sched::RunEnd::done);
  EXPECT_EQ(received, "by name");
}

}  // namespace
}  // namespace rehearsal::realnet

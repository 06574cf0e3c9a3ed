// Replaces the C library's clocks and random numbers for programs inside a world. In an executable
// that links this object, such calls return the world's time and random numbers. Outside of every
// world they ask the operating system as usual (clock_gettime(2), getrandom(2)).
//
// CLOCK_REALTIME shows the wall clock of the host; the other clocks show its virtual time.
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "sched/base/check.hpp"
#include "simnet/kernel/kernel.hpp"

namespace {

using rehearsal::simnet::Kernel;

// Returns the kernel whose program runs on this thread, or null outside of every world.
Kernel* inside(const char* call) {
  Kernel* kernel = Kernel::running();
  if (kernel != nullptr && kernel->fabric().refuses_library_calls) {
    rehearsal::sched::check_failed(call);
  }
  return kernel;
}

timespec time_of(const Kernel& kernel, clockid_t clock) {
  constexpr long nanoseconds = 1'000'000'000;
  const bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  const auto epoch = is_wall ? kernel.fabric().epoch.time_since_epoch().count() : 0;
  const auto since = epoch + kernel.now().time_since_epoch().count();
  return {since / nanoseconds, since % nanoseconds};
}

void fill(Kernel& kernel, void* buffer, std::size_t size) {
  auto* at = static_cast<unsigned char*>(buffer);
  while (size > 0) {
    const std::uint64_t bits = kernel.random();
    const std::size_t count = size < sizeof bits ? size : sizeof bits;
    std::memcpy(at, &bits, count);
    at += count;
    size -= count;
  }
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library reserves its own
extern "C" {

int clock_gettime(clockid_t clock, timespec* into) noexcept {
  const Kernel* kernel = inside("clock_gettime() called in a simulation; use host.now()");
  if (kernel == nullptr) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, into));
  }
  *into = time_of(*kernel, clock);
  return 0;
}

int gettimeofday(timeval* into, void* zone) noexcept {
  const Kernel* kernel = inside("gettimeofday() called in a simulation; use host.wall_clock()");
  if (kernel == nullptr) {
    return static_cast<int>(::syscall(SYS_gettimeofday, into, zone));
  }
  const timespec now = time_of(*kernel, CLOCK_REALTIME);
  *into = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* into) noexcept {
  const Kernel* kernel = inside("time() called in a simulation; use host.wall_clock()");
  timespec now{};
  if (kernel == nullptr) {
    ::syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  } else {
    now = time_of(*kernel, CLOCK_REALTIME);
  }
  if (into != nullptr) {
    *into = now.tv_sec;
  }
  return now.tv_sec;
}

ssize_t getrandom(void* buffer, std::size_t size, unsigned flags) {
  Kernel* kernel = inside("getrandom() called in a simulation; use host.random()");
  if (kernel == nullptr) {
    return ::syscall(SYS_getrandom, buffer, size, flags);
  }
  fill(*kernel, buffer, size);
  return static_cast<ssize_t>(size);
}

int getentropy(void* buffer, std::size_t size) {
  constexpr std::size_t most = 256;  // getentropy(3)
  if (size > most) {
    errno = EIO;
    return -1;
  }
  Kernel* kernel = inside("getentropy() called in a simulation; use host.random()");
  if (kernel == nullptr) {
    const long got = ::syscall(SYS_getrandom, buffer, size, 0);
    return got == static_cast<long>(size) ? 0 : -1;
  }
  fill(*kernel, buffer, size);
  return 0;
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

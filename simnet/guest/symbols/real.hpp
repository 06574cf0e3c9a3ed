// real(): the function of the C library that a definition of this folder replaces.
#pragma once

#include <dlfcn.h>

#include <cerrno>

#include "simnet/guest/guest.hpp"

namespace rehearsal::simnet {

// A sanitizer that is linked into the program replaces the function, too, under another name.
template <class F>
F* real(const char* name, F* of_sanitizer) {
  return of_sanitizer != nullptr ? of_sanitizer : reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

// Returns what a call of the C library returns, and sets errno.
inline long result_of_call(CallResult result) {
  if (result < 0) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

// Makes a call of the process of the guest that runs. REQUIRES: one does.
template <class Call>
long in_guest(Call call) {
  Guest& guest = *Guest::current();
  CallResult result = 0;
  {
    const Guest::InKernel kernel(guest);
    guest.process().enter();
    result = call(guest.process());
  }
  return result_of_call(result);
}

}  // namespace rehearsal::simnet

// Defines `next`, the real function.
#define REHEARSAL_NEXT(name)                                                               \
  [[gnu::weak]] extern decltype(name) name##_of_sanitizer __asm__("__interceptor_" #name); \
  static const auto next = ::rehearsal::simnet::real<decltype(name)>(#name, &name##_of_sanitizer)
// Makes the real call.
#define REHEARSAL_REAL_CALL(name, arguments) \
  do {                                       \
    REHEARSAL_NEXT(name);                    \
    return next arguments;                   \
  } while (false)
// Makes a call in the guest that runs, if one does and `in_world` holds, or else the real one.
#define REHEARSAL_CALL_IF(in_world, name, arguments, call)                                \
  do {                                                                                    \
    if (::rehearsal::simnet::Guest::current() != nullptr && (in_world)) {                 \
      return static_cast<decltype(name arguments)>(::rehearsal::simnet::in_guest(         \
          [&](::rehearsal::simnet::Process& process) -> ::rehearsal::simnet::CallResult { \
            return process.call;                                                          \
          }));                                                                            \
    }                                                                                     \
    REHEARSAL_REAL_CALL(name, arguments);                                                 \
  } while (false)
#define REHEARSAL_CALL(name, arguments, call) REHEARSAL_CALL_IF(true, name, arguments, call)
// The same for a call on the descriptor `number`, which may be a file of the machine.
#define REHEARSAL_FILE_CALL(number, name, arguments, call) \
  REHEARSAL_CALL_IF(!::rehearsal::simnet::DescriptorTable::is_real(number), name, arguments, call)

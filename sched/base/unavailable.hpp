// [[REHEARSAL_UNAVAILABLE("message")]]: an overload whose use is an error. The compiler reports the
// message at the line of the call, where a constraint that fails lists all candidates.
#pragma once

#if defined(__clang__)
#define REHEARSAL_UNAVAILABLE(message) clang::unavailable(message)
#else
#define REHEARSAL_UNAVAILABLE(message) gnu::unavailable(message)
#endif

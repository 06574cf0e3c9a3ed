#include "simnet/guest/system_calls.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "simnet/failure.hpp"
#include "simnet/guest/guest.hpp"

namespace rehearsal::simnet {

namespace {

// Returns what a command prints, or an empty text if it fails.
std::string output_of(const std::string& command) {
  std::string text;
  if (FILE* out = popen(command.c_str(), "r"); out != nullptr) {
    std::array<char, 256> part{};
    while (std::fgets(part.data(), part.size(), out) != nullptr) {
      text += part.data();
    }
    text = pclose(out) == 0 ? text : std::string();
  }
  return text;
}

// Returns the function and the line of a call, as far as addr2line(1) knows them, or its module.
std::string place_of(const void* caller) {
  Dl_info module{};
  if (dladdr(caller, &module) == 0) {
    return "code of no module";
  }
  const auto offset = static_cast<const char*>(caller) - static_cast<const char*>(module.dli_fbase);
  const std::string found = output_of("addr2line -sfC -e '" + std::string(module.dli_fname) + "' " +
                                      std::to_string(offset - 1) + " 2>&1");
  const std::size_t end = found.find('\n');
  if (end == std::string::npos || found.starts_with("??")) {
    return module.dli_sname == nullptr ? module.dli_fname : module.dli_sname;
  }
  const std::string line = found.substr(end + 1, found.find_first_of(" \n", end + 1) - end - 1);
  return found.substr(0, end) + (line.starts_with("??") ? "" : " at " + line);
}

}  // namespace

std::exception_ptr SystemCalls::refusal(std::string_view call, const void* caller) {
  return std::make_exception_ptr(
      NotSimulated(std::string(call) + " is not simulated; called by " + place_of(caller)));
}

#if defined(__x86_64__) && defined(PR_SET_SYSCALL_USER_DISPATCH)

namespace {

// The prefixes of the files that a guest may read.
std::vector<std::string>& readable() {
  static std::vector<std::string> prefixes = {"/etc/", "/usr/", "/lib", "/proc/self/", "/dev/null"};
  return prefixes;
}

struct NamedCall {
  long number;
  std::string_view name;
};
#define REHEARSAL_NAMED(name) {SYS_##name, #name}
constexpr std::array named_calls = std::to_array<NamedCall>({REHEARSAL_NAMED(open),
                                                             REHEARSAL_NAMED(openat),
                                                             REHEARSAL_NAMED(creat),
                                                             REHEARSAL_NAMED(write),
                                                             REHEARSAL_NAMED(writev),
                                                             REHEARSAL_NAMED(pwrite64),
                                                             REHEARSAL_NAMED(socket),
                                                             REHEARSAL_NAMED(connect),
                                                             REHEARSAL_NAMED(bind),
                                                             REHEARSAL_NAMED(sendto),
                                                             REHEARSAL_NAMED(recvfrom),
                                                             REHEARSAL_NAMED(sendmsg),
                                                             REHEARSAL_NAMED(recvmsg),
                                                             REHEARSAL_NAMED(sendmmsg),
                                                             REHEARSAL_NAMED(recvmmsg),
                                                             REHEARSAL_NAMED(sendfile),
                                                             REHEARSAL_NAMED(splice),
                                                             REHEARSAL_NAMED(poll),
                                                             REHEARSAL_NAMED(select),
                                                             REHEARSAL_NAMED(pselect6),
                                                             REHEARSAL_NAMED(epoll_create1),
                                                             REHEARSAL_NAMED(epoll_wait),
                                                             REHEARSAL_NAMED(epoll_pwait2),
                                                             REHEARSAL_NAMED(clone),
                                                             REHEARSAL_NAMED(clone3),
                                                             REHEARSAL_NAMED(fork),
                                                             REHEARSAL_NAMED(vfork),
                                                             REHEARSAL_NAMED(execve),
                                                             REHEARSAL_NAMED(wait4),
                                                             REHEARSAL_NAMED(waitid),
                                                             REHEARSAL_NAMED(kill),
                                                             REHEARSAL_NAMED(tgkill),
                                                             REHEARSAL_NAMED(alarm),
                                                             REHEARSAL_NAMED(setitimer),
                                                             REHEARSAL_NAMED(getitimer),
                                                             REHEARSAL_NAMED(timer_create),
                                                             REHEARSAL_NAMED(pause),
                                                             REHEARSAL_NAMED(rt_sigsuspend),
                                                             REHEARSAL_NAMED(rt_sigtimedwait),
                                                             REHEARSAL_NAMED(signalfd4),
                                                             REHEARSAL_NAMED(nanosleep),
                                                             REHEARSAL_NAMED(clock_nanosleep),
                                                             REHEARSAL_NAMED(clock_gettime),
                                                             REHEARSAL_NAMED(clock_settime),
                                                             REHEARSAL_NAMED(times),
                                                             REHEARSAL_NAMED(getrusage),
                                                             REHEARSAL_NAMED(unlink),
                                                             REHEARSAL_NAMED(unlinkat),
                                                             REHEARSAL_NAMED(mkdir),
                                                             REHEARSAL_NAMED(mkdirat),
                                                             REHEARSAL_NAMED(rmdir),
                                                             REHEARSAL_NAMED(rename),
                                                             REHEARSAL_NAMED(renameat2),
                                                             REHEARSAL_NAMED(link),
                                                             REHEARSAL_NAMED(symlink),
                                                             REHEARSAL_NAMED(chmod),
                                                             REHEARSAL_NAMED(chown),
                                                             REHEARSAL_NAMED(truncate),
                                                             REHEARSAL_NAMED(ftruncate),
                                                             REHEARSAL_NAMED(memfd_create),
                                                             REHEARSAL_NAMED(inotify_init1),
                                                             REHEARSAL_NAMED(shmget),
                                                             REHEARSAL_NAMED(semget),
                                                             REHEARSAL_NAMED(msgget),
                                                             REHEARSAL_NAMED(mq_open),
                                                             REHEARSAL_NAMED(ptrace),
                                                             REHEARSAL_NAMED(setuid),
                                                             REHEARSAL_NAMED(setpriority),
                                                             REHEARSAL_NAMED(sched_setaffinity),
                                                             REHEARSAL_NAMED(mount),
                                                             REHEARSAL_NAMED(chdir),
                                                             REHEARSAL_NAMED(chroot),
                                                             REHEARSAL_NAMED(prctl),
                                                             REHEARSAL_NAMED(io_uring_setup)});
#undef REHEARSAL_NAMED

using Arguments = std::array<long, 6>;

template <class T>
T* pointer(long argument) {
  return reinterpret_cast<T*>(argument);  // NOLINT(performance-no-int-to-ptr)
}

std::string name_of(long number, const Arguments& with) {
  std::string text = "system call " + std::to_string(number);
  if (const auto* found = std::ranges::find(named_calls, number, &NamedCall::number);
      found != named_calls.end()) {
    text.append(" (").append(found->name).append(")");
  }
  if (number == SYS_open || number == SYS_openat) {
    text.append(" of ").append(pointer<const char>(with[number == SYS_open ? 0 : 1]));
  }
  return text;
}

// Makes a system call from here: the kernel does not report those of this program's own code.
long make(long number, const Arguments& with) {
  long result = number;
  register long fourth __asm__("r10") = with[3];
  register long fifth __asm__("r8") = with[4];
  register long sixth __asm__("r9") = with[5];
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(with[0]), "S"(with[1]), "d"(with[2]), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
}

bool is_readable(long path) {
  const auto* text = pointer<const char>(path);
  if (text == nullptr) {
    return false;
  }
  // libuv opens the root to have a descriptor that it can spare.
  return std::string_view(text) == "/" ||
         std::ranges::any_of(readable(), [&](const std::string& prefix) {
           return std::string_view(text).starts_with(prefix);
         });
}

enum class Treatment : std::uint8_t { refuse, make, answer };

// What the guest gets in place of a call that is not made.
long answer_of(long number, const Arguments& with) {
  constexpr long user = 1000;
  switch (number) {
    case SYS_getuid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getegid:
      return user;
    case SYS_getrandom:  // for keys of the allocator; the program has the function
      std::memset(pointer<void>(with[0]), 0x5a, static_cast<std::size_t>(with[1]));
      return with[1];
    case SYS_sysinfo: {
      struct sysinfo info{};
      info.totalram = info.freeram = 8UL << 30U;
      info.mem_unit = 1;
      std::memcpy(pointer<void>(with[0]), &info, sizeof info);
      return 0;
    }
    case SYS_sched_getaffinity: {
      const auto size = std::min<std::size_t>(static_cast<std::size_t>(with[1]), sizeof(cpu_set_t));
      std::memset(pointer<void>(with[2]), 0, size);
      *pointer<char>(with[2]) = 1;
      return sizeof(long);
    }
    case SYS_rt_sigprocmask:  // of the C library itself; the program has the function
      if (with[2] != 0) {
        std::memset(pointer<void>(with[2]), 0, static_cast<std::size_t>(with[3]));
      }
      return 0;
    default:  // SYS_sched_yield
      return 0;
  }
}

Treatment judge_system_call(long number, const Arguments& with) {
  const auto is_real_file = [](long descriptor) {
    return static_cast<int>(descriptor) < DescriptorTable::first;
  };
  switch (number) {
    case SYS_mmap:
      return is_real_file(with[4]) ? Treatment::make : Treatment::refuse;
    case SYS_munmap:
    case SYS_mremap:
    case SYS_mprotect:
    case SYS_brk:
    case SYS_madvise:
    case SYS_futex:
    case SYS_gettid:
    case SYS_exit_group:
    case SYS_prlimit64:
    case SYS_rt_sigaction:
    case SYS_sigaltstack:
    case SYS_getcwd:
      return Treatment::make;
    case SYS_write:
    case SYS_writev:
      return with[0] == STDOUT_FILENO || with[0] == STDERR_FILENO ? Treatment::make
                                                                  : Treatment::refuse;
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_lseek:
    case SYS_close:
    case SYS_fstat:
    case SYS_fadvise64:
    case SYS_getdents64:
    case SYS_fcntl:
    case SYS_ioctl:
      return is_real_file(with[0]) ? Treatment::make : Treatment::refuse;
    case SYS_open:
      return (with[1] & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY && is_readable(with[0])
                 ? Treatment::make
                 : Treatment::refuse;
    case SYS_openat:
      return (with[2] & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY && is_readable(with[1])
                 ? Treatment::make
                 : Treatment::refuse;
    case SYS_newfstatat:
    case SYS_statx:
    case SYS_readlinkat:
    case SYS_faccessat:
    case SYS_faccessat2:
      return is_readable(with[1]) || *pointer<const char>(with[1]) == '\0' ? Treatment::make
                                                                           : Treatment::refuse;
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
    case SYS_readlink:
      return is_readable(with[0]) ? Treatment::make : Treatment::refuse;
    case SYS_getuid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getegid:
    case SYS_getrandom:
    case SYS_sysinfo:
    case SYS_sched_getaffinity:
    case SYS_rt_sigprocmask:
    case SYS_sched_yield:
      return Treatment::answer;
    default:
      return Treatment::refuse;
  }
}

// Returns an address in the code that called the C library.
const void* caller_of_library() {
  std::array<void*, 64> frames{};
  const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
  Dl_info library{};
  dladdr(reinterpret_cast<void*>(&std::abort), &library);
  bool inside = false;
  for (void* frame : std::span(frames).first(static_cast<std::size_t>(count))) {
    Dl_info module{};
    const bool is_library = dladdr(frame, &module) != 0 && module.dli_fbase == library.dli_fbase;
    if (inside && !is_library) {
      return frame;
    }
    inside = inside || is_library;
  }
  return nullptr;
}

// Notes which files of the machine the guest has open.
void note_file(Guest* guest, long number, long argument, long result) {
  const bool closes = number == SYS_close;
  const long file = closes ? argument : result;
  if (guest != nullptr && (closes || number == SYS_open || number == SYS_openat) && file >= 0 &&
      static_cast<std::size_t>(file) < guest->real_files().size()) {
    guest->real_files().set(static_cast<std::size_t>(file), !closes);
  }
}

// The kernel reports a system call. Runs on the stack of the guest.
void on_system_call(int /*signal*/, siginfo_t* info, void* context) {
  SystemCalls::set_reported(false);
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const Arguments with = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                          registers[REG_R10], registers[REG_R8],  registers[REG_R9]};
  const long number = info->si_syscall;
  switch (judge_system_call(number, with)) {
    case Treatment::make:
      registers[REG_RAX] = make(number, with);
      note_file(Guest::current(), number, with[0], registers[REG_RAX]);
      break;
    case Treatment::answer:
      registers[REG_RAX] = answer_of(number, with);
      break;
    case Treatment::refuse: {
      Guest& guest = *Guest::current();
      const Guest::InKernel kernel(guest);
      guest.exit(SystemCalls::refusal(name_of(number, with), caller_of_library()));
    }
  }
  SystemCalls::set_reported(true);
}

// The restorer of the C library would make a system call that is reported. Debuggers and
// backtrace(3)
// know these instructions; the one before them keeps them apart from the function that precedes.
extern "C" void rehearsal_restore_signal();
__asm__(R"(
.text
.globl rehearsal_restore_signal
.hidden rehearsal_restore_signal
.type rehearsal_restore_signal, @function
  nop
rehearsal_restore_signal:
  movq $15, %rax
  syscall
.size rehearsal_restore_signal, .-rehearsal_restore_signal
)");

// Returns the code of the program.
std::span<const std::byte> program_code() {
  std::span<const std::byte> code;
  const auto visit = [](dl_phdr_info* module, std::size_t /*size*/, void* into) {
    for (int i = 0; i < module->dlpi_phnum; ++i) {
      const auto& part = module->dlpi_phdr[i];
      if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0) {
        *static_cast<std::span<const std::byte>*>(into) = {
            pointer<const std::byte>(static_cast<long>(module->dlpi_addr + part.p_vaddr)),
            part.p_memsz};
        return 1;
      }
    }
    return 1;  // the first module is the program
  };
  dl_iterate_phdr(visit, &code);
  return code;
}

void handle_system_calls() {
  struct KernelAction {  // of rt_sigaction(2)
    void (*handler)(int, siginfo_t*, void*);
    unsigned long flags;
    void (*restorer)();
    std::uint64_t mask;
  };
  constexpr unsigned long has_restorer = 0x04000000;  // SA_RESTORER
  const KernelAction action{&on_system_call, SA_SIGINFO | SA_NODEFER | has_restorer,
                            &rehearsal_restore_signal, 0};
  make(SYS_rt_sigaction, {SIGSYS, reinterpret_cast<long>(&action), 0, sizeof action.mask, 0, 0});
}

}  // namespace

void SystemCalls::report() {
  static thread_local bool tried = false;
  if (std::exchange(tried, true)) {
    return;
  }
  static const bool handled = (handle_system_calls(), true);
  static_cast<void>(handled);
  const std::span<const std::byte> code = program_code();
  const long result =
      make(SYS_prctl,
           {PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, reinterpret_cast<long>(code.data()),
            static_cast<long>(code.size()), reinterpret_cast<long>(&selector_), 0});
  if (result != 0) {
    can_report_ = false;
    static const int printed = std::fprintf(
        stderr,
        "guests: this kernel does not report system calls; those that are not simulated "
        "reach the machine\n");
    static_cast<void>(printed);
  }
}

void SystemCalls::allow_files(std::string prefix) { readable().push_back(std::move(prefix)); }

#else

void SystemCalls::report() { can_report_ = false; }
void SystemCalls::allow_files(std::string /*prefix*/) {}

#endif

}  // namespace rehearsal::simnet

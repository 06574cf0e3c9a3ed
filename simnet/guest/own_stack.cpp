#include "simnet/guest/own_stack.hpp"

#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {

#if defined(__x86_64__) && defined(__GLIBC__)

// Saves the registers that a call preserves (System V ABI, AMD64 supplement, 3.2.1) on this stack,
// stores the stack pointer in *save, and continues on the stack `load`, on which it has done so.
extern "C" void rehearsal_switch_stack(void** save, void* load);
__asm__(R"(
.text
.globl rehearsal_switch_stack
.hidden rehearsal_switch_stack
.type rehearsal_switch_stack, @function
rehearsal_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size rehearsal_switch_stack, .-rehearsal_switch_stack
)");

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t stack_size = std::size_t{1} << 20U;
constexpr std::size_t registers = 7;  // six and the control words

// The block of thread_local variables of the modules that were loaded at the start. It ends at the
// thread pointer (ELF Handling For Thread-Local Storage, variant II).
std::span<std::byte> thread_local_block() {
  static const std::span<std::byte> block = [] {
    auto* end = static_cast<std::byte*>(__builtin_thread_pointer());
    std::byte* begin = end;
    const auto visit = [](dl_phdr_info* module, std::size_t /*size*/, void* data) {
      auto& lowest = *static_cast<std::byte**>(data);
      auto* base = static_cast<std::byte*>(module->dlpi_tls_data);
      const auto* top = static_cast<std::byte*>(__builtin_thread_pointer());
      constexpr std::ptrdiff_t most = 1 << 16;
      if (base != nullptr && base < top && top - base < most) {
        lowest = std::min(lowest, base);
      }
      return 0;
    };
    dl_iterate_phdr(visit, static_cast<void*>(&begin));
    return std::span(begin, end);
  }();
  return block;
}

// Stacks that are free. The lowest page of each cannot be used, so that an overflow is a fault.
class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool() {
    for (std::byte* stack : free_) {
      munmap(stack, stack_size);
    }
  }
  std::byte* take() {
    if (!free_.empty()) {
      std::byte* stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, page, PROT_NONE) != 0) {
      throw std::system_error(errno, std::generic_category(), "the stack of a guest");
    }
    return static_cast<std::byte*>(stack);
  }
  void give(std::byte* stack) { free_.push_back(stack); }

 private:
  std::vector<std::byte*> free_;
};

StackPool& stack_pool() {
  static StackPool pool;
  return pool;
}

// The context that begins: start() has no arguments.
OwnStack* beginning = nullptr;  // NOLINT(*-non-const-global-variables)

}  // namespace

bool OwnStack::available() { return true; }

OwnStack::OwnStack(std::function<void()> body)
    : body_(std::move(body)),
      memory_(stack_pool().take()),
      thread_locals_(std::make_unique<std::byte[]>(thread_local_block().size())) {
  std::ranges::copy(thread_local_block(), thread_locals_.get());
  // As if start() had been called with the registers of this thread, and had called the switch.
  auto* top = reinterpret_cast<std::uintptr_t*>(memory_ + stack_size);
  *--top = 0;  // where start() would return to
  *--top = reinterpret_cast<std::uintptr_t>(&OwnStack::start);
  top -= registers;
  std::fill_n(top, registers, 0);
  std::uint32_t sse = 0;
  std::uint16_t x87 = 0;
  __asm__("stmxcsr %0\n\tfnstcw %1" : "=m"(sse), "=m"(x87));
  std::memcpy(top, &sse, sizeof sse);
  std::memcpy(reinterpret_cast<std::byte*>(top) + 4, &x87, sizeof x87);
  sleeping_ = top;
}

OwnStack::~OwnStack() { stack_pool().give(memory_); }

void OwnStack::swap_thread_locals() {
  const std::span<std::byte> block = thread_local_block();
  std::swap_ranges(block.begin(), block.end(), thread_locals_.get());
}

bool OwnStack::run() {
  beginning = this;
  swap_thread_locals();
  rehearsal_switch_stack(&sleeping_, sleeping_);
  return !over_;
}

void OwnStack::pause() {
  swap_thread_locals();
  rehearsal_switch_stack(&sleeping_, sleeping_);
}

void OwnStack::start() {
  OwnStack& self = *beginning;
  self.body_();
  self.over_ = true;
  self.pause();
  sched::check(false, "a guest that has ended does not run");
}

#else

bool OwnStack::available() { return false; }
OwnStack::OwnStack(std::function<void()> body) : body_(std::move(body)) {}
OwnStack::~OwnStack() = default;
bool OwnStack::run() { return false; }
void OwnStack::pause() {}

#endif

}  // namespace rehearsal::simnet

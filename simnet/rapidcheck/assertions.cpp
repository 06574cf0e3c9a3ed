#include "simnet/rapidcheck/assertions.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::simnet {
namespace {

thread_local AssertionScope* innermost = nullptr;  // NOLINT(*-non-const-global-variables)

}  // namespace

AssertionScope::AssertionScope(World& world, std::optional<rc::detail::CaseResult>& first)
    : world_(world),
      first_(first),
      outer_(std::exchange(innermost, this)),
      handler_(&undrawable_) {}

AssertionScope::~AssertionScope() { innermost = outer_; }

rc::detail::Any AssertionScope::Undrawable::onGenerate(const rc::Gen<rc::detail::Any>& gen) {
  sched::check_failed("a rapidcheck generator (" + (gen.name().empty() ? "unnamed" : gen.name()) +
                      ") was drawn inside a run, which is repeated; draw before the run and pass "
                      "the value in");
}

void AssertionScope::note(const rc::detail::CaseResult& result, const char* file, int line) {
  if (first_) {
    return;
  }
  first_ = result;
  const std::string_view path(file);
  world_.fail(Failure{FailureKind::property,
                      result.type == rc::detail::CaseResult::Type::Failure
                          ? "an assertion failed"
                          : "the case is discarded",
                      std::string(path.substr(path.rfind('/') + 1)) + ':' + std::to_string(line)});
}

void throw_noted(const rc::detail::CaseResult& result, const char* file, int line) {
  if (innermost != nullptr) {
    innermost->note(result, file, line);
  }
  throw result;  // NOLINT: as rapidcheck does
}

}  // namespace rehearsal::simnet

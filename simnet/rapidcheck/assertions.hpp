// RC_ASSERT and the other assertions of rapidcheck, for use in tasks. Include this header instead
// of <rapidcheck.h>. In a run of PropertyRuns, a failed assertion is first noted by the world and
// then thrown. So the run fails even if the program has a `catch (...)`. Elsewhere the assertions
// are rapidcheck's own.
//
// RC_PRE and RC_DISCARD in a run discard the case. Drawing from a generator in a run fails a CHECK.
#pragma once

#include <rapidcheck.h>

#include <optional>
#include <string>

#include "simnet/world.hpp"

namespace rehearsal::simnet {

/// Makes the assertions of rapidcheck on this thread those of a run of one world, as long as the
/// object exists. Meanwhile nothing can be drawn from a generator. Scopes nest. PropertyRuns
/// creates them.
class AssertionScope {
 public:
  /// Begins a scope. `first` is set by the first assertion that does not hold. `world` and `first`
  /// must outlive the scope.
  AssertionScope(World& world, std::optional<rc::detail::CaseResult>& first);
  AssertionScope(const AssertionScope&) = delete;
  AssertionScope& operator=(const AssertionScope&) = delete;
  /// Ends the scope; the enclosing one applies again.
  ~AssertionScope();

  /// Notes a result that was thrown, unless one was noted before.
  void note(const rc::detail::CaseResult& result, const char* file, int line);

 private:
  class Undrawable final : public rc::gen::detail::GenerationHandler {
   public:
    rc::detail::Any onGenerate(const rc::Gen<rc::detail::Any>& gen) override;
  };

  World& world_;
  std::optional<rc::detail::CaseResult>& first_;
  AssertionScope* outer_;
  Undrawable undrawable_;
  rc::detail::ImplicitParam<rc::gen::detail::param::CurrentHandler> handler_;
};

/// Notes the result in the innermost scope, if any, and throws it.
[[noreturn]] void throw_noted(const rc::detail::CaseResult& result, const char* file, int line);

/// Evaluates an assertion as rapidcheck does; a failure goes through throw_noted().
template <class Expression>
void assert_noted(const Expression& expression, bool expected, rc::detail::CaseResult::Type type,
                  const char* file, int line, const char* assertion) {
  try {
    rc::detail::doAssert(expression, expected, type, file, line, assertion);
  } catch (const rc::detail::CaseResult& result) {
    throw_noted(result, file, line);
  }
}

}  // namespace rehearsal::simnet

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#undef RC_INTERNAL_CONDITIONAL_RESULT
#define RC_INTERNAL_CONDITIONAL_RESULT(ResultType, expression, invert, name, ...)         \
  ::rehearsal::simnet::assert_noted(RC_INTERNAL_CAPTURE(expression), (invert),            \
                                    ::rc::detail::CaseResult::Type::ResultType, __FILE__, \
                                    __LINE__, name "(" #expression ")")

#undef RC_INTERNAL_UNCONDITIONAL_RESULT
#define RC_INTERNAL_UNCONDITIONAL_RESULT(ResultType, name, expression)                            \
  ::rehearsal::simnet::throw_noted(                                                               \
      ::rc::detail::CaseResult(                                                                   \
          ::rc::detail::CaseResult::Type::ResultType,                                             \
          ::rc::detail::makeMessage(__FILE__, __LINE__, name "(" #expression ")", {expression})), \
      __FILE__, __LINE__)

#undef RC_ASSERT_THROWS
#define RC_ASSERT_THROWS(expression)                                                            \
  do {                                                                                          \
    try {                                                                                       \
      expression;                                                                               \
    } catch (...) {                                                                             \
      break;                                                                                    \
    }                                                                                           \
    ::rehearsal::simnet::throw_noted(                                                           \
        ::rc::detail::CaseResult(::rc::detail::CaseResult::Type::Failure,                       \
                                 ::rc::detail::makeUnthrownExceptionMessage(                    \
                                     __FILE__, __LINE__, "RC_ASSERT_THROWS(" #expression ")")), \
        __FILE__, __LINE__);                                                                    \
  } while (false)

#undef RC_ASSERT_THROWS_AS
#define RC_ASSERT_THROWS_AS(expression, ExceptionType)                                        \
  do {                                                                                        \
    std::string rehearsal_message = ::rc::detail::makeUnthrownExceptionMessage(               \
        __FILE__, __LINE__, "RC_ASSERT_THROWS_AS(" #expression ", " #ExceptionType ")");      \
    try {                                                                                     \
      expression;                                                                             \
    } catch (const ExceptionType&) {                                                          \
      break;                                                                                  \
    } catch (...) {                                                                           \
      rehearsal_message = ::rc::detail::makeWrongExceptionMessage(                            \
          __FILE__, __LINE__, "RC_ASSERT_THROWS_AS(" #expression ", " #ExceptionType ")",     \
          #ExceptionType);                                                                    \
    }                                                                                         \
    ::rehearsal::simnet::throw_noted(                                                         \
        ::rc::detail::CaseResult(::rc::detail::CaseResult::Type::Failure, rehearsal_message), \
        __FILE__, __LINE__);                                                                  \
  } while (false)
// NOLINTEND(cppcoreguidelines-macro-usage)

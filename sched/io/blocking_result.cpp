#include "sched/io/blocking_result.hpp"

#include <utility>

namespace rehearsal::sched {

BlockingOutcome outcome_of(const std::exception_ptr& failure) {
  BlockingOutcome outcome;
  try {
    std::rethrow_exception(failure);
  } catch (const std::system_error& error) {
    outcome.what = error.what();
    const std::error_condition condition = error.code().default_error_condition();
    if (condition.category() == std::generic_category()) {
      outcome.error = static_cast<std::errc>(condition.value());
    }
  } catch (const std::exception& error) {
    outcome.what = error.what();
  } catch (...) {
    outcome.what = "an exception not derived from std::exception";
  }
  return outcome;
}

void rethrow(const BlockingOutcome& outcome) {
  if (outcome.error != std::errc{}) {
    throw std::system_error(std::make_error_code(outcome.error), *outcome.what);
  }
  throw BlockingFailure(*outcome.what);
}

}  // namespace rehearsal::sched

#include "harness/failure/explained_failure.hpp"

#include <utility>
#include <vector>

namespace rehearsal::harness {
namespace {

std::string heading(const ExplainOptions& options, const char* words) {
  return (options.bold ? std::string("\n\x1b[1m") + words + "\x1b[0m" : std::string("\n") + words) +
         '\n';
}

}  // namespace

ExplainedFailure explain(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                         const simnet::Failure& failure, const ExplainedFailureOptions& options) {
  const std::string again = heading(options.text, "Reproduce") + options.again;
  const auto view = [&](const Analysis& analysis) {
    std::vector<std::string> views = {explanation(analysis, options.text) + again};
    if (options.files.any()) {
      ExplainOptions plain;
      plain.what = options.text.what;
      const std::string report = explanation(analysis, plain) + "\nReproduce\n" + options.again;
      for (std::string& content : contents_of(options.files, analysis, report, options.page)) {
        views.push_back(std::move(content));
      }
    }
    return views;
  };
  std::vector<std::string> views =
      analyse(scenario, schedule, failure, options.continuations, view);
  if (views.empty()) {  // the run crashed while its world was built
    Analysis nothing;
    nothing.scenario = &scenario;
    nothing.schedule = &schedule;
    nothing.failure = &failure;
    nothing.too_long = failure.what;
    views = view(nothing);
  }
  ExplainedFailure explained{std::move(views.front()), {}};
  views.erase(views.begin());
  explained.contents = std::move(views);
  return explained;
}

}  // namespace rehearsal::harness

// Merging the results of the shards of a sweep, which may have run on different machines.
#pragma once

#include <string>
#include <vector>

#include "harness/recorded/catalog.hpp"
#include "harness/report/failure_report.hpp"

namespace rehearsal::harness {

// Prints what the whole sweep would have said, its first failure as `report` says, and gives its
// exit status. Throws BadInput where the files are not all the shards of one sweep of one of these
// scenarios, once each, by one build of a program.
int merge_results(const Catalog& catalog, const std::vector<std::string>& files,
                  const FailureReportOptions& report);

}  // namespace rehearsal::harness

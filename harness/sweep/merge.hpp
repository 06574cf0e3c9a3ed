// Merging the results of the shards of a sweep, which may have run on different machines.
#pragma once

#include <string>
#include <vector>

#include "harness/failure/failure_report.hpp"
#include "harness/recorded/catalog.hpp"

namespace rehearsal::harness {

// Prints the report that the whole sweep would have printed, and returns its exit status. `report`
// sets how the first failure is reported. Throws BadInput unless the files are all the shards of
// one sweep, once each, by one build of a program, for a scenario of the catalog.
int merge_results(const Catalog& catalog, const std::vector<std::string>& files,
                  const FailureReportOptions& report);

}  // namespace rehearsal::harness

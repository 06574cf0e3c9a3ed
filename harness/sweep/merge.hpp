// Merging the results of the shards of a sweep, which may have run on different machines.
#pragma once

#include <string>
#include <vector>

#include "harness/recorded/catalog.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct MergeOptions {
  MergeOptions() = default;

  bool shrinks = true;  // the first failure, before it is explained
  simnet::ShrinkBound bound;
};

// Prints what the whole sweep would have said, and gives its exit status. 2, and one line on
// stderr, where the files are not all the shards of one sweep of one of these scenarios, once each,
// by one build of a program.
int merge_results(const Catalog& catalog, const std::vector<std::string>& files,
                  const MergeOptions& options);

}  // namespace rehearsal::harness

// Records as text.
#pragma once

#include <string>

#include "record/record.hpp"

namespace rehearsal::record {

// Returns "recv 7 = 64 of 32768", "accept 5 = 9 from 127.0.0.1:40000" or "close 9", for example.
[[nodiscard]] std::string describe(const RecordHeader& header, sched::ConstBytes data);

// Returns the data of a record whose call succeeded: "127.0.0.1:80", "15 2", "6:1 7:3". A payload
// is shown byte by byte.
[[nodiscard]] std::string describe_data(RecordData form, sched::ConstBytes data);

// Returns at most `most` bytes as text: printable ones unchanged, others as \x0a.
[[nodiscard]] std::string excerpt(sched::ConstBytes bytes, std::size_t most = 32);

}  // namespace rehearsal::record

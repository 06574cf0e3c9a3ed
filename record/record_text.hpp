// A record in words.
#pragma once

#include <string>

#include "record/record.hpp"

namespace rehearsal::record {

// "recv 7 = 64 of 32768", "accept 5 = 9 from 127.0.0.1:40000", "close 9"
[[nodiscard]] std::string describe(const RecordHeader& header, sched::ConstBytes data);

// The data of a record whose call succeeded: "127.0.0.1:80", "15 2", "6:1 7:3". A payload is given
// byte by byte.
[[nodiscard]] std::string describe_data(RecordData form, sched::ConstBytes data);

// Up to `most` bytes as text: printable ones as they are, others as \x0a.
[[nodiscard]] std::string excerpt(sched::ConstBytes bytes, std::size_t most = 32);

}  // namespace rehearsal::record

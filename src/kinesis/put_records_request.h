// A PutRecords request read back: for servers and tests. The other side of kinesis/request_body.h.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinesink/result.h"
#include "kinesis/request_body.h"

namespace kinesink::kinesis {

// Views into the body, or into `decoded` (base64, escapes, strings in pieces). Its memory is used
// again by the next parse.
struct PutRecordsRequest {
  struct Record {
    std::string_view data;
    std::string_view partition_key;
    std::string_view explicit_hash_key;  // empty: none
  };
  std::optional<std::string_view> stream_name;
  std::optional<std::string_view> stream_arn;
  std::vector<Record> records;
  std::deque<std::string> decoded;
};

// Members in any order, unknown ones skipped; lengths definite or not. Limits are the caller's to
// check. Errors are of kind invalid_data.
Result<void> parse_put_records_request(Wire wire, std::string_view body,
                                       PutRecordsRequest& request);

}  // namespace kinesink::kinesis

// What the service said to a PutRecords request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kinesink/result.h"
#include "kinesis/error_class.h"
#include "kinesis/request_body.h"

namespace kinesink::kinesis {

struct FailedEntry {
  std::uint32_t index;  // in the request
  ErrorClass error_class;
  std::string code;
  std::string message;
};

// All other entries are stored.
struct PutRecordsAnswer {
  std::vector<FailedEntry> failed;  // ascending by index
  std::string request_id;
};

// Reads the body of a 200 answer to a request of `expected` entries. The decoder is chosen by
// content type and first byte. A clean answer (FailedRecordCount 0, right number of entries) is
// recognised by a cheap scan. Anything unreadable, cut, or of a wrong entry count is an error of
// kind transient: the records may have been stored.
Result<PutRecordsAnswer> parse_put_records_answer(std::string_view content_type,
                                                  std::string_view body, std::size_t expected);

// Reads code and message of an answer that is not 200, in CBOR, JSON, or anything else (HTML,
// empty).
struct ServiceError {
  std::string code;
  std::string message;
};
ServiceError parse_service_error(int http_status, std::string_view content_type,
                                 std::string_view error_type_header, std::string_view body);

}  // namespace kinesink::kinesis

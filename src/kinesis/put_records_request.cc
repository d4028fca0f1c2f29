#include "kinesis/put_records_request.h"

#include <simdjson.h>

#include "base/bytes.h"
#include "kinesis/cbor_reader.h"

namespace kinesink::kinesis {
namespace {

Error malformed_request(const char* what) { return make_error(ErrorKind::invalid_data, what); }

// --- CBOR

class CborRequest {
 public:
  CborRequest(std::string_view body, PutRecordsRequest& request)
      : reader_(body), request_(request) {}

  bool parse() {
    CborHead head;
    if (!reader_.read_head(head) || head.major != CborMajor::map) return false;
    std::uint64_t remaining = CborReader::begin_items(head);
    bool malformed = false;
    while (reader_.next_item(remaining, malformed)) {
      std::string_view name;
      if (!string(CborMajor::text, name) || !member(name)) return false;
    }
    return !malformed && reader_.at_end();
  }

 private:
  // A view into the body; a string in pieces is put together beside it.
  bool string(CborMajor wanted, std::string_view& content) {
    CborHead head;
    if (!reader_.read_head(head) || head.major != wanted) return false;
    return content_of(head, content);
  }

  bool member(std::string_view name) {
    if (name == "Records") return records();
    if (name == "StreamName") return string(CborMajor::text, request_.stream_name.emplace());
    if (name == "StreamARN") return string(CborMajor::text, request_.stream_arn.emplace());
    return reader_.skip();
  }

  bool records() {
    CborHead head;
    if (!reader_.read_head(head) || head.major != CborMajor::array) return false;
    std::uint64_t remaining = CborReader::begin_items(head);
    bool malformed = false;
    while (reader_.next_item(remaining, malformed)) {
      if (!record(request_.records.emplace_back())) return false;
    }
    return !malformed;
  }

  bool record(PutRecordsRequest::Record& record) {
    CborHead head;
    if (!reader_.read_head(head) || head.major != CborMajor::map) return false;
    std::uint64_t remaining = CborReader::begin_items(head);
    bool malformed = false;
    while (reader_.next_item(remaining, malformed)) {
      std::string_view name;
      if (!string(CborMajor::text, name)) return false;
      if (!record_member(name, record)) return false;
    }
    return !malformed;
  }

  bool record_member(std::string_view name, PutRecordsRequest::Record& record) {
    if (name == "Data") return string(CborMajor::bytes, record.data);
    if (name == "PartitionKey") return string(CborMajor::text, record.partition_key);
    if (name == "ExplicitHashKey") return optional_text(record.explicit_hash_key);
    return reader_.skip();
  }

  bool optional_text(std::string_view& content) {
    CborHead head;
    if (!reader_.read_head(head)) return false;
    constexpr std::uint8_t kNull = 22;
    if (head.major == CborMajor::simple) return head.info == kNull;
    if (head.major != CborMajor::text) return false;
    return content_of(head, content);
  }

  bool content_of(const CborHead& head, std::string_view& content) {
    const std::optional<std::string_view> read = reader_.read_string(head, scratch_);
    if (!read) return false;
    content = head.indefinite ? std::string_view(request_.decoded.emplace_back(*read)) : *read;
    return true;
  }

  CborReader reader_;
  PutRecordsRequest& request_;
  std::string scratch_;
};

// --- JSON

using Object = simdjson::dom::object;

// The member as a kept copy, if it is a string.
std::optional<std::string_view> text_member(Object object, std::string_view name,
                                            PutRecordsRequest& request) {
  std::string_view text;
  if (object[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return request.decoded.emplace_back(text);
}

bool parse_json_record(Object object, PutRecordsRequest& request) {
  PutRecordsRequest::Record record;
  std::string_view data;
  if (object["Data"].get(data) != simdjson::SUCCESS) return false;
  std::string& decoded = request.decoded.emplace_back();
  if (!append_from_base64(data, decoded)) return false;
  record.data = decoded;
  record.partition_key = text_member(object, "PartitionKey", request).value_or("");
  record.explicit_hash_key = text_member(object, "ExplicitHashKey", request).value_or("");
  request.records.push_back(record);
  return true;
}

Result<void> parse_json_request(std::string_view body, PutRecordsRequest& request) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  Object root;
  if (parser.parse(padded).get(root) != simdjson::SUCCESS)
    return malformed_request("not a JSON object");
  request.stream_name = text_member(root, "StreamName", request);
  request.stream_arn = text_member(root, "StreamARN", request);
  simdjson::dom::array records;
  if (root["Records"].get(records) != simdjson::SUCCESS) return {};
  for (const simdjson::dom::element element : records) {
    Object object;
    if (element.get(object) != simdjson::SUCCESS || !parse_json_record(object, request)) {
      return malformed_request("an entry of Records is not an object with Data in base64");
    }
  }
  return {};
}

}  // namespace

Result<void> parse_put_records_request(Wire wire, std::string_view body,
                                       PutRecordsRequest& request) {
  request.stream_name.reset();
  request.stream_arn.reset();
  request.records.clear();
  request.decoded.clear();
  if (wire == Wire::json) return parse_json_request(body, request);
  if (!CborRequest(body, request).parse())
    return malformed_request("not a well-formed CBOR PutRecords request");
  return {};
}

}  // namespace kinesink::kinesis

#include "kinesis/answer.h"

#include <simdjson.h>

#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "kinesis/cbor_reader.h"
#include "kinesis/value.h"

namespace kinesink::kinesis {
namespace {

Error unreadable(const std::string& what) {
  return make_error(ErrorKind::transient, "the answer to PutRecords is unreadable: " + what);
}

// Takes the entries of an answer one by one and keeps those that failed.
class AnswerBuilder {
 public:
  explicit AnswerBuilder(std::size_t expected) : expected_(expected) {}

  // An entry without an error must have a sequence number: anything else is no answer.
  bool add(std::string_view code, std::string_view message, bool has_sequence_number) {
    if (code.empty() && !has_sequence_number) return false;
    if (!code.empty()) {
      const std::string_view bare = bare_code(code);
      answer_.failed.push_back({static_cast<std::uint32_t>(count_), classify_entry(bare),
                                std::string(bare), std::string(message)});
    }
    ++count_;
    return true;
  }

  void add_stored() { ++count_; }

  Result<PutRecordsAnswer> finish() && {
    if (count_ == expected_) return std::move(answer_);
    return unreadable("it has " + std::to_string(count_) + " entries, the request had " +
                      std::to_string(expected_));
  }

 private:
  // An entry's own error is one that may pass, whatever it is: the service stored its neighbours.
  static ErrorClass classify_entry(std::string_view code) {
    return classify(code, 500) == ErrorClass::throttled ? ErrorClass::throttled
                                                        : ErrorClass::transient;
  }

  std::size_t expected_;
  std::size_t count_ = 0;
  PutRecordsAnswer answer_;
};

// --- CBOR

struct CborEntry {
  std::string_view code;
  std::string_view message;
  std::string_view sequence_number;
  std::string_view shard_id;
  std::string scratch[4];
};

// How the entry of a stored record looks, learnt from one: entries of an answer differ in the
// characters of sequence number and shard id only, as long as these have the same lengths. So most
// of an answer is compared, not parsed.
class StoredEntry {
 public:
  // `bytes`: the whole entry, which `entry` was read from.
  void learn(std::string_view bytes, const CborEntry& entry) {
    if (!entry.code.empty()) return;
    first_ = place_of(entry.sequence_number, bytes);
    second_ = place_of(entry.shard_id, bytes);
    if (first_.begin > second_.begin) std::swap(first_, second_);
    // A string that came in pieces lies elsewhere.
    if (first_.end != 0 && first_.end <= second_.begin && second_.end <= bytes.size())
      bytes_ = bytes;
  }
  // The size of the entry at the front of `rest`, if it looks so; else 0.
  std::size_t match(std::string_view rest) const {
    if (bytes_.empty() || rest.size() < bytes_.size()) return 0;
    const bool same = same_bytes(rest, 0, first_.begin) &&
                      same_bytes(rest, first_.end, second_.begin) &&
                      same_bytes(rest, second_.end, bytes_.size());
    return same ? bytes_.size() : 0;
  }

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  static Place place_of(std::string_view text, std::string_view bytes) {
    const std::less<> before;
    if (text.empty() || before(text.data(), bytes.data()) ||
        before(bytes.data() + bytes.size(), text.data() + text.size()))
      return {};
    const auto begin = static_cast<std::size_t>(text.data() - bytes.data());
    return {begin, begin + text.size()};
  }
  bool same_bytes(std::string_view rest, std::size_t begin, std::size_t end) const {
    return std::memcmp(rest.data() + begin, bytes_.data() + begin, end - begin) == 0;
  }

  std::string_view bytes_;
  Place first_;
  Place second_;
};

// A text member's value, or nothing for null; false if malformed.
bool read_text(CborReader& reader, std::string& scratch, std::string_view& text) {
  CborHead head;
  if (!reader.read_head(head)) return false;
  if (head.major != CborMajor::text) return reader.skip_content(head, CborReader::kMaxDepth);
  const std::optional<std::string_view> content = reader.read_string(head, scratch);
  if (!content) return false;
  text = *content;
  return true;
}

// Calls member(name) for each member of the map that comes next; the callback reads the value.
template <typename Member>
bool read_map(CborReader& reader, std::string& scratch, Member&& member) {
  CborHead head;
  if (!reader.read_head(head) || head.major != CborMajor::map) return false;
  std::uint64_t remaining = CborReader::begin_items(head);
  bool malformed = false;
  while (reader.next_item(remaining, malformed)) {
    CborHead key;
    if (!reader.read_head(key) || key.major != CborMajor::text) return false;
    const std::optional<std::string_view> name = reader.read_string(key, scratch);
    if (!name || !member(*name)) return false;
  }
  return !malformed;
}

bool read_entry(CborReader& reader, CborEntry& entry, AnswerBuilder& builder) {
  entry.code = entry.message = entry.sequence_number = entry.shard_id = {};
  const bool read = read_map(reader, entry.scratch[0], [&](std::string_view name) {
    if (name == "SequenceNumber") return read_text(reader, entry.scratch[0], entry.sequence_number);
    if (name == "ShardId") return read_text(reader, entry.scratch[3], entry.shard_id);
    if (name == "ErrorCode") return read_text(reader, entry.scratch[1], entry.code);
    if (name == "ErrorMessage") return read_text(reader, entry.scratch[2], entry.message);
    return reader.skip();
  });
  return read && builder.add(entry.code, entry.message, !entry.sequence_number.empty());
}

bool read_entries(CborReader& reader, AnswerBuilder& builder) {
  CborHead head;
  if (!reader.read_head(head) || head.major != CborMajor::array) return false;
  std::uint64_t remaining = CborReader::begin_items(head);
  bool malformed = false;
  CborEntry entry;
  StoredEntry stored;
  while (reader.next_item(remaining, malformed)) {
    const std::string_view rest = reader.rest();
    if (const std::size_t size = stored.match(rest); size > 0) {
      reader.pass_over(size);
      builder.add_stored();
      continue;
    }
    if (!read_entry(reader, entry, builder)) return false;
    stored.learn(rest.substr(0, rest.size() - reader.rest().size()), entry);
  }
  return !malformed;
}

Result<PutRecordsAnswer> parse_cbor(std::string_view body, std::size_t expected) {
  CborReader reader(body);
  AnswerBuilder builder(expected);
  std::string scratch;
  const bool read = read_map(reader, scratch, [&](std::string_view name) {
    return name == "Records" ? read_entries(reader, builder) : reader.skip();
  });
  if (!read || !reader.at_end()) return unreadable("not a complete CBOR answer");
  return std::move(builder).finish();
}

// --- JSON

std::string_view text_member(simdjson::dom::object entry, std::string_view name) {
  std::string_view text;
  return entry[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

Result<PutRecordsAnswer> parse_json(std::string_view body, std::size_t expected) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  simdjson::dom::object root;
  if (parser.parse(padded).get(root) != simdjson::SUCCESS)
    return unreadable("not a complete JSON answer");
  simdjson::dom::array records;
  if (root["Records"].get(records) != simdjson::SUCCESS) return unreadable("it has no Records");
  AnswerBuilder builder(expected);
  for (const simdjson::dom::element element : records) {
    simdjson::dom::object entry;
    if (element.get(entry) != simdjson::SUCCESS) return unreadable("an entry is no object");
    if (!builder.add(text_member(entry, "ErrorCode"), text_member(entry, "ErrorMessage"),
                     !text_member(entry, "SequenceNumber").empty())) {
      return unreadable("an entry has neither a sequence number nor an error");
    }
  }
  return std::move(builder).finish();
}

}  // namespace

Result<PutRecordsAnswer> parse_put_records_answer(std::string_view content_type,
                                                  std::string_view body, std::size_t expected) {
  const std::optional<Wire> wire = wire_of(content_type, body);
  if (!wire) return unreadable("content type " + std::string(content_type));
  return *wire == Wire::cbor ? parse_cbor(body, expected) : parse_json(body, expected);
}

ServiceError parse_service_error(int http_status, std::string_view content_type,
                                 std::string_view error_type_header, std::string_view body) {
  ServiceError error;
  if (const std::optional<Wire> wire = wire_of(content_type, body)) {
    if (const Result<Value> root = decode(body, *wire)) {
      error.code = bare_code((*root)["__type"].text().value_or(""));
      const Value& message = (*root)["message"].is_null() ? (*root)["Message"] : (*root)["message"];
      error.message = message.text().value_or("");
    }
  }
  if (!error_type_header.empty()) error.code = bare_code(error_type_header);
  if (error.message.empty()) error.message = "HTTP status " + std::to_string(http_status);
  return error;
}

}  // namespace kinesink::kinesis

#include "kinesis/answer.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
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

  void add_stored(std::size_t count) { count_ += count; }

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
    if (!entry.code.empty()) return;  // what was learnt before stays
    size_ = 0;
    if (bytes.size() > kMostBytes) return;
    mask_.fill(0xff);
    for (const std::string_view text : {entry.sequence_number, entry.shard_id}) {
      const std::less<> before;
      // A string that came in pieces lies elsewhere.
      if (text.empty() || before(text.data(), bytes.data()) ||
          before(bytes.data() + bytes.size(), text.data() + text.size()))
        return;
      std::memset(mask_.data() + (text.data() - bytes.data()), 0, text.size());
    }
    std::fill(mask_.begin() + static_cast<std::ptrdiff_t>(bytes.size()), mask_.end(), 0);
    std::memcpy(bytes_.data(), bytes.data(), bytes.size());
    size_ = bytes.size();
  }
  std::size_t size() const { return size_; }
  // How many entries at the front of `rest` look so, at most `most`.
  std::uint64_t run(std::string_view rest, std::uint64_t most) const {
    if (size_ == 0) return 0;
    std::uint64_t found = 0;
    // As long as all that looks_so() reads is there.
    while (found < most && rest.size() >= kMostBytes && looks_so(rest.data())) {
      rest.remove_prefix(size_);
      ++found;
    }
    while (found < most && rest.size() >= size_ && rest.size() < kMostBytes) {
      std::array<char, kMostBytes> last = {};
      std::memcpy(last.data(), rest.data(), rest.size());
      if (!looks_so(last.data())) break;
      rest.remove_prefix(size_);
      ++found;
    }
    return found;
  }

 private:
  static constexpr std::size_t kMostBytes = 128;  // of an entry: one of AWS has 103

  // Without a branch: compilers do many bytes at once.
  bool looks_so(const char* bytes) const {
    std::uint8_t different = 0;
    for (std::size_t at = 0; at < kMostBytes; ++at) {
      different |= static_cast<std::uint8_t>((bytes[at] ^ bytes_[at]) & mask_[at]);
    }
    return different == 0;
  }

  std::size_t size_ = 0;
  std::array<char, kMostBytes> bytes_{};
  std::array<std::uint8_t, kMostBytes> mask_{};  // which of them are the same in all entries
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
    if (!read_entry(reader, entry, builder)) return false;
    stored.learn(rest.substr(0, rest.size() - reader.rest().size()), entry);
    const std::uint64_t alike = stored.run(reader.rest(), remaining);
    reader.pass_over(alike, stored.size(), remaining);
    builder.add_stored(alike);
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

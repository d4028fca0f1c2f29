#include "kinesis/request_body.h"

#include <cassert>
#include <cstring>

#include "base/bytes.h"
#include "base/pages.h"

namespace kinesink::kinesis {
namespace {

constexpr std::size_t kMaxEnvelope = 4096;  // member names and the longest stream ARN, escaped
constexpr std::string_view kJsonData = "{\"Data\":\"";
constexpr std::string_view kJsonPartitionKey = "\",\"PartitionKey\":\"";
constexpr std::string_view kJsonExplicitHashKey = "\",\"ExplicitHashKey\":\"";
constexpr std::string_view kJsonEntryEnd = "\"}";
constexpr std::string_view kJsonEnd = "]}";

std::uint8_t* put(std::uint8_t* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Head of a CBOR text string (RFC 8949, section 3), then the text.
std::uint8_t* put_cbor_text(std::uint8_t* out, std::string_view text) {
  constexpr std::uint8_t kText = 0x60;
  const std::size_t size = text.size();
  if (size < 24) {
    *out++ = static_cast<std::uint8_t>(kText | size);
  } else if (size < 256) {
    *out++ = kText | 24;
    *out++ = static_cast<std::uint8_t>(size);
  } else {
    *out++ = kText | 25;
    *out++ = static_cast<std::uint8_t>(size >> 8);
    *out++ = static_cast<std::uint8_t>(size);
  }
  return put(out, text);
}

std::string_view take_cbor_text(const std::uint8_t*& in) {
  std::size_t size = *in++ & 31;
  if (size == 24) {
    size = *in++;
  } else if (size == 25) {
    size = static_cast<std::size_t>(in[0] << 8 | in[1]);
    in += 2;
  }
  const std::string_view text(reinterpret_cast<const char*>(in), size);
  in += size;
  return text;
}

// The text of a JSON string. Escapes quote, backslash and control characters (RFC 8259, section 7).
std::uint8_t* put_json_text(std::uint8_t* out, std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<std::uint8_t>(character);
    if (byte == '"' || byte == '\\') {
      *out++ = '\\';
      *out++ = byte;
    } else if (byte < 0x20) {
      out = put(out, "\\u00");
      out = reinterpret_cast<std::uint8_t*>(write_hex(&byte, 1, reinterpret_cast<char*>(out)));
    } else {
      *out++ = byte;
    }
  }
  return out;
}

// Appends the text up to the closing quote to `to`; the reverse of put_json_text.
void take_json_text(const char*& in, std::string& to) {
  for (; *in != '"'; ++in) {
    if (*in != '\\') {
      to += *in;
    } else if (*++in == 'u') {
      to += from_hex(std::string_view(in + 3, 2)).value_or("?");
      in += 4;
    } else {
      to += *in;
    }
  }
}

}  // namespace

std::string_view content_type_of(Wire wire) {
  return wire == Wire::cbor ? "application/x-amz-cbor-1.1" : "application/x-amz-json-1.1";
}

RequestBody::RequestBody(Wire wire, const StreamReference& stream, std::size_t max_record_count,
                         std::size_t max_data_size, std::size_t max_record_size)
    : wire_(wire), max_record_count_(max_record_count), max_data_size_(max_data_size) {
  const std::size_t data = max_data_size + max_record_size;
  const std::size_t framing = kMaxEnvelope + (max_record_count + 1) * kEntryOverhead;
  capacity_ = framing + data;
  if (wire == Wire::json) {
    capacity_ = framing + base64_size(data) + kMaxPartitionKeyBytes * kKeyGrowth(wire);
    staging_size_ = max_record_size + kEntryOverhead;
    staging_.reset(new std::uint8_t[staging_size_]);
  }
  buffer_.reset(new std::uint8_t[capacity_]);
  entries_.reserve(max_record_count);
  write_envelope(stream);
}

void RequestBody::write_envelope(const StreamReference& stream) {
  const std::string_view member = stream.is_arn() ? "StreamARN" : "StreamName";
  std::uint8_t* out = buffer_.get();
  if (wire_ == Wire::cbor) {
    *out++ = 0xa2;  // map of two
    out = put_cbor_text(out, member);
    out = put_cbor_text(out, stream.text);
    out = put_cbor_text(out, "Records");
    *out++ = 0x99;  // array, two bytes of count: patched by seal()
    out += 2;
  } else {
    out = put(put(out, "{\""), member);
    out = put_json_text(put(out, "\":\""), stream.text);
    out = put(out, "\",\"Records\":[");
  }
  envelope_size_ = static_cast<std::size_t>(out - buffer_.get());
  assert(envelope_size_ <= kMaxEnvelope);
  size_ = envelope_size_;
}

void RequestBody::end_any_entry(std::uint8_t* payload_end, std::string_view partition_key,
                                std::string_view explicit_hash_key, std::int64_t row,
                                std::uint32_t rows) {
  std::uint8_t* begin = buffer_.get() + size_;
  std::uint8_t* end = nullptr;
  std::size_t payload_size = 0;
  if (wire_ == Wire::cbor) {
    payload_size = static_cast<std::size_t>(payload_end - begin) - kCborDataHead;
    end = write_cbor(begin, payload_end, partition_key, explicit_hash_key);
  } else {
    if (!entries_.empty()) *begin++ = ',';
    payload_size = static_cast<std::size_t>(payload_end - staging_.get());
    staging_high_water_ = std::max(staging_high_water_, payload_size);
    end = write_json(begin, payload_end, partition_key, explicit_hash_key);
  }
  add_entry(
      begin, end, static_cast<std::uint32_t>(payload_size),
      static_cast<std::uint32_t>(payload_size + partition_key.size() + explicit_hash_key.size()),
      row, rows);
  assert(size_ + kJsonEnd.size() <= capacity_);
}

std::uint8_t* RequestBody::write_cbor(std::uint8_t* begin, std::uint8_t* payload_end,
                                      std::string_view partition_key,
                                      std::string_view explicit_hash_key) {
  const auto size =
      static_cast<std::uint32_t>(payload_end - begin - static_cast<std::ptrdiff_t>(kCborDataHead));
  std::uint8_t* out = begin;
  *out++ = explicit_hash_key.empty() ? 0xa2 : 0xa3;
  out = put(out,
            "\x64"
            "Data");
  *out++ = 0x5a;  // byte string, four bytes of length
  *out++ = static_cast<std::uint8_t>(size >> 24);
  *out++ = static_cast<std::uint8_t>(size >> 16);
  *out++ = static_cast<std::uint8_t>(size >> 8);
  *out++ = static_cast<std::uint8_t>(size);
  assert(out == begin + kCborDataHead);
  out = put_cbor_text(put(payload_end,
                          "\x6c"
                          "PartitionKey"),
                      partition_key);
  if (!explicit_hash_key.empty()) {
    out = put_cbor_text(put(out,
                            "\x6f"
                            "ExplicitHashKey"),
                        explicit_hash_key);
  }
  return out;
}

std::uint8_t* RequestBody::write_json(std::uint8_t* begin, const std::uint8_t* payload_end,
                                      std::string_view partition_key,
                                      std::string_view explicit_hash_key) {
  std::uint8_t* out = put(begin, kJsonData);
  const auto size = static_cast<std::size_t>(payload_end - staging_.get());
  out = reinterpret_cast<std::uint8_t*>(
      write_base64(staging_.get(), size, reinterpret_cast<char*>(out)));
  out = put_json_text(put(out, kJsonPartitionKey), partition_key);
  if (!explicit_hash_key.empty()) {
    out = put_json_text(put(out, kJsonExplicitHashKey), explicit_hash_key);
  }
  return put(out, kJsonEntryEnd);
}

bool RequestBody::fits(const Entry& entry) const {
  const std::size_t bytes = entry.end - entry.begin + 1 + kJsonEnd.size();
  return entries_.size() < max_record_count_ && size_ + bytes <= capacity_ &&
         (entries_.empty() || data_size_ + entry.charged_size <= max_data_size_);
}

void RequestBody::append_entry(const RequestBody& from, const Entry& entry) {
  assert(fits(entry) && from.wire_ == wire_);
  if (wire_ == Wire::json && !entries_.empty()) buffer_[size_++] = ',';
  const std::uint32_t bytes = entry.end - entry.begin;
  std::memcpy(buffer_.get() + size_, from.buffer_.get() + entry.begin, bytes);
  Entry copy = entry;
  copy.begin = static_cast<std::uint32_t>(size_);
  copy.end = copy.begin + bytes;
  entries_.push_back(copy);
  digest_.reset();
  size_ = copy.end;
  count(copy);
}

void RequestBody::compact(std::span<const std::uint32_t> keep) {
  high_water_ = std::max(high_water_, size_);
  size_ = envelope_size_;
  data_size_ = 0;
  payload_size_ = 0;
  row_count_ = 0;
  digest_.reset();
  std::size_t kept = 0;
  for (const std::uint32_t index : keep) {
    assert(index >= kept && index < entries_.size());
    Entry entry = entries_[index];
    if (wire_ == Wire::json && kept > 0) buffer_[size_++] = ',';
    const std::uint32_t bytes = entry.end - entry.begin;
    std::memmove(buffer_.get() + size_, buffer_.get() + entry.begin, bytes);
    entry.begin = static_cast<std::uint32_t>(size_);
    entry.end = entry.begin + bytes;
    size_ = entry.end;
    count(entry);
    entries_[kept++] = entry;
  }
  entries_.resize(kept);
}

void RequestBody::clear() { compact({}); }

void RequestBody::trim() {
  if (high_water_ > size_)
    high_water_ -= discard_pages(buffer_.get() + size_, buffer_.get() + high_water_);
}

std::string_view RequestBody::seal() {
  std::size_t end = size_;
  if (wire_ == Wire::cbor) {
    buffer_[envelope_size_ - 2] = static_cast<std::uint8_t>(entries_.size() >> 8);
    buffer_[envelope_size_ - 1] = static_cast<std::uint8_t>(entries_.size());
  } else {
    put(buffer_.get() + size_, kJsonEnd);
    end += kJsonEnd.size();
  }
  return {reinterpret_cast<const char*>(buffer_.get()), end};
}

RequestBody::Decoded RequestBody::decode(const Entry& entry, std::string& scratch) const {
  Decoded decoded;
  if (wire_ == Wire::cbor) {
    const std::uint8_t* in = buffer_.get() + entry.begin + kCborDataHead;
    decoded.payload = {reinterpret_cast<const char*>(in), entry.payload_size};
    in += entry.payload_size;
    take_cbor_text(in);
    decoded.partition_key = take_cbor_text(in);
    if (in == buffer_.get() + entry.end) return decoded;
    take_cbor_text(in);
    decoded.explicit_hash_key = take_cbor_text(in);
    return decoded;
  }
  const char* in = reinterpret_cast<const char*>(buffer_.get()) + entry.begin + kJsonData.size();
  const char* const end = reinterpret_cast<const char*>(buffer_.get()) + entry.end;
  scratch.clear();
  scratch.reserve(entry.end - entry.begin);  // so that the views into it stay valid
  append_from_base64({in, base64_size(entry.payload_size)}, scratch);
  in += base64_size(entry.payload_size) + kJsonPartitionKey.size();
  const std::size_t key_begin = scratch.size();
  take_json_text(in, scratch);
  const std::size_t key_end = scratch.size();
  if (in + kJsonEntryEnd.size() != end) {
    in += kJsonExplicitHashKey.size();
    take_json_text(in, scratch);
  }
  const std::string_view all = scratch;
  decoded.payload = all.substr(0, key_begin);
  decoded.partition_key = all.substr(key_begin, key_end - key_begin);
  decoded.explicit_hash_key = all.substr(key_end);
  return decoded;
}

}  // namespace kinesink::kinesis

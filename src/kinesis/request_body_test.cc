#include "kinesis/request_body.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "kinesis/put_records_request.h"
#include "kinesis/value.h"

namespace kinesink::kinesis {
namespace {

constexpr std::string_view kHashKey = "12345678901234567890123456789012345678";

void write(RequestBody& body, std::string_view payload, std::string_view key,
           std::string_view hash_key = "", std::int64_t row = 0) {
  std::uint8_t* begin = body.begin_entry();
  ASSERT_NE(begin, nullptr);
  ASSERT_LE(begin + payload.size(), body.payload_limit(key.size() + hash_key.size()));
  body.end_entry(std::copy(payload.begin(), payload.end(), begin), key, hash_key, row);
}

RequestBody small_body(Wire wire) { return RequestBody(wire, {"events"}, 10, 1'000, 200); }

// The records of a finished body, as a server reads them.
std::string rendered(RequestBody& body) {
  PutRecordsRequest request;
  const Result<void> parsed = parse_put_records_request(body.wire(), body.seal(), request);
  if (!parsed) return parsed.error().message;
  std::string text(request.stream_name.value_or(request.stream_arn.value_or("?")));
  for (const auto& record : request.records) {
    text += " " + std::string(record.data) + "/" + std::string(record.partition_key);
    if (!record.explicit_hash_key.empty()) text += "/" + std::string(record.explicit_hash_key);
  }
  return text;
}

// Python's cbor2 writes this for the same request.
TEST(RequestBody, in_cbor_reads_as_an_independent_encoder_s) {
  const std::string expected = *from_hex(
      "a26a53747265616d4e616d65666576656e7473675265636f72647382a26444617461436f6e656c50617274697469"
      "6f6e4b6579"
      "626b31a364446174614200ff6c506172746974696f6e4b6579626b326f4578706c69636974486173684b65797826"
      "313233343536"
      "3738393031323334353637383930313233343536373839303132333435363738");
  RequestBody body = small_body(Wire::cbor);
  write(body, "one", "k1");
  write(body, std::string_view("\0\xff", 2), "k2", kHashKey);
  // The lengths of Data and Records are written wider than they need to be; the values are the
  // same.
  EXPECT_EQ(*decode(body.seal(), Wire::cbor), *decode(expected, Wire::cbor));
}

TEST(RequestBody, in_cbor_has_the_layout_that_the_header_draws) {
  RequestBody body = small_body(Wire::cbor);
  write(body, "one", "k1");
  EXPECT_EQ(to_hex(body.seal()),
            "a2"
            "6a53747265616d4e616d65"
            "666576656e7473"
            "675265636f726473"
            "990001"
            "a2"
            "6444617461"
            "5a000000036f6e65"
            "6c506172746974696f6e4b6579"
            "626b31");
}

TEST(RequestBody, in_json_is_the_text_that_the_service_documents) {
  RequestBody body = small_body(Wire::json);
  write(body, "one", "k\"1\n");
  write(body, std::string_view("\0\xff", 2), "k2", kHashKey);
  EXPECT_EQ(body.seal(),
            R"({"StreamName":"events","Records":[{"Data":"b25l","PartitionKey":"k\"1\u000a"},)"
            R"({"Data":"AP8=","PartitionKey":"k2",)"
            R"("ExplicitHashKey":"12345678901234567890123456789012345678"}]})");
}

class EitherWire : public testing::TestWithParam<Wire> {};
INSTANTIATE_TEST_SUITE_P(Wires, EitherWire, testing::Values(Wire::cbor, Wire::json),
                         [](const auto& wire) {
                           return wire.param == Wire::cbor ? "cbor" : "json";
                         });

TEST_P(EitherWire, names_the_stream_by_its_arn_if_it_is_one) {
  const std::string arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/events";
  RequestBody body(GetParam(), {arn}, 10, 1'000, 200);
  EXPECT_EQ(rendered(body), arn);
}

TEST_P(EitherWire, keeps_entries_when_others_leave) {
  RequestBody body = small_body(GetParam());
  for (int i = 0; i < 6; ++i) write(body, "row" + std::to_string(i), "key", "", i);
  EXPECT_EQ(body.data_size(), 6 * 7U);
  EXPECT_EQ(body.payload_size(), 6 * 4U);
  EXPECT_EQ(body.row_count(), 6U);
  const std::uint32_t keep[] = {0, 3, 5};
  body.compact(keep);
  EXPECT_EQ(rendered(body), "events row0/key row3/key row5/key");
  EXPECT_EQ(body.data_size(), 3 * 7U);
  EXPECT_EQ(body.payload_size(), 3 * 4U);
  EXPECT_EQ(body.row_count(), 3U);
  EXPECT_EQ(body.entries()[1].row, 3);
  write(body, "new", "key");
  EXPECT_EQ(rendered(body), "events row0/key row3/key row5/key new/key");
  body.clear();
  EXPECT_EQ(rendered(body), "events");
}

TEST_P(EitherWire, takes_entries_of_another_body) {
  RequestBody from = small_body(GetParam());
  write(from, "a", "k\"", kHashKey, 1);
  write(from, "b", "k", "", 2);
  RequestBody to = small_body(GetParam());
  write(to, "c", "k", "", 3);
  for (const Entry& entry : from.entries()) to.append_entry(from, entry);
  EXPECT_EQ(rendered(to), "events c/k a/k\"/" + std::string(kHashKey) + " b/k");
  EXPECT_EQ(to.entries()[1].row, 1);
}

TEST_P(EitherWire, takes_entries_of_another_body_up_to_max_data_size) {
  RequestBody from(GetParam(), {"events"}, 10, 1'000, 2'000);
  write(from, std::string(599, 'x'), "k");    // 600 bytes
  write(from, std::string(399, 'x'), "k");    // 400
  write(from, std::string(400, 'x'), "k");    // 401
  write(from, std::string(1'500, 'x'), "k");  // more than a body of several may have
  RequestBody to(GetParam(), {"events"}, 10, 1'000, 2'000);
  EXPECT_TRUE(to.fits(from.entries()[3]));
  to.append_entry(from, from.entries()[0]);
  EXPECT_TRUE(to.fits(from.entries()[1]));
  EXPECT_FALSE(to.fits(from.entries()[2]));
  to.append_entry(from, from.entries()[1]);
  EXPECT_EQ(to.data_size(), 1'000U);
}

TEST_P(EitherWire, gives_back_what_was_written) {
  RequestBody body = small_body(GetParam());
  const std::string long_key(256, 'k');
  write(body, std::string_view("\0\x01\xff", 3), "\x01\"\\", kHashKey);
  write(body, "", long_key);
  std::string scratch;
  auto decoded = body.decode(body.entries()[0], scratch);
  EXPECT_EQ(decoded.payload, std::string_view("\0\x01\xff", 3));
  EXPECT_EQ(decoded.partition_key, "\x01\"\\");
  EXPECT_EQ(decoded.explicit_hash_key, kHashKey);
  decoded = body.decode(body.entries()[1], scratch);
  EXPECT_EQ(decoded.payload, "");
  EXPECT_EQ(decoded.partition_key, long_key);
  EXPECT_EQ(decoded.explicit_hash_key, "");
}

TEST_P(EitherWire, always_has_room_for_max_data_size_and_one_more_record) {
  for (const std::string& key : {std::string("k"), std::string(256, '\x01')}) {
    RequestBody body(GetParam(), {"events"}, 10, 1'000, 600);
    write(body, std::string(500 - key.size(), 'x'), key);
    write(body, std::string(500 - key.size(), 'x'), key);
    write(body, std::string(600 - key.size(), 'y'), key);
    EXPECT_EQ(body.data_size(), 1'600U);
    EXPECT_LE(body.seal().size(), body.capacity());
    EXPECT_GE(body.committed_bytes(), body.data_size());
  }
}

TEST_P(EitherWire, takes_no_more_records_than_it_is_told) {
  RequestBody body = small_body(GetParam());
  for (int i = 0; i < 10; ++i) write(body, "x", "k");
  EXPECT_EQ(body.begin_entry(), nullptr);
  EXPECT_FALSE(body.fits(body.entries()[0]));
}

TEST_P(EitherWire, keys_of_every_length_and_character_arrive) {
  RequestBody body(GetParam(), {"events"}, 100, 50'000, 2'000);
  std::vector<std::string> keys;
  for (const std::size_t size : {1, 22, 23, 24, 25, 255, 256, 257, 1024}) {
    keys.emplace_back(size, 'k');
  }
  for (char character = 0; character < 0x23; ++character) keys.emplace_back(1, character);
  keys.emplace_back("\\");
  keys.emplace_back("\x7f\xc3\xa9");
  for (const std::string& key : keys) write(body, "x", key);
  const std::string sealed(body.seal());
  const auto read = decode(sealed, GetParam());
  ASSERT_TRUE(read);
  const Value::List& records = (*read)["Records"].list();
  ASSERT_EQ(records.size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(records[i]["PartitionKey"].text(), keys[i]) << i;
    // Lengths are written as short as they can be (RFC 8949, section 4.2.1).
    if (GetParam() == Wire::cbor) {
      EXPECT_NE(sealed.find("PartitionKey" + encode(Value(keys[i]), Wire::cbor)), sealed.npos) << i;
    }
  }
}

TEST_P(EitherWire, payloads_and_both_keys_are_charged) {
  RequestBody body = small_body(GetParam());
  write(body, "one", "k1", kHashKey);
  EXPECT_EQ(body.data_size(), 3 + 2 + kHashKey.size());
  RequestBody other = small_body(GetParam());
  other.append_entry(body, body.entries()[0]);
  EXPECT_EQ(other.data_size(), body.data_size());
}

TEST_P(EitherWire, memory_stays_committed_when_a_body_is_cleared) {
  RequestBody body = small_body(GetParam());
  for (int i = 0; i < 5; ++i) write(body, std::string(100, 'x'), "key");
  const std::size_t committed = body.committed_bytes();
  // In JSON a payload is written twice: as it is, and as base64.
  EXPECT_GE(committed, body.seal().size() - 2 + (GetParam() == Wire::json ? 100 : 0));
  body.clear();
  EXPECT_EQ(body.committed_bytes(), committed);
}

TEST(RequestBody, in_json_has_room_for_its_end_behind_the_last_entry_that_fits) {
  // Keys that grow sixfold use up the room before max_data_size does.
  RequestBody from(Wire::json, {"events"}, 100, 10'000, 2'000);
  for (int i = 0; i < 15; ++i) write(from, "", std::string(256, '\x01'));
  RequestBody to(Wire::json, {"events"}, 100, 10'000, 2'000);
  while (to.fits(from.entries()[0])) to.append_entry(from, from.entries()[0]);
  ASSERT_LT(to.data_size(), 8'000U);
  const std::size_t room = to.capacity() - to.seal().size();
  bool exactly = false;
  for (std::size_t size = 1; size <= 1'900; ++size) {
    RequestBody one(Wire::json, {"events"}, 1, 2'000, 2'000);
    write(one, "", std::string(size, 'k'));
    const Entry& entry = one.entries()[0];
    const std::size_t needed = entry.end - entry.begin + 1;  // and the comma
    EXPECT_EQ(to.fits(entry), needed <= room) << size;
    exactly = exactly || needed == room;
  }
  EXPECT_TRUE(exactly) << room;
}

TEST_P(EitherWire, a_digest_is_known_until_the_next_change) {
  RequestBody body = small_body(GetParam());
  const auto set = [&body] {
    EXPECT_FALSE(body.digest()) << "survived a change";
    body.set_digest({1, 2, 3});
    body.seal();
    EXPECT_EQ(*body.digest(), (RequestBody::Digest{1, 2, 3}));
  };
  write(body, "one", "key");
  set();
  write(body, "two", "key");
  set();
  RequestBody other = small_body(GetParam());
  write(other, "three", "key");
  body.append_entry(other, other.entries()[0]);
  set();
  const std::uint32_t first[] = {0};
  body.compact(first);
  set();
  body.clear();
  EXPECT_FALSE(body.digest());
}

TEST(PutRecordsRequest, reads_indefinite_lengths_and_members_in_any_order) {
  const std::string body = *from_hex(
      "bf675265636f7264739fbf6c506172746974696f6e4b65797f616b6131ff656578747261f664446174615f416f42"
      "6e65ffffff"
      "6a53747265616d4e616d65666576656e7473ff");
  PutRecordsRequest request;
  ASSERT_TRUE(parse_put_records_request(Wire::cbor, body, request));
  ASSERT_EQ(request.records.size(), 1U);
  EXPECT_EQ(request.records[0].data, "one");
  EXPECT_EQ(request.records[0].partition_key, "k1");
  EXPECT_EQ(request.stream_name, "events");
}

TEST(PutRecordsRequest, is_refused_at_every_truncation) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    RequestBody body = small_body(wire);
    write(body, "one", "k1", kHashKey);
    const std::string whole(body.seal());
    PutRecordsRequest request;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(parse_put_records_request(wire, whole.substr(0, size), request)) << size;
    }
  }
}

// What retries leave behind must not add up.
TEST(RequestBody, gives_back_the_memory_of_entries_that_left) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    RequestBody body(wire, {"events"}, 10, 4'000'000, 1'000'000);
    const std::string big(300'000, 'x');
    write(body, "first", "k");
    for (int i = 0; i < 5; ++i) write(body, big, "k");
    const std::size_t before = body.committed_bytes();
    body.compact(std::vector<std::uint32_t>{0});
    EXPECT_EQ(body.committed_bytes(), before);
    body.trim();
    EXPECT_LT(body.committed_bytes(), before - 1'400'000);
    EXPECT_EQ(rendered(body), "events first/k");
    write(body, big, "k");
    EXPECT_EQ(rendered(body), "events first/k " + big + "/k");
    body.clear();
    body.trim();
    body.trim();
    EXPECT_LT(body.committed_bytes(), 320'000U);  // in JSON a payload is staged
  }
}

TEST(PutRecordsRequest, is_refused_when_anything_follows) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    RequestBody body = small_body(wire);
    write(body, "one", "k1");
    PutRecordsRequest request;
    EXPECT_TRUE(parse_put_records_request(wire, body.seal(), request));
    EXPECT_FALSE(parse_put_records_request(wire, std::string(body.seal()) + "1", request));
  }
}

TEST(PutRecordsRequest, forgets_the_one_before) {
  PutRecordsRequest request;
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    ASSERT_TRUE(parse_put_records_request(
        Wire::json,
        R"({"StreamName":"a","StreamARN":"b","Records":[{"Data":"b25l","PartitionKey":"k"}]})",
        request));
    EXPECT_EQ(request.stream_arn, "b");
    const std::size_t memory = request.decoded.size();
    const std::string empty = encode(Value(Value::Members{}), wire);
    ASSERT_TRUE(parse_put_records_request(wire, empty, request));
    EXPECT_EQ(request.stream_name, std::nullopt);
    EXPECT_EQ(request.stream_arn, std::nullopt);
    EXPECT_TRUE(request.records.empty());
    EXPECT_LT(request.decoded.size(), memory);
  }
}

TEST(PutRecordsRequest, with_members_of_the_wrong_type_is_refused) {
  const Value good = Value(Value::Members{
      {"Data", Value(Bytes{"one"})}, {"PartitionKey", Value("k")}, {"ExplicitHashKey", Value()}});
  const auto parse = [](const Value& record) {
    PutRecordsRequest request;
    const Value body(Value::Members{{"Records", Value(Value::List{record})}});
    return parse_put_records_request(Wire::cbor, encode(body, Wire::cbor), request).has_value();
  };
  EXPECT_TRUE(parse(good));
  for (std::size_t i = 0; i < 3; ++i) {
    for (const Value& wrong : {Value(1), Value(1.5), Value(true), Value(Value::List{})}) {
      Value::Members members = good.members();
      members[i].second = wrong;
      EXPECT_FALSE(parse(Value(members))) << members[i].first;
    }
  }
  PutRecordsRequest request;
  for (const char* data : {"\"b25\"", "\"b2 5l\"", "\"b25l=\"", "1", "null"}) {
    const std::string json =
        R"({"Records":[{"PartitionKey":"k","Data":)" + std::string(data) + "}]}";
    EXPECT_FALSE(parse_put_records_request(Wire::json, json, request)) << json;
  }
}

}  // namespace
}  // namespace kinesink::kinesis

#include "kinesis/answer.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"
#include "kinesis/value.h"

namespace kinesink::kinesis {
namespace {

constexpr std::string_view kCbor = "application/x-amz-cbor-1.1";
constexpr std::string_view kJson = "application/x-amz-json-1.1";

Value stored(const char* number) {
  return Value(Value::Members{{"SequenceNumber", Value(number)},
                              {"ShardId", Value("shardId-000000000000")}});
}
Value refused(const char* code) {
  return Value(Value::Members{{"ErrorCode", Value(code)}, {"ErrorMessage", Value("why")}});
}
Value answer_of(Value::List records) {
  return Value(Value::Members{{"FailedRecordCount", Value(0)},
                              {"Records", Value(std::move(records))},
                              {"EncryptionType", Value("NONE")}});
}

// "ok", or the failed entries, or what is wrong.
std::string rendered(std::string_view content_type, std::string_view body, std::size_t expected) {
  const auto answer = parse_put_records_answer(content_type, body, expected);
  if (!answer) {
    EXPECT_EQ(answer.error().kind, ErrorKind::transient);
    return answer.error().message;
  }
  std::string text = "ok";
  for (const FailedEntry& failed : answer->failed) {
    text += ' ' + std::to_string(failed.index) + ':' + failed.code + '/' + failed.message +
            (failed.error_class == ErrorClass::throttled   ? " throttled"
             : failed.error_class == ErrorClass::transient ? " transient"
                                                           : " neither");
  }
  return text;
}

TEST(PutRecordsAnswer, is_read_in_either_wire) {
  const Value clean = answer_of({stored("1"), stored("2")});
  const Value mixed = answer_of({stored("1"), refused("ProvisionedThroughputExceededException"),
                                 refused("InternalFailure"), stored("2")});
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    const std::string_view type = wire == Wire::cbor ? kCbor : kJson;
    EXPECT_EQ(rendered(type, encode(clean, wire), 2), "ok");
    EXPECT_EQ(rendered(type, encode(mixed, wire), 4),
              "ok 1:ProvisionedThroughputExceededException/why throttled 2:InternalFailure/why "
              "transient");
  }
}

// Most entries of an answer in CBOR are compared with the one before; those in JSON are parsed.
TEST(PutRecordsAnswer, is_the_same_in_both_wires_whatever_it_is_made_of) {
  Random random(3);
  const std::string digits(56, '4');
  for (int life = 0; life < 300; ++life) {
    Value::List records;
    const std::size_t count = 1 + random.below(40);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string number = digits.substr(random.below(8) == 0 ? random.below(56) : 0);
      Value::Members members{{"SequenceNumber", Value(number)},
                             {"ShardId", Value("shardId-00000000000" + std::to_string(i % 10))}};
      switch (random.below(12)) {
        case 0:
          members = {{"ErrorCode", Value("InternalFailure")}, {"ErrorMessage", Value(number)}};
          break;
        case 1:
          members.emplace_back("ErrorCode", Value("Throttling"));
          break;
        case 2:
          members.emplace_back("Zeta", Value(Value::List{Value(1), Value(number)}));
          break;
        case 3:
          std::swap(members[0], members[1]);
          break;
        default:
          break;
      }
      records.emplace_back(std::move(members));
    }
    const Value answer = answer_of(std::move(records));
    const std::string in_json = rendered(kJson, encode(answer, Wire::json), count);
    ASSERT_EQ(rendered(kCbor, encode(answer, Wire::cbor), count), in_json);
    const std::string cbor = encode(answer, Wire::cbor);
    ASSERT_NE(rendered(kCbor, cbor.substr(0, random.below(cbor.size())), count), in_json);
  }
}

// kinesis-local writes nulls for what is absent.
TEST(PutRecordsAnswer, takes_nulls_for_absent) {
  const std::string body =
      R"({"EncryptionType":null,"Records":[{"ErrorCode":null,"ErrorMessage":null,)"
      R"("SequenceNumber":"1","ShardId":"s"}]})";
  EXPECT_EQ(rendered(kJson, body, 1), "ok");
  EXPECT_EQ(rendered(kCbor, encode(*decode(body, Wire::json), Wire::cbor), 1), "ok");
}

TEST(PutRecordsAnswer, whatever_an_entry_says_may_pass) {
  EXPECT_EQ(rendered(kJson,
                     encode(answer_of({refused("SomethingNew"), refused("KMSThrottlingException"),
                                       refused("ValidationException")}),
                            Wire::json),
                     3),
            "ok 0:SomethingNew/why transient 1:KMSThrottlingException/why throttled "
            "2:ValidationException/why transient");
}

TEST(PutRecordsAnswer, with_too_few_or_too_many_entries_is_none) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    const std::string body = encode(answer_of({stored("1"), stored("2")}), wire);
    const std::string_view type = wire == Wire::cbor ? kCbor : kJson;
    EXPECT_EQ(rendered(type, body, 3),
              "the answer to PutRecords is unreadable: it has 2 entries, the request had 3");
    EXPECT_EQ(rendered(type, body, 1),
              "the answer to PutRecords is unreadable: it has 2 entries, the request had 1");
  }
}

TEST(PutRecordsAnswer, without_number_and_error_is_none) {
  EXPECT_NE(rendered(kJson, R"({"Records":[{}]})", 1), "ok");
  EXPECT_NE(rendered(kJson, R"({"Records":[{"SequenceNumber":""}]})", 1), "ok");
  EXPECT_NE(
      rendered(kCbor,
               encode(Value(Value::Members{{"Records", Value(Value::List{Value()})}}), Wire::cbor),
               1),
      "ok");
}

TEST(PutRecordsAnswer, cut_anywhere_is_none) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    const std::string whole = encode(answer_of({stored("1"), refused("InternalFailure")}), wire);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string text =
          rendered(wire == Wire::cbor ? kCbor : kJson, whole.substr(0, size), 2);
      EXPECT_EQ(text.rfind("the answer to PutRecords is unreadable", 0), 0U)
          << size << ": " << text;
    }
  }
}

TEST(PutRecordsAnswer, followed_by_anything_is_none) {
  for (const Wire wire : {Wire::cbor, Wire::json}) {
    const std::string whole = encode(answer_of({stored("1")}), wire);
    const std::string_view type = wire == Wire::cbor ? kCbor : kJson;
    EXPECT_EQ(rendered(type, whole, 1), "ok");
    EXPECT_NE(rendered(type, whole + "1", 1), "ok");
    EXPECT_NE(rendered(type, whole + whole, 2), "ok");
  }
}

TEST(PutRecordsAnswer, whose_records_are_no_list_is_none) {
  // {"Records": {{"SequenceNumber": "1"}: nothing}}: read as a list it would be one stored record.
  const std::string map = *from_hex("a1675265636f726473a1a16e53657175656e63654e756d6265726131");
  EXPECT_NE(rendered(kCbor, map, 1), "ok");
  for (const char* records : {"null", "{}", "\"x\"", "1", "[null]", "[[]]"}) {
    const std::string json = "{\"Records\":" + std::string(records) + "}";
    EXPECT_NE(rendered(kJson, json, 1), "ok") << json;
    EXPECT_NE(rendered(kCbor, encode(*decode(json, Wire::json), Wire::cbor), 1), "ok") << json;
  }
}

TEST(PutRecordsAnswer, in_html_or_empty_is_none) {
  EXPECT_EQ(rendered("text/html", "<html></html>", 1),
            "the answer to PutRecords is unreadable: content type text/html");
  EXPECT_EQ(rendered("", "", 1), "the answer to PutRecords is unreadable: content type ");
}

std::string error_of(int status, std::string_view type, std::string_view header,
                     std::string_view body) {
  const ServiceError error = parse_service_error(status, type, header, body);
  return error.code + "|" + error.message;
}

TEST(ServiceError, is_found_wherever_a_service_or_gateway_puts_it) {
  EXPECT_EQ(
      error_of(400, kJson, "", R"({"__type":"com.amazonaws#ValidationException","message":"no"})"),
      "ValidationException|no");
  EXPECT_EQ(
      error_of(400, kJson, "", R"({"__type":"LimitExceededException:http://x/","Message":"no"})"),
      "LimitExceededException|no");
  EXPECT_EQ(error_of(400, kJson, "AccessDeniedException:x", R"({"__type":"Other","message":"no"})"),
            "AccessDeniedException|no");
  EXPECT_EQ(error_of(400, kCbor, "",
                     encode(*decode(R"({"__type":"A","message":"no"})", Wire::json), Wire::cbor)),
            "A|no");
  EXPECT_EQ(error_of(503, "text/html", "", "<html>"), "|HTTP status 503");
  EXPECT_EQ(error_of(500, kJson, "", ""), "|HTTP status 500");
  EXPECT_EQ(error_of(413, "", "", ""), "|HTTP status 413");
}

TEST(ErrorClass, follows_the_table) {
  const std::tuple<const char*, int, ErrorClass> rows[] = {
      {"ProvisionedThroughputExceededException", 400, ErrorClass::throttled},
      {"LimitExceededException", 400, ErrorClass::throttled},
      {"KMSThrottlingException", 400, ErrorClass::throttled},
      {"ThrottlingException", 400, ErrorClass::throttled},
      {"", 429, ErrorClass::throttled},
      {"InternalFailure", 500, ErrorClass::transient},
      {"", 500, ErrorClass::transient},
      {"", 502, ErrorClass::transient},
      {"", 503, ErrorClass::transient},
      {"", 504, ErrorClass::transient},
      {"", 302, ErrorClass::transient},
      {"", 408, ErrorClass::transient},
      {"", 400, ErrorClass::transient},
      {"ExpiredTokenException", 400, ErrorClass::auth},
      {"com.x#ExpiredTokenException:y", 400, ErrorClass::auth},
      {"InvalidSignatureException", 400, ErrorClass::clock},
      {"RequestExpired", 400, ErrorClass::clock},
      {"ValidationException", 400, ErrorClass::refused},
      {"InvalidArgumentException", 400, ErrorClass::refused},
      {"SerializationException", 400, ErrorClass::refused},
      {"", 413, ErrorClass::refused},
      {"AccessDeniedException", 400, ErrorClass::permanent},
      {"ResourceNotFoundException", 400, ErrorClass::permanent},
      {"KMSDisabledException", 400, ErrorClass::permanent},
      {"UnknownOperationException", 400, ErrorClass::permanent},
      {"", 403, ErrorClass::permanent},
  };
  for (const auto& [code, status, error_class] : rows) {
    EXPECT_EQ(classify(code, status), error_class) << code << ' ' << status;
  }
}

}  // namespace
}  // namespace kinesink::kinesis

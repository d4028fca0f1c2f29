#include "local/service.h"

#include <set>

#include "base/random.h"
#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

class ServiceFrame : public ServiceTest {
 protected:
  std::string ask_with(const http::Request& request) {
    const auto response = service_->handle(request, clock_.wall_now());
    return std::to_string(response.status) + " " + response.body;
  }
};

TEST_F(ServiceFrame, unknown_operations_are_told) {
  EXPECT_EQ(ask("PutEverything", "{}"),
            R"(400 {"__type":"UnknownOperationException",)"
            R"("message":"This server does not know the operation PutEverything."})");
  http::Request request = make_request("ListStreams", "{}");
  request.headers[0].value = "DynamoDB_20120810.ListTables";
  EXPECT_EQ(ask_with(request),
            R"(400 {"__type":"UnknownOperationException",)"
            R"("message":"The X-Amz-Target header names no operation of Kinesis."})");
}

TEST_F(ServiceFrame, errors_come_in_the_encoding_of_the_request) {
  const auto response =
      service_->handle(make_request("Nope", "\xa0", kinesis::Wire::cbor), clock_.wall_now());
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.header("content-type"), "application/x-amz-cbor-1.1");
  const auto root = kinesis::decode(response.body, kinesis::Wire::cbor);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["__type"].text(), "UnknownOperationException");
}

TEST_F(ServiceFrame, a_request_must_be_signed) {
  http::Request request = make_request("ListStreams", "{}");
  request.headers.pop_back();
  EXPECT_EQ(ask_with(request), R"(400 {"__type":"MissingAuthenticationTokenException",)"
                               R"("message":"Missing Authentication Token"})");
  request.headers.push_back({"authorization", "AWS4-HMAC-SHA256 Credential=x,Signature=y"});
  EXPECT_EQ(ask_with(request), R"(400 {"__type":"IncompleteSignatureException","message":)"
                               R"("Authorization header requires 'SignedHeaders' parameter."})");
  request.headers.back().value += ",SignedHeaders=host";
  EXPECT_THAT(ask_with(request), testing::StartsWith("200"));
  std::erase_if(request.headers, [](const auto& header) { return header.name == "X-Amz-Date"; });
  EXPECT_THAT(ask_with(request), testing::HasSubstr("either a 'X-Amz-Date' or a 'Date' header"));
}

TEST_F(ServiceFrame, answers_carry_request_id_and_date) {
  std::set<std::string> ids;
  for (int count = 0; count < 100; ++count) {
    const auto response = service_->handle(make_request("ListStreams", "{}"), clock_.wall_now());
    EXPECT_EQ(response.header("date"), "Sun, 15 Jun 2025 15:06:40 GMT");
    ids.emplace(response.header("x-amzn-requestid"));
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(ids.begin()->size(), 36u);
}

TEST_F(ServiceFrame, the_same_seed_gives_the_same_bytes) {
  const auto run = [](std::uint64_t seed) {
    Service service({.streams = {{"s", 3}}, .seed = seed});
    ManualClock clock;
    std::string all;
    for (const char* key : {"a", "b", "c"}) {
      const std::string body =
          R"({"StreamName":"s","Data":"","PartitionKey":")" + std::string(key) + "\"}";
      const auto response = service.handle(make_request("PutRecord", body), clock.wall_now());
      for (const auto& header : response.headers) all += header.name + header.value;
      all += response.body;
      clock.advance(std::chrono::milliseconds(700));
    }
    return all;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

// Whatever a client sends gets an answer of the service's own.
TEST_F(ServiceFrame, damaged_requests_are_answered) {
  const std::string json =
      R"({"StreamName":"s","Records":[{"Data":"eA==","PartitionKey":"a","ExplicitHashKey":"1"},)"
      R"({"Data":"","PartitionKey":"b"}],"Limit":3,"ShardCount":1,)"
      R"("ShardId":"shardId-000000000000",)"
      R"("ShardIteratorType":"AT_TIMESTAMP","Timestamp":1.5,"ShardFilter":{"Type":"AT_LATEST"}})";
  auto tree = kinesis::decode(json, kinesis::Wire::json);
  ASSERT_TRUE(tree);
  Random random(11);
  std::set<int> statuses;
  for (const kinesis::Wire wire : {kinesis::Wire::json, kinesis::Wire::cbor}) {
    const std::string good = kinesis::encode(*tree, wire);
    for (const char* operation : {"PutRecords", "PutRecord", "CreateStream", "ListShards",
                                  "GetShardIterator", "GetRecords", "ListStreams"}) {
      for (std::size_t size = 0; size <= good.size(); ++size) {
        const auto cut = service_->handle(make_request(operation, good.substr(0, size), wire),
                                          clock_.wall_now());
        statuses.insert(cut.status);
        std::string damaged = good;
        for (int times = 0; times < 3; ++times) {
          damaged[random.below(damaged.size())] = static_cast<char>(random.next());
        }
        const auto changed =
            service_->handle(make_request(operation, damaged, wire), clock_.wall_now());
        statuses.insert(changed.status);
      }
    }
  }
  EXPECT_EQ(statuses, (std::set<int>{200, 400}));
}

TEST_F(ServiceFrame, a_response_is_used_again) {
  http::Response response;
  service_->handle(make_request("Nope", "{}"), clock_.wall_now(), response);
  service_->handle(make_request("ListStreams", "{}"), clock_.wall_now(), response);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.size(), 3u);
  EXPECT_EQ(response.body, R"({"StreamNames":[],"HasMoreStreams":false,"StreamSummaries":[]})");
}

}  // namespace
}  // namespace kinesink::local

#include "local/faults.h"

#include "local/service_fixture.h"

namespace kinesink::local {
namespace {

constexpr std::string_view kTwo =
    R"({"StreamName":"s","Records":[{"Data":"eA==","PartitionKey":"a"},)"
    R"({"Data":"eQ==","PartitionKey":"b"}]})";

class Faults : public testing::Test {
 protected:
  // What comes of one PutRecords of two records: the answer, and how many were stored.
  std::string put(std::string_view faults) {
    Service service({.streams = {{"s", 1}}});
    FaultyService faulty(service, *parse_faults(faults), 1);
    const FaultedAnswer answer = faulty.handle(make_request("PutRecords", kTwo), clock_.wall_now());
    std::string text;
    if (answer.response) {
      text = std::to_string(answer.response->status);
      body_ = answer.response->body;
    }
    if (answer.drop_connection) text += " drop";
    if (answer.cut_at) text += *answer.cut_at < body_.size() ? " cut" : " uncut";
    if (answer.delay > Duration::zero()) {
      text += " after " + std::to_string(answer.delay / std::chrono::milliseconds(1));
    }
    return text + ", stored " + std::to_string(service.counters().records);
  }
  ManualClock clock_;
  std::string body_;
};

TEST_F(Faults, each_does_what_it_says) {
  EXPECT_EQ(put(""), "200, stored 2");
  EXPECT_EQ(put("lost_request=1"), " drop, stored 0");
  EXPECT_EQ(put("lost_answer=1"), " drop, stored 2");
  EXPECT_EQ(put("cut=1"), "200 drop cut, stored 2");
  EXPECT_EQ(put("stall=1,stall_ms=30"), "200 after 30, stored 2");
  EXPECT_EQ(put("expired_token=1"), "400, stored 0");
  EXPECT_THAT(body_, testing::HasSubstr(R"("__type":"ExpiredTokenException")"));
  EXPECT_EQ(put("throttle=1"), "200, stored 0");
  EXPECT_THAT(body_, testing::StartsWith(R"({"FailedRecordCount":2,"Records":[{"ErrorCode":)"
                                         R"("ProvisionedThroughputExceededException",)"));
  EXPECT_EQ(put("error=1"), "200, stored 0");
  EXPECT_EQ(body_,
            R"({"FailedRecordCount":2,"Records":[{"ErrorCode":"InternalFailure","ErrorMessage":)"
            R"("Internal Service Failure"},{"ErrorCode":"InternalFailure","ErrorMessage":)"
            R"("Internal Service Failure"}]})");
  EXPECT_EQ(put("wrong_count=1"), "200, stored 2");
  const auto root = kinesis::decode(body_, kinesis::Wire::json);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["Records"].list().size(), 1u);
}

TEST_F(Faults, server_errors_are_html_and_half_of_them_obeyed) {
  Service service({.streams = {{"s", 1}}});
  FaultyService faulty(service, {.server_error = 1}, 1);
  int refused = 0;
  for (int count = 0; count < 100; ++count) {
    const auto before = service.counters().records;
    const auto answer = faulty.handle(make_request("PutRecords", kTwo), clock_.wall_now());
    const bool obeyed = service.counters().records > before;
    EXPECT_EQ(answer.response->status, obeyed ? 503 : 500);
    EXPECT_EQ(answer.response->header("content-type"), "text/html");
    refused += obeyed ? 0 : 1;
  }
  EXPECT_GT(refused, 30);
  EXPECT_LT(refused, 70);
}

TEST_F(Faults, strike_as_often_as_told_and_the_same_for_a_seed) {
  const auto run = [this](std::uint64_t seed) {
    Service service({.streams = {{"s", 1}}});
    FaultyService faulty(service, *parse_faults("throttle=0.25,lost_answer=0.1"), seed);
    std::string text;
    for (int count = 0; count < 1000; ++count) {
      text +=
          faulty.handle(make_request("PutRecords", kTwo), clock_.wall_now()).response ? "." : "x";
    }
    return std::pair(text, service.counters().throttled);
  };
  const auto [text, throttled] = run(1);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(text, 'x')), 100, 40);
  EXPECT_NEAR(static_cast<double>(throttled), 500, 100);
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1).first, run(2).first);
}

TEST_F(Faults, other_calls_pass) {
  Service service({.streams = {{"s", 1}}});
  FaultyService faulty(service, {.lost_request = 1}, 1);
  const auto answer = faulty.handle(make_request("ListStreams", "{}"), clock_.wall_now());
  ASSERT_TRUE(answer.response);
  EXPECT_EQ(answer.response->status, 200);
}

TEST(ParseFaults, reads_rates) {
  const auto rates = parse_faults("throttle=0.1,error=0.01,stall=1,stall_ms=500,cut=0");
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->throttle, 0.1);
  EXPECT_EQ(rates->error, 0.01);
  EXPECT_EQ(rates->stall, 1);
  EXPECT_EQ(rates->stall_for, std::chrono::milliseconds(500));
  EXPECT_TRUE(rates->any());
  EXPECT_FALSE(parse_faults("")->any());
  EXPECT_FALSE(parse_faults("cut=0")->any());
}

TEST(ParseFaults, tells_what_is_wrong) {
  const auto message = [](std::string_view text) {
    const auto rates = parse_faults(text);
    return rates ? std::string("no error") : rates.error().message;
  };
  EXPECT_EQ(message("throtle=0.1"),
            "fault 'throtle=0.1': unknown; known are throttle, error, lost_request, expired_token, "
            "server_error, lost_answer, cut, wrong_count, stall, stall_ms");
  for (const char* bad : {"cut", "cut=", "cut=x", "cut=1.01", "cut=-0.1", "cut=nan", "cut=0.1x"}) {
    EXPECT_EQ(message(bad),
              "fault '" + std::string(bad) + "': the probability must be a number from 0 to 1");
  }
  EXPECT_EQ(message("cut=0,stall_ms=600001"),
            "fault 'stall_ms=600001': stall_ms must be 0 to 600000 milliseconds");
}

}  // namespace
}  // namespace kinesink::local

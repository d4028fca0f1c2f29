// For the service's tests: a service, a clock, and answers rendered to one line.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/clock.h"
#include "kinesis/value.h"
#include "local/service.h"

namespace kinesink::local {

inline http::Request make_request(std::string_view operation, std::string_view body,
                                  kinesis::Wire wire = kinesis::Wire::json) {
  http::Request request;
  request.headers = {{"X-Amz-Target", "Kinesis_20131202." + std::string(operation)},
                     {"Content-Type", std::string(kinesis::content_type_of(wire))},
                     {"X-Amz-Date", "20250615T150640Z"},
                     {"Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKID/20250615/us-east-1/kinesis/aws4_request, "
                      "SignedHeaders=host;x-amz-date, Signature=0123"}};
  request.body = body;
  return request;
}

class ServiceTest : public testing::Test {
 protected:
  // "200 {...}"
  std::string ask(std::string_view operation, std::string_view json) {
    const http::Response response =
        service_->handle(make_request(operation, json), clock_.wall_now());
    std::string text = std::to_string(response.status);
    return response.body.empty() ? text : text + " " + response.body;
  }
  // A member of the answer, found by its path ("Shards.0.ShardId"); its JSON text.
  std::string member(std::string_view operation, std::string_view json, std::string_view path) {
    const http::Response response =
        service_->handle(make_request(operation, json), clock_.wall_now());
    auto root = kinesis::decode(response.body, kinesis::Wire::json);
    if (!root) return "unreadable: " + response.body;
    kinesis::Value at = *root;
    while (!path.empty()) {
      const std::string_view step = path.substr(0, path.find('.'));
      path.remove_prefix(std::min(path.size(), step.size() + 1));
      kinesis::Value next;
      if (step[0] >= '0' && step[0] <= '9') {
        const auto index = static_cast<std::size_t>(std::stoul(std::string(step)));
        if (index < at.list().size()) next = at.list()[index];
      } else {
        next = at[step];
      }
      at = next;
    }
    if (const auto text = at.text()) return std::string(*text);
    return kinesis::encode(at, kinesis::Wire::json);
  }
  void restart(ServiceOptions options) { service_ = std::make_unique<Service>(std::move(options)); }

  ManualClock clock_;  // stands at 1750000000 s
  std::unique_ptr<Service> service_ = std::make_unique<Service>(ServiceOptions{});
};

inline constexpr std::string_view kMaxHashKey = "340282366920938463463374607431768211455";

}  // namespace kinesink::local

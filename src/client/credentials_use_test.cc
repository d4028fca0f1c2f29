// When a client asks for credentials, and what becomes of calls meanwhile.
#include "client/shared_credentials.h"
#include "tests/support/client_fixture.h"
#include "tests/support/simulated_loop.h"

namespace kinesink::client {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class CredentialsUse : public ClientTest {};

TEST_F(CredentialsUse, asks_once_for_many_calls) {
  for (int i = 0; i < 20; ++i) put();
  loop_.run_until_idle();
  put();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 21U);
  EXPECT_THAT(provider_->refreshes, ElementsAre(false));
}

TEST_F(CredentialsUse, shares_one_refresh) {
  put();
  loop_.run_until_idle();
  provider_->held = true;
  int refreshed = 0;
  for (int i = 0; i < 3; ++i)
    core_->refresh_credentials([&](const Result<void>& result) { refreshed += result ? 1 : 100; });
  loop_.advance({});
  EXPECT_EQ(refreshed, 0);
  provider_->release();
  EXPECT_EQ(refreshed, 0) << "called back on the provider's thread";
  loop_.run_until_idle();
  EXPECT_EQ(refreshed, 3);
  EXPECT_THAT(provider_->refreshes, ElementsAre(false, true));
}

TEST_F(CredentialsUse, renews_what_ends_soon_in_the_background) {
  expire_in(minutes(30));
  put();
  loop_.run_until_idle();
  loop_.advance(minutes(25) - seconds(1));
  put();
  loop_.run_until_idle();
  EXPECT_THAT(provider_->refreshes, ElementsAre(false));
  loop_.advance(seconds(2));
  expire_in(minutes(30));
  provider_->held = true;
  provider_->standing.access_key_id = "RENEWED";
  put();
  loop_.advance({});
  EXPECT_EQ(transport_.requests.size(), 3U) << "waited for the refresh";
  EXPECT_THAT(transport_.header(2, "Authorization"), HasSubstr("AKIDEXAMPLE"));
  EXPECT_THAT(provider_->refreshes, ElementsAre(false, true));
  provider_->release();
  loop_.run_until_idle();
  put();
  loop_.run_until_idle();
  EXPECT_THAT(transport_.header(3, "Authorization"), HasSubstr("RENEWED"));
}

// Instance metadata gives nothing new before its own time comes.
TEST_F(CredentialsUse, does_not_ask_at_each_request_when_renewal_gives_nothing_better) {
  expire_in(minutes(4));
  for (int i = 0; i < 90; ++i) {
    put();
    loop_.run_until_idle();
    loop_.advance(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(transport_.requests.size(), 90U);
  EXPECT_EQ(provider_->refreshes.size(), 2U);
  loop_.advance(seconds(10));
  put();
  loop_.run_until_idle();
  EXPECT_EQ(provider_->refreshes.size(), 3U);
}

TEST_F(CredentialsUse, goes_on_with_good_keys_when_renewal_fails_and_says_so_once) {
  expire_in(minutes(4));
  put();
  loop_.run_until_idle();
  for (int i = 0; i < 3; ++i) {
    provider_->answers.push_back(make_error(ErrorKind::auth, "gone"));
    put();
    loop_.run_until_idle();
    loop_.advance(seconds(11));
  }
  EXPECT_EQ(transport_.requests.size(), 4U);
  EXPECT_EQ(provider_->refreshes.size(), 4U);
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_EQ(log_,
            "credentials end soon and cannot be renewed; the old ones stay in use until they "
            "end\n");
}

TEST_F(CredentialsUse, says_again_that_renewal_fails_after_it_went_well) {
  expire_in(minutes(4));
  put();
  loop_.run_until_idle();
  for (const bool fails : {true, false, true}) {
    if (fails) provider_->answers.push_back(make_error(ErrorKind::auth, "gone"));
    put();
    loop_.run_until_idle();
    loop_.advance(seconds(11));
  }
  EXPECT_EQ(std::ranges::count(log_, '\n'), 2);
}

// The provider is down when the old keys end: calls wait, and end.
TEST_F(CredentialsUse, waits_a_minute_for_a_provider_that_is_silent) {
  expire_in(minutes(4));
  put();
  loop_.run_until_idle();
  transport_.complete_request(1, error_of(ErrorKind::transient));
  outcomes_.clear();
  loop_.advance(minutes(5));
  expire_in(minutes(30));
  provider_->held = true;
  put();
  put();
  loop_.advance(seconds(59));
  EXPECT_TRUE(outcomes_.empty());
  loop_.advance(seconds(1));
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[0].failure->error.kind, ErrorKind::timeout);
  EXPECT_THAT(outcomes_[0].failure->error.message,
              HasSubstr("no AWS credentials were given in 60 s"));
  EXPECT_FALSE(outcomes_[0].failure->may_have_been_stored);
  put();
  loop_.advance(seconds(1));
  EXPECT_EQ(provider_->refreshes.size(), 2U) << "asked a provider that is still at it";
  provider_->release();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 2U) << "what came late is not used";
}

TEST_F(CredentialsUse, waits_for_new_keys_when_the_old_have_ended) {
  expire_in(minutes(30));
  put();
  loop_.run_until_idle();
  loop_.advance(minutes(31));
  expire_in(minutes(30));
  provider_->held = true;
  put();
  loop_.advance({});
  EXPECT_EQ(transport_.requests.size(), 1U);
  provider_->release();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 2U);
  EXPECT_THAT(provider_->refreshes, ElementsAre(false, true));
}

// Else a machine whose clock is ahead would take all session keys for expired.
TEST_F(CredentialsUse, goes_by_the_service_s_time) {
  loop_.set_wall_skew(std::chrono::hours(2));
  expire_in(minutes(-60));  // in an hour, by the service's clock
  put_answered(refusal("RequestExpired", {{"Date", "Sun, 15 Jun 2025 15:06:40 GMT"}}));
  const std::size_t asked = provider_->refreshes.size();
  for (int i = 0; i < 3; ++i) {
    put();
    loop_.run_until_idle();
  }
  EXPECT_EQ(provider_->refreshes.size(), asked);
}

// Delivery asks for a refresh then, and fails the sink in the end; no request is sent unsigned.
TEST_F(CredentialsUse, fails_waiting_calls_when_there_are_none) {
  provider_->answers.push_back(make_error(ErrorKind::auth, "no AWS credentials were found"));
  for (int i = 0; i < 6; ++i) put();
  loop_.run_until_idle();
  EXPECT_TRUE(transport_.requests.empty());
  ASSERT_EQ(outcomes_.size(), 6U);
  for (const PutRecordsOutcome& outcome : outcomes_) {
    EXPECT_EQ(outcome.failure->error_class, kinesis::ErrorClass::auth);
    EXPECT_EQ(outcome.failure->error.kind, ErrorKind::auth);
    EXPECT_FALSE(outcome.failure->may_have_been_stored);
  }
  put();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 1U) << "does not recover";
}

TEST_F(CredentialsUse, tells_who_asked_for_a_refresh_that_it_failed) {
  provider_->answers.push_back(make_error(ErrorKind::auth, "gone"));
  std::optional<Result<void>> told;
  core_->refresh_credentials([&](Result<void> result) { told = std::move(result); });
  loop_.run_until_idle();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->error().message, "gone");
}

// The provider belongs to the user, who may answer whenever.
TEST_F(CredentialsUse, ignores_an_answer_after_the_client_s_end) {
  expire_in(minutes(4));
  put();
  loop_.run_until_idle();
  transport_.complete_request(1, error_of(ErrorKind::transient));
  provider_->held = true;
  put();  // starts a renewal in the background
  loop_.advance({});
  transport_.complete_request(2, error_of(ErrorKind::transient));
  ASSERT_EQ(provider_->waiting.size(), 1U);
  const std::weak_ptr<ClientCore> watch = core_;
  core_.reset();
  EXPECT_TRUE(watch.expired());
  loop_.advance({});
  const std::uint64_t events = loop_.events();
  provider_->release();
  loop_.run_until_idle();
  EXPECT_EQ(loop_.events(), events) << "posted to a loop that may be gone";
}

class Cancel : public ClientTest {};

TEST_F(Cancel, of_a_queued_call_sends_nothing) {
  const auto call = put();
  core_->cancel(call);
  EXPECT_TRUE(outcomes_.empty()) << "called back inside cancel()";
  core_->cancel(call);
  loop_.run_until_idle();
  EXPECT_TRUE(transport_.requests.empty());
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].failure->error.kind, ErrorKind::cancelled);
  EXPECT_FALSE(outcomes_[0].failure->may_have_been_stored);
}

TEST_F(Cancel, of_a_call_that_waits_for_credentials_ends_it) {
  provider_->held = true;
  const auto call = put();
  put();
  loop_.advance({});
  core_->cancel(call);
  loop_.advance({});
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].failure->error.kind, ErrorKind::cancelled);
  provider_->release();
  loop_.run_until_idle();
  EXPECT_EQ(transport_.requests.size(), 1U);
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(Cancel, of_a_call_in_flight_reaches_the_transport) {
  put();
  const auto call = put();
  loop_.run_until_idle();
  core_->cancel(call);
  loop_.run_until_idle();
  EXPECT_THAT(transport_.cancelled, ElementsAre(2U));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_TRUE(outcomes_[0].failure->may_have_been_stored);
  core_->cancel(call);
  EXPECT_THAT(transport_.cancelled, ElementsAre(2U)) << "a call that has ended";
}

TEST_F(Cancel, that_comes_late_changes_nothing) {
  const auto call = put();
  loop_.run_until_idle();
  transport_.complete_request(1, refusal("ValidationException"));
  core_->cancel(call);
  core_->cancel(4711);
  loop_.run_until_idle();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].failure->error.aws_code, "ValidationException");
}

TEST_F(Cancel, ends_each_call_of_a_client_once) {
  std::vector<ClientCore::CallId> calls;
  for (int i = 0; i < 10; ++i) calls.push_back(put());
  for (const auto call : calls) core_->cancel(call);
  core_.reset();
  loop_.run_until_idle();
  EXPECT_EQ(outcomes_.size(), 10U);
}

}  // namespace
}  // namespace kinesink::client

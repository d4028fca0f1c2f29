#include "aws/configuration.h"

#include <gtest/gtest.h>

#include "aws/endpoint.h"
#include "tests/support/surroundings.h"

namespace kinesink::aws {
namespace {

class ConfigurationFiles : public testing::Test {
 protected:
  void config(const std::string& text) { variables_["AWS_CONFIG_FILE"] = file("config", text); }
  void credentials(const std::string& text) {
    variables_["AWS_SHARED_CREDENTIALS_FILE"] = file("credentials", text);
  }
  // An environment of nothing but variables_.
  Configuration read(const std::string& profile = "") const {
    return {[this](const char* name) -> const char* {
              const auto found = variables_.find(name);
              return found == variables_.end() ? nullptr : found->second.c_str();
            },
            profile};
  }

  tests::TemporaryFolder folder_;
  std::map<std::string, std::string> variables_{
      {"AWS_CONFIG_FILE", folder_.path("no-config")},
      {"AWS_SHARED_CREDENTIALS_FILE", folder_.path("no-credentials")}};

 private:
  std::string file(const std::string& name, const std::string& text) {
    return folder_.write(name, text);
  }
};

TEST_F(ConfigurationFiles, need_not_exist) {
  const Configuration configuration = read();
  EXPECT_EQ(configuration.profile(), "default");
  EXPECT_FALSE(configuration.has_profile());
  EXPECT_EQ(configuration.property("region"), std::nullopt);
  EXPECT_EQ(configuration.service_endpoint("kinesis"), std::nullopt);
  EXPECT_EQ(configured_region("", configuration), "");
  EXPECT_EQ(configured_endpoint_url("", configuration), "");
}

TEST_F(ConfigurationFiles, may_be_nonsense) {
  config("\x01\xff[[[\n= =\n[profile");
  EXPECT_FALSE(read().has_profile());
}

TEST_F(ConfigurationFiles, are_merged_and_the_option_s_profile_wins) {
  config("[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-2\n");
  credentials("[secrets]\naws_access_key_id = A\n");
  EXPECT_EQ(read().property("region"), "eu-west-1");
  variables_["AWS_PROFILE"] = "dev";
  EXPECT_EQ(read().profile(), "dev");
  EXPECT_EQ(read().property("region"), "eu-west-2");
  EXPECT_EQ(read("secrets").property("aws_access_key_id"), "A");
  EXPECT_TRUE(read("secrets").has_profile());
  EXPECT_FALSE(read("absent").has_profile());
}

TEST_F(ConfigurationFiles, empty_variables_count_as_not_set) {
  config("[default]\nregion = eu-west-1\n");
  variables_["AWS_PROFILE"] = "";
  variables_["AWS_REGION"] = "";
  EXPECT_EQ(read().profile(), "default");
  EXPECT_EQ(read().variable("AWS_REGION"), std::nullopt);
  EXPECT_EQ(configured_region("", read()), "eu-west-1");
}

TEST_F(ConfigurationFiles, region_is_of_option_then_environment_then_profile) {
  config("[default]\nregion = of-profile\n");
  EXPECT_EQ(configured_region("", read()), "of-profile");
  variables_["AWS_DEFAULT_REGION"] = "of-default";
  EXPECT_EQ(configured_region("", read()), "of-default");
  variables_["AWS_REGION"] = "of-environment";
  EXPECT_EQ(configured_region("", read()), "of-environment");
  EXPECT_EQ(configured_region("of-option", read()), "of-option");
}

// The order of https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html.
TEST_F(ConfigurationFiles, endpoint_url_of_the_service_goes_before_the_one_for_all) {
  config(
      "[default]\nendpoint_url = http://all.profile\nservices = mine\n"
      "[services mine]\nkinesis =\n  endpoint_url = http://kinesis.profile\n"
      "[profile other]\nendpoint_url = http://all.other\nservices = without\n"
      "[services without]\ns3 =\n  endpoint_url = http://s3.profile\n");
  EXPECT_EQ(configured_endpoint_url("", read()), "http://kinesis.profile");
  EXPECT_EQ(configured_endpoint_url("", read("other")), "http://all.other");
  variables_["AWS_ENDPOINT_URL"] = "http://all.environment";
  EXPECT_EQ(configured_endpoint_url("", read()), "http://all.environment");
  variables_["AWS_ENDPOINT_URL_KINESIS"] = "http://kinesis.environment";
  EXPECT_EQ(configured_endpoint_url("", read()), "http://kinesis.environment");
  EXPECT_EQ(configured_endpoint_url("http://option", read()), "http://option");
}

TEST_F(ConfigurationFiles, configured_endpoint_urls_can_be_ignored_but_not_the_option) {
  config("[default]\nendpoint_url = http://all.profile\n");
  variables_["AWS_ENDPOINT_URL_KINESIS"] = "http://kinesis.environment";
  for (const char* yes : {"true", "True", "TRUE"}) {
    variables_["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = yes;
    EXPECT_EQ(configured_endpoint_url("", read()), "");
    EXPECT_EQ(configured_endpoint_url("http://option", read()), "http://option");
  }
  for (const char* no : {"false", "", "tru", "truer"}) {
    variables_["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = no;
    EXPECT_EQ(configured_endpoint_url("", read()), "http://kinesis.environment");
  }
}

TEST_F(ConfigurationFiles, outlive_what_was_copied_from) {
  config("[default]\nregion = eu-west-1\n");
  std::optional<Configuration> first(read());
  const Configuration copy = *first;
  first.reset();
  EXPECT_EQ(copy.property("region"), "eu-west-1");
}

TEST_F(ConfigurationFiles, choose_fips_and_dual_stack_unless_the_environment_does) {
  const auto chosen = [this] {
    const Configuration configuration = read();
    return std::string(configured_fips(configuration) ? "fips " : "") +
           (configured_dualstack(configuration) ? "dual-stack" : "");
  };
  EXPECT_EQ(chosen(), "");
  config("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = True\n");
  EXPECT_EQ(chosen(), "fips dual-stack");
  variables_["AWS_USE_FIPS_ENDPOINT"] = "false";
  EXPECT_EQ(chosen(), "dual-stack");
  variables_["AWS_USE_DUALSTACK_ENDPOINT"] = "FALSE";
  EXPECT_EQ(chosen(), "");
  variables_["AWS_USE_FIPS_ENDPOINT"] = "true";
  EXPECT_EQ(chosen(), "fips ");
}

TEST_F(ConfigurationFiles, hold_the_endpoints_of_other_services) {
  config(
      "[default]\nservices = s\nendpoint_url = http://any\n"
      "[services s]\nsts =\n  endpoint_url = http://sts\n");
  EXPECT_EQ(configured_endpoint_url("", read(), "sts"), "http://sts");
  EXPECT_EQ(configured_endpoint_url("", read(), "sso"), "http://any");
  variables_["AWS_ENDPOINT_URL"] = "http://all";
  EXPECT_EQ(configured_endpoint_url("", read(), "sts"), "http://all");
  variables_["AWS_ENDPOINT_URL_STS"] = "http://mine";
  EXPECT_EQ(configured_endpoint_url("", read(), "sts"), "http://mine");
  EXPECT_EQ(configured_endpoint_url("", read()), "http://all");
}

}  // namespace
}  // namespace kinesink::aws

#include "sink/dead_letter_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "kinesis/value.h"

namespace kinesink::sink {
namespace {

using testing::HasSubstr;

class DeadLetterFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/letters-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    options_.stream_name = "events";
    options_.dead_letter_file = folder_ / "letters.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<void> write(const DeadLetterRecord& record) {
    auto output = DeadLetterOutput::open(options_);
    if (!output) return output.error();
    KINESINK_TRY((*output)->write(record));
    return (*output)->sync();
  }
  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(options_.dead_letter_file).rdbuf();
    return text.str();
  }
  kinesis::Value line() const {
    std::string all = text();
    EXPECT_TRUE(all.ends_with('\n'));
    all.pop_back();
    auto value = kinesis::decode(all, kinesis::Wire::json);
    EXPECT_TRUE(value) << all;
    return value ? *value : kinesis::Value();
  }
  void put(std::string_view text) const {
    std::ofstream(options_.dead_letter_file, std::ios::app) << text;
  }

  std::filesystem::path folder_;
  SinkOptions options_;
};

TEST_F(DeadLetterFile, says_what_where_and_why) {
  options_.row_origin = [](std::int64_t row) { return RowOrigin{"a.parquet", row - 100}; };
  ASSERT_TRUE(write({.row = 112,
                     .payload = "{\"a\":1}",
                     .partition_key = "k",
                     .explicit_hash_key = "7",
                     .code = "InternalFailure",
                     .message = "why",
                     .attempts = 21}));
  const kinesis::Value letter = line();
  EXPECT_EQ(letter["stream"].text(), "events");
  EXPECT_EQ(letter["input"].text(), "a.parquet");
  EXPECT_EQ(letter["input_row"].integer(), 12);
  EXPECT_EQ(letter["row"].integer(), 112);
  EXPECT_EQ(letter["code"].text(), "InternalFailure");
  EXPECT_EQ(letter["message"].text(), "why");
  EXPECT_EQ(letter["attempts"].integer(), 21);
  EXPECT_EQ(letter["partition_key"].text(), "k");
  EXPECT_EQ(letter["explicit_hash_key"].text(), "7");
  EXPECT_EQ(letter["payload"].text(), "{\"a\":1}");
  EXPECT_THAT(std::string(*letter["time"].text()),
              testing::MatchesRegex("20..-..-..T..:..:..\\....Z"));
}

TEST_F(DeadLetterFile, keeps_bytes_that_are_no_text_and_rows_that_are_no_payload) {
  ASSERT_TRUE(write({.row = 1, .payload = "\xff\x01", .code = "c", .message = "m"}));
  EXPECT_EQ(line()["payload_base64"].bytes(), "\xff\x01");
  EXPECT_TRUE(line()["payload"].is_null());
  std::filesystem::remove(options_.dead_letter_file);
  ASSERT_TRUE(write({.row = 2, .columns = R"({"a":[1,2]})", .code = "c", .message = "m"}));
  EXPECT_EQ(line()["columns"]["a"].list().size(), 2U);
  EXPECT_TRUE(line()["payload"].is_null());
}

TEST_F(DeadLetterFile, is_for_its_owner_only) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write({.row = 1, .code = "c"}));
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(options_.dead_letter_file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(DeadLetterFile, drops_the_half_line_that_a_killed_process_left) {
  put("{\"row\":1}\n{\"row\":2,\"mess");
  ASSERT_TRUE(write({.row = 3, .code = "c"}));
  EXPECT_THAT(text(), testing::StartsWith("{\"row\":1}\n{\"time\":"));
  std::filesystem::remove(options_.dead_letter_file);
  put(std::string(10'000, 'x'));  // longer than is read at once
  ASSERT_TRUE(write({.row = 3, .code = "c"}));
  EXPECT_THAT(text(), testing::StartsWith("{\"time\":"));
}

TEST_F(DeadLetterFile, drops_the_half_line_of_a_process_that_was_killed_meanwhile) {
  auto output = DeadLetterOutput::open(options_);
  ASSERT_TRUE(output);
  put("{\"row\":1}\n{\"row\":2,\"pay");
  ASSERT_TRUE((*output)->write({.row = 3, .payload = "x"}));
  EXPECT_THAT(text(), testing::StartsWith("{\"row\":1}\n{\"time\":"));
}

TEST_F(DeadLetterFile, has_a_bound) {
  ASSERT_TRUE(write({.row = 1, .code = "c"}));
  options_.dead_letter_max_bytes = text().size() + 10;
  const std::string before = text();
  const Result<void> refused = write({.row = 2, .code = "c"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::resource);
  EXPECT_THAT(refused.error().message, HasSubstr("dead_letter_max_bytes"));
  EXPECT_EQ(text(), before);
}

TEST_F(DeadLetterFile, serves_several_sinks_at_once) {
  constexpr int kSinks = 4;
  constexpr int kLetters = 200;
  const std::string payload(300, 'x');
  std::vector<std::thread> sinks;
  for (int sink = 0; sink < kSinks; ++sink) {
    sinks.emplace_back([&] {
      // Opened again and again: whoever opens looks for half a line, and finds none of another's.
      for (int letter = 0; letter < kLetters; ++letter) {
        EXPECT_TRUE(write({.row = letter, .payload = payload}));
      }
    });
  }
  for (std::thread& sink : sinks) sink.join();
  std::istringstream lines(text());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_TRUE(kinesis::decode(line, kinesis::Wire::json)) << line;
  }
  EXPECT_EQ(count, kSinks * kLetters);
}

TEST_F(DeadLetterFile, has_one_bound_for_all_of_its_sinks) {
  auto first = DeadLetterOutput::open(options_);
  ASSERT_TRUE(first);
  options_.dead_letter_max_bytes = 300;
  auto second = DeadLetterOutput::open(options_);
  ASSERT_TRUE(second);
  ASSERT_TRUE((*first)->write({.row = 1, .payload = std::string(300, 'x')}));
  EXPECT_FALSE((*second)->write({.row = 2, .payload = "y"}));
}

TEST_F(DeadLetterFile, a_full_disk_is_an_error) {
  options_.dead_letter_file = "/dev/full";
  const Result<void> refused = write({.row = 2, .code = "c"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::resource);
  EXPECT_THAT(refused.error().message, HasSubstr("/dev/full: cannot write: No space left"));
}

TEST_F(DeadLetterFile, a_folder_that_is_not_there_is_told_at_start) {
  options_.dead_letter_file = folder_ / "no" / "letters";
  EXPECT_EQ(write({}).error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace kinesink::sink

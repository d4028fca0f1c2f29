#include "cli/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kinesink::cli {
namespace {

using testing::HasSubstr;

class StateFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/state-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    put("a", "some bytes");
    put("b", std::string(200'000, 'b'));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }
  void put(const char* name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string problem(const std::string& stream, const std::vector<std::string>& inputs) const {
    const auto file = StateFile::open(path("state"), stream, inputs);
    return file ? "none" : file.error().message;
  }

  std::filesystem::path folder_;
};

TEST_F(StateFileTest, remembers_what_is_settled) {
  {
    auto file = StateFile::open(path("state"), "events", {path("a"), path("b")});
    ASSERT_TRUE(file);
    EXPECT_EQ(file->settled(), (std::vector<RowRanges>{{}, {}}));
    ASSERT_TRUE(file->save({{{0, 10}, {12, 20}}, {{0, 1}}}));
  }
  // Other inputs keep what they have.
  ASSERT_TRUE(StateFile::open(path("state"), "events", {path("b")}));
  const auto file = StateFile::open(path("state"), "events", {path("b"), path("a")});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->settled(), (std::vector<RowRanges>{{{0, 1}}, {{0, 10}, {12, 20}}}));
}

TEST_F(StateFileTest, refuses_an_input_that_has_changed) {
  ASSERT_EQ(problem("events", {path("a"), path("b")}), "none");
  put("a", "other size of it");
  EXPECT_THAT(problem("events", {path("a")}), HasSubstr("has changed"));
  // The same size and time, but other bytes at its end.
  const auto time = std::filesystem::last_write_time(path("b"));
  put("b", std::string(199'999, 'b') + 'c');
  std::filesystem::last_write_time(path("b"), time);
  EXPECT_THAT(problem("events", {path("b")}), HasSubstr("has changed"));
  put("b", std::string(200'000, 'b'));
  EXPECT_THAT(problem("events", {path("b")}), HasSubstr("has changed"));
}

TEST_F(StateFileTest, refuses_what_it_cannot_keep) {
  EXPECT_THAT(problem("events", {"-"}), HasSubstr("stdin"));
  EXPECT_THAT(problem("events", {path("a"), path("a")}), HasSubstr("twice"));
  EXPECT_THAT(problem("events", {path("none")}), HasSubstr("No such file"));
  EXPECT_THAT(problem("events", {folder_}), HasSubstr("no regular file"));
  ASSERT_EQ(problem("events", {path("a")}), "none");
  EXPECT_THAT(problem("others", {path("a")}), HasSubstr("is of stream events, not others"));
}

TEST_F(StateFileTest, is_for_one_writer_and_its_owner) {
  const mode_t before = ::umask(0);
  const auto file = StateFile::open(path("state"), "events", {path("a")});
  ::umask(before);
  EXPECT_THAT(problem("events", {path("a")}), HasSubstr("in use by another"));
  struct stat status {};
  ASSERT_EQ(::stat(path("state").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(StateFileTest, tells_what_is_wrong_with_it) {
  const std::string good = to_text({"events", {{{"/a", 1, 2, "00"}, {{0, 5}}}}});
  ASSERT_TRUE(parse_state(good));
  const auto problem_of = [](std::string_view text) {
    const auto state = parse_state(text);
    return state ? "none" : state.error().message;
  };
  EXPECT_THAT(problem_of(""), HasSubstr("no state"));
  EXPECT_THAT(problem_of("{}"), HasSubstr("'version' is missing"));
  EXPECT_THAT(problem_of(R"({"version":2})"), HasSubstr("version is 2"));
  EXPECT_THAT(problem_of(R"({"version":1})"), HasSubstr("'stream' is missing"));
  EXPECT_THAT(problem_of(R"({"version":1,"stream":"s","inputs":[{"path":"a"}]})"),
              HasSubstr("lacks"));
  for (const char* settled : {"[[5,2]]", "[[0,5],[3,9]]", "[[1]]", "[[\"a\",2]]", "[[-1,2]]"}) {
    std::string text = good;
    text.replace(text.find("[[0,5]]"), 7, settled);
    EXPECT_THAT(problem_of(text), HasSubstr("'settled' must be pairs")) << settled;
  }
  // Half of it, as no crash leaves it: it is replaced as a whole.
  put("state", good.substr(0, good.size() / 2));
  EXPECT_THAT(problem("events", {path("a")}), HasSubstr("state: it is no state"));
}

TEST_F(StateFileTest, a_full_disk_is_told_before_anything_is_sent) {
  const auto file = StateFile::open("/proc/none/state", "events", {path("a")});
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("--state /proc/none/state: cannot lock"));
}

}  // namespace
}  // namespace kinesink::cli

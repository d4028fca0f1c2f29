#include "local/request_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "base/random.h"

namespace kinesink::local {
namespace {

using State = RequestReader::State;

// Feeds `bytes` in pieces of `piece` and renders what comes of them.
std::string read_all(std::string_view bytes, std::size_t piece, std::size_t max_body = kMiB) {
  RequestReader reader(max_body);
  std::string text;
  while (true) {
    const State state = reader.advance();
    if (state == State::complete) {
      text += reader.request().method + " " + reader.request().target;
      for (const auto& header : reader.request().headers) {
        text += " [" + header.name + "|" + header.value + "]";
      }
      text += " (" + std::string(reader.request().body) + ")";
      text += reader.keep_alive() ? "\n" : " close\n";
      reader.next();
    } else if (state == State::refused) {
      return text + std::to_string(reader.refusal_status());
    } else {
      if (state == State::wants_continue) text += "100 ";
      if (bytes.empty()) return text + (reader.in_request() ? "open" : "");
      const auto room = reader.room();
      const std::size_t size = std::min({piece, bytes.size(), room.size()});
      std::copy_n(bytes.data(), size, room.data());
      reader.received(size);
      bytes.remove_prefix(size);
    }
  }
}

struct Case {
  const char* name;
  std::string bytes;
  std::string expected;
};

const Case kCases[] = {
    {"length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
     "POST / [Host|x] [Content-Length|3] (abc)\n"},
    {"pipelined", "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\n\r\n",
     "POST /a [Content-Length|1] (x)\nGET /b ()\n"},
    {"chunked",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
     "POST / [Transfer-Encoding|chunked] (abcde)\n"},
    {"expect", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", ""},
    {"blanks", "POST / HTTP/1.1\r\nA:  b c \t\r\nB:\r\n\r\n", "POST / [A|b c] [B|] ()\n"},
    {"close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET / [Connection|close] () close\n"},
    {"old", "GET / HTTP/1.0\r\n\r\n", "GET / () close\n"},
    {"unfinished", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", "open"},
    {"version", "POST / HTTP/2\r\n\r\n", "505"},
    {"garbage", "nonsense\r\n\r\n", "400"},
    {"length text", "POST / HTTP/1.1\r\nContent-Length: 3x\r\n\r\n", "400"},
    {"length sign", "POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\n", "400"},
    {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", "400"},
    {"both", "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
    {"folded", "POST / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400"},
    {"name", "POST / HTTP/1.1\r\nA : b\r\n\r\n", "400"},
    {"coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
    {"chunk size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400"},
    {"chunk end", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "400"},
};

TEST(RequestReader, reads_requests_however_they_are_cut) {
  for (const auto& [name, bytes, expected] : kCases) {
    if (expected.empty()) continue;
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      EXPECT_EQ(read_all(bytes, piece), expected) << name << " in pieces of " << piece;
    }
  }
}

TEST(RequestReader, tells_once_that_the_client_waits_to_send_the_body) {
  const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  const std::string shown = "POST / [Expect|100-continue] [Content-Length|2] (ab)\n";
  EXPECT_EQ(read_all(head + "ab", head.size()), "100 " + shown);
  EXPECT_EQ(read_all(head + "ab", head.size() + 2), shown);
}

TEST(RequestReader, bounds_the_body) {
  const auto request = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  const auto chunked = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" +
           std::to_string(size - 1) + "\r\n" + std::string(size - 1, 'x') + "\r\n0\r\n\r\n";
  };
  for (const std::size_t size : {7, 8}) {
    EXPECT_THAT(read_all(request(size), 1000, 8), testing::EndsWith("x)\n"));
    EXPECT_THAT(read_all(chunked(size), 1000, 8), testing::EndsWith("x)\n"));
  }
  EXPECT_EQ(read_all(request(9), 1000, 8), "413");
  EXPECT_EQ(read_all(chunked(9), 1000, 8), "413");
}

TEST(RequestReader, bounds_the_head) {
  const auto with_headers = [](std::size_t count) {
    std::string text = "GET / HTTP/1.1\r\n";
    for (std::size_t index = 0; index < count; ++index) text += "A: b\r\n";
    return text + "\r\n";
  };
  EXPECT_THAT(read_all(with_headers(kMaxRequestHeaders), 1000), testing::EndsWith("()\n"));
  EXPECT_EQ(read_all(with_headers(kMaxRequestHeaders + 1), 1000), "431");
  const auto of_size = [](std::size_t size) {
    const std::string line = "GET / HTTP/1.1\r\nA: ";
    return line + std::string(size - line.size(), 'x') + "\r\n\r\n";
  };
  EXPECT_THAT(read_all(of_size(kMaxRequestHead), 1000), testing::EndsWith("()\n"));
  EXPECT_EQ(read_all(of_size(kMaxRequestHead + 1), 1000), "431");
  EXPECT_EQ(read_all(std::string(kMaxRequestHead + 1, 'x'), 1000), "431");
}

TEST(RequestReader, damaged_requests_do_no_harm) {
  Random random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = kCases[random.below(std::size(kCases))].bytes;
    bytes += kCases[random.below(std::size(kCases))].bytes;
    for (int times = 0; times < 3; ++times) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    read_all(bytes, 1 + random.below(40));
  }
}

TEST(RequestReader, holds_large_bodies_in_one_piece) {
  const std::string body(900'000, 'b');
  const std::string bytes =
      "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::string expected = "POST / [Content-Length|900000] (" + body + ")\n";
  EXPECT_TRUE(read_all(bytes + bytes, 70'001) == expected + expected);
}

}  // namespace
}  // namespace kinesink::local

// The client against a server that behaves, and one that does not, on loopback.
#include <gtest/gtest.h>

#include "tests/support/http_fixture.h"

namespace kinesink::http {
namespace {

// Answers each request with the number of its connection.
void answer_number(Peer& peer) {
  while (!peer.read_request().empty()) peer.answer(200, std::to_string(peer.number()));
}

class HttpClient : public ClientTest {};

TEST_F(HttpClient, sends_what_it_was_told) {
  std::string seen;
  serve([&](Peer& peer) {
    seen = peer.read_request();
    peer.answer(200, "ok", "X-Amzn-RequestId: 7\r\n");
    peer.wait_for_close();
  });
  open();
  Request request;
  request.method = "PUT";
  request.target = "/a?b";
  request.headers = {{"X-A", "1"}};
  request.body = "body";
  Call call;
  call.start(*client_, std::move(request));
  EXPECT_EQ(call.status(), 200);
  EXPECT_EQ(call.wait().response->header("x-amzn-requestid"), "7");
  const std::string port = std::to_string(server_->port());
  finish();
  EXPECT_EQ(seen, "PUT /a?b HTTP/1.1\r\nX-A: 1\r\nHost: 127.0.0.1:" + port +
                      "\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(HttpClient, does_not_write_host_and_length_twice) {
  std::string seen;
  serve([&](Peer& peer) {
    seen = peer.read_head();
    peer.answer(200, "ok");
    peer.wait_for_close();
  });
  open();
  Request request;
  request.headers = {{"host", "h"}, {"content-length", "0"}};
  Call call;
  call.start(*client_, std::move(request));
  EXPECT_EQ(call.text(), "ok");
  finish();
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
}

TEST_F(HttpClient, shared_headers_come_before_the_request_s_own) {
  std::string seen;
  serve([&seen](Peer& peer) {
    seen = peer.read_head();
    peer.answer(200, "ok");
  });
  open();
  Request request;
  request.shared_headers = *SharedHeaders::make({{"Host", "h"}, {"X-A", "1"}});
  request.headers = {{"X-B", "2"}};
  EXPECT_EQ(request.header("x-a"), "1");
  EXPECT_EQ(request.header("x-b"), "2");
  EXPECT_EQ(request.header("x-c"), "");
  Call call;
  call.start(*client_, std::move(request));
  EXPECT_EQ(call.text(), "ok");
  finish();
  EXPECT_EQ(seen, "POST / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(HttpClient, refuses_line_breaks_in_a_head) {
  EXPECT_FALSE(SharedHeaders::make({{"X-A", "a\nb"}}));
  EXPECT_FALSE(SharedHeaders::make({{std::string("X\0A", 3), "a"}}));
  serve(answer_number);
  open();
  for (const char* bad : {"a\r\nX-B: 2", "a\n", "\r"}) {
    Request in_target;
    in_target.target = bad;
    Request in_value;
    in_value.headers = {{"X-A", bad}};
    Request in_name;
    in_name.headers = {{bad, "1"}};
    for (Request* request : {&in_target, &in_value, &in_name}) {
      Call call;
      call.start(*client_, std::move(*request));
      EXPECT_EQ(call.error().kind, ErrorKind::invalid_argument);
      EXPECT_FALSE(call.may_have_been_received());
    }
  }
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(HttpClient, a_pool_of_no_connections_is_refused) {
  options_.max_connections = 0;
  const auto opened = open_http_client(*loop_, options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::invalid_argument);
}

TEST_F(HttpClient, carries_bodies_larger_than_any_buffer) {
  serve([](Peer& peer) {
    while (true) {
      const std::string request = peer.read_request();
      if (request.empty()) return;
      peer.answer(200, request.substr(request.find("\r\n\r\n") + 4));
    }
  });
  open();
  std::string body(3 * 1024 * 1024, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  EXPECT_TRUE(ask(body) == body);
  EXPECT_TRUE(ask(body) == body);
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClient, reuses_its_connection) {
  serve(answer_number);
  open();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(), "0");
}

TEST_F(HttpClient, a_request_sent_by_a_completion_finds_the_connection_idle) {
  serve(answer_number);
  open();
  Call first;
  Call second;
  first.on_completion = [&] { second.start(*client_); };
  first.start(*client_);
  EXPECT_EQ(second.text(), "0");
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpClient, takes_the_connection_that_was_used_last) {
  Event both_are_here;
  Event one_is_answered;
  std::atomic<int> here = 0;
  serve([&](Peer& peer) {
    for (int turn = 0; !peer.read_request().empty(); ++turn) {
      if (turn == 0) {
        if (++here == 2) both_are_here.set();
        both_are_here.wait();
        if (peer.number() == 0) one_is_answered.wait();
      }
      peer.answer(200, std::to_string(peer.number()));
    }
  });
  open();
  Call a;
  Call b;
  for (Call* call : {&a, &b}) {
    call->on_completion = [&] { one_is_answered.set(); };
    call->start(*client_);
  }
  a.wait();
  b.wait();
  // Connection 1 became idle first, 0 after it.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(), "0");
  EXPECT_EQ(server_->connections(), 2);
  finish();
}

TEST_F(HttpClient, a_connection_that_is_idle_is_written_to_by_whoever_sends) {
  Event second_is_here;
  serve([&](Peer& peer) {
    peer.read_request();
    peer.answer(200, "first");
    peer.read_request();
    second_is_here.set();
    peer.answer(200, "second");
  });
  open();
  EXPECT_EQ(ask(), "first");
  Event loop_may_go_on;
  loop_->post([&] { loop_may_go_on.wait(); });
  Call call;
  call.start(*client_, "body");
  EXPECT_TRUE(second_is_here.wait());  // although the loop does nothing
  EXPECT_EQ(call.completions(), 0);
  loop_may_go_on.set();
  EXPECT_EQ(call.text(), "second");
  finish();
}

TEST_F(HttpClient, an_answer_before_the_body_is_written_is_delivered) {
  Event answered;
  serve(
      [&](Peer& peer) {
        peer.read_head();
        peer.answer(413, "too large", "X: y\r\n");
        if (peer.number() > 0) return;
        answered.wait();  // none of the body is taken before
        peer.wait_for_close();
      },
      4096);
  open();
  const std::string body(16 * 1024 * 1024, 'x');
  Call call;
  call.on_completion = [&] { answered.set(); };
  call.start(*client_, body);
  EXPECT_EQ(call.status(), 413);
  EXPECT_EQ(call.text(), "too large");
  Call next;
  next.start(*client_);
  EXPECT_EQ(next.status(), 413);
  EXPECT_EQ(server_->connections(), 2);  // the first one was closed
  finish();
}

TEST_F(HttpClient, connection_close_is_obeyed) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.answer(200, std::to_string(peer.number()), "Connection: close\r\n");
    peer.wait_for_close();
  });
  open();
  EXPECT_EQ(ask(), "0");
  EXPECT_EQ(ask(), "1");
}

TEST_F(HttpClient, an_answer_can_end_with_the_connection) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\nanswer " + std::to_string(peer.number()));
  });
  open();
  EXPECT_EQ(ask(), "answer 0");
  EXPECT_EQ(ask(), "answer 1");
}

TEST_F(HttpClient, waits_for_a_connection_when_all_are_busy) {
  options_.max_connections = 2;
  serve(answer_number);
  open();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 50; ++i) {
    calls.push_back(std::make_unique<Call>());
    calls.back()->start(*client_);
  }
  for (const auto& call : calls) EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(HttpClient, waiting_requests_outlive_connections_that_break) {
  options_.max_connections = 2;
  serve([](Peer& peer) {
    peer.read_request();
    if (peer.number() % 2 == 0) return peer.reset();
    peer.answer(200, "ok", "Connection: close\r\n");
    peer.wait_for_close();
  });
  open();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 50; ++i) {
    calls.push_back(std::make_unique<Call>());
    calls.back()->start(*client_);
  }
  int answered = 0;
  for (const auto& call : calls) answered += call->wait().response ? 1 : 0;
  EXPECT_EQ(answered, 25);
  EXPECT_EQ(server_->connections(), 50);
  for (const auto& call : calls) EXPECT_EQ(call->completions(), 1);
}

TEST_F(HttpClient, closes_a_connection_that_was_idle_too_long) {
  Event closed;
  serve([&](Peer& peer) {
    answer_number(peer);
    if (peer.number() == 0) closed.set();
  });
  options_.max_idle = milliseconds(20);
  open();
  EXPECT_EQ(ask(), "0");
  EXPECT_TRUE(closed.wait());
  EXPECT_EQ(ask(), "1");
  finish();
}

TEST_F(HttpClient, closes_a_connection_that_has_lived_too_long) {
  serve(answer_number);
  options_.max_connection_life = milliseconds(0);
  open();
  EXPECT_EQ(ask(), "0");
  EXPECT_EQ(ask(), "1");
}

TEST_F(HttpClient, a_server_that_closes_an_idle_connection_costs_nothing) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.answer(200, std::to_string(peer.number()));
  });
  open();
  // Whether the client has seen the end yet or not, the request goes out on a new connection: but
  // for the instant between its look and the server's close, in which it may fail.
  for (int i = 0; i < 50; ++i) {
    Call call;
    call.start(*client_);
    if (call.wait().error) {
      EXPECT_EQ(call.error().kind, ErrorKind::transient);
    }
  }
  EXPECT_GE(server_->connections(), 2);
}

}  // namespace
}  // namespace kinesink::http

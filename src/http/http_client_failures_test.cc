// What a caller learns when the network or the server fails, or when he gives up himself.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/support/http_fixture.h"

namespace kinesink::http {
namespace {

class HttpClientFailures : public ClientTest {
 protected:
  // Of a call to `script`'s server.
  void expect(ErrorKind kind, bool may_have_been_received, std::string_view body = "body") {
    open();
    Call call;
    call.start(*client_, body);
    const Error error = call.error();
    EXPECT_EQ(error.kind, kind) << error.to_string();
    EXPECT_EQ(call.may_have_been_received(), may_have_been_received) << error.to_string();
    EXPECT_EQ(call.completions(), 1);
  }
};

TEST_F(HttpClientFailures, nobody_listens) {
  serve([](Peer&) {});
  server_.reset();
  expect(ErrorKind::transient, false);
}

TEST_F(HttpClientFailures, no_such_host) {
  options_.endpoint = {"no..host", 80, false};  // no resolver is asked for an empty label
  open();
  Call call;
  call.start(*client_);
  EXPECT_EQ(call.error().kind, ErrorKind::not_found);
  EXPECT_FALSE(call.may_have_been_received());
}

TEST_F(HttpClientFailures, closed_without_an_answer) {
  serve([](Peer& peer) { peer.read_request(); });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, reset_after_the_request) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, reset_before_the_body_was_written) {
  serve(
      [](Peer& peer) {
        peer.read_head();
        peer.reset();
      },
      4096);
  expect(ErrorKind::transient, false, std::string(16 * 1024 * 1024, 'x'));
}

TEST_F(HttpClientFailures, closed_in_the_middle_of_the_answer) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
  });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, reset_in_the_middle_of_an_answer_that_the_end_delimits) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\n12345");
    peer.reset();
  });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, the_answer_is_no_http) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.write("SSH-2.0-x\r\n\r\n");
    peer.wait_for_close();
  });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, the_answer_is_too_large) {
  options_.max_response_body = 100;
  serve([](Peer& peer) {
    peer.read_request();
    peer.answer(200, std::string(101, 'x'));
    peer.wait_for_close();
  });
  expect(ErrorKind::transient, true);
}

TEST_F(HttpClientFailures, no_answer_in_time) {
  options_.request_timeout = milliseconds(50);
  serve([](Peer& peer) { peer.wait_for_close(); });
  expect(ErrorKind::timeout, true);
}

TEST_F(HttpClientFailures, an_answer_that_stalls) {
  options_.request_timeout = milliseconds(50);
  serve([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    peer.wait_for_close();
  });
  expect(ErrorKind::timeout, true);
}

TEST_F(HttpClientFailures, a_body_that_is_not_taken) {
  options_.request_timeout = milliseconds(50);
  Event over;
  serve([&](Peer&) { over.wait(); }, 4096);
  expect(ErrorKind::timeout, false, std::string(16 * 1024 * 1024, 'x'));
  over.set();
  finish();
}

TEST_F(HttpClientFailures, a_handshake_that_stalls) {
  options_.connect_timeout = milliseconds(50);
  serve([](Peer& peer) { peer.wait_for_close(); });
  options_.endpoint.tls = true;
  expect(ErrorKind::timeout, false);
}

TEST_F(HttpClientFailures, cancelled_in_flight) {
  Event arrived;
  serve([&](Peer& peer) {
    peer.read_request();
    arrived.set();
    peer.wait_for_close();
  });
  open();
  Call call;
  call.start(*client_, "body");
  EXPECT_TRUE(arrived.wait());
  client_->cancel(call.id());
  EXPECT_EQ(call.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(call.may_have_been_received());
  client_->cancel(call.id());  // what is over is ignored
  client_->cancel(12345);
  finish();
}

TEST_F(HttpClientFailures, cancelled_while_queued) {
  options_.max_connections = 1;
  Event arrived;
  Event answer;
  serve([&](Peer& peer) {
    peer.read_request();
    arrived.set();
    answer.wait();
    peer.answer(200, "ok");
    peer.wait_for_close();
  });
  open();
  Call first;
  Call queued;
  first.start(*client_);
  EXPECT_TRUE(arrived.wait());
  queued.start(*client_);
  client_->cancel(queued.id());
  EXPECT_EQ(queued.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(queued.may_have_been_received());
  answer.set();
  EXPECT_EQ(first.text(), "ok");
  finish();
}

TEST_F(HttpClientFailures, cancelled_at_once) {
  serve([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  open();
  for (int i = 0; i < 50; ++i) {
    Call call;
    call.start(*client_);
    client_->cancel(call.id());
    EXPECT_EQ(call.error().kind, ErrorKind::cancelled);
  }
}

TEST_F(HttpClientFailures, cancel_reaches_a_request_whose_connection_was_closed) {
  serve([](Peer& peer) {
    if (peer.read_request().starts_with("GET")) return peer.answer(200, "ok");
    peer.wait_for_close();
  });
  open();
  for (int i = 0; i < 50; ++i) {
    Call answered;
    Request get;
    get.method = "GET";
    answered.start(*client_, std::move(get));
    answered.wait();
    Call hanging;
    hanging.start(*client_);
    client_->cancel(hanging.id());
    // Transient: it met the instant in which the server closed.
    const ErrorKind kind = hanging.error().kind;
    EXPECT_TRUE(kind == ErrorKind::cancelled || kind == ErrorKind::transient);
  }
}

TEST_F(HttpClientFailures, destruction_cancels_what_is_in_flight_and_queued) {
  options_.max_connections = 2;
  Event arrived;
  serve([&](Peer& peer) {
    peer.read_request();
    arrived.set();
    peer.wait_for_close();
  });
  open();
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(std::make_unique<Call>());
    calls.back()->start(*client_);
  }
  EXPECT_TRUE(arrived.wait());
  client_.reset();
  for (const auto& call : calls) EXPECT_EQ(call->error().kind, ErrorKind::cancelled);
  loop_.reset();
  for (const auto& call : calls) EXPECT_EQ(call->completions(), 1);
  finish();
}

TEST_F(HttpClientFailures, the_end_of_the_loop_runs_the_completions) {
  serve([](Peer& peer) { peer.wait_for_close(); });
  for (int i = 0; i < 20; ++i) {
    open();
    std::vector<std::unique_ptr<Call>> calls;
    for (int k = 0; k < 5; ++k) {
      calls.push_back(std::make_unique<Call>());
      calls.back()->start(*client_);
    }
    client_.reset();
    loop_.reset();
    for (const auto& call : calls) EXPECT_EQ(call->completions(), 1);
    loop_ = make_io_loop();
  }
}

TEST_F(HttpClientFailures, a_completion_may_end_client_and_loop) {
  std::atomic<int> others = 0;
  Event both_hang;
  serve([&](Peer& peer) {
    const std::string request = peer.read_request();
    if (!request.starts_with("GET")) {
      if (++others == 2) both_hang.set();
      return peer.wait_for_close();
    }
    peer.answer(200, "ok");
    peer.wait_for_close();
  });
  open();
  Call hanging[2];
  for (Call& call : hanging) call.start(*client_);
  EXPECT_TRUE(both_hang.wait());
  Call last;
  last.on_completion = [&] {
    client_.reset();
    loop_.reset();
  };
  Request get;
  get.method = "GET";
  last.start(*client_, std::move(get));
  EXPECT_EQ(last.text(), "ok");
  for (Call& call : hanging) {
    EXPECT_EQ(call.error().kind, ErrorKind::cancelled);
    EXPECT_EQ(call.completions(), 1);
  }
  finish();
}

#if !defined(__SANITIZE_THREAD__)  // TSan does not follow a fork of many threads
TEST_F(HttpClientFailures, a_forked_child_leaves_the_parents_connections_alone) {
  Event answer;
  Event arrived;
  serve([&](Peer& peer) {
    for (int turn = 0; !peer.read_request().empty(); ++turn) {
      if (turn == 1) {
        arrived.set();
        answer.wait();
      }
      peer.answer(200, std::to_string(peer.number()));
    }
  });
  open();
  EXPECT_EQ(ask(), "0");
  Call call;
  call.start(*client_);
  EXPECT_TRUE(arrived.wait());
  const pid_t child = ::fork();
  if (child == 0) {
    client_.reset();
    loop_.reset();
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  answer.set();
  EXPECT_EQ(call.text(), "0");
  EXPECT_EQ(ask(), "0");
  EXPECT_EQ(call.completions(), 1);
  finish();
}
#endif

}  // namespace
}  // namespace kinesink::http

// Queue, hashing, signing, sending. The calls themselves are in calls.cc, what failures mean in
// failures.cc.
#include "client/core.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "aws/sha256.h"
#include "aws/sigv4.h"
#include "http/client.h"

namespace kinesink::client {
namespace {

constexpr std::string_view kTargetPrefix = "Kinesis_20131202.";

std::string user_agent(const ClientOptions& options) {
  std::string text = "kinesink/" KINESINK_VERSION " lang/cpp";
  if (!options.application_id.empty()) text += " app/" + options.application_id;
  return text;
}

http::Exchange failed_exchange(Error error) {
  http::Exchange exchange;
  exchange.error = std::move(error);
  return exchange;
}

http::Exchange cancelled_exchange() {
  return failed_exchange(
      make_error(ErrorKind::cancelled, "the request was cancelled before it was sent"));
}

}  // namespace

Core::Core(CoreParts parts)
    : options_(std::move(parts.options)),
      rules_(std::move(parts.rules)),
      process_(::getpid()),
      log_(options_.log, options_.log_level),
      user_agent_(user_agent(options_)),
      ca_bundle_(std::move(parts.ca_bundle)),
      environment_(std::move(parts.environment)),
      own_loop_(std::move(parts.own_loop)),
      loop_(parts.loop),
      injected_transport_(parts.injected_transport),
      injected_endpoint_(std::move(parts.injected_endpoint)),
      credentials_(std::make_shared<SharedCredentials>(*loop_, std::move(parts.provider), log_)),
      fixed_wire_(parts.fixed_wire),
      random_(parts.seed != 0 ? parts.seed : random_seed()) {}

Core::~Core() {
  if (::getpid() == process_) {
    credentials_->close();
    return;
  }
  // A forked child: the threads behind these exist in the parent only.
  for (auto& [name, transport] : transports_) static_cast<void>(transport.release());
  static_cast<void>(own_loop_.release());
}

// --- the queue

ClientCore::CallId Core::enqueue(CallPointer call) {
  const std::lock_guard lock(mutex_);
  call->id = next_call_++;
  const CallId id = call->id;
  queue_.push_back(std::move(call));
  if (!pumping_) {
    pumping_ = true;
    loop_->post([self = shared_from_this()] { self->pump(); });
  }
  return id;
}

void Core::pump() {
  if (const std::optional<Credentials> credentials = credentials_->current(corrected_time()))
    return take_and_send(*credentials);
  // The calls stay in the queue, where they can be cancelled.
  credentials_->fetch([self = shared_from_this()](const Result<Credentials>& credentials) {
    if (credentials) return self->take_and_send(*credentials);
    self->fail_queued(credentials.error());
  });
}

void Core::take_and_send(const Credentials& credentials) {
  std::vector<CallPointer> calls;
  {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty() && calls.size() < aws::kHashLanes) {
      taken_.emplace(queue_.front()->id, Taken{});
      calls.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    // The rest after what else the loop has to do, so that answers are not kept waiting.
    pumping_ = !queue_.empty();
    if (pumping_) loop_->post([self = shared_from_this()] { self->pump(); });
  }
  if (!calls.empty()) sign_and_send(std::move(calls), credentials);
}

void Core::fail_queued(const Error& error) {
  std::deque<CallPointer> calls;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(queue_);
    pumping_ = false;
  }
  for (CallPointer& call : calls) finish(std::move(call), failed_exchange(error));
}

void Core::sign_and_send(std::vector<CallPointer> calls, const Credentials& credentials) {
  std::vector<std::string_view> bodies;
  for (const CallPointer& call : calls) bodies.push_back(call->body);
  std::vector<aws::Digest> digests(calls.size());
  aws::hash_bodies(bodies, digests);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    Call& call = *calls[i];
    Result<Target> target = target_of(call.stream_arn, call.type);
    if (!target) {
      finish(std::move(calls[i]), failed_exchange(std::move(target).error()));
      continue;
    }
    http::Request request;
    request.headers.reserve(8);
    request.headers.push_back({"Content-Type", std::string(kinesis::content_type_of(call.wire))});
    request.headers.push_back({"X-Amz-Target", std::string(kTargetPrefix).append(call.operation)});
    Result<void> is_signed =
        aws::sign(request, target->endpoint.authority(), digests[i], {rules_.region}, credentials,
                  corrected_time(), &signing_key_);
    if (!is_signed) {
      finish(std::move(calls[i]), failed_exchange(std::move(is_signed).error()));
      continue;
    }
    request.headers.push_back({"User-Agent", user_agent_});
    request.body = call.body;
    send(std::move(calls[i]), std::move(request), *target);
  }
}

void Core::send(CallPointer call, http::Request request, const Target& target) {
  const CallId id = call->id;
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    cancelled = taken_[id].cancelled;
  }
  if (cancelled) return finish(std::move(call), cancelled_exchange());
  // Shared with the completion, because a std::function must be copyable.
  auto carried = std::make_shared<CallPointer>(std::move(call));
  const http::Transport::RequestId sent = target.transport->send(
      std::move(request), [self = shared_from_this(), carried](http::Exchange exchange) {
        self->finish(std::move(*carried), std::move(exchange));
      });
  std::unique_lock lock(mutex_);
  const auto found = taken_.find(id);
  if (found == taken_.end()) return;  // it has ended
  found->second.transport = target.transport;
  found->second.request = sent;
  if (!found->second.cancelled) return;
  lock.unlock();
  target.transport->cancel(sent);
}

void Core::finish(CallPointer call, http::Exchange exchange) {
  {
    const std::lock_guard lock(mutex_);
    taken_.erase(call->id);
  }
  call->done(std::move(exchange));
}

void Core::cancel(CallId id) {
  std::unique_lock lock(mutex_);
  if (const auto found = taken_.find(id); found != taken_.end()) {
    found->second.cancelled = true;
    const Taken taken = found->second;
    lock.unlock();
    if (taken.transport != nullptr) taken.transport->cancel(taken.request);
    return;
  }
  const auto queued =
      std::ranges::find(queue_, id, [](const CallPointer& call) { return call->id; });
  if (queued == queue_.end()) return;
  auto carried = std::make_shared<CallPointer>(std::move(*queued));
  queue_.erase(queued);
  loop_->post([self = shared_from_this(), carried] {
    self->finish(std::move(*carried), cancelled_exchange());
  });
}

Result<Core::Target> Core::target_of(const std::string& stream_arn, aws::OperationType type) {
  if (injected_transport_ != nullptr) return Target{injected_transport_, *injected_endpoint_};
  KINESINK_ASSIGN(http::Endpoint endpoint, aws::resolve_endpoint(rules_, stream_arn, type));
  const std::lock_guard lock(mutex_);
  std::unique_ptr<http::Transport>& transport = transports_[endpoint.authority()];
  if (transport == nullptr) {
    http::HttpClientOptions http;
    http.endpoint = endpoint;
    http.tls = {options_.verify_ssl, ca_bundle_};
    KINESINK_ASSIGN(http.proxy, http::proxy_from_environment(endpoint, environment_));
    http.max_connections = options_.max_connections;
    http.connect_timeout = options_.connect_timeout;
    http.request_timeout = options_.request_timeout;
    http.log = log_;
    KINESINK_ASSIGN(transport, http::open_http_client(*loop_, std::move(http)));
  }
  return Target{transport.get(), std::move(endpoint)};
}

// --- PutRecords

ClientCore::CallId Core::put_records(const kinesis::StreamReference& stream, kinesis::Wire wire,
                                     std::string_view body, std::size_t record_count,
                                     Callback done) {
  auto call = std::make_unique<Call>();
  call->operation = "PutRecords";
  call->wire = wire;
  if (stream.is_arn()) call->stream_arn = stream.text;
  call->body = body;
  call->done = [this, name = stream.text, record_count,
                done = std::move(done)](http::Exchange exchange) {
    PutRecordsOutcome outcome;
    if (exchange.response && exchange.response->status == 200) {
      const http::Response& response = *exchange.response;
      auto answer = kinesis::parse_put_records_answer(response.header("Content-Type"),
                                                      response.body, record_count);
      if (answer) {
        answer->request_id = response.header("x-amzn-RequestId");
        outcome.answer = *std::move(answer);
      } else {
        outcome.failure = Failure{kinesis::ErrorClass::transient, std::move(answer).error(), true};
        outcome.failure->error.message.insert(0, subject("PutRecords", name));
        outcome.failure->error.request_id = response.header("x-amzn-RequestId");
      }
    } else {
      outcome.failure = failure_of(exchange, "PutRecords", name, true);
    }
    done(std::move(outcome));
  };
  return enqueue(std::move(call));
}

void Core::refresh_credentials(std::function<void(Result<void>)> done) {
  credentials_->fetch([done = std::move(done)](const Result<Credentials>& result) {
    done(result ? Result<void>() : Result<void>(result.error()));
  });
}

}  // namespace kinesink::client

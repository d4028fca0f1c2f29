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

std::vector<http::Header> request_headers(kinesis::Wire wire, std::string_view operation) {
  return {{"Content-Type", std::string(kinesis::content_type_of(wire))},
          {"X-Amz-Target", std::string(kTargetPrefix).append(operation)}};
}

Error cancelled_error() {
  return make_error(ErrorKind::cancelled, "the request was cancelled before it was sent");
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

std::vector<aws::Digest> Core::digests(std::span<const std::string_view> bodies) {
  std::vector<aws::Digest> digests(bodies.size());
  aws::hash_bodies(bodies, digests);
  return digests;
}

ClientCore::CallId Core::new_call() {
  const std::lock_guard lock(mutex_);
  calls_.emplace(next_call_, Progress{});
  return next_call_++;
}

void Core::enqueue(std::vector<CallPointer> calls) {
  const std::lock_guard lock(mutex_);
  for (CallPointer& call : calls) queue_.push_back(std::move(call));
  if (pumping_) return;
  pumping_ = true;
  loop_->post([self = shared_from_this()] { self->pump(); });
}

void Core::pump() {
  if (const auto credentials = credentials_->current(corrected_time()))
    return take_and_send(credentials);
  // The calls stay in the queue, where they can be cancelled.
  credentials_->fetch([self = shared_from_this()](const auto& credentials) {
    if (credentials) return self->take_and_send(*credentials);
    self->fail_queued(credentials.error());
  });
}

void Core::take_and_send(const SharedCredentials::Given& credentials) {
  std::vector<CallPointer> calls;
  {
    const std::lock_guard lock(mutex_);
    while (!queue_.empty() && calls.size() < aws::kHashLanes) {
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

// Bodies without a digest get one, all together.
void Core::hash(const std::vector<CallPointer>& calls) {
  std::vector<Call*> lacking;
  std::vector<std::string_view> bodies;
  for (const CallPointer& call : calls) {
    if (call->digest) continue;
    lacking.push_back(call.get());
    bodies.push_back(call->body);
  }
  const std::vector<aws::Digest> made = digests(bodies);
  for (std::size_t i = 0; i < lacking.size(); ++i) lacking[i]->digest = made[i];
}

void Core::sign_and_send(std::vector<CallPointer> calls,
                         const SharedCredentials::Given& credentials) {
  hash(calls);
  for (CallPointer& call : calls) {
    http::Request request;
    request.body = call->body;
    Result<Target> target = sign(*call, request, credentials);
    if (target) {
      send(std::move(call), std::move(request), *target);
    } else {
      finish_later(std::move(call), std::move(target).error());
    }
  }
}

// Where it goes.
Result<Core::Target> Core::sign(const Call& call, http::Request& request,
                                const SharedCredentials::Given& credentials) {
  if (call.route != nullptr) {
    KINESINK_TRY(call.route->signer.sign(request, *call.digest, credentials, corrected_time()));
    return call.route->target;
  }
  KINESINK_ASSIGN(Target target, target_of(call.stream_arn, call.type));
  request.headers = request_headers(call.wire, call.operation);
  KINESINK_TRY(aws::sign(request, target.endpoint.authority(), *call.digest, {rules_.region},
                         *credentials, corrected_time(), &signing_key_));
  request.headers.push_back({"User-Agent", user_agent_});
  return target;
}

void Core::send(CallPointer call, http::Request request, const Target& target) {
  const CallId id = call->id;
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    cancelled = calls_[id].cancelled;
  }
  if (cancelled) return finish_later(std::move(call), cancelled_error());
  // Shared with the completion, because a std::function must be copyable.
  auto carried = std::make_shared<CallPointer>(std::move(call));
  const http::Transport::RequestId sent = target.transport->send(
      std::move(request), [self = shared_from_this(), carried](http::Exchange&& exchange) {
        self->finish(std::move(*carried), std::move(exchange));
      });
  std::unique_lock lock(mutex_);
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;  // it has ended
  found->second.transport = target.transport;
  found->second.request = sent;
  if (!found->second.cancelled) return;
  lock.unlock();
  target.transport->cancel(sent);
}

void Core::finish(CallPointer call, http::Exchange&& exchange) {
  {
    const std::lock_guard lock(mutex_);
    calls_.erase(call->id);
  }
  call->done(std::move(exchange));
}

void Core::finish_later(CallPointer call, Error error) {
  // Shared with the loop, because a std::function must be copyable.
  auto carried = std::make_shared<CallPointer>(std::move(call));
  loop_->post([self = shared_from_this(), carried, error = std::move(error)] {
    self->finish(std::move(*carried), failed_exchange(error));
  });
}

void Core::cancel(CallId id) {
  std::unique_lock lock(mutex_);
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  found->second.cancelled = true;
  const Progress progress = found->second;
  const auto queued =
      std::ranges::find(queue_, id, [](const CallPointer& call) { return call->id; });
  CallPointer taken_out;
  if (queued != queue_.end()) {
    taken_out = std::move(*queued);
    queue_.erase(queued);
  }
  lock.unlock();
  if (taken_out != nullptr) return finish_later(std::move(taken_out), cancelled_error());
  if (progress.transport != nullptr) progress.transport->cancel(progress.request);
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

Result<Core::Route*> Core::route_of(const kinesis::StreamReference& stream, kinesis::Wire wire) {
  const std::pair key(stream.is_arn() ? stream.text : std::string(), wire);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = routes_.find(key); found != routes_.end()) return found->second.get();
  }
  KINESINK_ASSIGN(Target target, target_of(key.first, aws::OperationType::data));
  const std::string authority = target.endpoint.authority();
  auto route = std::unique_ptr<Route>(new Route{std::move(target),
                                                {request_headers(wire, "PutRecords"),
                                                 {{"User-Agent", user_agent_}},
                                                 authority,
                                                 rules_.region}});
  const std::lock_guard lock(mutex_);
  return routes_.emplace(key, std::move(route)).first->second.get();
}

void Core::put_records(const kinesis::StreamReference& stream, kinesis::Wire wire,
                       std::vector<PutRecordsCall> calls) {
  const Result<Route*> route = route_of(stream, wire);
  std::vector<CallPointer> made;
  for (PutRecordsCall& call : calls) {
    made.push_back(put_records_call(stream, std::move(call)));
    if (route) {
      made.back()->route = *route;
    } else {
      finish_later(std::move(made.back()), route.error());
    }
  }
  if (!route) return;
  if (const auto credentials = credentials_->current(corrected_time()))
    return sign_and_send(std::move(made), credentials);
  enqueue(std::move(made));
}

Core::CallPointer Core::put_records_call(const kinesis::StreamReference& stream,
                                         PutRecordsCall given) {
  auto call = std::make_unique<Call>();
  call->id = given.id;
  call->body = given.body;
  call->digest = given.digest;
  call->done = [this, name = stream.text, record_count = given.record_count,
                done = std::move(given.done)](http::Exchange&& exchange) {
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
  return call;
}

void Core::refresh_credentials(std::function<void(Result<void>)> done) {
  credentials_->fetch([done = std::move(done)](const auto& result) {
    done(result ? Result<void>() : Result<void>(result.error()));
  });
}

}  // namespace kinesink::client

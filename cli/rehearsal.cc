#include "cli/rehearsal.h"

#include <utility>

#include "http/client.h"

namespace kinesink::cli {
namespace {

class Rehearsal final : public client::ClientCore {
 public:
  Rehearsal(LogCallback log, LogLevel level, std::function<void(std::string_view)> look)
      : log_(std::move(log), level), look_(std::move(look)), loop_(http::make_io_loop(1)) {}

  http::EventLoop& loop() override { return *loop_; }
  const std::string& region() const override { return region_; }
  const Log& log() const override { return log_; }

  std::vector<aws::Digest> digests(std::span<const std::string_view>) override { return {}; }
  CallId new_call() override { return 0; }
  void put_records(const kinesis::StreamReference&, kinesis::Wire,
                   std::vector<client::PutRecordsCall> calls) override {
    for (client::PutRecordsCall& call : calls) {
      loop_->post([this, call = std::move(call)] {
        if (look_) look_(call.body);
        client::PutRecordsOutcome outcome;
        outcome.answer.emplace();
        call.done(std::move(outcome));
      });
    }
  }
  void cancel(CallId) override {}
  void refresh_credentials(std::function<void(Result<void>)> done) override { done({}); }
  Result<kinesis::Wire> choose_wire(const kinesis::StreamReference&, Instant) override {
    return kinesis::Wire::cbor;
  }
  Result<client::StreamSummary> describe_stream_summary(const kinesis::StreamReference&, bool,
                                                        Instant) override {
    return client::StreamSummary{};
  }
  Result<std::vector<client::Shard>> list_shards(const kinesis::StreamReference&,
                                                 Instant) override {
    return refuse();
  }
  Result<std::string> get_shard_iterator(const kinesis::StreamReference&, const std::string&,
                                         const client::ShardPosition&, Instant) override {
    return refuse();
  }
  Result<client::RecordsPage> get_records(const kinesis::StreamReference&, const std::string&,
                                          std::size_t, Instant) override {
    return refuse();
  }
  Result<void> create_stream(const std::string&, std::size_t, Instant) override { return refuse(); }

 private:
  static Error refuse() {
    return make_error(ErrorKind::invalid_argument, "a rehearsal talks to nobody");
  }

  const Log log_;
  const std::function<void(std::string_view)> look_;
  const std::string region_ = "none";
  std::unique_ptr<http::EventLoop> loop_;
};

}  // namespace

std::shared_ptr<client::ClientCore> make_rehearsal(LogCallback log, LogLevel level,
                                                   std::function<void(std::string_view)> look) {
  return std::make_shared<Rehearsal>(std::move(log), level, std::move(look));
}

}  // namespace kinesink::cli

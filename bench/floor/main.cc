// kinesink_floor: what each part of writing rows costs that no sink can do without, each by the
// plainest code there is, in one thread of one process. JSON lines: CPU time of a row for each
// part, and their sums for HTTP and HTTPS. docs/benchmarks.md says how to read them.
//
// A sink is measured beside the endpoint that it writes to, and so is this: another thread does
// meanwhile what an endpoint does (neighbour.h), where there is a second core. Its CPU time does
// not count. --no-neighbour leaves it out.
//
//   kinesink_floor events.arrows
//   kinesink_floor --payload 51200 --records 78
#include <openssl/evp.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "aws/sha256.h"
#include "base/random.h"
#include "bench/bench_rows.h"
#include "bench/clean_answer.h"
#include "bench/floor/event_rows.h"
#include "bench/floor/loopback.h"
#include "bench/floor/neighbour.h"
#include "bench/floor/tls_pair.h"
#include "http/tls_context.h"
#include "tests/support/test_authority.h"

namespace kinesink::bench {
namespace {

constexpr std::size_t kBodies = 4;  // in rotation: as many as are hashed together
constexpr std::size_t kConnections = 8;
constexpr std::size_t kKeySize = 8;

double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Requests of so many records, written by the plainest code.
class Bodies {
 public:
  Bodies(Batches batches, std::int64_t payload, std::size_t records)
      : batches_(std::move(batches)), payload_(payload), records_(records) {
    if (payload == 0) {
      for (const auto& batch : batches_) events_.emplace_back(*batch);
    }
    const std::size_t largest =
        payload == 0 ? EventColumns::kMostBytes : static_cast<std::size_t>(payload) + 128;
    for (std::string& body : bodies_) body.resize(records * largest);
    for (std::size_t i = 0; i < kBodies; ++i) fill();
  }

  // Rows that one fill() writes.
  std::size_t records() const { return records_; }
  const std::vector<std::string_view>& ready() const { return ready_; }
  // The bytes of JSON (or payload) of a row, on average over the bodies that are ready.
  double payload_bytes() const { return static_cast<double>(payload_sum_) / kBodies / records_; }

  // The next body of the rotation anew.
  void fill() {
    std::string& body = bodies_[next_];
    char* out = body.data();
    payload_sum_ -= payload_of_[next_];
    payload_of_[next_] = 0;
    for (std::size_t i = 0; i < records_; ++i) {
      char* const entry = out;
      out = payload_ == 0 ? event(out + kHead) : copied(out + kHead);
      const auto size = static_cast<std::size_t>(out - entry) - kHead;
      payload_of_[next_] += size;
      frame(entry, size);
      out = key(out);
    }
    payload_sum_ += payload_of_[next_];
    if (ready_.size() <= next_) ready_.resize(next_ + 1);
    ready_[next_] = {body.data(), static_cast<std::size_t>(out - body.data())};
    next_ = (next_ + 1) % kBodies;
  }

 private:
  static constexpr std::size_t kHead = 11;

  // A record's CBOR around its payload, as src/kinesis/request_body.h draws it.
  static void frame(char* entry, std::size_t size) {
    std::memcpy(entry,
                "\xa2\x64"
                "Data\x5a",
                7);
    const auto length = __builtin_bswap32(static_cast<std::uint32_t>(size));
    std::memcpy(entry + 7, &length, sizeof(length));
  }
  char* key(char* out) {
    std::memcpy(out, "\x6cPartitionKey\x68", 14);
    std::uint64_t bits = random_.next() & 0x0f0f0f0f0f0f0f0f;
    bits += 0x4141414141414141;  // letters
    std::memcpy(out + 14, &bits, kKeySize);
    return out + 14 + kKeySize;
  }
  char* event(char* out) {
    if (row_ == events_[batch_].rows()) {
      row_ = 0;
      batch_ = (batch_ + 1) % events_.size();
    }
    return events_[batch_].write(row_++, out);
  }
  char* copied(char* out) {
    if (row_ == batches_[batch_]->num_rows()) {
      row_ = 0;
      batch_ = (batch_ + 1) % batches_.size();
    }
    const auto& values = static_cast<const arrow::BinaryArray&>(*batches_[batch_]->column(0));
    const std::string_view value = values.GetView(row_++);
    std::memcpy(out, value.data(), value.size());
    return out + value.size();
  }

  const Batches batches_;
  std::vector<EventColumns> events_;
  const std::int64_t payload_;
  const std::size_t records_;
  std::string bodies_[kBodies];
  std::vector<std::string_view> ready_;
  std::size_t payload_of_[kBodies] = {};
  std::size_t payload_sum_ = 0;
  std::size_t next_ = 0;
  std::size_t batch_ = 0;
  std::int64_t row_ = 0;
  Random random_{1};
};

// Both ends of a connection as the client of this library makes it, over memory.
struct TlsMemory {
  tests::TestAuthority authority;
  tests::TestAuthority::Context server_context = authority.server("DNS:localhost");
  http::TlsContext client_context = *http::make_client_tls({true, authority.file()});
  Pipe to_server, to_client;
  TlsEnd client{client_context.get(), false, to_client, to_server};
  TlsEnd server{server_context.get(), true, to_server, to_client};
  std::vector<char> buffer = std::vector<char>(64 << 10);

  TlsMemory() {
    for (bool done = false; !done;) {
      done = client.shake();
      done = server.shake() && done;
    }
    // Session tickets come with the first answer.
    server.write("x");
    client.read(buffer);
    to_server.clear();
  }
};

// AES-GCM alone, in pieces of a TLS record: what no TLS library can do without.
class Cipher {
 public:
  Cipher() : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free), out_(16'640) {
    const unsigned char key[32] = {1};
    EVP_EncryptInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key, nonce_);
  }
  void seal(std::string_view bytes) {
    constexpr std::size_t kRecord = 16'384;
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, kRecord);
      int size = 0;
      ++nonce_[11];
      EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce_);
      EVP_EncryptUpdate(context_.get(), out_.data(), &size,
                        reinterpret_cast<const unsigned char*>(piece.data()),
                        static_cast<int>(piece.size()));
      EVP_EncryptFinal_ex(context_.get(), out_.data() + size, &size);
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag_);
      bytes.remove_prefix(piece.size());
    }
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
  std::vector<unsigned char> out_;
  unsigned char nonce_[12] = {};
  unsigned char tag_[16] = {};
};

// True if every entry looks as the first one does: all of the answer is there and nothing failed.
bool is_clean(std::string_view answer, std::size_t records) {
  constexpr std::size_t kPrefix = 18;  // map head, "SequenceNumber", head of the number
  constexpr std::size_t kNumber = 56;
  constexpr std::size_t kMiddle = 9;  // "ShardId", head of the id
  constexpr std::size_t kEntry = kPrefix + kNumber + kMiddle + 20;
  const char* const first = answer.data() + (answer.size() - records * kEntry);
  bool same = true;
  for (std::size_t i = 1; i < records; ++i) {
    const char* const entry = first + i * kEntry;
    same = same && std::memcmp(entry, first, kPrefix) == 0 &&
           std::memcmp(entry + kPrefix + kNumber, first + kPrefix + kNumber, kMiddle) == 0;
  }
  return same;
}

struct Part {
  std::string name;
  // Does the work of some requests; returns how many. What is not to be measured reports itself to
  // the clock.
  std::function<std::size_t(double& unmeasured)> work;
  bool has_other_end = false;  // a thread of its own
};

class Floor {
 public:
  Floor(Batches batches, std::int64_t payload, std::size_t records)
      : bodies_(std::move(batches), payload, records),
        answer_(put_records_answer(kinesis::Wire::cbor, records, 0)),
        loopback_(kConnections, bodies_.ready()[0].size(), answer_.size()) {
    // All of one size, so that the other end knows it.
    for (std::size_t i = 0; i < kBodies; ++i) same_size_.push_back(bodies_.ready()[0]);
  }

  std::vector<Part> parts() {
    return {{"format", [this](double&) { return format(); }},
            {"sha256_one_stream", [this](double&) { return hash_one_by_one(); }},
            {"sha256_interleaved", [this](double&) { return hash_together(); }},
            {"tls_encrypt", [this](double&) { return encrypt(); }},
            {"tls_decrypt", [this](double& unmeasured) { return decrypt(unmeasured); }},
            {"cipher_encrypt", [this](double&) { return cipher(bodies_.ready()); }},
            {"cipher_decrypt", [this](double&) { return cipher({answer_}); }},
            {"loopback", [this](double&) { return exchange(); }, true},
            {"answer", [this](double&) { return recognise(); }}};
  }
  std::size_t records() const { return bodies_.records(); }
  double payload_bytes() const { return bodies_.payload_bytes(); }
  std::string cipher_name() const { return tls_.client.cipher(); }

 private:
  std::size_t format() {
    for (std::size_t i = 0; i < kBodies; ++i) bodies_.fill();
    return kBodies;
  }
  std::size_t hash_one_by_one() {
    for (const std::string_view body : bodies_.ready()) {
      unsigned int size = 0;
      aws::Digest digest;
      EVP_Digest(body.data(), body.size(), digest.data(), &size, EVP_sha256(), nullptr);
    }
    return kBodies;
  }
  std::size_t hash_together() {
    aws::Digest digests[kBodies];
    aws::hash_bodies(bodies_.ready(), digests);
    return kBodies;
  }
  std::size_t encrypt() {
    for (const std::string_view body : bodies_.ready()) {
      tls_.to_server.clear();
      tls_.client.write(body);
    }
    tls_.to_server.clear();
    return kBodies;
  }
  std::size_t decrypt(double& unmeasured) {
    tls_.to_client.clear();
    const double start = thread_seconds();
    for (std::size_t i = 0; i < kBodies; ++i) tls_.server.write(answer_);
    unmeasured += thread_seconds() - start;
    tls_.client.read(tls_.buffer);
    return kBodies;
  }
  std::size_t cipher(const std::vector<std::string_view>& texts) {
    for (const std::string_view text : texts) cipher_.seal(text);
    return texts.size();
  }
  std::size_t exchange() {
    loopback_.exchange(same_size_);
    return kConnections;
  }
  std::size_t recognise() {
    if (!is_clean(answer_, bodies_.records())) std::abort();
    return 1;
  }

  Bodies bodies_;
  const std::string answer_;
  Loopback loopback_;
  std::vector<std::string_view> same_size_;
  TlsMemory tls_;
  Cipher cipher_;
};

struct Cost {
  double median = 0;
  double best = 0;
};

// Parts in turn, so that a busy moment of the machine does not fall on one of them.
std::map<std::string, Cost> measure(Floor& floor, Neighbour* neighbour, int rounds,
                                    double seconds_of_a_part) {
  std::map<std::string, std::vector<double>> seen;
  const std::vector<Part> parts = floor.parts();
  // Reading the clock is a system call, which small work should not notice.
  const int at_once = floor.payload_bytes() * static_cast<double>(floor.records()) < 1e6 ? 16 : 1;
  for (int round = 0; round < rounds; ++round) {
    for (const Part& part : parts) {
      std::size_t requests = 0;
      double unmeasured = 0;
      // The other end of a connection is neighbour enough.
      if (neighbour != nullptr) neighbour->work(!part.has_other_end);
      const double start = thread_seconds();
      double used = 0;
      while (used < seconds_of_a_part) {
        for (int i = 0; i < at_once; ++i) requests += part.work(unmeasured);
        used = thread_seconds() - start;
      }
      seen[part.name].push_back((used - unmeasured) * 1e9 /
                                static_cast<double>(requests * floor.records()));
    }
  }
  std::map<std::string, Cost> costs;
  for (auto& [name, values] : seen) {
    std::ranges::sort(values);
    costs[name] = {values[values.size() / 2], values.front()};
  }
  return costs;
}

void report(const Floor& floor, bool neighbour, std::map<std::string, Cost>& costs) {
  for (const auto& [name, cost] : costs) {
    std::printf("{\"part\":\"%s\",\"ns_per_row\":%.2f,\"best\":%.2f,\"neighbour\":%s}\n",
                name.c_str(), cost.median, cost.best, neighbour ? "true" : "false");
  }
  const auto sum = [&](const char* name, const std::vector<const char*>& parts) {
    Cost all;
    for (const char* part : parts) {
      all.median += costs[part].median;
      all.best += costs[part].best;
    }
    std::printf(
        "{\"floor\":\"%s\",\"ns_per_row\":%.2f,\"best\":%.2f,\"records\":%zu,"
        "\"payload_bytes\":%.1f,\"cipher\":\"%s\",\"neighbour\":%s}\n",
        name, all.median, all.best, floor.records(), floor.payload_bytes(),
        floor.cipher_name().c_str(), neighbour ? "true" : "false");
  };
  sum("plain", {"format", "sha256_interleaved", "loopback", "answer"});
  sum("tls", {"format", "sha256_interleaved", "tls_encrypt", "loopback", "tls_decrypt", "answer"});
  sum("cipher",
      {"format", "sha256_interleaved", "cipher_encrypt", "loopback", "cipher_decrypt", "answer"});
}

int run(int argc, char** argv) {
  std::string file;
  std::int64_t rows = 500'000;
  std::int64_t payload = 0;
  std::size_t records = 500;
  int rounds = 11;
  double seconds = 0.03;
  bool with_neighbour = std::thread::hardware_concurrency() >= 2;
  CLI::App program("What no sink can do without: CPU time of a row, part by part.");
  program.add_option("FILE", file, "Arrow IPC stream of bench/gen_events.py.");
  program.add_option("--rows", rows, "Of the file.");
  program.add_option("--payload", payload, "Instead of a file: rows of so many bytes, copied.");
  program.add_option("--records", records, "Of a request.");
  program.add_option("--rounds", rounds);
  program.add_option("--seconds", seconds, "Of each part in each round.");
  program.add_flag("--neighbour,!--no-neighbour", with_neighbour,
                   "Another thread does an endpoint's work meanwhile; default with two cores.");
  CLI11_PARSE(program, argc, argv);
  arrow::Result<Batches> batches =
      payload > 0 ? text_batches(payload, 64) : read_batches(file, rows, 65'536);
  if (!batches.ok()) {
    std::fprintf(stderr, "kinesink_floor: %s\n", batches.status().ToString().c_str());
    return 1;
  }
  Floor floor(*std::move(batches), payload, records);
  std::optional<Neighbour> neighbour;
  if (with_neighbour) neighbour.emplace(records, static_cast<std::size_t>(floor.payload_bytes()));
  std::map<std::string, Cost> costs =
      measure(floor, with_neighbour ? &*neighbour : nullptr, rounds, seconds);
  report(floor, with_neighbour, costs);
  return 0;
}

}  // namespace
}  // namespace kinesink::bench

int main(int argc, char** argv) { return kinesink::bench::run(argc, argv); }

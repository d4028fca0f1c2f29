#include "tests/support/fake_client.h"

#include <algorithm>

namespace kinesink::tests {

FakeClient& FakeClient::add_shard(const std::string& id, const std::string& parent, bool closed) {
  client::Shard shard;
  shard.id = id;
  shard.parent_id = parent;
  shard.ending_sequence_number = closed ? "9" : "";
  shards_.push_back(std::move(shard));
  return *this;
}

FakeClient& FakeClient::put(const std::string& shard, const std::string& data) {
  records_[shard].push_back(data);
  return *this;
}

// An iterator is generation/shard/place.
Result<std::string> FakeClient::get_shard_iterator(const kinesis::StreamReference&,
                                                   const std::string& shard_id,
                                                   const client::ShardPosition& from, Instant) {
  std::size_t place = 0;
  if (from.kind == client::ShardPosition::Kind::latest) place = records_[shard_id].size();
  if (!from.sequence_number.empty()) place = std::stoul(from.sequence_number);
  return std::to_string(generation_) + "/" + shard_id + "/" + std::to_string(place);
}

Result<client::RecordsPage> FakeClient::get_records(const kinesis::StreamReference&,
                                                    const std::string& iterator, std::size_t limit,
                                                    Instant) {
  ++reads_;
  const std::size_t first = iterator.find('/');
  const std::size_t second = iterator.rfind('/');
  if (std::stoi(iterator.substr(0, first)) != generation_) {
    Error error = make_error(ErrorKind::permanent, "the iterator has expired");
    error.aws_code = "ExpiredIteratorException";
    return error;
  }
  const std::string shard_id = iterator.substr(first + 1, second - first - 1);
  std::size_t place = std::stoul(iterator.substr(second + 1));
  const std::vector<std::string>& kept = records_[shard_id];
  client::RecordsPage page;
  for (; place < kept.size() && page.records.size() < limit; ++place) {
    client::Record record;
    record.sequence_number = std::to_string(place + 1);
    record.data = kept[place];
    page.records.push_back(std::move(record));
  }
  const auto shard = std::ranges::find(shards_, shard_id, &client::Shard::id);
  const bool drained = place == kept.size() && !shard->ending_sequence_number.empty();
  if (!drained) page.next_iterator = iterator.substr(0, second + 1) + std::to_string(place);
  return page;
}

}  // namespace kinesink::tests

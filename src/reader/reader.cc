#include "reader/reader.h"

#include <algorithm>
#include <utility>

namespace kinesink::reader {
namespace {

constexpr std::size_t kPageSize = kinesis::kMaxGetRecordsCount;

}  // namespace

Result<void> Reader::open(Instant deadline) {
  KINESINK_ASSIGN(std::vector<client::Shard> shards, core_->list_shards(stream_, deadline));
  for (const client::Shard& shard : shards) known_.insert(shard.id);
  const bool from_now = options_.from.kind == client::ShardPosition::Kind::latest;
  for (client::Shard& shard : shards) {
    const bool is_closed = !shard.ending_sequence_number.empty();
    // A closed shard has nothing after now; its children stand for themselves.
    if (from_now && is_closed) {
      drained_.insert(shard.id);
      continue;
    }
    waiting_.push_back(std::move(shard));
  }
  activate_children();
  return {};
}

// Shards whose parents are drained, or long gone, take their turn.
void Reader::activate_children() {
  const auto is_settled = [this](const std::string& parent) {
    return parent.empty() || !known_.contains(parent) || drained_.contains(parent);
  };
  for (auto shard = waiting_.begin(); shard != waiting_.end();) {
    if (!is_settled(shard->parent_id) || !is_settled(shard->adjacent_parent_id)) {
      ++shard;
      continue;
    }
    Cursor cursor;
    cursor.is_child = drained_.contains(shard->parent_id) &&
                      options_.from.kind != client::ShardPosition::Kind::latest;
    cursor.shard = std::move(*shard);
    active_.push_back(std::move(cursor));
    shard = waiting_.erase(shard);
  }
}

Result<void> Reader::start(Cursor& cursor, Instant deadline) {
  client::ShardPosition from = options_.from;
  if (!cursor.last_number.empty()) {
    from = {client::ShardPosition::Kind::after_sequence_number, cursor.last_number, 0};
  } else if (cursor.is_child) {
    from = {};  // all that came after the parent
  }
  KINESINK_ASSIGN(cursor.iterator,
                  core_->get_shard_iterator(stream_, cursor.shard.id, from, deadline));
  return {};
}

Result<client::RecordsPage> Reader::read(Cursor& cursor, Instant deadline) {
  if (cursor.iterator.empty()) KINESINK_TRY(start(cursor, deadline));
  auto page = core_->get_records(stream_, cursor.iterator, kPageSize, deadline);
  if (page || page.error().aws_code != "ExpiredIteratorException") return page;
  // An iterator lives five minutes.
  KINESINK_TRY(start(cursor, deadline));
  return core_->get_records(stream_, cursor.iterator, kPageSize, deadline);
}

Result<std::vector<ReadRecord>> Reader::next(Instant deadline) {
  std::vector<ReadRecord> records;
  while (!active_.empty() && core_->loop().now() < deadline) {
    const auto turn = std::ranges::min_element(active_, {}, &Cursor::not_before);
    if (turn->not_before > core_->loop().now()) {
      sleep_until(std::min(turn->not_before, deadline));
      continue;
    }
    Cursor cursor = std::move(*turn);
    active_.erase(turn);
    auto page = read(cursor, deadline);
    if (!page) return std::move(page).error();
    cursor.iterator = page->next_iterator;
    const bool caught_up = page->records.empty() && page->milliseconds_behind_latest == 0;
    for (client::Record& record : page->records)
      records.push_back({cursor.shard.id, std::move(record)});
    if (!records.empty()) cursor.last_number = records.back().record.sequence_number;
    if (cursor.iterator.empty()) {
      drained_.insert(cursor.shard.id);
      activate_children();
    } else if (!(caught_up && options_.stop_when_caught_up)) {
      cursor.not_before =
          caught_up ? core_->loop().now() + options_.poll_interval : core_->loop().now();
      active_.push_back(std::move(cursor));
    }
    if (!records.empty()) return records;
  }
  return records;
}

void Reader::sleep_until(Instant when) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  core_->loop().wait(
      lock, never, [] { return false; }, when);
}

}  // namespace kinesink::reader

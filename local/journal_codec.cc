#include "local/journal_codec.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <utility>

namespace kinesink::local {
namespace {

static_assert(std::endian::native == std::endian::little, "the journal is little endian");

enum class Kind : std::uint8_t { stream = 1, removed = 2, records = 3 };
constexpr std::uint32_t kNone = UINT32_MAX;  // no shard

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

// Takes values from the front; after the first that is not there, all are zero and ok() is false.
class EntryReader {
 public:
  explicit EntryReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    T value{};
    if (!has(sizeof(T))) return value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view take_text(std::size_t size) {
    if (!has(size)) return {};
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }
  std::string_view take_text() { return take_text(take<std::uint32_t>()); }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  bool has(std::size_t size) {
    ok_ = ok_ && bytes_.size() >= size;
    if (!ok_) bytes_ = {};
    return ok_;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

Error broken(const char* what) {
  return make_error(ErrorKind::invalid_data, std::string("an entry is broken: ") + what);
}

void put_shard(std::string& out, const Shard& shard) {
  put(out, shard.range.first);
  put(out, shard.range.last);
  put(out, shard.parent.value_or(kNone));
  put(out, shard.adjacent_parent.value_or(kNone));
  put(out, static_cast<std::uint32_t>(shard.children.size()));
  for (const std::uint32_t child : shard.children) put(out, child);
  put(out, shard.created_ms);
  put(out, static_cast<std::uint8_t>(shard.closed_ms.has_value() ? 1 : 0));
  put(out, shard.closed_ms.value_or(0));
  put(out, shard.log.first());
}

std::optional<std::uint32_t> optional_shard(std::uint32_t index) {
  return index == kNone ? std::nullopt : std::optional(index);
}

// A shard's records come in entries of their own; those before `first` were dropped.
Result<void> take_shard(EntryReader& in, std::uint32_t index, Stream& stream) {
  kinesis::HashKeyRange range;
  range.first = in.take<kinesis::HashKey>();
  range.last = in.take<kinesis::HashKey>();
  const auto parent = in.take<std::uint32_t>();
  const auto adjacent_parent = in.take<std::uint32_t>();
  std::vector<std::uint32_t> children;
  const auto child_count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < child_count && in.ok(); ++i)
    children.push_back(in.take<std::uint32_t>());
  const auto created_ms = in.take<std::int64_t>();
  const bool closed = in.take<std::uint8_t>() != 0;
  const auto closed_ms = in.take<std::int64_t>();
  const auto first = in.take<std::uint64_t>();
  if (!in.ok()) return broken("a shard is cut off");
  if (index == stream.shards.size()) {
    stream.shards.push_back(std::make_unique<Shard>(index, range, created_ms));
    stream.shards.back()->log.begin_at(first);
  }
  Shard& shard = *stream.shards[index];
  shard.parent = optional_shard(parent);
  shard.adjacent_parent = optional_shard(adjacent_parent);
  shard.children = std::move(children);
  if (closed) shard.closed_ms = closed_ms;
  return {};
}

Result<void> take_stream(EntryReader& in, Store& store) {
  const std::string_view name = in.take_text();
  Stream* stream = store.find(name);
  if (stream == nullptr) stream = &store.add(name);
  stream->created_ms = in.take<std::int64_t>();
  stream->active_ms = in.take<std::int64_t>();
  stream->on_demand = in.take<std::uint8_t>() != 0;
  stream->max_record_bytes = in.take<std::uint64_t>();
  const auto shards = in.take<std::uint32_t>();
  if (!in.ok() || name.empty() || shards < stream->shards.size()) return broken("of a stream");
  for (std::uint32_t index = 0; index < shards; ++index)
    KINESINK_TRY(take_shard(in, index, *stream));
  stream->open.clear();
  for (const auto& shard : stream->shards) {
    if (shard->is_open()) stream->open.push_back(shard.get());
  }
  if (stream->open.empty()) return broken("a stream has no open shard");
  std::ranges::sort(stream->open, {}, [](const Shard* shard) { return shard->range.first; });
  return {};
}

Result<void> take_records(EntryReader& in, Store& store) {
  Stream* stream = store.find(in.take_text());
  const auto count = in.take<std::uint32_t>();
  if (!in.ok() || stream == nullptr) return broken("records of no stream");
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto shard = in.take<std::uint32_t>();
    const auto arrival_ms = in.take<std::int64_t>();
    const auto key_size = in.take<std::uint32_t>();
    const auto data_size = in.take<std::uint32_t>();
    const std::string_view key = in.take_text(key_size);
    const std::string_view data = in.take_text(data_size);
    if (!in.ok() || shard >= stream->shards.size()) return broken("of a record");
    store.append(*stream->shards[shard], arrival_ms, data, key);
  }
  return {};
}

}  // namespace

void EntryWriter::stream(const Stream& stream) {
  end_records();
  put(out_, Kind::stream);
  put_text(out_, stream.name);
  put(out_, stream.created_ms);
  put(out_, stream.active_ms);
  put(out_, static_cast<std::uint8_t>(stream.on_demand ? 1 : 0));
  put(out_, static_cast<std::uint64_t>(stream.max_record_bytes));
  put(out_, static_cast<std::uint32_t>(stream.shards.size()));
  for (const auto& shard : stream.shards) put_shard(out_, *shard);
}

void EntryWriter::removed(std::string_view name) {
  end_records();
  put(out_, Kind::removed);
  put_text(out_, name);
}

void EntryWriter::record(std::string_view stream, std::uint32_t shard, std::int64_t arrival_ms,
                         std::string_view data, std::string_view partition_key) {
  if (records_at_ == 0) {
    put(out_, Kind::records);
    put_text(out_, stream);
    records_at_ = out_.size();
    records_ = 0;
    put(out_, records_);
  }
  ++records_;
  std::memcpy(out_.data() + records_at_, &records_, sizeof(records_));
  put(out_, shard);
  put(out_, arrival_ms);
  put(out_, static_cast<std::uint32_t>(partition_key.size()));
  put(out_, static_cast<std::uint32_t>(data.size()));
  out_.append(partition_key).append(data);
}

Result<void> apply_entries(std::string_view entries, Store& store) {
  EntryReader in(entries);
  while (!in.at_end()) {
    switch (in.take<Kind>()) {
      case Kind::stream:
        KINESINK_TRY(take_stream(in, store));
        break;
      case Kind::removed: {
        const std::string_view name = in.take_text();
        if (!in.ok() || store.find(name) == nullptr) return broken("an unknown stream is removed");
        store.remove(name);
        break;
      }
      case Kind::records:
        KINESINK_TRY(take_records(in, store));
        break;
      default:
        return broken("it is of no kind");
    }
  }
  return {};
}

}  // namespace kinesink::local

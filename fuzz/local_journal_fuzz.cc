// The journal of --data-dir with anything in its frames: refused or applied, and what was applied
// is described again by entries that make the same store.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "local/journal_codec.h"

namespace {

std::string described(const kinesink::local::Store& store) {
  std::string text;
  kinesink::local::EntryWriter entries(text);
  for (const auto& [name, stream] : store.streams()) {
    entries.stream(*stream);
    for (const auto& shard : stream->shards) {
      for (std::uint64_t i = shard->log.first(); i < shard->log.end(); ++i) {
        const kinesink::local::Record record = shard->log.record(i);
        entries.record(name, shard->index, record.arrival_ms, record.data, record.partition_key);
      }
    }
    entries.end_records();
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink::local;
  Store store({});
  if (!apply_entries({reinterpret_cast<const char*>(data), size}, store)) return 0;
  const std::string text = described(store);
  Store again({});
  if (!apply_entries(text, again)) std::abort();
  if (described(again) != text) std::abort();
  return 0;
}

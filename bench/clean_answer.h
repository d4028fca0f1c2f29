// The service's answer to a PutRecords request, as the local server writes it.
#pragma once

#include <string>
#include <utility>

#include "kinesis/value.h"

namespace kinesink::bench {

// Of so many records, the first `failed` of which were throttled.
inline std::string put_records_answer(kinesis::Wire wire, std::size_t records, std::size_t failed) {
  using kinesis::Value;
  Value::List entries;
  for (std::size_t i = 0; i < records; ++i) {
    Value::Members entry;
    if (i < failed) {
      entry.emplace_back("ErrorCode", Value("ProvisionedThroughputExceededException"));
      entry.emplace_back("ErrorMessage", Value("Rate exceeded for shard"));
    } else {
      entry.emplace_back("SequenceNumber", Value(std::string(56, '4')));
      entry.emplace_back("ShardId", Value("shardId-000000000000"));
    }
    entries.emplace_back(std::move(entry));
  }
  Value::Members members;
  members.emplace_back("FailedRecordCount", Value(failed));
  members.emplace_back("Records", Value(std::move(entries)));
  return kinesis::encode(Value(std::move(members)), wire);
}

}  // namespace kinesink::bench

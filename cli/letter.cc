#include "cli/letter.h"

#include <optional>
#include <utility>

#include "base/random.h"
#include "kinesis/hash_key.h"
#include "kinesis/value.h"

namespace kinesink::cli {
namespace {

std::string random_key() {
  static Random random(random_seed());
  return std::to_string(random.next());
}

}  // namespace

Result<Letter> parse_letter(std::string_view line) {
  KINESINK_ASSIGN(const kinesis::Value value, kinesis::decode(line, kinesis::Wire::json));
  if (!value["row"].integer() || !value["code"].text())
    return make_error(ErrorKind::invalid_data, "it lacks 'row' or 'code'");
  Letter letter;
  if (const auto text = value["payload"].text()) {
    letter.has_payload = true;
    letter.payload = *text;
  } else if (!value["payload_base64"].is_null()) {
    std::optional<std::string> bytes = value["payload_base64"].bytes();
    if (!bytes) return make_error(ErrorKind::invalid_data, "'payload_base64' is no base64");
    letter.has_payload = true;
    letter.payload = *std::move(bytes);
  }
  letter.partition_key = value["partition_key"].text().value_or("");
  if (letter.partition_key.empty()) letter.partition_key = random_key();
  letter.explicit_hash_key = value["explicit_hash_key"].text().value_or("");
  if (letter.explicit_hash_key.empty())
    letter.explicit_hash_key = kinesis::to_decimal(kinesis::hash_of(letter.partition_key));
  return letter;
}

}  // namespace kinesink::cli

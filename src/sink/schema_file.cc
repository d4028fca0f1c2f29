#include "sink/schema_file.h"

#include <fstream>
#include <string>

#include "base/units.h"
#include "format/avro_schema.h"

namespace kinesink::sink {
namespace {

constexpr std::size_t kMaxSchemaFile = 16 * kMiB;

Error refuse(const std::string& path, ErrorKind kind, const std::string& what) {
  return make_error(kind, "avro.schema_file " + path + " " + what);
}

Result<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char piece[4 * kKiB];
  while (file.read(piece, sizeof(piece)), file.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxSchemaFile)
      return refuse(path, ErrorKind::invalid_argument, "has more than 16 MiB");
  }
  if (!file.eof()) return refuse(path, ErrorKind::not_found, "cannot be read");
  return text;
}

}  // namespace

Result<void> load_schema(FormatOptions& options) {
  if (options.format != Format::avro) return {};
  std::string text = options.avro_schema;
  if (!options.avro_schema_file.empty()) {
    KINESINK_ASSIGN(text, read(options.avro_schema_file));
    if (text.empty())
      return refuse(options.avro_schema_file, ErrorKind::invalid_argument, "is empty");
  }
  if (text.empty()) return {};
  if (auto parsed = format::parse_avro_schema(text); !parsed) return parsed.error();
  options.avro_schema = std::move(text);
  options.avro_schema_file.clear();
  return {};
}

}  // namespace kinesink::sink

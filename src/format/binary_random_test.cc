// Random nested batches as MessagePack, CBOR and CSV: read back by readers that stand here, they
// hold what JSON says of the same rows (which simdjson judges, json_random_test.cc), with room to
// spare and with just enough.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "format/json_escape.h"
#include "tests/support/payloads.h"
#include "tests/support/random_rows.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::Kind;
using test_support::Random;
using test_support::Type;
using test_support::Value;

// What a value begins with.
struct Item {
  enum class Kind {
    nil,
    boolean,
    positive,
    negative,
    single,
    number,
    bytes,
    text,
    array,
    map,
    tag
  };
  Kind kind = Kind::nil;
  std::uint64_t argument = 0;  // number, bits, size, count; of negative: -1 - number
};

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  bool at_end() const { return in_.empty(); }
  std::string_view take(std::uint64_t size) {
    if (size > in_.size()) throw std::runtime_error("the payload is cut");
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }
  std::uint64_t big_endian(std::uint64_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }

 private:
  std::string_view in_;
};

Item read_msgpack(Reader& in) {
  using K = Item::Kind;
  const auto first = in.big_endian(1);
  if (first < 0x80) return {K::positive, first};
  if (first < 0x90) return {K::map, first & 15};
  if (first < 0xa0) return {K::array, first & 15};
  if (first < 0xc0) return {K::text, first & 31};
  if (first >= 0xe0) return {K::negative, 0xff - first};
  if (first == 0xc0) return {K::nil, 0};
  if (first == 0xc2 || first == 0xc3) return {K::boolean, first & 1};
  if (first >= 0xc4 && first <= 0xc6) return {K::bytes, in.big_endian(1U << (first - 0xc4))};
  if (first == 0xca) return {K::single, in.big_endian(4)};
  if (first == 0xcb) return {K::number, in.big_endian(8)};
  if (first >= 0xcc && first <= 0xcf) return {K::positive, in.big_endian(1U << (first - 0xcc))};
  if (first >= 0xd0 && first <= 0xd3) {
    const std::uint64_t size = 1U << (first - 0xd0);
    const std::uint64_t mask = size == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * size) - 1;
    return {K::negative, ~in.big_endian(size) & mask};
  }
  if (first >= 0xd9 && first <= 0xdb) return {K::text, in.big_endian(1U << (first - 0xd9))};
  if (first == 0xdc || first == 0xdd) return {K::array, in.big_endian(2U << (first - 0xdc))};
  if (first == 0xde || first == 0xdf) return {K::map, in.big_endian(2U << (first - 0xde))};
  throw std::runtime_error("a byte that begins nothing");
}

Item read_cbor(Reader& in) {
  using K = Item::Kind;
  const auto first = in.big_endian(1);
  const auto low = first & 31;
  if (low > 27) throw std::runtime_error("a byte that begins nothing");
  const std::uint64_t argument = low < 24 ? low : in.big_endian(1U << (low - 24));
  static constexpr K kMajors[] = {K::positive, K::negative, K::bytes, K::text,
                                  K::array,    K::map,      K::tag};
  if (first < 0xe0) return {kMajors[first >> 5], argument};
  if (low == 20 || low == 21) return {K::boolean, low - 20};
  if (low == 26) return {K::single, argument};
  if (low == 27) return {K::number, argument};
  return {K::nil, 0};
}

using ReadItem = Item (*)(Reader&);

void write_json(Reader& in, ReadItem read, std::string& out);

void write_text(std::string_view text, std::string& out) {
  std::string escaped(kMaxEscapedByte * text.size() + kEscapeSlack, '\0');
  const char* const end = escape_exact(text.data(), text.size(), escaped.data());
  out += "\"" + escaped.substr(0, static_cast<std::size_t>(end - escaped.data())) + "\"";
}

void write_nested(Reader& in, ReadItem read, const Item& item, std::string& out) {
  const bool is_map = item.kind == Item::Kind::map;
  out += is_map ? "{" : "[";
  for (std::uint64_t i = 0; i < item.argument; ++i) {
    if (i > 0) out += ",";
    write_json(in, read, out);
    if (!is_map) continue;
    out += ":";
    write_json(in, read, out);
  }
  out += is_map ? "}" : "]";
}

// As JsonPlan writes it; bytes are UUIDs.
void write_json(Reader& in, ReadItem read, std::string& out) {
  char text[64];
  const Item item = read(in);
  switch (item.kind) {
    case Item::Kind::nil:
      out += "null";
      return;
    case Item::Kind::boolean:
      out += item.argument != 0 ? "true" : "false";
      return;
    case Item::Kind::positive:
      out += std::to_string(item.argument);
      return;
    case Item::Kind::negative:
      out += std::to_string(static_cast<std::int64_t>(~item.argument));
      return;
    case Item::Kind::number:
      out.append(text, columnar::write_double(std::bit_cast<double>(item.argument), text));
      return;
    case Item::Kind::bytes:
      ASSERT_EQ(item.argument, 16U);
      write_text({text, columnar::write_uuid(in.take(16).data(), text)}, out);
      return;
    case Item::Kind::text:
      write_text(in.take(item.argument), out);
      return;
    case Item::Kind::array:
    case Item::Kind::map:
      write_nested(in, read, item, out);
      return;
    case Item::Kind::tag:
      write_json(in, read, out);
      return;
    case Item::Kind::single:
      FAIL() << "no column is of this type";
  }
}

struct Cell {
  bool is_quoted = false;
  std::string text;
};

std::vector<Cell> read_csv(std::string_view line) {
  std::vector<Cell> cells(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    Cell& cell = cells.back();
    if (line[i] == ',') {
      cells.emplace_back();
    } else if (line[i] != '"') {
      cell.text += line[i];
    } else {
      EXPECT_TRUE(cell.text.empty() && !cell.is_quoted) << line;
      cell.is_quoted = true;
      for (++i; i < line.size() && (line[i] != '"' || line.substr(i + 1, 1) == "\""); ++i) {
        if (line[i] == '"') ++i;
        cell.text += line[i];
      }
      EXPECT_LT(i, line.size()) << line;
    }
  }
  return cells;
}

// A value's JSON text as a cell has it.
Cell cell_of(const std::string& json) {
  if (json == "null") return {false, ""};
  if (!json.starts_with('"')) return {json.starts_with('{') || json.starts_with('['), json};
  simdjson::dom::parser parser;
  const std::string text(parser.parse(json).get_string().value());
  bool is_quoted = text.empty();
  for (const char c : text) {
    is_quoted |= static_cast<std::uint8_t>(c) < 0x20 || c == '"' || c == ',';
  }
  return {is_quoted, text};
}

test_support::Bound bind_as(ArrowData& data, Format format, const std::string& column = "") {
  FormatOptions options;
  options.format = format;
  options.decimal_encoding = DecimalEncoding::string;
  if (!column.empty()) options.include_columns = {column};
  return test_support::bind(data, options);
}

void check_binary(ArrowData& data, Format format, std::uint64_t seed) {
  const auto json = bind_as(data, Format::json);
  const auto bound = bind_as(data, format);
  ASSERT_EQ(json.error + bound.error, "") << "seed " << seed;
  for (std::int64_t row = 0; row < bound.batch->length; ++row) {
    const std::string payload = test_support::payload(bound, row);
    Reader in(payload);
    std::string found;
    write_json(in, format == Format::cbor ? read_cbor : read_msgpack, found);
    ASSERT_EQ(found, json.write(row, std::size_t{1} << 18).text) << "seed " << seed;
    ASSERT_TRUE(in.at_end()) << "seed " << seed;
  }
}

void check_csv(ArrowData& data, std::size_t columns, std::uint64_t seed) {
  const auto bound = bind_as(data, Format::csv);
  ASSERT_EQ(bound.error, "") << "seed " << seed;
  std::vector<test_support::Bound> json;
  for (std::size_t i = 0; i < columns; ++i) {
    json.push_back(bind_as(data, Format::json, "m" + std::to_string(i)));
  }
  for (std::int64_t row = 0; row < bound.batch->length; ++row) {
    const std::string line = test_support::payload(bound, row);
    const std::vector<Cell> cells = read_csv(line);
    ASSERT_EQ(cells.size(), columns) << "seed " << seed << ": " << line;
    for (std::size_t i = 0; i < columns; ++i) {
      std::string text = json[i].write(row, std::size_t{1} << 18).text;
      text = text.substr(6, text.size() - 7);  // {"m0":...}
      const Cell wanted = cell_of(text);
      ASSERT_EQ(cells[i].text, wanted.text) << "seed " << seed;
      ASSERT_EQ(cells[i].is_quoted, wanted.is_quoted) << "seed " << seed << ": " << line;
    }
  }
}

void check_batch(std::uint64_t seed) {
  Random random(seed);
  Type type{Kind::object, {}};
  for (std::size_t i = 1 + random.below(4); i > 0; --i) type.children.push_back(random.type(6));
  std::vector<Value> rows;
  for (std::size_t i = random.below(40); i > 0; --i) {
    rows.push_back(random.value(type));
    while (rows.back().is_null) rows.back() = random.value(type);
  }
  ArrowData data = build(type, rows);
  data.array().null_count = 0;
  const std::size_t first = random.below(3) == 0 ? random.below(rows.size() + 1) : 0;
  data.array().offset = static_cast<std::int64_t>(first);
  data.array().length -= data.array().offset;
  check_binary(data, Format::msgpack, seed);
  check_binary(data, Format::cbor, seed);
  check_csv(data, type.children.size(), seed);
}

TEST(BinaryRandom, nested_batches_hold_what_json_says) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    check_batch(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace kinesink::format

// Schemas as text: JSON with all that they say, and the canonical form of what counts for reading.
#include "format/avro_schema.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "format/json_escape.h"

namespace kinesink::format {
namespace {

constexpr std::array<std::string_view, 14> kNames = {
    "null",   "boolean", "int",  "long",  "float", "double", "bytes",
    "string", "record",  "enum", "array", "map",   "fixed",  "union"};
static_assert(kNames.size() == static_cast<std::size_t>(AvroType::alternatives) + 1);

std::string quoted(std::string_view text) {
  std::string out(2 + kMaxEscapedByte * text.size() + kEscapeSlack, '"');
  char* end = escape_exact(text.data(), text.size(), out.data() + 1);
  *end++ = '"';
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::string_view namespace_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// JSON with white space, or none.
class JsonText {
 public:
  explicit JsonText(int indent) : indent_(indent) {}

  void open(char bracket) {
    text_ += bracket;
    ++depth_;
    fresh_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!fresh_ && !in_line_) new_line();
    in_line_ = false;
    text_ += bracket;
    fresh_ = false;
  }
  // What stands until the bracket closes is put in one line.
  void open_line(char bracket) {
    open(bracket);
    in_line_ = true;
  }
  // Before each member or item.
  void next() {
    if (!fresh_) text_ += in_line_ && indent_ > 0 ? ", " : ",";
    fresh_ = false;
    if (!in_line_) new_line();
  }
  void key(std::string_view name) {
    next();
    text_ += quoted(name) + (indent_ > 0 ? ": " : ":");
  }
  void put(std::string_view text) { text_ += text; }
  void string(std::string_view key_name, std::string_view value) {
    key(key_name);
    put(quoted(value));
  }
  std::string take() { return std::move(text_); }

 private:
  void new_line() {
    if (indent_ == 0) return;
    text_ += '\n';
    text_.append(static_cast<std::size_t>(indent_) * depth_, ' ');
  }

  int indent_;
  std::size_t depth_ = 0;
  bool fresh_ = true;
  bool in_line_ = false;
  std::string text_;
};

// Both texts: the canonical form is the same walk with fewer attributes.
class SchemaText {
 public:
  SchemaText(const AvroSchema& schema, int indent, bool canonical)
      : schema_(schema), canonical_(canonical), json_(indent) {}

  std::string write() {
    node(schema_.root, "");
    return json_.take();
  }

 private:
  // `scope`: the namespace that a name without one belongs to.
  void node(AvroNodeIndex index, std::string_view scope) {
    const AvroNode& node = schema_.at(index);
    if (node.type == AvroType::alternatives) {
      const bool is_short = std::ranges::all_of(node.children, [this](AvroNodeIndex branch) {
        const AvroNode& one = schema_.at(branch);
        return one.type < AvroType::record && one.logical_type.empty();
      });
      is_short ? json_.open_line('[') : json_.open('[');
      for (const AvroNodeIndex branch : node.children) {
        json_.next();
        this->node(branch, scope);
      }
      json_.close(']');
      return;
    }
    if (!node.name.empty()) return named(index, node, scope);
    const bool is_plain = canonical_ || node.logical_type.empty();
    if (is_plain && node.type < AvroType::record) return json_.put(quoted(name_of(node.type)));
    json_.open('{');
    json_.string("type", name_of(node.type));
    logical(node);
    if (node.type == AvroType::array || node.type == AvroType::map) {
      json_.key(node.type == AvroType::array ? "items" : "values");
      this->node(node.children[0], scope);
    }
    json_.close('}');
  }

  void logical(const AvroNode& node) {
    if (canonical_ || node.logical_type.empty()) return;
    json_.string("logicalType", node.logical_type);
    if (node.logical_type != "decimal") return;
    json_.key("precision");
    json_.put(std::to_string(node.precision));
    json_.key("scale");
    json_.put(std::to_string(node.scale));
  }

  void named(AvroNodeIndex index, const AvroNode& node, std::string_view scope) {
    const std::string_view own = namespace_of(node.name);
    // A type is written out where it is met first, and named from then on.
    if (!written_.insert(index).second) {
      return json_.put(quoted(!canonical_ && own == scope ? last_part(node.name) : node.name));
    }
    json_.open('{');
    if (!canonical_) json_.string("type", name_of(node.type));
    json_.string("name", canonical_ ? node.name : last_part(node.name));
    if (canonical_) json_.string("type", name_of(node.type));
    if (!canonical_ && own != scope) json_.string("namespace", own);
    if (node.type == AvroType::record) fields(node, own);
    if (node.type == AvroType::enumeration) strings("symbols", node.symbols);
    if (node.type == AvroType::fixed) {
      json_.key("size");
      json_.put(std::to_string(node.size));
    }
    logical(node);
    json_.close('}');
  }

  void fields(const AvroNode& node, std::string_view scope) {
    json_.key("fields");
    json_.open('[');
    for (const AvroField& field : node.fields) {
      json_.next();
      json_.open('{');
      json_.string("name", field.name);
      if (!canonical_ && !field.doc.empty()) json_.string("doc", field.doc);
      json_.key("type");
      this->node(field.type, scope);
      if (!canonical_ && field.default_value) {
        json_.key("default");
        json_.put(*field.default_value);
      }
      if (!canonical_ && !field.aliases.empty()) strings("aliases", field.aliases);
      json_.close('}');
    }
    json_.close(']');
  }

  void strings(std::string_view key, const std::vector<std::string>& values) {
    json_.key(key);
    json_.open_line('[');
    for (const std::string& value : values) {
      json_.next();
      json_.put(quoted(value));
    }
    json_.close(']');
  }

  const AvroSchema& schema_;
  bool canonical_;
  JsonText json_;
  std::set<AvroNodeIndex> written_;
};

// Its polynomial, which is also what an empty text has.
constexpr std::uint64_t kEmpty = 0xc15d'213a'a4d7'a795;

constexpr auto kTable = [] {
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t i = 0; i < 256; ++i) {
    std::uint64_t entry = i;
    for (int bit = 0; bit < 8; ++bit) entry = entry >> 1 ^ ((entry & 1) != 0 ? kEmpty : 0);
    table[i] = entry;
  }
  return table;
}();

}  // namespace

std::string_view name_of(AvroType type) { return kNames[static_cast<std::size_t>(type)]; }

bool is_avro_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    if (!is_letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return !name.empty();
}

std::int32_t decimal_digits_of(std::uint32_t bytes) {
  if (bytes == 0) return 0;
  return static_cast<std::int32_t>(std::floor((8.0 * bytes - 1) * std::log10(2.0)));
}

std::string avro_json(const AvroSchema& schema, int indent) {
  return SchemaText(schema, indent, false).write();
}

std::string avro_canonical_form(const AvroSchema& schema) {
  return SchemaText(schema, 0, true).write();
}

std::uint64_t crc64_avro(std::string_view bytes) {
  std::uint64_t value = kEmpty;
  for (const char c : bytes) {
    value = value >> 8 ^ kTable[(value ^ static_cast<std::uint8_t>(c)) & 0xff];
  }
  return value;
}

std::uint64_t avro_fingerprint(const AvroSchema& schema) {
  return crc64_avro(avro_canonical_form(schema));
}

}  // namespace kinesink::format

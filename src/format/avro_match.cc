#include "format/avro_match.h"

#include <algorithm>

#include "format/avro_types.h"

namespace kinesink::format {
namespace {

using columnar::Field;
using columnar::TypeId;
using Kind = AvroStepKind;
using Fields = std::vector<const Field*>;

constexpr std::size_t kMaxBranches = 64;  // whose number is one byte

Error refuse(const std::string& path, std::string message) {
  Error error = make_error(ErrorKind::invalid_argument, std::move(message));
  error.column = path;
  return error;
}

std::string describe(const AvroNode& node) {
  std::string text(name_of(node.type));
  if (!node.name.empty()) text += " " + node.name;
  if (node.type == AvroType::fixed) text += "(" + std::to_string(node.size) + ")";
  if (node.logical_type == "decimal") {
    return text + ", decimal(" + std::to_string(node.precision) + ", " +
           std::to_string(node.scale) + ")";
  }
  return node.logical_type.empty() ? text : text + ", " + node.logical_type;
}

Fields children_of(const Field& field) {
  Fields members;
  for (const Field& child : field.children) members.push_back(&child);
  return members;
}

bool is_list(TypeId type) {
  return type == TypeId::list || type == TypeId::large_list || type == TypeId::list_view ||
         type == TypeId::large_list_view || type == TypeId::fixed_size_list;
}

bool takes_name(const AvroField& field, const std::string& name) {
  return field.name == name || field.doc == name || std::ranges::count(field.aliases, name) > 0;
}

class Matcher {
 public:
  Matcher(const AvroSchema& schema, std::vector<std::string>& notes)
      : schema_(schema), notes_(notes) {}

  Result<std::vector<AvroStep>> record(const AvroNode& node, const Fields& columns,
                                       const std::string& path) {
    std::vector<AvroStep> steps;
    std::vector<bool> is_used(columns.size());
    for (const AvroField& field : node.fields) {
      const std::size_t found = find(node, field, columns);
      const std::string full = path.empty() ? field.name : path + "." + field.name;
      if (found == columns.size()) {
        KINESINK_ASSIGN(AvroStep step, without_column(field, full));
        steps.push_back(std::move(step));
        continue;
      }
      is_used[found] = true;
      const Field& column = *columns[found];
      KINESINK_ASSIGN(AvroStep step, value(column, field.type,
                                           path.empty() ? column.name : path + "." + column.name));
      step.source = static_cast<std::int32_t>(found);
      steps.push_back(std::move(step));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (is_used[i]) continue;
      return refuse(path.empty() ? columns[i]->name : path + "." + columns[i]->name,
                    "The record " + node.name +
                        " of the Avro schema has no field for the column. "
                        "Add one, or leave the column out (exclude_columns).");
    }
    return steps;
  }

 private:
  // By its name, else by an alias, or by the name that deriving a schema has changed. A column that
  // has a field of its own name is that field's.
  static std::size_t find(const AvroNode& node, const AvroField& field, const Fields& columns) {
    const auto by = [&](auto matches) {
      return static_cast<std::size_t>(std::ranges::find_if(columns, matches) - columns.begin());
    };
    const std::size_t exact = by([&](const Field* column) { return column->name == field.name; });
    if (exact < columns.size()) return exact;
    return by([&](const Field* column) {
      return takes_name(field, column->name) &&
             std::ranges::none_of(
                 node.fields, [&](const AvroField& other) { return other.name == column->name; });
    });
  }

  Result<AvroStep> without_column(const AvroField& field, const std::string& path) {
    const AvroNode& node = schema_.at(field.type);
    std::string json = "null";
    if (field.default_value) {
      json = *field.default_value;
    } else if (!has_null(node)) {
      return refuse(path,
                    "The Avro schema has a field that no column has, and neither a default "
                    "nor null for it.");
    }
    auto encoded = encode_default(schema_, field.type, json);
    if (!encoded) return refuse(path, encoded.error().message);
    AvroStep step;
    step.kind = Kind::constant;
    step.constant = *std::move(encoded);
    step.path = path;
    return step;
  }

  bool has_null(const AvroNode& node) const {
    return node.type == AvroType::null ||
           (node.type == AvroType::alternatives &&
            std::ranges::any_of(node.children, [&](AvroNodeIndex branch) {
              return schema_.at(branch).type == AvroType::null;
            }));
  }

  // How a value goes into a type, without what is nested in it.
  AvroFit fit(const Field& field, AvroNodeIndex index, AvroStep& step) const {
    const AvroNode& node = schema_.at(index);
    step.type = field.type;
    if (field.type == TypeId::structure) {
      step.kind = Kind::structure;
      if (node.type != AvroType::record) return AvroFit::none;
      const bool has_all = std::ranges::all_of(field.children, [&](const Field& child) {
        return std::ranges::any_of(
            node.fields, [&](const AvroField& one) { return takes_name(one, child.name); });
      });
      return has_all ? AvroFit::exact : AvroFit::lossy;
    }
    if (is_list(field.type)) {
      step.kind = Kind::list;
      return node.type == AvroType::array ? AvroFit::exact : AvroFit::none;
    }
    if (field.type == TypeId::map) {
      step.kind = node.type == AvroType::map ? Kind::map : Kind::entries;
      if (node.type == AvroType::map)
        return is_text(decoded(field.children[0]).type) ? AvroFit::exact : AvroFit::none;
      return takes_entries(node) ? AvroFit::exact : AvroFit::none;
    }
    if (is_coded(field.type)) {
      if (field.type == TypeId::dictionary && node.type == AvroType::enumeration &&
          is_text(field.children[0].type)) {
        step.kind = Kind::coded_symbol;
        return AvroFit::promoted;
      }
      AvroStep values;
      const AvroFit found = fit(values_of(field), index, values);
      step.kind = field.type == TypeId::dictionary ? Kind::dictionary : Kind::runs;
      return found;
    }
    return fit_leaf(field, node, step);
  }

  bool takes_entries(const AvroNode& node) const {
    if (node.type != AvroType::array) return false;
    const AvroNode& entry = schema_.at(node.children[0]);
    return entry.type == AvroType::record && entry.fields.size() == 2 &&
           entry.fields[0].name == "key" && entry.fields[1].name == "value";
  }

  Result<AvroStep> value(const Field& field, AvroNodeIndex index, const std::string& path) {
    if (is_union(field.type)) return one_of(field, index, path);
    const AvroNode& node = schema_.at(index);
    if (node.type != AvroType::alternatives) {
      KINESINK_ASSIGN(AvroStep step, bare(field, index, path));
      if (node.type != AvroType::null) note_nulls(field, path);
      return step;
    }
    if (node.children.size() > kMaxBranches) {
      return refuse(path, "The Avro schema has a union of more than " +
                              std::to_string(kMaxBranches) + " branches.");
    }
    std::size_t null_at = node.children.size();
    std::size_t best_at = 0;
    AvroFit best = AvroFit::none;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (schema_.at(node.children[i]).type == AvroType::null) null_at = i;
      AvroStep trial;
      const AvroFit found = fit(field, node.children[i], trial);
      if (found > best) {
        best = found;
        best_at = i;
      }
    }
    if (best == AvroFit::none) return no_fit(field, node, path);
    KINESINK_ASSIGN(AvroStep step, bare(field, node.children[best_at], path));
    step.has_branch = 1;
    step.value_branch = static_cast<std::uint8_t>(best_at << 1);
    step.takes_null = null_at < node.children.size();
    step.null_branch = static_cast<std::uint8_t>(null_at << 1);
    if (field.type == TypeId::null) {
      step.kind = Kind::constant;
      step.constant = std::string(1, static_cast<char>(step.null_branch));
      step.has_branch = 0;
    }
    if (!step.takes_null) note_nulls(field, path);
    return step;
  }

  // Each member by itself, with its own branch.
  Result<AvroStep> one_of(const Field& field, AvroNodeIndex index, const std::string& path) {
    AvroStep step;
    step.kind = Kind::one_of;
    step.type = field.type;
    step.path = path;
    for (const Field& member : field.children) KINESINK_TRY(add(step, member, index));
    return step;
  }

  void note_nulls(const Field& field, const std::string& path) {
    if (!field.nullable || field.type == TypeId::null) return;
    notes_.push_back("Column " + path +
                     " may hold nulls, which its type in the Avro schema does not take: a row with "
                     "one is an error.");
  }

  Error no_fit(const Field& field, const AvroNode& node, const std::string& path) const {
    std::string types;
    for (const AvroNodeIndex branch : node.children)
      types += (types.empty() ? "" : " | ") + describe(schema_.at(branch));
    if (node.type != AvroType::alternatives) types = describe(node);
    const Field& plain = decoded(field);
    std::string hint = " Cast the column, or change the schema.";
    if (plain.type == TypeId::timestamp && !plain.timezone.empty() &&
        types.find("local-timestamp") != std::string::npos) {
      hint =
          " The column is of instants, which timestamp-* holds; local-timestamp-* is for columns "
          "without a zone.";
    }
    return refuse(path, "A column of type " + std::string(columnar::name_of(plain.type)) +
                            " cannot be written as Avro's `" + types + "`." + hint);
  }

  Result<AvroStep> bare(const Field& field, AvroNodeIndex index, const std::string& path) {
    AvroStep step;
    const AvroNode& node = schema_.at(index);
    if (fit(field, index, step) == AvroFit::none) return no_fit(field, node, path);
    step.path = path;
    if (node.type == AvroType::null) {  // of what is null at all times, a dictionary of it too
      step.kind = Kind::nothing;
      step.takes_null = true;
      return step;
    }
    switch (step.kind) {
      case Kind::structure: {
        KINESINK_ASSIGN(step.children, record(node, children_of(field), path));
        break;
      }
      case Kind::list:
        KINESINK_TRY(add(step, field.children[0], node.children[0]));
        break;
      case Kind::map:
        KINESINK_TRY(add_key(step, field.children[0], std::nullopt));
        KINESINK_TRY(add(step, field.children[1], node.children[0]));
        break;
      case Kind::entries: {
        const AvroNode& entry = schema_.at(node.children[0]);
        KINESINK_TRY(add_key(step, field.children[0], entry.fields[0].type));
        KINESINK_TRY(add(step, field.children[1], entry.fields[1].type));
        break;
      }
      case Kind::dictionary:
      case Kind::runs: {
        KINESINK_ASSIGN(AvroStep values, bare(values_of(field), index, path));
        step.children.push_back(std::move(values));
        break;
      }
      case Kind::symbol:
      case Kind::coded_symbol:
        step.symbols = symbols_of(index);
        break;
      default:
        note_conversion(field, node, step);
    }
    return step;
  }

  Result<void> add(AvroStep& step, const Field& child, AvroNodeIndex index) {
    KINESINK_ASSIGN(AvroStep made, value(child, index, step.path + "." + child.name));
    step.children.push_back(std::move(made));
    return {};
  }

  // Keys are never null. Those of an Avro map are strings without a type of their own.
  Result<void> add_key(AvroStep& step, const Field& key, std::optional<AvroNodeIndex> index) {
    Field required = key;
    required.nullable = false;
    if (index) return add(step, required, *index);
    AvroSchema text;
    AvroNode node;
    node.type = AvroType::string;
    text.root = text.add(std::move(node));
    KINESINK_ASSIGN(AvroStep made,
                    Matcher(text, notes_).value(required, text.root, step.path + "." + key.name));
    step.children.push_back(std::move(made));
    return {};
  }

  std::unique_ptr<AvroSymbols> symbols_of(AvroNodeIndex index) const {
    auto symbols = std::make_unique<AvroSymbols>();
    symbols->node = index;
    std::int32_t place = 0;
    for (const std::string& symbol : schema_.at(index).symbols)
      symbols->places.emplace(symbol, place++);
    symbols->are_open = symbols->places.empty();
    return symbols;
  }

  void note_conversion(const Field& field, const AvroNode& node, const AvroStep& step) {
    if (step.divisor > 1 && !step.exact) {
      notes_.push_back("Column " + step.path +
                       " is rounded down to the unit of its type in the "
                       "Avro schema, " +
                       node.logical_type + ".");
    }
    if (field.type == TypeId::timestamp && field.timezone.empty() &&
        node.logical_type.starts_with("timestamp-")) {
      notes_.push_back("Column " + step.path +
                       " has no time zone and is taken as UTC, as its type "
                       "in the Avro schema is an instant.");
    }
  }

  const AvroSchema& schema_;
  std::vector<std::string>& notes_;
};

}  // namespace

Result<std::vector<AvroStep>> match_record(const AvroSchema& schema,
                                           const std::vector<const Field*>& columns,
                                           std::vector<std::string>& notes) {
  const AvroNode& root = schema.at(schema.root);
  if (root.type != AvroType::record) {
    return make_error(ErrorKind::invalid_argument,
                      "The Avro schema is not a record, which rows are written as.");
  }
  return Matcher(schema, notes).record(root, columns, "");
}

}  // namespace kinesink::format

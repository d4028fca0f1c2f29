// Random types of every kind, nested, and random values of them, as plain C++ and as Arrow data
// with garbage wherever the format allows it: formats are compared with the plain values.
//
//   Random random(seed);
//   Type type{Kind::object, {random.type(4)}};
//   std::vector<Value> rows = {random.value(type)};
//   ArrowData batch = build(type, rows);
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "columnar/schema.h"
#include "tests/support/arrow_data.h"

namespace kinesink::test_support {

enum class Kind {
  boolean,
  integer,
  number,
  text,
  large_text,
  text_view,
  bool8,
  uuid,
  interval,
  decimal32,
  decimal64,
  list,
  object,
  map,
  coded,
  list_view,
  large_list_view,
  sparse,
  dense,
  runs,
};
inline constexpr std::size_t kFlatKinds = static_cast<std::size_t>(Kind::list);
inline constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::runs) + 1;

struct Type {
  Kind kind;
  std::vector<Type> children;
};

struct Value {
  bool is_null = false;      // of a union: only under a null parent
  std::int64_t integer = 0;  // also the first half of a UUID, and which member of a union
  double number = 0;
  columnar::Interval interval = {0, 0, 0};
  std::string text;
  std::vector<Value> items;       // of a list, an object or a map; of a union the only one
  std::vector<std::string> keys;  // of a map

  bool operator==(const Value& other) const {
    return is_null == other.is_null && integer == other.integer && number == other.number &&
           interval.months == other.interval.months && interval.days == other.interval.days &&
           interval.nanoseconds == other.interval.nanoseconds && text == other.text &&
           items == other.items && keys == other.keys;
  }
};

inline bool is_union(const Type& type) {
  return type.kind == Kind::sparse || type.kind == Kind::dense;
}
inline bool is_list(const Type& type) {
  return type.kind == Kind::list || type.kind == Kind::list_view ||
         type.kind == Kind::large_list_view;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }
  Type type(int depth) {
    Type made{static_cast<Kind>(below(depth > 0 ? kKinds : kFlatKinds)), {}};
    const bool has_one = is_list(made) || made.kind == Kind::map || made.kind == Kind::runs;
    const std::size_t children = made.kind == Kind::object ? below(4)
                                 : is_union(made)          ? 1 + below(3)
                                 : has_one                 ? 1
                                                           : 0;
    for (std::size_t i = 0; i < children; ++i) made.children.push_back(type(depth - 1));
    return made;
  }
  std::string text() {
    static constexpr const char* kPieces[] = {"a", "\"", "\\", "\n", "\x01",
                                              "é", "€",  "𝄞",  "/",  "some longer run of text "};
    std::string made;
    for (std::size_t i = below(12); i > 0; --i) made += kPieces[below(10)];
    return made;
  }
  Value value(const Type& type) {
    Value made;
    if (type.kind == Kind::runs) {  // often as before
      const auto last = last_.find(&type);
      if (last != last_.end() && below(3) != 0) return last->second;
      return last_[&type] = value(type.children[0]);
    }
    if (is_union(type)) {
      const std::size_t child = below(type.children.size());
      made.integer = static_cast<std::int64_t>(child);
      made.items.push_back(value(type.children[child]));
      return made;
    }
    made.is_null = below(5) == 0;
    if (made.is_null) return made;
    const auto small = [&] { return static_cast<std::int32_t>(engine_() >> (32 + below(32))); };
    const auto part = [&](auto number) {
      return below(2) == 0 ? 0 : below(2) == 0 ? -number : number;
    };
    made.interval = {part(small() / 2), part(small() / 2),
                     part(static_cast<std::int64_t>(engine_() >> (1 + below(63))))};
    made.integer =
        static_cast<std::int64_t>(engine_() >> (1 + below(63))) * (below(2) == 0 ? 1 : -1);
    if (type.kind == Kind::boolean) made.integer = static_cast<std::int64_t>(below(2));
    do {
      const std::uint64_t bits = engine_();
      std::memcpy(&made.number, &bits, 8);
    } while (!(made.number - made.number == 0));
    made.text = text();
    const std::size_t count = type.kind == Kind::object ? type.children.size() : below(4);
    for (std::size_t i = 0; i < count && !type.children.empty(); ++i) {
      made.items.push_back(value(type.children[type.kind == Kind::object ? i : 0]));
      made.keys.push_back(text() + std::to_string(i));
    }
    return made;
  }

 private:
  std::mt19937_64 engine_;
  std::map<const Type*, Value> last_;  // by type of runs
};

inline ArrowData build(const Type& type, const std::vector<Value>& values);

inline ArrowData build_object(const Type& type, ArrowData data, const std::vector<Value>& values) {
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    std::vector<Value> members;
    for (const Value& value : values) {
      members.push_back(value.is_null ? value : value.items[i]);
    }
    data = std::move(data).with(build(type.children[i], members).named("m" + std::to_string(i)));
  }
  return data;
}

inline ArrowData build_list(const Type& type, ArrowData data, const std::vector<Value>& values) {
  std::vector<std::int32_t> offsets = {0};
  std::vector<Value> items;
  std::vector<std::optional<std::string>> keys;
  for (const Value& value : values) {
    items.insert(items.end(), value.items.begin(), value.items.end());
    keys.insert(keys.end(), value.keys.begin(), value.keys.end());
    offsets.push_back(static_cast<std::int32_t>(items.size()));
  }
  data = std::move(data).values(offsets);
  ArrowData item = build(type.children[0], items);
  if (type.kind == Kind::list) return std::move(data).with(std::move(item).named("item"));
  const auto count = static_cast<std::int64_t>(items.size());
  return std::move(data).with(
      ArrowData("+s", count)
          .required()
          .none()
          .named("entries")
          .with(make_strings<std::int32_t>("u", keys).named("key").required())
          .with(std::move(item).named("value")));
}

// The lists stand in the reverse of their order, with an item between them that none holds.
template <typename Offset>
inline ArrowData build_list_view(const Type& type, ArrowData data,
                                 const std::vector<Value>& values) {
  std::vector<Offset> offsets(values.size(), -7);  // garbage where the list is null
  std::vector<Offset> sizes(values.size(), 99);
  std::vector<Value> items(1);
  items[0].is_null = true;
  for (std::size_t row = values.size(); row-- > 0;) {
    if (values[row].is_null) continue;
    offsets[row] = static_cast<Offset>(items.size());
    sizes[row] = static_cast<Offset>(values[row].items.size());
    items.insert(items.end(), values[row].items.begin(), values[row].items.end());
    items.push_back(items[0]);
  }
  return std::move(data).values(offsets).values(sizes).with(
      build(type.children[0], items).named("item"));
}

// Member i has the type id 2 * i + 1. A row under a null parent has one that is no member's.
inline ArrowData build_union(const Type& type, const std::vector<Value>& values) {
  const bool is_dense = type.kind == Kind::dense;
  std::string format = is_dense ? "+ud:" : "+us:";
  std::vector<std::int8_t> ids;
  std::vector<std::int32_t> offsets;
  std::vector<std::vector<Value>> members(type.children.size());
  Value unchosen;
  unchosen.is_null = true;
  for (const Value& value : values) {
    const auto chosen = static_cast<std::size_t>(value.integer);
    ids.push_back(value.is_null ? std::int8_t{0} : static_cast<std::int8_t>(2 * chosen + 1));
    offsets.push_back(value.is_null ? -3 : static_cast<std::int32_t>(members[chosen].size()));
    for (std::size_t i = 0; i < members.size(); ++i) {
      const bool is_chosen = !value.is_null && i == chosen;
      if (is_chosen || !is_dense) members[i].push_back(is_chosen ? value.items[0] : unchosen);
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    format += (i == 0 ? "" : ",") + std::to_string(2 * i + 1);
  }
  ArrowData data = ArrowData(format, static_cast<std::int64_t>(values.size())).values(ids);
  if (is_dense) data = std::move(data).values(offsets);
  for (std::size_t i = 0; i < members.size(); ++i) {
    data = std::move(data).with(build(type.children[i], members[i]).named("u"));
  }
  return data;
}

inline ArrowData build_runs(const Type& type, const std::vector<Value>& values) {
  std::vector<std::int32_t> ends;
  std::vector<Value> runs;
  for (const Value& value : values) {
    if (runs.empty() || !(runs.back() == value)) {
      runs.push_back(value);
      ends.push_back(ends.empty() ? 0 : ends.back());
    }
    ++ends.back();
  }
  return ArrowData("+r", static_cast<std::int64_t>(values.size()))
      .with(make_values("i", ends).named("run_ends").required())
      .with(build(type.children[0], runs).named("values"));
}

inline ArrowData named_extension(ArrowData data, const char* name) {
  return std::move(data).metadata({{"ARROW:extension:name", name}});
}

// Types whose elements are numbers of fixed width.
inline ArrowData build_fixed(const Type& type, ArrowData data, const std::vector<Value>& values) {
  const auto elements = [&](auto element_of) {
    std::vector<decltype(element_of(values[0]))> made;
    for (const Value& value : values) made.push_back(element_of(value));
    return std::move(data).values(made);
  };
  switch (type.kind) {
    case Kind::bool8:
      return named_extension(
          elements([](const Value& value) { return static_cast<std::int8_t>(value.integer); }),
          "arrow.bool8");
    case Kind::uuid:
      return named_extension(
          elements([](const Value& value) { return std::pair(value.integer, value.number); }),
          "arrow.uuid");
    case Kind::interval:
      return elements([](const Value& value) { return value.interval; });
    case Kind::decimal32:
      return elements([](const Value& value) {
        return static_cast<std::int32_t>(value.integer % 1'000'000'000);
      });
    default:
      return elements([](const Value& value) { return value.integer % 1'000'000'000'000'000'000; });
  }
}

inline ArrowData build(const Type& type, const std::vector<Value>& values) {
  std::vector<int> valid, bits;
  std::vector<std::int64_t> integers;
  std::vector<double> numbers;
  std::vector<std::optional<std::string>> texts;
  std::vector<std::int32_t> codes;
  for (const Value& value : values) {
    valid.push_back(value.is_null ? 0 : 1);
    bits.push_back(static_cast<int>(value.integer & 1));
    integers.push_back(value.integer);
    numbers.push_back(value.number);
    texts.push_back(value.is_null ? std::nullopt : std::optional(value.text));
    codes.push_back(static_cast<std::int32_t>(values.size() - 1 - codes.size()));
  }
  const auto start = [&](const char* format) {
    return ArrowData(format, static_cast<std::int64_t>(values.size())).bits(valid);
  };
  switch (type.kind) {
    case Kind::boolean:
      return start("b").bits(bits);
    case Kind::integer:
      return start("l").values(integers);
    case Kind::number:
      return start("g").values(numbers);
    case Kind::text:
      return make_strings<std::int32_t>("u", texts);
    case Kind::large_text:
      return make_strings<std::int64_t>("U", texts);
    case Kind::text_view:
      return make_views("vu", texts);
    case Kind::bool8:
      return build_fixed(type, start("c"), values);
    case Kind::uuid:
      return build_fixed(type, start("w:16"), values);
    case Kind::interval:
      return build_fixed(type, start("tin"), values);
    case Kind::decimal32:
      return build_fixed(type, start("d:9,0,32"), values);
    case Kind::decimal64:
      return build_fixed(type, start("d:18,3,64"), values);
    case Kind::list_view:
      return build_list_view<std::int32_t>(type, start("+vl"), values);
    case Kind::large_list_view:
      return build_list_view<std::int64_t>(type, start("+vL"), values);
    case Kind::sparse:
    case Kind::dense:
      return build_union(type, values);
    case Kind::runs:
      return build_runs(type, values);
    case Kind::object:
      return build_object(type, start("+s"), values);
    case Kind::coded: {
      std::reverse(texts.begin(), texts.end());
      return start("i").values(codes).with_dictionary(make_views("vu", texts));
    }
    default:
      return build_list(type, start(type.kind == Kind::list ? "+l" : "+m"), values);
  }
}

}  // namespace kinesink::test_support

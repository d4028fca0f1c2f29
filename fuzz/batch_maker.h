// Bytes become an ArrowSchema and an ArrowArray that may contradict themselves in every way but
// one: the interface carries no buffer sizes, so each buffer has exactly the size that lengths and
// offsets imply.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/arrow_data.h"

namespace kinesink::fuzz {

using test_support::ArrowData;

inline constexpr int kMaxDepth = 4;
inline constexpr std::int64_t kMaxRows = 12;

struct Fixed {
  const char* format;
  std::size_t width;
};
inline constexpr Fixed kFixed[] = {
    {"c", 1},   {"S", 2},   {"e", 2},       {"i", 4},        {"f", 4},
    {"L", 8},   {"g", 8},   {"d:10,3", 16}, {"tdD", 4},      {"tdm", 8},
    {"tts", 4}, {"ttn", 8}, {"tsu:UTC", 8}, {"tDn", 8},      {"d:50,-2,256", 32},
    {"w:3", 3}, {"w:1", 1}, {"w:16", 16},   {"d:9,2,32", 4}, {"d:18,-2,64", 8},
    {"tiM", 4}, {"tiD", 8}, {"tin", 16}};
inline constexpr Fixed kRunEnds[] = {{"s", 2}, {"i", 4}, {"l", 8}};
inline constexpr Fixed kIndices[] = {{"c", 1}, {"C", 1}, {"s", 2}, {"S", 2},
                                     {"i", 4}, {"I", 4}, {"l", 8}, {"L", 8}};

class BatchMaker {
 public:
  explicit BatchMaker(FuzzedDataProvider& input) : input_(input) {}

  ArrowData column(int depth) {
    const int kinds = depth < kMaxDepth ? 17 : 6;
    ArrowData made = of_kind(input_.ConsumeIntegralInRange(0, kinds - 1), depth);
    if (input_.ConsumeIntegralInRange(0, 15) == 0) spoil(made.array());
    return made;
  }

  ArrowData batch() {
    begin();
    ArrowData made = ArrowData("+s", length_).sliced(offset_);
    add_validity(made);
    const int columns = input_.ConsumeIntegralInRange(1, 4);
    for (int i = 0; i < columns; ++i) (void)std::move(made).with(column(1).named("c"));
    if (input_.ConsumeIntegralInRange(0, 15) == 0) spoil(made.array());
    return made;
  }

 private:
  // Chooses length_ and offset_ of the next array.
  void begin() {
    length_ = input_.ConsumeIntegralInRange<std::int64_t>(0, kMaxRows);
    offset_ = input_.ConsumeBool() ? 0 : input_.ConsumeIntegralInRange<std::int64_t>(0, kMaxRows);
  }

  ArrowData start(std::string format) {
    begin();
    ArrowData made(std::move(format), length_);
    made.array().offset = offset_;
    made.array().null_count = input_.ConsumeIntegralInRange<std::int64_t>(-1, 1);
    if (input_.ConsumeBool()) (void)std::move(made).unaligned();
    return made;
  }

  std::size_t rows() const { return static_cast<std::size_t>(length_ + offset_); }

  void add_bytes(ArrowData& made, std::size_t size) {
    std::vector<std::uint8_t> bytes = input_.ConsumeBytes<std::uint8_t>(size);
    bytes.resize(size);
    (void)std::move(made).values(bytes);
  }

  void add_validity(ArrowData& made) {
    if (input_.ConsumeBool()) {
      (void)std::move(made).none();
    } else {
      add_bytes(made, (rows() + 7) / 8);
    }
  }

  // Mostly rising; returns the most that any slice of them implies.
  template <typename Offset>
  std::size_t add_offsets(ArrowData& made) {
    std::vector<Offset> offsets;
    std::int64_t at = 0;
    std::int64_t most = 0;
    for (std::size_t i = 0; i < rows() + 1; ++i) {
      at += input_.ConsumeIntegralInRange(input_.ConsumeIntegralInRange(0, 31) == 0 ? -2 : 0, 5);
      most = std::max(most, at);
      offsets.push_back(static_cast<Offset>(at));
    }
    (void)std::move(made).values(offsets);
    return static_cast<std::size_t>(most);
  }

  ArrowData of_kind(int kind, int depth) {
    switch (kind) {
      case 0:
        return fixed();
      case 1:
        return strings<std::int32_t>(input_.ConsumeBool() ? "u" : "z");
      case 2:
        return strings<std::int64_t>(input_.ConsumeBool() ? "U" : "Z");
      case 3:
        return views();
      case 4:
        return bools();
      case 5:
        return start("n");
      case 6:
        return list<std::int32_t>("+l", depth);
      case 7:
        return list<std::int64_t>("+L", depth);
      case 8:
        return fixed_size_list(depth);
      case 9:
        return structure(depth);
      case 10:
        return map(depth);
      case 11:
        return list_view<std::int32_t>("+vl", depth);
      case 12:
        return list_view<std::int64_t>("+vL", depth);
      case 13:
        return union_of("+us:", depth);
      case 14:
        return union_of("+ud:", depth);
      case 15:
        return runs(depth);
      default:
        return dictionary(depth);
    }
  }

  ArrowData fixed() {
    const Fixed& type = input_.PickValueInArray(kFixed);
    ArrowData made = start(type.format);
    add_validity(made);
    add_bytes(made, rows() * type.width);
    return made;
  }

  ArrowData bools() {
    ArrowData made = start("b");
    add_validity(made);
    add_bytes(made, (rows() + 7) / 8);
    return made;
  }

  template <typename Offset>
  ArrowData strings(const char* format) {
    ArrowData made = start(format);
    add_validity(made);
    const std::size_t size = add_offsets<Offset>(made);
    add_bytes(made, size);
    return made;
  }

  ArrowData views() {
    ArrowData made = start(input_.ConsumeBool() ? "vu" : "vz");
    add_validity(made);
    std::vector<std::int32_t> elements;
    for (std::size_t i = 0; i < rows(); ++i) {
      elements.push_back(input_.ConsumeIntegralInRange(-1, 16));
      elements.push_back(input_.ConsumeIntegral<std::int32_t>());
      elements.push_back(input_.ConsumeIntegralInRange(-1, 3));
      elements.push_back(input_.ConsumeIntegralInRange(-1, 8));
    }
    (void)std::move(made).values(elements);
    std::vector<std::int64_t> sizes;
    const int buffers = input_.ConsumeIntegralInRange(0, 3);
    for (int i = 0; i < buffers; ++i) {
      sizes.push_back(input_.ConsumeIntegralInRange<std::int64_t>(0, 24));
      add_bytes(made, static_cast<std::size_t>(sizes.back()));
    }
    (void)std::move(made).values(sizes);
    return made;
  }

  template <typename Offset>
  ArrowData list(const char* format, int depth) {
    ArrowData made = start(format);
    add_validity(made);
    add_offsets<Offset>(made);
    return std::move(made).with(column(depth + 1).named("item"));
  }

  // Numbers that are mostly small enough, one for each row.
  template <typename Number>
  void add_numbers(ArrowData& made, std::int64_t most) {
    std::vector<Number> numbers;
    for (std::size_t i = 0; i < rows(); ++i) {
      const bool is_wild = input_.ConsumeIntegralInRange(0, 31) == 0;
      numbers.push_back(
          is_wild ? input_.ConsumeIntegral<Number>()
                  : static_cast<Number>(input_.ConsumeIntegralInRange<std::int64_t>(0, most)));
    }
    (void)std::move(made).values(numbers);
  }

  template <typename Offset>
  ArrowData list_view(const char* format, int depth) {
    ArrowData made = start(format);
    add_validity(made);
    add_numbers<Offset>(made, 4);
    add_numbers<Offset>(made, 3);
    return std::move(made).with(column(depth + 1).named("item"));
  }

  ArrowData union_of(std::string format, int depth) {
    const bool is_dense = format == "+ud:";
    const int children = input_.ConsumeIntegralInRange(0, 3);
    for (int i = 0; i < children; ++i) format += (i == 0 ? "" : ",") + std::to_string(3 - i);
    ArrowData made = start(format);
    add_numbers<std::int8_t>(made, 3);
    if (is_dense) add_numbers<std::int32_t>(made, 3);
    for (int i = 0; i < children; ++i) (void)std::move(made).with(column(depth + 1).named("u"));
    return made;
  }

  ArrowData runs(int depth) {
    ArrowData made = start("+r");
    const Fixed& type = input_.PickValueInArray(kRunEnds);
    ArrowData ends = start(type.format).required();
    add_validity(ends);
    std::vector<std::uint8_t> bytes(rows() * type.width);
    std::uint8_t end = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      end = static_cast<std::uint8_t>(end + input_.ConsumeIntegralInRange(0, 8));
      bytes[i * type.width] = end;
      if (input_.ConsumeIntegralInRange(0, 31) == 0) bytes[(i + 1) * type.width - 1] = 0xff;
    }
    (void)std::move(ends).values(bytes);
    return std::move(made)
        .with(std::move(ends).named("run_ends"))
        .with(column(depth + 1).named("values"));
  }

  ArrowData fixed_size_list(int depth) {
    ArrowData made = start("+w:" + std::to_string(input_.ConsumeIntegralInRange(0, 3)));
    add_validity(made);
    return std::move(made).with(column(depth + 1).named("item"));
  }

  ArrowData structure(int depth) {
    ArrowData made = start("+s");
    add_validity(made);
    const int children = input_.ConsumeIntegralInRange(0, 2);
    for (int i = 0; i < children; ++i) (void)std::move(made).with(column(depth + 1).named("f"));
    return made;
  }

  ArrowData map(int depth) {
    ArrowData made = start("+m");
    add_validity(made);
    add_offsets<std::int32_t>(made);
    ArrowData entries = start("+s").required();
    add_validity(entries);
    ArrowData key = column(depth + 1).named("key").required();
    (void)std::move(entries).with(std::move(key)).with(column(depth + 1).named("value"));
    return std::move(made).with(std::move(entries));
  }

  ArrowData dictionary(int depth) {
    const Fixed& type = input_.PickValueInArray(kIndices);
    ArrowData made = start(type.format);
    add_validity(made);
    std::vector<std::uint8_t> indices(rows() * type.width);
    for (std::size_t i = 0; i < rows(); ++i) {
      indices[i * type.width] = input_.ConsumeIntegralInRange<std::uint8_t>(0, kMaxRows);
      if (input_.ConsumeIntegralInRange(0, 31) == 0) indices[(i + 1) * type.width - 1] = 0xff;
    }
    (void)std::move(made).values(indices);
    return std::move(made).with_dictionary(column(depth + 1));
  }

  // Contradictions that do not claim more memory than there is.
  void spoil(ArrowArray& array) {
    constexpr std::int64_t kWild[] = {-1, std::numeric_limits<std::int64_t>::min(),
                                      std::numeric_limits<std::int64_t>::max()};
    switch (input_.ConsumeIntegralInRange(0, 8)) {
      case 0:
        array.length = input_.PickValueInArray(kWild);
        break;
      case 1:
        array.offset = input_.PickValueInArray(kWild);
        break;
      case 2:
        array.null_count = input_.PickValueInArray(kWild);
        break;
      case 3:
        array.length = std::max<std::int64_t>(array.length - 1, 0);
        break;
      case 4:
        array.n_buffers = input_.ConsumeIntegralInRange(-1, 2);
        break;
      case 5:
        array.n_children = input_.ConsumeIntegralInRange(-1, 1);
        break;
      case 6:
        if (array.n_buffers > 0)
          array.buffers[input_.ConsumeIntegralInRange<std::int64_t>(0, array.n_buffers - 1)] =
              nullptr;
        break;
      case 7:
        if (array.n_children > 0) array.children[0] = nullptr;
        break;
      default:
        array.dictionary = nullptr;
        break;
    }
  }

  FuzzedDataProvider& input_;
  std::int64_t length_ = 0;
  std::int64_t offset_ = 0;
};

}  // namespace kinesink::fuzz

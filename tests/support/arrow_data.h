// Arrow schemas and arrays made by hand, for tests: every pointer and count is in the open, so that
// a test can spoil exactly one. Each buffer is its own heap block of its exact size, so that a
// sanitizer sees every read beyond it.
//
//   ArrowData names = ArrowData("u", 2).bits({1, 0}).values<std::int32_t>({0, 3, 3}).text("abc");
//   ArrowData batch = make_batch(2, std::move(names.named("name")));
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kinesink/arrow_c_data.h"

namespace kinesink::test_support {

class ArrowData {
 public:
  ArrowData(std::string format, std::int64_t length) : node_(std::make_unique<Node>()) {
    node_->format = std::move(format);
    node_->schema.release = [](ArrowSchema* schema) { schema->release = nullptr; };
    node_->schema.flags = ARROW_FLAG_NULLABLE;
    node_->array.release = [](ArrowArray* array) { array->release = nullptr; };
    node_->array.length = length;
    node_->array.null_count = -1;
    link();
  }

  ArrowSchema& schema() { return node_->schema; }
  ArrowArray& array() { return node_->array; }
  ArrowData& child(std::size_t index) { return node_->children[index]; }
  ArrowData& dictionary() { return node_->dictionary.front(); }

  ArrowData&& named(std::string name) && {
    node_->name = std::move(name);
    link();
    return std::move(*this);
  }
  ArrowData&& required() && {
    node_->schema.flags = 0;
    return std::move(*this);
  }
  ArrowData&& sliced(std::int64_t offset) && {
    node_->array.offset = offset;
    return std::move(*this);
  }
  // Key and value pairs in the binary form of the C Data Interface.
  ArrowData&& metadata(std::initializer_list<std::pair<std::string, std::string>> pairs) && {
    std::string& out = node_->metadata.emplace();
    const auto add_number = [&](std::size_t number) {
      const auto value = static_cast<std::int32_t>(number);
      out.append(reinterpret_cast<const char*>(&value), sizeof(value));
    };
    add_number(pairs.size());
    for (const auto& [key, value] : pairs) {
      add_number(key.size());
      out += key;
      add_number(value.size());
      out += value;
    }
    link();
    return std::move(*this);
  }

  // The next buffer. none(): a null pointer.
  ArrowData&& none() && { return add(nullptr); }
  ArrowData&& bytes(const void* data, std::size_t size) && {
    auto block = std::make_unique<char[]>(size + node_->shift);
    if (size > 0) std::memcpy(block.get() + node_->shift, data, size);
    return add(std::move(block));
  }
  ArrowData&& text(std::string_view text) && {
    return std::move(*this).bytes(text.data(), text.size());
  }
  template <typename T>
  ArrowData&& values(const std::vector<T>& values) && {
    return std::move(*this).bytes(values.data(), values.size() * sizeof(T));
  }
  ArrowData&& bits(const std::vector<int>& bits) && {
    std::vector<std::uint8_t> packed((bits.size() + 7) / 8);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (bits[i] != 0) packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | 1U << (i % 8));
    }
    return std::move(*this).values(packed);
  }
  // Buffers added after this begin at an odd address.
  ArrowData&& unaligned() && {
    node_->shift = 1;
    return std::move(*this);
  }
  ArrowData&& with(ArrowData child) && {
    node_->children.push_back(std::move(child));
    link();
    return std::move(*this);
  }
  ArrowData&& with_dictionary(ArrowData values) && {
    node_->dictionary.push_back(std::move(values));
    link();
    return std::move(*this);
  }

 private:
  struct Node {
    std::string format;
    std::string name;
    std::optional<std::string> metadata;
    std::size_t shift = 0;
    std::vector<std::unique_ptr<char[]>> blocks;
    std::vector<const void*> buffers;
    std::vector<ArrowData> children;
    std::vector<ArrowData> dictionary;  // none or one
    std::vector<ArrowSchema*> child_schemas;
    std::vector<ArrowArray*> child_arrays;
    ArrowSchema schema{};
    ArrowArray array{};
  };

  ArrowData&& add(std::unique_ptr<char[]> block) {
    node_->buffers.push_back(block == nullptr ? nullptr : block.get() + node_->shift);
    node_->blocks.push_back(std::move(block));
    link();
    return std::move(*this);
  }

  // Points the two C structs at what the node holds now.
  void link() {
    Node& node = *node_;
    node.child_schemas.clear();
    node.child_arrays.clear();
    for (ArrowData& child : node.children) {
      node.child_schemas.push_back(&child.schema());
      node.child_arrays.push_back(&child.array());
    }
    node.schema.format = node.format.c_str();
    node.schema.name = node.name.c_str();
    node.schema.metadata = node.metadata ? node.metadata->c_str() : nullptr;
    node.schema.n_children = static_cast<std::int64_t>(node.children.size());
    node.schema.children = node.child_schemas.data();
    node.array.n_children = node.schema.n_children;
    node.array.children = node.child_arrays.data();
    node.array.n_buffers = static_cast<std::int64_t>(node.buffers.size());
    node.array.buffers = node.buffers.data();
    if (!node.dictionary.empty()) {
      node.schema.dictionary = &node.dictionary.front().schema();
      node.array.dictionary = &node.dictionary.front().array();
    }
  }

  std::unique_ptr<Node> node_;
};

template <typename... Columns>
ArrowData make_batch(std::int64_t length, Columns... columns) {
  ArrowData batch = ArrowData("+s", length).none();
  (void)(std::move(batch).with(std::move(columns)), ...);
  return batch;
}

// Fixed-width values without nulls.
template <typename T>
ArrowData make_values(std::string format, const std::vector<T>& values) {
  return ArrowData(std::move(format), static_cast<std::int64_t>(values.size()))
      .none()
      .values(values);
}

// Strings or binaries of the layouts with offsets: u, z (Offset int32_t), U, Z (int64_t).
template <typename Offset>
ArrowData make_strings(std::string format, const std::vector<std::optional<std::string>>& strings) {
  std::vector<int> valid;
  std::vector<Offset> offsets = {0};
  std::string text;
  for (const auto& string : strings) {
    valid.push_back(string ? 1 : 0);
    text += string.value_or("");
    offsets.push_back(static_cast<Offset>(text.size()));
  }
  return ArrowData(std::move(format), static_cast<std::int64_t>(strings.size()))
      .bits(valid)
      .values(offsets)
      .text(text);
}

// String or binary views (vu, vz), all long ones in one data buffer.
inline ArrowData make_views(std::string format,
                            const std::vector<std::optional<std::string>>& strings) {
  std::vector<int> valid;
  std::string elements;
  std::string data;
  for (const auto& string : strings) {
    valid.push_back(string ? 1 : 0);
    const std::string value = string.value_or("");
    char element[16] = {};
    const auto size = static_cast<std::int32_t>(value.size());
    std::memcpy(element, &size, 4);
    if (size <= 12) {
      std::memcpy(element + 4, value.data(), value.size());
    } else {
      const auto offset = static_cast<std::int32_t>(data.size());
      std::memcpy(element + 4, value.data(), 4);
      std::memcpy(element + 12, &offset, 4);
      data += value;
    }
    elements.append(element, sizeof(element));
  }
  return ArrowData(std::move(format), static_cast<std::int64_t>(strings.size()))
      .bits(valid)
      .text(elements)
      .text(data)
      .values<std::int64_t>({static_cast<std::int64_t>(data.size())});
}

}  // namespace kinesink::test_support

#include "columnar/extension.h"

#include <algorithm>
#include <array>

namespace kinesink::columnar {
namespace {

constexpr std::int32_t kUuidBytes = 16;
constexpr std::string_view kRay = "ray.data.";
constexpr std::string_view kOpaque = "arrow.opaque";
constexpr std::array<std::string_view, 4> kRefused = {
    "arrow.fixed_shape_tensor", "arrow.variable_shape_tensor", "arrow.py_extension_type",
    "daft.super_extension"};

// The field that holds the values of a dictionary or of runs.
const Field& values_of(const Field& field) {
  const bool is_indirect =
      field.type == TypeId::dictionary || field.type == TypeId::run_end_encoded;
  return is_indirect && !field.children.empty() ? values_of(field.children[0]) : field;
}

bool is_text(TypeId type) {
  return type == TypeId::utf8 || type == TypeId::large_utf8 || type == TypeId::utf8_view;
}

bool is_refused(std::string_view name) {
  return name == kOpaque || name.starts_with(kRay) ||
         std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end();
}

}  // namespace

Extension extension_of(const Field& field) {
  const std::string_view name = field.extension_name;
  if (name.empty()) return Extension::none;
  if (is_refused(name)) return Extension::refused;
  const Field& storage = values_of(field);
  if ((name == "arrow.json" || name == "arroyo.json") && is_text(storage.type)) {
    return Extension::json;
  }
  if (name == "arrow.uuid" && storage.type == TypeId::fixed_size_binary &&
      storage.fixed_size == kUuidBytes) {
    return Extension::uuid;
  }
  if (name == "arrow.bool8" && storage.type == TypeId::int8) return Extension::bool8;
  return Extension::unknown;
}

Extension extension_of(const Field& field, Extension outer) {
  if (!field.extension_name.empty()) return extension_of(field);
  return outer == Extension::unknown || outer == Extension::refused ? Extension::none : outer;
}

std::string refusal_of_extension(const Field& field) {
  const std::string& name = field.extension_name;
  std::string text = "The extension type " + name;
  if (name == kOpaque) {
    text += " holds values that only their producer understands. Cast them to a plain type";
  } else if (name.find("tensor") != std::string::npos) {
    text += " holds tensors, of which only the storage is plain Arrow. Convert it to a list";
  } else {
    text += " holds Python objects that only Python reads. Convert them to a plain type";
  }
  return text + ", or leave the column out (exclude_columns).";
}

}  // namespace kinesink::columnar

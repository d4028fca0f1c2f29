// Counts allocations: the only test of its kind, hence the replaced operator new of this program.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "tests/support/arrow_data.h"
#include "tests/support/render_column.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
// Not inlined, else GCC sees a free() that does not match its own idea of new.
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace kinesink::columnar {
namespace {

using test_support::ArrowData;
using test_support::make_batch;
using test_support::make_strings;
using test_support::make_values;
using test_support::make_views;

ArrowData every_shape() {
  ArrowData entries = ArrowData("+s", 2)
                          .required()
                          .none()
                          .with(make_strings<std::int32_t>("u", {"k", "l"}).named("key").required())
                          .with(make_values<std::int8_t>("c", {1, 2}).named("value"));
  return make_batch(
      2, make_values<std::int64_t>("l", {1, 2}).named("a"),
      make_strings<std::int32_t>("u", {"größer", std::nullopt}).named("b"),
      make_views("vu", {"x", "longer than twelve bytes"}).named("c"),
      ArrowData("+l", 2)
          .none()
          .values<std::int32_t>({0, 1, 2})
          .with(ArrowData("+s", 2).none().with(make_values<double>("g", {1, 2}).named("x")))
          .named("d"),
      ArrowData("+m", 2).none().values<std::int32_t>({0, 1, 2}).with(std::move(entries)).named("e"),
      make_values<std::int8_t>("c", {0, 0})
          .with_dictionary(make_strings<std::int32_t>("u", {"v"}))
          .named("f"),
      ArrowData("+vl", 2)
          .none()
          .values<std::int32_t>({1, 0})
          .values<std::int32_t>({1, 2})
          .with(make_strings<std::int32_t>("u", {"x", "y"}).named("item"))
          .named("g"),
      ArrowData("+ud:0,1", 2)
          .values<std::int8_t>({1, 0})
          .values<std::int32_t>({0, 0})
          .with(make_values<std::int8_t>("c", {1}).named("a"))
          .with(make_strings<std::int32_t>("u", {"x"}).named("b"))
          .named("h"),
      ArrowData("+r", 2)
          .with(make_values<std::int16_t>("s", {1, 2}).named("run_ends").required())
          .with(make_strings<std::int32_t>("u", {"x", std::nullopt}).named("values"))
          .named("i"));
}

TEST(Rebinding, does_not_allocate) {
  ArrowData batch = every_shape();
  const Result<Schema> schema = import_schema(batch.schema());
  ASSERT_TRUE(schema) << schema.error().to_string();
  Batch view;
  ASSERT_TRUE(view_batch(*schema, batch.array(), view));
  batch.array().length = 1;
  const std::size_t before = allocations;
  const bool viewed = view_batch(*schema, batch.array(), view).has_value();
  const std::size_t after = allocations;
  EXPECT_TRUE(viewed);
  EXPECT_EQ(after - before, 0U);
  EXPECT_EQ(view.columns[3].length, 1);
}

TEST(Rebinding, follows_another_schema) {
  ArrowData first = every_shape();
  ArrowData second = make_batch(1, make_strings<std::int64_t>("U", {"z"}).named("z"));
  const Result<Schema> first_schema = import_schema(first.schema());
  const Result<Schema> second_schema = import_schema(second.schema());
  Batch view;
  ASSERT_TRUE(view_batch(*first_schema, first.array(), view));
  ASSERT_TRUE(view_batch(*second_schema, second.array(), view));
  ASSERT_EQ(view.columns.size(), 1U);
  EXPECT_EQ(test_support::render_column(view.columns[0]), "z");
}

}  // namespace
}  // namespace kinesink::columnar

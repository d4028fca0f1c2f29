// The row that the benchmarks write: eight columns, about 175 bytes of JSON. The same
// distributions as the data set of docs/benchmarks.md, from a fixed seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/arrow_data.h"

namespace kinesink::bench {

class EventRows {
 public:
  // id int64, ts timestamp[ns], user, country, amount with 2 decimals, qty int32, flag, note
  // (20 % null, 5 % with a quote).
  static test_support::ArrowData make(std::int64_t count) {
    EventRows rows(count);
    using test_support::make_strings;
    using test_support::make_values;
    return test_support::make_batch(
        count, make_values("l", rows.ids_).named("id"),
        make_values("tsn:", rows.times_).named("ts"),
        without_nulls(make_strings<std::int32_t>("u", rows.users_)).named("user"),
        without_nulls(make_strings<std::int32_t>("u", rows.countries_)).named("country"),
        make_values("g", rows.amounts_).named("amount"),
        make_values("i", rows.quantities_).named("qty"),
        test_support::ArrowData("b", count).none().bits(rows.flags_).named("flag"),
        make_strings<std::int32_t>("u", rows.notes_).named("note"));
  }

 private:
  using Strings = std::vector<std::optional<std::string>>;

  explicit EventRows(std::int64_t count) {
    static constexpr const char* kCountries[] = {
        "US", "DE",    "France",    "Brazil",    "Japan", "India", "Canada",     "Norway",
        "UK", "Spain", "Australia", "Argentina", "Kenya", "Chile", "Luxembourg", "Peru"};
    const std::string letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    const std::string note_letters =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz      .,-ABCDEF0123456789";
    std::gamma_distribution<double> amount(2.0, 60.0);
    const double mean_gap = 364 * 86400e9 / static_cast<double>(count);
    std::exponential_distribution<double> gap(1 / mean_gap);
    std::int64_t time = 1'735'689'600'000'000'000;  // 2025-01-01
    for (std::int64_t i = 0; i < count; ++i) {
      ids_.push_back((i + 1) * 7 + 1'000'000'000);
      time += static_cast<std::int64_t>(gap(random_));
      times_.push_back(time);
      users_.emplace_back(text(8, 16, letters));
      countries_.emplace_back(kCountries[random_() % 16]);
      amounts_.push_back(std::round(amount(random_) * 100) / 100);
      quantities_.push_back(static_cast<std::int32_t>(1 + random_() % 999));
      flags_.push_back(static_cast<int>(random_() % 2));
      notes_.push_back(note(note_letters));
    }
  }
  std::string text(std::size_t least, std::size_t most, const std::string& letters) {
    std::string out(least + random_() % (most - least + 1), '\0');
    for (char& c : out) c = letters[random_() % letters.size()];
    return out;
  }
  std::optional<std::string> note(const std::string& letters) {
    if (random_() % 100 < 20) return std::nullopt;
    std::string out = text(20, 60, letters);
    if (random_() % 80 < 5) out[random_() % out.size()] = '"';
    return out;
  }
  static test_support::ArrowData without_nulls(test_support::ArrowData column) {
    column.array().null_count = 0;
    return column;
  }

  std::mt19937_64 random_{20250101};
  std::vector<std::int64_t> ids_, times_;
  Strings users_, countries_, notes_;
  std::vector<double> amounts_;
  std::vector<std::int32_t> quantities_;
  std::vector<int> flags_;
};

}  // namespace kinesink::bench

// Random nested batches of every type: AvroReader, which knows the schema's JSON alone, reads what
// went in, with room to spare and with just enough.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/units.h"
#include "tests/support/avro_payloads.h"

namespace kinesink::format {
namespace {

using test_support::ArrowData;
using test_support::avro_bytes;
using test_support::avro_number;
using test_support::make_strings;
using test_support::make_views;
using Texts = std::vector<std::string>;
using Strings = std::vector<std::optional<std::string>>;

// An array, and the text of each of its values.
struct Column {
  ArrowData data;
  Texts texts;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }

  Column column(int depth, std::size_t length) {
    const std::size_t kind = below(depth > 0 ? 16 : 10);
    switch (kind) {
      case 0:
        return {ArrowData("n", static_cast<std::int64_t>(length)), Texts(length, "null")};
      case 1:
        return boolean(length);
      case 2:
      case 3:
      case 4:
        return integer(length);
      case 5:
        return number(length);
      case 6:
        return decimal(length);
      case 7:
      case 8:
        return text(length);
      case 9:
        return bytes(length);
      case 10:
      case 11:
        return list(depth, length);
      case 12:
        return map(depth, length);
      case 13:
        return dictionary(depth, length);
      default:
        return object(depth, length);
    }
  }

  Column object(int depth, std::size_t length, bool is_row = false) {
    const std::vector<int> valid = is_row ? std::vector<int>(length, 1) : validity(length);
    Column made{start("+s", valid), Texts(length, "{")};
    const std::size_t members = below(4) + (is_row ? 1 : 0);
    for (std::size_t i = 0; i < members; ++i) {
      Column member = column(depth - 1, length);
      const std::string name = "m" + std::to_string(i);
      made.data = std::move(made.data).with(std::move(member.data).named(name));
      for (std::size_t row = 0; row < length; ++row)
        made.texts[row] += (i == 0 ? "\"" : ",\"") + name + "\":" + member.texts[row];
    }
    for (std::size_t row = 0; row < length; ++row)
      made.texts[row] = valid[row] != 0 ? made.texts[row] + "}" : "null";
    return made;
  }

 private:
  std::vector<int> validity(std::size_t length) {
    std::vector<int> valid;
    const bool has_nulls = below(3) > 0;
    for (std::size_t i = 0; i < length; ++i) valid.push_back(has_nulls && below(4) == 0 ? 0 : 1);
    return valid;
  }
  static ArrowData start(const std::string& format, const std::vector<int>& valid) {
    return ArrowData(format, static_cast<std::int64_t>(valid.size())).bits(valid);
  }
  static void hide(Texts& texts, const std::vector<int>& valid) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (valid[i] == 0) texts[i] = "null";
    }
  }
  // Numbers of every size, not of every value.
  std::int64_t wide() { return static_cast<std::int64_t>(engine_()) >> below(64); }

  Column boolean(std::size_t length) {
    const std::vector<int> valid = validity(length);
    std::vector<int> bits;
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      bits.push_back(static_cast<int>(below(2)));
      texts.emplace_back(bits.back() != 0 ? "true" : "false");
    }
    hide(texts, valid);
    return {start("b", valid).bits(bits), texts};
  }

  template <typename T>
  Column integers(const char* format, std::size_t length, std::int64_t factor) {
    const std::vector<int> valid = validity(length);
    std::vector<T> values;
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      auto value = static_cast<T>(wide());
      if (factor > 1)
        value = static_cast<T>(value % 86'400 < 0 ? -(value % 86'400) : value % 86'400);
      values.push_back(value);
      texts.push_back(std::to_string(static_cast<std::int64_t>(value) * factor));
    }
    hide(texts, valid);
    return {start(format, valid).values(values), texts};
  }

  Column integer(std::size_t length) {
    switch (below(12)) {
      case 0:
        return integers<std::int8_t>("c", length, 1);
      case 1:
        return integers<std::uint8_t>("C", length, 1);
      case 2:
        return integers<std::int16_t>("s", length, 1);
      case 3:
        return integers<std::uint16_t>("S", length, 1);
      case 4:
        return integers<std::int32_t>(below(2) == 0 ? "i" : "tdD", length, 1);
      case 5:
        return integers<std::uint32_t>("I", length, 1);
      case 6:
        return integers<std::int64_t>("tsn:", length, 1);
      case 7:
        return integers<std::int64_t>("tsu:UTC", length, 1);
      case 8:
        return integers<std::int64_t>("tss:", length, 1'000);
      case 9:
        return integers<std::int32_t>("tts", length, 1'000);
      case 10:
        return integers<std::int64_t>("tDm", length, 1);
      default:
        return integers<std::int64_t>("l", length, 1);
    }
  }

  Column number(std::size_t length) {
    const std::vector<int> valid = validity(length);
    const bool is_double = below(2) == 0;
    std::vector<double> doubles;
    std::vector<float> floats;
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      doubles.push_back(static_cast<double>(wide()) / 1024);
      floats.push_back(static_cast<float>(doubles.back()));
      texts.push_back(avro_number(is_double ? doubles.back() : double{floats.back()}));
    }
    hide(texts, valid);
    return {is_double ? start("g", valid).values(doubles) : start("f", valid).values(floats),
            texts};
  }

  Column decimal(std::size_t length) {
    const std::vector<int> valid = validity(length);
    std::vector<Int128> values;
    Texts texts;
    const bool is_wide = below(2) == 0;
    for (std::size_t i = 0; i < length; ++i) {
      std::int64_t value = wide();
      values.emplace_back(value);
      if (is_wide) values.emplace_back(value < 0 ? -1 : 0);
      std::string big;  // big endian, and nothing in front that says no more than the sign
      for (int shift = 56; shift >= 0; shift -= 8) big += static_cast<char>(value >> shift);
      const auto sign = [](char c) { return static_cast<signed char>(c) < 0 ? -1 : 0; };
      while (big.size() > 1 && static_cast<signed char>(big[0]) == sign(big[1])) big.erase(0, 1);
      texts.push_back(avro_bytes(big));
    }
    hide(texts, valid);
    return {start(is_wide ? "d:40,3,256" : "d:38,10", valid).values(values), texts};
  }

  Strings strings(std::size_t length) {
    Strings made;
    const std::vector<int> valid = validity(length);
    for (std::size_t i = 0; i < length; ++i) {
      std::string value(below(4) == 0 ? below(200) : below(20), static_cast<char>('a' + below(26)));
      made.push_back(valid[i] != 0 ? std::optional(value) : std::nullopt);
    }
    return made;
  }

  Column text(std::size_t length) {
    const std::size_t skipped = below(3);  // the column is a slice
    const Strings all = strings(length + skipped);
    Texts texts;
    for (std::size_t i = skipped; i < all.size(); ++i)
      texts.push_back(all[i] ? "\"" + *all[i] + "\"" : "null");
    const std::size_t layout = below(3);
    ArrowData data = layout == 0   ? make_strings<std::int32_t>("u", all)
                     : layout == 1 ? make_strings<std::int64_t>("U", all)
                                   : make_views("vu", all);
    data.array().length = static_cast<std::int64_t>(length);
    return {std::move(data).sliced(static_cast<std::int64_t>(skipped)), texts};
  }

  Column bytes(std::size_t length) {
    if (below(2) == 0) {
      const Strings all = strings(length);
      Texts texts;
      for (const auto& one : all) texts.push_back(one ? avro_bytes(*one) : "null");
      return {below(2) == 0 ? make_strings<std::int32_t>("z", all) : make_views("vz", all), texts};
    }
    const std::vector<int> valid = validity(length);
    std::string values;
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      for (int part = 0; part < 3; ++part) values += static_cast<char>(below(256));
      texts.push_back(avro_bytes(std::string_view(values).substr(3 * i)));
    }
    hide(texts, valid);
    return {start("w:3", valid).text(values), texts};
  }

  // Offsets of lists of up to three elements; null lists may have some too.
  std::vector<std::int32_t> offsets(std::size_t length) {
    std::vector<std::int32_t> made = {0};
    for (std::size_t i = 0; i < length; ++i)
      made.push_back(made.back() + static_cast<std::int32_t>(below(4)));
    return made;
  }
  static std::string joined(const Texts& texts, std::int32_t begin, std::int32_t end) {
    std::string text;
    for (std::int32_t i = begin; i < end; ++i)
      text += (i == begin ? "" : ",") + texts[static_cast<std::size_t>(i)];
    return text;
  }

  Column list(int depth, std::size_t length) {
    const std::vector<int> valid = validity(length);
    if (below(3) == 0) {  // of a fixed size
      Column items = column(depth - 1, 2 * length);
      Texts texts;
      for (std::size_t i = 0; i < length; ++i)
        texts.push_back("[" + items.texts[2 * i] + "," + items.texts[2 * i + 1] + "]");
      hide(texts, valid);
      return {start("+w:2", valid).with(std::move(items.data).named("item")), texts};
    }
    const std::vector<std::int32_t> ends = offsets(length);
    Column items = column(depth - 1, static_cast<std::size_t>(ends.back()));
    Texts texts;
    for (std::size_t i = 0; i < length; ++i)
      texts.push_back("[" + joined(items.texts, ends[i], ends[i + 1]) + "]");
    hide(texts, valid);
    const std::vector<std::int64_t> wide_ends(ends.begin(), ends.end());
    ArrowData data =
        below(2) == 0 ? start("+l", valid).values(ends) : start("+L", valid).values(wide_ends);
    return {std::move(data).with(std::move(items.data).named("item")), texts};
  }

  Column map(int depth, std::size_t length) {
    const std::vector<int> valid = validity(length);
    const std::vector<std::int32_t> ends = offsets(length);
    const auto count = static_cast<std::size_t>(ends.back());
    const bool is_text = below(2) == 0;
    Strings keys;
    std::vector<std::int16_t> numbers;
    for (std::size_t i = 0; i < count; ++i) {
      keys.emplace_back("k" + std::to_string(i));
      numbers.push_back(static_cast<std::int16_t>(i));
    }
    Column items = column(depth - 1, count);
    Texts entries;
    for (std::size_t i = 0; i < count; ++i) {
      entries.push_back(is_text ? "\"" + *keys[i] + "\":" + items.texts[i]
                                : "{\"key\":" + std::to_string(i) + ",\"value\":" + items.texts[i] +
                                      "}");
    }
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      const std::string inner = joined(entries, ends[i], ends[i + 1]);
      texts.push_back(is_text ? "{" + inner + "}" : "[" + inner + "]");
    }
    hide(texts, valid);
    ArrowData key =
        is_text ? make_strings<std::int32_t>("u", keys) : test_support::make_values("s", numbers);
    return {start("+m", valid)
                .values(ends)
                .with(ArrowData("+s", static_cast<std::int64_t>(count))
                          .required()
                          .none()
                          .named("entries")
                          .with(std::move(key).named("key").required())
                          .with(std::move(items.data).named("value"))),
            texts};
  }

  Column dictionary(int depth, std::size_t length) {
    const std::vector<int> valid = validity(length);
    Column values = column(depth - 1, 5);
    std::vector<std::int16_t> codes;
    Texts texts;
    for (std::size_t i = 0; i < length; ++i) {
      codes.push_back(static_cast<std::int16_t>(valid[i] != 0 ? below(5) : 1000));
      texts.push_back(valid[i] != 0 ? values.texts[static_cast<std::size_t>(codes[i])] : "null");
    }
    return {start("s", valid).values(codes).with_dictionary(std::move(values.data)), texts};
  }

  std::mt19937_64 engine_;
};

TEST(AvroRandom, nested_batches_come_back_as_they_went_in) {
  for (std::uint64_t seed = 1; seed <= 1'500; ++seed) {
    Random random(seed);
    Column rows = random.object(6, random.below(seed % 10 == 0 ? 150 : 12), true);
    rows.data.array().null_count = 0;
    FormatOptions options;
    options.avro_encoding = AvroEncoding::datum;
    const Texts found = test_support::avro_rows(std::move(rows.data), options);
    ASSERT_EQ(found.size(), rows.texts.size())
        << "seed " << seed << (found.empty() ? "" : found[0]);
    for (std::size_t row = 0; row < found.size(); ++row)
      ASSERT_EQ(found[row], rows.texts[row]) << "seed " << seed << ", row " << row;
  }
}

}  // namespace
}  // namespace kinesink::format

#include "cli/sink_settings.h"

#include <toml++/toml.h>

#include <set>

#include "cli/console.h"
#include "options/table.h"

namespace kinesink::cli {
namespace {

Error bad_config(const std::string& file, const toml::source_region& where,
                 const std::string& what) {
  return make_error(ErrorKind::invalid_argument,
                    file + ":" + std::to_string(where.begin.line) + ": " + what);
}

// The text that --set would take; nothing for what no option can be.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (const toml::array* items = node.as_array()) {
    std::string joined;
    for (const toml::node& item : *items) {
      const auto text = item.value_exact<std::string>();
      if (!text) return std::nullopt;
      joined += (joined.empty() ? "" : ",") + *text;
    }
    return joined;
  }
  return std::nullopt;
}

}  // namespace

void SinkSettings::add_flag_of(CLI::App& command, const std::string& flag,
                               const std::string& name) {
  const options::Option* option = options::find(name);
  flags_.push_back(std::make_unique<Flag>());
  Flag& added = *flags_.back();
  added.option = name;
  const SinkOptions defaults;
  const std::string standard = options::value_of(*option, defaults);
  std::string help(option->meaning);
  const std::string_view kind = options::kind_of(*option);
  if (kind != "text" && kind != "list") help += " [" + options::range_of(*option) + "]";
  if (!standard.empty()) help += " (default " + standard + (kind == "time" ? " ms)" : ")");
  added.given = command.add_option(flag, added.value, help);
}

void SinkSettings::add_to(CLI::App& command, FlagSet flags) {
  add_flag_of(command, "--stream", "stream_name");
  add_flag_of(command, "--region", "aws_region");
  add_flag_of(command, "--endpoint-url", "endpoint_url");
  add_flag_of(command, "--profile", "profile");
  command.add_flag("--no-verify-ssl", no_verify_ssl_, "Do NOT verify certificates.");
  add_flag_of(command, "--ca-bundle", "ca_bundle");
  if (flags == FlagSet::offline) {
    for (CLI::Option* option : command.get_options([](const CLI::Option* added) {
           return !added->get_positional() && added->get_name() != "--help";
         }))
      option->group("");  // an option without a group is hidden
  }
  command.add_flag("-v,--verbose", verbose_, "Say more on stderr.");
  command
      .add_option(
          "--set", sets_,
          "NAME=VALUE of any option in docs/options.md (`kinesink options`); may be repeated.")
      ->allow_extra_args(false);
  command.add_option("--config", config_, "TOML file with options in a table [sink].");
  if (flags == FlagSet::connection) return;
  add_flag_of(command, "--format", "format");
  CLI::Option* format_flag = flags_.back()->given;
  format_flag->description(format_flag->get_description() +
                           " dead_letter: the inputs are dead-letter files, whose payloads are "
                           "sent again as they are.");
  command.add_option("--partition-key", partition_key_,
                     "Column that holds the partition key; without it keys are random. A row whose "
                     "key is null, empty or longer than 256 characters is an error, unless --set "
                     "on_bad_key=random gives it a random one.");
  add_flag_of(command, "--explicit-hash-key", "explicit_hash_key_column");
  add_flag_of(command, "--max-record-count", "max_record_count");
  add_flag_of(command, "--max-data-size", "max_data_size");
  add_flag_of(command, "--max-age", "max_age");
  command.add_option("--dead-letter", dead_letter_,
                     "File for rows that cannot be stored, one JSON object a line. Without it such "
                     "a row is an error.");
}

Result<void> SinkSettings::apply_file(SinkOptions& options) const {
  if (config_.empty()) return {};
  toml::table root;
  try {
    root = toml::parse_file(config_);
  } catch (const toml::parse_error& error) {
    // A file that cannot be read has no line.
    if (error.source().begin.line == 0) {
      return make_error(ErrorKind::not_found,
                        config_ + ": cannot be read: " + std::string(error.description()));
    }
    return bad_config(config_, error.source(), std::string(error.description()));
  }
  for (const auto& [key, node] : root) {
    if (key.str() != "sink" || !node.is_table()) {
      return bad_config(
          config_, node.source(),
          "'" + std::string(key.str()) + "' is unknown here; options belong into a table [sink]");
    }
    for (const auto& [name, value] : *node.as_table()) {
      const std::optional<std::string> text = text_of(value);
      if (!text)
        return bad_config(
            config_, value.source(),
            std::string(name.str()) +
                " is neither text, a whole number, true or false, nor a list of texts");
      if (Result<void> set = set_option(options, name.str(), *text); !set) {
        return bad_config(config_, value.source(), set.error().message);
      }
    }
  }
  return {};
}

Result<SinkOptions> SinkSettings::resolve(int io_threads) const {
  SinkOptions options;
  options.client.io_threads = io_threads;
  options.client.log = log_to_stderr();
  options.client.log_level = verbose_ ? LogLevel::debug : LogLevel::warning;
  options.client.application_id = "kinesink-cli";
  KINESINK_TRY(apply_file(options));
  for (const std::string& pair : sets_) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      return make_error(ErrorKind::invalid_argument, "--set " + pair + ": it must be NAME=VALUE");
    }
    KINESINK_TRY(set_option(options, pair.substr(0, equals), pair.substr(equals + 1)));
  }
  for (const auto& flag : flags_) {
    if (flag->given->count() == 0 || (flag.get() == format() && dead_letters())) continue;
    KINESINK_TRY(set_option(options, flag->option, flag->value));
  }
  if (no_verify_ssl_) options.client.verify_ssl = false;
  if (!partition_key_.empty()) {
    options.partition_key = PartitionKey::column;
    options.partition_key_column = partition_key_;
  }
  if (!dead_letter_.empty()) {
    options.dead_letter_file = dead_letter_;
    options.on_invalid = options.on_refused = options.on_exhausted = OnReject::dead_letter;
  }
  if (dead_letters()) KINESINK_TRY(apply_dead_letters(options));
  return options;
}

const SinkSettings::Flag* SinkSettings::format() const {
  for (const auto& flag : flags_) {
    if (flag->option == "format") return flag.get();
  }
  return nullptr;
}

bool SinkSettings::dead_letters() const {
  const Flag* flag = format();
  return flag != nullptr && flag->given->count() > 0 && flag->value == "dead_letter";
}

Result<void> SinkSettings::apply_dead_letters(SinkOptions& options) const {
  if (!partition_key_.empty() || !options.explicit_hash_key_column.empty()) {
    return make_error(ErrorKind::invalid_argument,
                      "--format dead_letter: the letters bear their keys, so neither "
                      "--partition-key nor --explicit-hash-key is possible");
  }
  options.serializer.format = Format::raw_bytes;
  options.serializer.null_value = NullValue::skip;
  options.serializer.include_columns = FormatOptions().include_columns;
  options.serializer.exclude_columns = FormatOptions().exclude_columns;
  options.partition_key = PartitionKey::column;
  options.partition_key_constant.clear();
  options.partition_key_column = "partition_key";
  options.explicit_hash_key_column = "explicit_hash_key";
  return {};
}

}  // namespace kinesink::cli

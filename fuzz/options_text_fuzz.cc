// NAME=VALUE lines, as --set and a config file give them: what is accepted is written back as text
// that is accepted again and means the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kinesink/options.h"
#include "options/table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinesink;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  SinkOptions options;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    const std::string_view name = line.substr(0, equals);
    if (!set_option(options, name, line.substr(equals + 1))) continue;
    const options::Option* option = options::find(name);
    if (option == nullptr) continue;  // a name of Arroyo that sets several
    const std::string value = options::value_of(*option, options);
    if (!options::set(*option, options, value)) std::abort();
    if (options::value_of(*option, options) != value) std::abort();
  }
  static_cast<void>(validate(options).has_value());
  return 0;
}

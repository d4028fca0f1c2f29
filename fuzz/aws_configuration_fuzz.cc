// Configuration and credentials files of a user.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "aws/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("configuration", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  const auto environment = [](const char* name) -> const char* {
    const std::string_view wanted = name;
    if (wanted == "AWS_CONFIG_FILE" || wanted == "AWS_SHARED_CREDENTIALS_FILE") return path.c_str();
    return nullptr;
  };
  for (const char* profile : {"", "p"}) {
    const kinesink::aws::Configuration configuration(environment, profile);
    static_cast<void>(configuration.property("region"));
    static_cast<void>(configuration.service_endpoint("kinesis"));
    static_cast<void>(configuration.sso_session_property("s", "sso_region"));
    static_cast<void>(configuration.has_profile());
  }
  return 0;
}

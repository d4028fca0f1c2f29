// What a process finds around itself, made up for one test: environment variables and files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace kinesink::tests {

// Sets variables of the process (nullptr: takes them away) and puts them back at its end.
class EnvironmentGuard {
 public:
  EnvironmentGuard() = default;
  EnvironmentGuard(const EnvironmentGuard&) = delete;
  EnvironmentGuard& operator=(const EnvironmentGuard&) = delete;
  ~EnvironmentGuard() {
    for (const auto& [name, value] : before_) put(name, value ? value->c_str() : nullptr);
  }

  void set(const std::string& name, const char* value) {
    const char* before = std::getenv(name.c_str());
    before_.try_emplace(name, before != nullptr ? std::optional<std::string>(before)
                                                : std::optional<std::string>());
    put(name, value);
  }
  void set(const std::string& name, const std::string& value) { set(name, value.c_str()); }

 private:
  static void put(const std::string& name, const char* value) {
    value != nullptr ? ::setenv(name.c_str(), value, 1) : ::unsetenv(name.c_str());
  }
  std::map<std::string, std::optional<std::string>> before_;
};

// Is gone, with all that is in it, at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kinesink-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  // The path of the file.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace kinesink::tests

// The keys of an object, as json.key_naming asks for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "columnar/schema.h"
#include "format/options.h"

namespace kinesink::format {

// Words end where one of `_ - . :` or a space stands, where a capital follows what is none
// (`userId`), and before the last capital of a row of them that goes on in small letters
// (`HTTPServer`). snake_case joins them with `_` in small letters, camel_case by capitals. Only
// ASCII letters change; underscores at either end stay.
std::string renamed(std::string_view name, KeyNaming naming);

// Refuses two members of one key, naming both columns. `path`: of the object, empty at the top.
Result<void> check_keys(const std::vector<const columnar::Field*>& fields, const std::string& path,
                        KeyNaming naming);

}  // namespace kinesink::format

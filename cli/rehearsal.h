// A client that sends nothing: every request is taken as stored. For --dry-run and inspect, which
// so do all that a real run does.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "client/client_core.h"

namespace kinesink::cli {

// `look`: called with every request body (CBOR), on a loop thread, one at a time; may be empty.
std::shared_ptr<client::ClientCore> make_rehearsal(LogCallback log, LogLevel level,
                                                   std::function<void(std::string_view body)> look);

}  // namespace kinesink::cli

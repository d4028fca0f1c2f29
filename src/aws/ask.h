// One request to a small service whose caller waits for the answer.
#pragma once

#include <string>

#include "http/event_loop.h"
#include "http/transport.h"

namespace kinesink::aws {

// Blocks the caller, who is on no thread of `loop`. `body` stands instead of the request's own.
// Kind timeout if nobody answers by the deadline.
http::Exchange ask(http::EventLoop& loop, http::Transport& transport, http::Request request,
                   std::string body, Instant deadline);

}  // namespace kinesink::aws

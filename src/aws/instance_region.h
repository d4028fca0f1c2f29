// The Region of the EC2 instance that the process runs on, by IMDSv2
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
#pragma once

#include <string>

#include "aws/configuration.h"
#include "http/event_loop.h"
#include "kinesink/result.h"

namespace kinesink::aws {

// Both requests together: whoever is on no instance must not wait long to learn it.
inline constexpr Duration kInstanceRegionLimit = std::chrono::seconds(1);

// Blocks the caller, who is on no loop thread. `loop`: of http::make_io_loop. not_found if the
// environment forbids to ask, or nobody answers within the limit.
Result<std::string> instance_region(http::EventLoop& loop, const Configuration& configuration);

}  // namespace kinesink::aws

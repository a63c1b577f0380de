// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/task.hpp"

#include <chrono>
#include <string>
#include <variant>

namespace felhom::sim {

/// What goes wrong with a request.
namespace fault_kind {

/// The answer comes late.
struct late {
    std::chrono::milliseconds by;
};
/// The request is not carried out; this is the answer.
struct answers {
    int status;
    std::string reason;
    std::string body = {};
};
/// The connection ends, and nothing happened.
struct drops_before_apply {};
/// The connection ends after the request was carried out.
struct drops_after_apply {};
/// 596 while the work goes on behind the proxy, and takes effect later (pve-http-server AnyEvent.pm).
struct gateway_timeout {
    std::chrono::milliseconds effect_after{5000};
};
/// The guest's configuration file stays locked by somebody else.
struct lock_timeout {};
/// The request is carried out, and its answer is not JSON.
struct garbage {
    std::string body = "<html><title>Bad Gateway</title></html>";
};
/// The task that the request starts goes wrong.
struct task {
    any_task_fault how;
};

} // namespace fault_kind

/// A fault on demand: the next `times` requests of that method (any if empty) whose path matches the pattern, in which
/// a star stands for any text.
struct fault {
    std::string method;
    std::string path;
    std::variant<fault_kind::late, fault_kind::answers, fault_kind::drops_before_apply, fault_kind::drops_after_apply,
                 fault_kind::gateway_timeout, fault_kind::lock_timeout, fault_kind::garbage, fault_kind::task>
        what;
    int times = 1;
};

} // namespace felhom::sim

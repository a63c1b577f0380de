// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/config_file.hpp"

#include <felhom/core/instant.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::sim {

using guest_id = std::uint32_t;

/// What a worker does. The effect happens when its time is over.
namespace job {

struct start {
    guest_id vmid;
};
struct stop {
    guest_id vmid;
    std::vector<std::string> overruled; ///< the shutdown tasks that it ends first
};
struct shutdown {
    guest_id vmid;
    std::chrono::seconds timeout;
    bool force;
};
struct reboot {
    guest_id vmid;
};
struct take_snapshot {
    guest_id vmid;
    std::string name;
    std::string description;
};
struct roll_back {
    guest_id vmid;
    std::string name;
    bool start;
};
struct delete_snapshot {
    guest_id vmid;
    std::string name;
};
struct resize {
    guest_id vmid;
    std::string disk;
    std::int64_t bytes;
    std::string digest = {}; ///< of the configuration that the caller saw; empty: any
};
struct destroy {
    guest_id vmid;
    bool force;
    bool purge;
};
struct create {
    guest_id vmid;
    config_section given; ///< the configuration keys of the call
    std::string archive;  ///< template or backup
    std::string storage;
    bool restore;
    bool unique;
    bool start;
};
struct back_up {
    std::vector<guest_id> vmids;
    std::string storage;
    std::string mode;
    std::string compress;
    std::optional<bool> marked_protected;
    std::string notes;
    std::string options;                ///< as the first line of the log repeats them
    std::vector<instant> begins = {};   ///< of each guest's part, once known
    std::vector<guest_id> stopped = {}; ///< while it lasts
};
struct remove_volume {
    std::string storage;
    std::string volid;
};
struct fail {
    std::string text;
    std::vector<std::string> lines;
};

} // namespace job

using any_job = std::variant<job::start, job::stop, job::shutdown, job::reboot, job::take_snapshot, job::roll_back,
                             job::delete_snapshot, job::resize, job::destroy, job::create, job::back_up,
                             job::remove_volume, job::fail>;

/// How a task is made to go wrong, or nearly.
namespace task_fault {

/// The worker dies: its status becomes "unexpected status", whether its work was done or not.
struct vanishes {
    bool after_its_work = false;
};
/// As if the log had been rotated away: every question about it is answered "no such task".
struct forgotten {};
struct warns {
    int warnings = 1;
};
struct fails {
    std::string text;
};

} // namespace task_fault

using any_task_fault =
    std::variant<std::monostate, task_fault::vanishes, task_fault::forgotten, task_fault::warns, task_fault::fails>;

/// How a worker will go, known once it has begun.
struct course {
    std::chrono::milliseconds takes;
    std::string exit_status = "OK";
};

/// One worker and its log.
struct task {
    std::string upid;
    std::uint32_t pid;
    std::uint64_t pstart;
    instant started;
    std::string type;
    std::string id;
    std::string user;  ///< "felhom@pve"
    std::string token; ///< "agent"; empty for a task of the user itself
    any_job work;
    any_task_fault fault = {};
    bool begun = false;                          ///< it has its locks
    std::optional<instant> ended = std::nullopt; ///< with exit_status
    std::string exit_status = {};
    std::vector<std::string> log = {};
    std::vector<std::string> last_words = {}; ///< what it says before it fails
    bool done = false;                        ///< its work was done, whatever its status says
    std::vector<guest_id> marked = {};        ///< guests in whose configuration it has set a lock

    [[nodiscard]] auto who() const -> std::string { return token.empty() ? user : user + "!" + token; }
};

} // namespace felhom::sim

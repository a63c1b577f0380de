// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/api_schema.hpp"
#include "sim/node/access.hpp"
#include "sim/node/config_file.hpp"
#include "sim/node/fault.hpp"
#include "sim/node/task.hpp"
#include "sim/serve/http.hpp"

#include <felhom/core/instant.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::sim {

/// How long the node's work takes.
struct durations {
    using ms = std::chrono::milliseconds;
    ms start{3000};
    ms stop{1700};
    ms shutdown{4300};
    ms reboot{7200};
    ms snapshot{150};
    ms rollback{250};
    ms resize{2000};
    ms destroy{270};
    ms create{740};
    ms restore{860};
    ms backup{600};
    ms quiesce{5400}; ///< what a backup of a running guest takes more, unless it is a snapshot
    ms remove_volume{30};
    ms refusal{10};           ///< a task that fails its checks
    ms unauthorized{3000};    ///< every 401 comes that late
    ms lock_patience{10'000}; ///< how long a request or a task waits for a guest's file lock
};

/// What the machine is.
struct machine {
    std::string name = "pve1";
    pve_version version = pve_version::v8;
    int cgroup = 2;
    std::vector<std::string> peers = {};           ///< the other nodes of its cluster; none: it stands alone
    bool quorate = true;                           ///< whether enough of them are there
    bool tags_case_sensitive = false;              ///< datacenter.cfg, tag-style
    std::vector<std::string> registered_tags = {}; ///< datacenter.cfg: to be set with Sys.Modify on / only
    int cores = 2;
    std::vector<std::string> bridges = {"vmbr0"};
    bool apparmor = true;               ///< without it a mount point cannot be added to a running guest
    std::vector<std::string> macs = {}; ///< the next generated MAC addresses; then they are counted
    std::string fingerprint = "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                              "00:00:00";
    std::string disks_error = {}; ///< why its disks cannot be listed
    bool stall_figures = true;    ///< whether its kernel tells how long processes had to wait
    durations takes = {};
    instant boot{};
    std::chrono::milliseconds clock_step{}; ///< by how much its wall clock was set since the simulation began
};

struct guest {
    config_file config;
    bool running = false;
    bool ignores_shutdown = false;
    bool lacks_volume = false; ///< its volumes are missing: a start fails
    instant started{};
    std::optional<std::size_t> lock_holder = std::nullopt; ///< the task that holds its file lock, and until when
    instant lock_until{};
    std::deque<std::size_t> waiting = {}; ///< the tasks that want it
};

/// A guest of another node of the cluster: this one only knows where it is.
struct guest_elsewhere {
    std::string node;
    guest of;
};

struct volume {
    std::string volid;
    std::string content; ///< "rootdir", "backup", "vztmpl"
    std::string format;
    std::int64_t size = 0;
    std::int64_t ctime = 0;
    guest_id vmid = 0;
    std::string notes = {};
    bool is_protected = false;
    std::string config = {}; ///< of a backup: the guest's configuration file
};

struct storage {
    std::string type = "dir";
    std::vector<std::string> content = {"rootdir", "images"};
    std::int64_t total = std::int64_t{256} << 30U;
    std::int64_t used = std::int64_t{20} << 30U;
    bool active = true;
    std::map<std::string, volume, std::less<>> volumes = {};

    /// Snapshots of raw images on a directory do not exist.
    [[nodiscard]] auto takes_snapshots() const -> bool { return type != "dir"; }
};

/// One request that came in, for the tests' questions.
struct logged_request {
    instant at;
    std::string method;
    std::string target;
    std::string body;
    int status; ///< of the answer; 0 if there was none
};

/// A simulated Proxmox VE node: a value. It knows no clock and no socket; time passes when it is told.
class node {
public:
    explicit node(machine settings = {});

    /// Carries out one request at that time and answers it. Time must not run backwards.
    [[nodiscard]] auto handle(const http_request& request, instant now) -> http_response;

    /// Lets time pass: tasks begin and end, late effects happen.
    void advance(instant now);

    /// When the next thing happens by itself.
    [[nodiscard]] auto next_event() const -> std::optional<instant>;

    machine settings;
    access_table access;
    std::map<guest_id, guest> guests;
    std::map<guest_id, guest_elsewhere> elsewhere;
    std::map<std::string, storage, std::less<>> storages;
    std::map<guest_id, config_section> virtual_machines; ///< always stopped
    std::vector<fault> faults;
    std::deque<task> tasks; ///< in the order of their start; a deque, since tasks start tasks

    /// How often each operation took effect on each guest: "start", "stop", "config", "snapshot" …
    std::map<std::pair<guest_id, std::string>, int> effects;
    /// How often each change was asked for and carried out, whether or not its answer arrived: "PUT
    /// /nodes/pve1/lxc/101/config".
    std::map<std::string, int> executed;
    std::vector<logged_request> requests;
    bool logs_requests = true;

    // What the calls need; see calls.hpp.

    [[nodiscard]] auto schema() const -> const api_schema& { return api_schema::of(settings.version); }
    [[nodiscard]] auto now() const -> instant { return now_; }
    /// What its clock shows to people and in the times of tasks.
    [[nodiscard]] auto wall_clock() const -> instant { return now_ + settings.clock_step; }
    [[nodiscard]] auto effects_of(guest_id vmid, const std::string& operation) const -> int;
    void took_effect(guest_id vmid, const std::string& operation) { ++effects[{vmid, operation}]; }

    /// Starts a worker and returns its UPID.
    [[nodiscard]] auto spawn(const identity& by, std::string type, std::string id, any_job work) -> std::string;
    [[nodiscard]] auto find_task(const std::string& upid) -> task*;
    /// A task that ended before the simulation began.
    void remember(task past);
    /// Kills a running worker.
    void interrupt(task& victim);
    /// Brings a task to its end at once, as if its time had come.
    void finish_early(guest_id vmid);

    [[nodiscard]] auto next_mac() -> std::string;

private:
    struct task_begins {
        std::size_t task;
    };
    struct task_gives_up {
        std::size_t task;
    };
    struct task_ends {
        std::size_t task;
    };
    struct late_request {
        http_request request;
    };
    using event = std::variant<task_begins, task_gives_up, task_ends, late_request>;

    [[nodiscard]] auto take_fault(const http_request& request) -> std::optional<fault>;
    [[nodiscard]] auto perform(const http_request& request) -> http_response;
    [[nodiscard]] auto with_fault(const http_request& request, const fault& what) -> http_response;

    void happen(const event& what);
    void queue(std::size_t index);
    void begin(std::size_t index);
    void end(std::size_t index);
    void close(task& ended, std::string exit_status);
    void release(std::size_t index);
    [[nodiscard]] auto locked_guest(const task& of) -> guest*;

    instant now_{};
    std::multimap<instant, event> events_;
    std::unordered_map<std::string, std::size_t> by_upid_;
    std::optional<std::size_t> backup_running_;
    std::deque<std::size_t> backups_waiting_;
    any_task_fault next_task_fault_;
    std::uint32_t next_pid_ = 1000;
    std::uint32_t next_mac_ = 1;
};

} // namespace felhom::sim

#include "agent/demo.hpp"

#include "agent/child.hpp"
#include "sign/sign_command.hpp"
#include "sim/demo_world.hpp"
#include "sim/https_server.hpp"

#include <felhom/core/json_text.hpp>
#include <felhom/reconcile/desired_json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <range/v3/algorithm/any_of.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace felhom::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto first_guests = std::string_view{R"(
    { "vmid": 101, "name": "web", "run_state": "running", "description": "Web server",
      "config": { "tags": "web;customer", "onboot": true } },
    { "vmid": 102, "name": "db", "run_state": "running", "spec": { "memory": 1024 } },
    { "vmid": 103, "name": "backup-sink", "run_state": "running" },
    { "vmid": 104, "name": "dns", "config": { "nameserver": "192.0.2.53" } },
    { "vmid": 105, "name": "mail", "spec": { "memory": 512 } },
    { "vmid": 106, "name": "files", "config": { "protection": false } },
    { "vmid": 107, "name": "cache", "spec": { "memory": 512 } },
    { "vmid": 108, "name": "hidden", "run_state": "running" },
    { "vmid": 109, "name": "retired", "absent": true })"};

constexpr auto later_guests = std::string_view{R"(
    { "vmid": 103, "name": "backup-sink", "run_state": "stopped" })"};

[[nodiscard]] auto now() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// A start takes seconds on a real node; here nobody should wait for it.
[[nodiscard]] auto quick_world() -> sim::node
{
    auto world = sim::demo_world(now());
    world.settings.takes.start = 400ms;
    world.settings.takes.shutdown = 3s;
    world.settings.takes.destroy = 400ms;
    sim::add_guest(world, 109,
                   "arch: amd64\nhostname: retired\nmemory: 256\nostype: debian\n"
                   "rootfs: local-zfs:subvol-109-disk-0,size=2G\n");
    return world;
}

/// A directory of our own that is gone afterwards.
class scratch_directory {
public:
    scratch_directory()
    {
        auto name = (std::filesystem::temp_directory_path() / "felhom-demo-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"no temporary directory can be made at " + name};
        }
        path_ = name;
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory(scratch_directory&&) = delete;
    auto operator=(const scratch_directory&) -> scratch_directory& = delete;
    auto operator=(scratch_directory&&) -> scratch_directory& = delete;
    ~scratch_directory()
    {
        auto ignored = std::error_code{};
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] auto at(std::string_view name) const -> std::string { return path_ + "/" + std::string{name}; }

    void write(std::string_view name, std::string_view text) const
    {
        std::ofstream{at(name), std::ios::binary} << text;
        ::chmod(at(name).c_str(), 0600);
    }

    [[nodiscard]] auto read(std::string_view name) const -> std::string
    {
        auto in = std::ifstream{at(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::string path_;
};

/// A simulated node, an agent that is configured for it, and an operator's key that is gone afterwards.
class stage {
public:
    explicit stage(const console& to) : to_{to}, server_{quick_world()} { desire(1, first_guests); }

    [[nodiscard]] auto server() -> sim::https_server& { return server_; }

    void say(std::string_view text) const
    {
        if (!to_.json) {
            to_.out << to_.style.faint << text << to_.style.plain << "\n" << std::flush;
        }
    }

    void desire(int generation, std::string_view guests) const
    {
        files_.write("desired.json", R"({"version": 1, "generation": )" + std::to_string(generation)
                                         + R"(, "guests": [)" + std::string{guests} + "]}");
    }

    /// The operator's key, and the configuration that lists it.
    [[nodiscard]] auto prepare() const -> bool
    {
        auto keygen =
            child{{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", key()}, /*silent=*/true};
        if (keygen.wait() != 0) {
            to_.err << "error: ssh-keygen could not make the demo's key; install openssh-client\n";
            return false;
        }
        auto public_key = files_.read("operator.pub");
        public_key.erase(public_key.find_last_not_of('\n') + 1);
        files_.write("config.json", json_text(boost::json::object{
                                        {"proxmox",
                                         {{"url", server_.url()},
                                          {"node", "pve1"},
                                          {"token_id", sim::demo_tokens::agent},
                                          {"token_secret", sim::demo_tokens::agent_secret},
                                          {"fingerprint", server_.fingerprint()}}},
                                        {"desired", {{"source", "file"}, {"path", files_.at("desired.json")}}},
                                        {"hub", {{"host_id", "pve1"}}},
                                        {"log", {{"level", "notice"}}},
                                        {"state_dir", files_.at("state")},
                                        {"authz",
                                         {{"signers", boost::json::array{{{"key_id", "operator"},
                                                                          {"tag", "operational"},
                                                                          {"authorized_key", public_key}}}}}},
                                    }));
        return true;
    }

    /// The words of `felhom-agent ARGUMENTS`.
    [[nodiscard]] auto words(const std::vector<std::string>& arguments) const -> std::vector<std::string>
    {
        auto all = std::vector<std::string>{"/proc/self/exe", "--config", files_.at("config.json")};
        if (to_.json) {
            all.emplace_back("--json");
        } else if (to_.style.plain.empty()) {
            all.emplace_back("--no-color");
        }
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
    }

    /// Runs `felhom-agent ARGUMENTS` in a process of its own.
    [[nodiscard]] auto run(const std::vector<std::string>& arguments) const -> exit_code
    {
        auto line = std::string{"\n$ felhom-agent"};
        for (const auto& word : arguments) {
            line += " " + (word.starts_with("/") ? std::filesystem::path{word}.filename().string() : word);
        }
        say(line);
        return exit_code{child{words(arguments)}.wait()};
    }

    /// The bundle that `felhom-sign guest destroy` makes for a guest as it is now.
    [[nodiscard]] auto sign_destroy(const std::string& guest, const std::string& digest) const
        -> tl::expected<std::string, std::string>
    {
        say("\n$ felhom-sign guest destroy --host pve1 --guest " + guest + " --expect-digest " + digest
            + " --key operator --out destroy-" + guest + ".bundle");
        const auto nonce = sign::random_nonce();
        if (!nonce) {
            return tl::unexpected(nonce.error());
        }
        const auto op = sign::plan_operation(
            {.verb = "destroy", .host = "pve1", .guest = guest, .key = key(), .expect_digest = digest}, now(), *nonce);
        if (!op) {
            return tl::unexpected(op.error());
        }
        const auto both = sign::sign_operation(*op, key(), authz::message_hash::sha512);
        if (!both) {
            return tl::unexpected(both.error());
        }
        const auto bundle = authz::write_bundle(*both);
        if (!bundle) {
            return tl::unexpected(std::string{"the bundle could not be written"});
        }
        const auto name = "destroy-" + guest + ".bundle";
        files_.write(name, *bundle);
        return files_.at(name);
    }

    /// The digest that the plan names for the guest.
    [[nodiscard]] auto digest_of(sim::guest_id guest) -> std::string
    {
        auto digest = std::string{};
        server_.with_node([&](sim::node& node) { digest = sim::digest_of(node.guests.at(guest).config); });
        return digest;
    }

    [[nodiscard]] auto times(sim::guest_id guest, const std::string& operation) -> int
    {
        auto count = 0;
        server_.with_node([&](sim::node& node) { count = node.effects_of(guest, operation); });
        return count;
    }

    /// Begins `felhom-agent apply`, and kills it while a task of the guest runs.
    [[nodiscard]] auto kill_in_mid_task(std::string_view task) -> bool
    {
        say("\n$ felhom-agent apply        (killed while the node shuts the guest down)");
        const auto running = child{words({"apply"}), /*silent=*/true};
        for (const auto give_up = now() + std::chrono::seconds{20}; now() < give_up;
             std::this_thread::sleep_for(20ms)) {
            auto seen = false;
            server_.with_node([&](sim::node& node) {
                seen = ranges::any_of(node.tasks, [&](const auto& t) { return !t.ended && t.type == task; });
            });
            if (seen) {
                std::this_thread::sleep_for(200ms); // the agent has noted the task
                running.kill();
                return true;
            }
        }
        return false;
    }

private:
    [[nodiscard]] auto key() const -> std::string { return files_.at("operator"); }

    const console& to_;
    scratch_directory files_;
    sim::https_server server_;
};

void explain(const stage& on)
{
    for (const auto* const line : {
             "101 web          a description without its line end and tags in another order are no drift",
             "102 db           memory was changed while the guest ran",
             "103 backup-sink  was stopped and should run: started, its task waited for, its state read back",
             "104 dns          is configured as desired, and waits for a restart that nobody asked for",
             "105 mail         the token lacks a privilege there, so the change was not even tried",
             "106 files        dropping the protection may lose data: held until an operator signs it",
             "107 cache        is locked by a backup: left alone",
             "108 hidden       cannot be seen with this token: reported, never taken for deleted",
             "109 retired      should be gone: held until an operator signs it",
         }) {
        on.say(line);
    }
}

[[nodiscard]] auto show_passes(stage& on) -> bool
{
    on.say("A simulated Proxmox VE node serves " + on.server().url() + ", certificate " + on.server().fingerprint());
    const auto drifted = on.run({"plan"});
    const auto applied = on.run({"apply"});
    const auto settled = on.run({"plan"});
    on.say("");
    explain(on);
    return drifted == exit_code::changes && applied == exit_code::denied && settled == exit_code::success;
}

[[nodiscard]] auto show_signature(stage& on, const console& to) -> bool
{
    on.say("\n-- The operator signs the destruction of 109, with a key that only this demo has.");
    const auto bundle = on.sign_destroy("109", on.digest_of(109));
    if (!bundle) {
        to.err << "error: " << bundle.error() << "\n";
        return false;
    }
    const auto carried_out = on.run({"submit", *bundle});
    on.say("\n-- The same bundle once more: the stored result answers it.");
    const auto replayed = on.run({"submit", *bundle});
    const auto destroyed = on.times(109, "destroy");
    on.say("\nguest 109 was destroyed " + std::to_string(destroyed) + " time");
    return carried_out == exit_code::success && replayed == exit_code::success && destroyed == 1;
}

[[nodiscard]] auto show_crash(stage& on) -> bool
{
    on.say("\n-- 103 should be stopped again; the agent dies while the node works on it.");
    on.desire(2, later_guests);
    if (!on.kill_in_mid_task("vzshutdown")) {
        return false;
    }
    const auto resumed = on.run({"apply"});
    const auto listed = on.run({"ops", "list"});
    const auto shut_down = on.times(103, "shutdown");
    on.say("\nguest 103 was shut down " + std::to_string(shut_down) + " time");
    return resumed == exit_code::success && listed == exit_code::success && shut_down == 1;
}

} // namespace

auto run_demo(const console& to) -> exit_code
{
    auto on = stage{to};
    const auto as_expected = on.prepare() && show_passes(on) && show_signature(on, to) && show_crash(on);
    return as_expected ? exit_code::success : exit_code::error;
}

} // namespace felhom::agent

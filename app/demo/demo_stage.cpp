// SPDX-License-Identifier: Apache-2.0
#include "demo/demo_stage.hpp"

#include "sign/sign_command.hpp"
#include "sim/node/demo_world.hpp"

#include <felhom/core/json/writer.hpp>

#include <boost/json/array.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace felhom::demo {

auto wall_clock() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

auto comes_about(const std::function<bool()>& condition) -> bool
{
    static constexpr auto patience = std::chrono::minutes{2}; // on a machine that has much else to do
    static constexpr auto glance = std::chrono::milliseconds{20};
    using clock = std::chrono::steady_clock;
    for (const auto give_up = clock::now() + patience; clock::now() < give_up; std::this_thread::sleep_for(glance)) {
        if (condition()) {
            return true;
        }
    }
    return false;
}

scratch_directory::scratch_directory()
{
    auto name = (std::filesystem::temp_directory_path() / "felhom-demo-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error{"no temporary directory can be made at " + name};
    }
    path_ = name;
}

scratch_directory::~scratch_directory()
{
    auto ignored = std::error_code{};
    std::filesystem::remove_all(path_, ignored);
}

void scratch_directory::write(std::string_view name, std::string_view text) const
{
    std::ofstream{at(name), std::ios::binary} << text;
    ::chmod(at(name).c_str(), S_IRUSR | S_IWUSR);
}

auto scratch_directory::read(std::string_view name) const -> std::string
{
    auto in = std::ifstream{at(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void stage::say(std::string_view text) const
{
    if (!to_.json) {
        to_.out << to_.format.style.faint << text << to_.format.style.plain << "\n" << std::flush;
    }
}

auto stage::make_key() const -> bool
{
    auto keygen = child{{"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", key()}, /*silent=*/true};
    if (keygen.wait() != 0) {
        complain("ssh-keygen could not make the demo's key; install openssh-client");
        return false;
    }
    return true;
}

auto stage::basic_config(std::string_view state) const -> boost::json::object
{
    auto public_key = files_.read("operator.pub");
    public_key.erase(public_key.find_last_not_of('\n') + 1);
    return {
        {"proxmox",
         {{"url", server_.url()},
          {"node", "pve1"},
          {"token_id", sim::demo_tokens::agent},
          {"token_secret", sim::demo_tokens::agent_secret},
          {"fingerprint", server_.fingerprint()}}},
        {"hub", {{"host_id", "pve1"}}},
        {"log", {{"level", "notice"}}},
        {"state_dir", files_.at(state)},
        {"authz",
         {{"signers",
           boost::json::array{{{"key_id", "operator"}, {"tag", "operational"}, {"authorized_key", public_key}}}}}},
    };
}

auto stage::words(std::string_view config, const std::vector<std::string>& arguments) const -> std::vector<std::string>
{
    auto all = std::vector<std::string>{agent_, "--config", files_.at(config)};
    if (to_.json) {
        all.emplace_back("--json");
    } else if (to_.format.style.plain.empty()) {
        all.emplace_back("--no-color");
    }
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

auto stage::run(std::string_view config, const std::vector<std::string>& arguments) const -> exit_code
{
    auto line = std::string{"\n$ felhom-agent"};
    for (const auto& word : arguments) {
        line += " " + (word.starts_with("/") ? std::filesystem::path{word}.filename().string() : word);
    }
    say(line);
    return exit_code{child{words(config, arguments)}.wait()};
}

auto stage::sign_destroy(const std::string& guest, const std::string& digest) const
    -> tl::expected<std::string, std::string>
{
    say("\n$ felhom-sign guest destroy --host pve1 --guest " + guest + " --expect-digest " + digest
        + " --key operator --out destroy-" + guest + ".bundle");
    const auto nonce = sign::random_nonce();
    if (!nonce) {
        return tl::unexpected(nonce.error());
    }
    const auto planned = sign::plan_operation({.op = std::string{authz::operation_name::destroy},
                                               .host = "pve1",
                                               .guest = guest,
                                               .key = key(),
                                               .expect_digest = digest},
                                              wall_clock(), *nonce);
    if (!planned) {
        return tl::unexpected(planned.error());
    }
    const auto both = sign::sign_operation(*planned, key(), authz::message_hash::sha512);
    if (!both) {
        return tl::unexpected(both.error());
    }
    auto bundle = authz::write_bundle(*both);
    if (!bundle) {
        return tl::unexpected(std::string{"the bundle could not be written"});
    }
    return *std::move(bundle);
}

auto stage::digest_of(sim::guest_id guest) -> std::string
{
    auto digest = std::string{};
    server_.with_node([&](sim::node& node) { digest = sim::digest_of(node.guests.at(guest).config); });
    return digest;
}

auto stage::times(sim::guest_id guest, const std::string& operation) -> int
{
    auto count = 0;
    server_.with_node([&](sim::node& node) { count = node.effects_of(guest, operation); });
    return count;
}

} // namespace felhom::demo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "io/files/file_error.hpp"
#include "io/log/logger.hpp"

#include <felhom/config/error.hpp>
#include <felhom/config/layered.hpp>
#include <felhom/config/settings.hpp>
#include <felhom/hub/hub_key.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/local_api/obstacle.hpp>
#include <felhom/net/trust.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/present/plan_summary.hpp>
#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/reconcile/actual/inventory.hpp>

#include <tl/expected.hpp>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

/// Why a command cannot begin: one line each, what is wrong and how to mend it.
class startup_errors {
public:
    startup_errors() = default;
    startup_errors(std::initializer_list<std::string> said, local_api::obstacle what = local_api::obstacle::to_mend)
        : lines_{said}, what_{what}
    {
    }

    [[nodiscard]] auto lines() const -> const std::vector<std::string>& { return lines_; }
    [[nodiscard]] auto what() const -> local_api::obstacle { return what_; }

    /// Beside something that a person must mend, nothing passes by itself.
    void add(const startup_errors& more)
    {
        const auto passes = (lines_.empty() || what_ == local_api::obstacle::passes)
                            && (more.lines_.empty() || more.what_ == local_api::obstacle::passes);
        lines_.insert(lines_.end(), more.lines_.begin(), more.lines_.end());
        what_ = passes && !lines_.empty() ? local_api::obstacle::passes : local_api::obstacle::to_mend;
    }

private:
    std::vector<std::string> lines_;
    local_api::obstacle what_ = local_api::obstacle::to_mend;
};

/// The same of a file that could not be read or written.
[[nodiscard]] inline auto lines_of(const io::file_error& error) -> startup_errors
{
    return {{describe(error)}, may_pass(error) ? local_api::obstacle::passes : local_api::obstacle::to_mend};
}

/// And of what is wrong with the configuration.
[[nodiscard]] auto lines_of(const config::config_errors& errors) -> startup_errors;

/// The environment as the configuration reads it.
[[nodiscard]] auto environment_variables() -> config::variables;

/// Where the configuration stands.
struct config_place {
    std::string path;
    bool is_named; ///< on the command line or in the environment: then it must be there
};

[[nodiscard]] auto find_config(const std::optional<std::string>& named) -> config_place;

/// The configuration from its file, if there is one, and the environment. A file that was named must be there.
[[nodiscard]] auto load_config(const std::optional<std::string>& named)
    -> tl::expected<config::layered, startup_errors>;

/// One Proxmox VE API, opened by what the configuration says of it.
struct node_session {
    node_io in;
    node_name node;
    proxmox::token_id token;
    std::function<void()> close; ///< ends all calls to the API, those to come as well, without their answers
};

[[nodiscard]] auto open_node(const config::layered& from, const io::logger& log)
    -> tl::expected<node_session, startup_errors>;

/// What proves the hub and this host to each other.
struct hub_secrets {
    hub::hub_key key;
    std::variant<net::system_roots, net::authorities> trust;
};

[[nodiscard]] auto read_hub_secrets(const config::hub_settings& settings) -> tl::expected<hub_secrets, startup_errors>;

/// Everything a pass needs besides the node, and where it is from.
struct loaded_pass {
    operate::pass_input input;
    std::string desired_source = "empty";          ///< "empty", "file", "hub"
    std::vector<hub::policy_refusal> refused = {}; ///< of the hub's desired state, by local policy
};

/// What is told of the plan of a pass beside it.
[[nodiscard]] inline auto context_of(const loaded_pass& asked) -> present::plan_context
{
    return {.node = asked.input.node, .source = asked.desired_source, .refused = asked.refused};
}

/// Loads them. `accept_inventory`: the last inventory does not count. `restarts`: of the
/// last day, for what the hub may ask for.
[[nodiscard]] auto load_pass(const config::layered& from, const node_session& session, bool accept_inventory,
                             const hub::restart_counts& restarts = {}) -> tl::expected<loaded_pass, startup_errors>;

/// What is wrong with the files that these parts of the configuration name, and with what they hold; one line each.
[[nodiscard]] auto check_files(const config::layered& from, config::part parts) -> startup_errors;

/// Keeps the inventory for the next pass.
[[nodiscard]] auto keep_inventory(const config::layered& from, const reconcile::inventory& seen)
    -> tl::expected<void, startup_errors>;

} // namespace felhom::agent

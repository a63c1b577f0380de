// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::sim {

enum class pve_version { v8, v9 };

struct named_parameter;

/// What one parameter may be, as Proxmox's own API schema says it.
struct parameter_schema {
    enum class kind { text, integer, number, boolean, array };

    kind type = kind::text;
    bool optional = false;
    bool is_default_key = false; ///< of a property string: may be written without `key=`
    std::string required_with;   ///< the parameter that must be given too
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::optional<std::size_t> longest;
    std::optional<std::size_t> shortest;
    std::vector<std::string> choices;
    std::optional<std::regex> pattern;
    std::string format;                      ///< a named format such as "dns-name"
    std::vector<named_parameter> properties; ///< of a property string
};

/// A part of a property string. No std::pair: that cannot be formed while parameter_schema is incomplete.
struct named_parameter {
    std::string name;
    parameter_schema schema;
};

/// A parameter table; the indexed ones stand in it as "net[n]".
struct parameter_table {
    std::map<std::string, parameter_schema, std::less<>> properties;

    /// The schema of a parameter, found also for an indexed one such as "net3".
    [[nodiscard]] auto find(std::string_view key) const -> const parameter_schema*;
};

/// A permission that a call needs: privileges on a path whose `{name}` parts are filled from the parameters.
struct needed_privileges {
    std::string path;
    std::vector<std::string> privileges;
    bool any = false;
};

/// One call of the API.
struct endpoint {
    std::string method;
    std::string path;
    std::vector<std::string> segments; ///< of the path; "{vmid}" matches anything
    bool is_protected = false;         ///< runs in the root daemon behind a proxy hop
    bool allows_token = true;
    std::vector<needed_privileges> checks; ///< one of them must hold, if there is any
    parameter_table parameters;
};

/// Everything one version of Proxmox VE says about its own calls.
class api_schema {
public:
    /// The schema of that version: read from text that is part of the program, once.
    [[nodiscard]] static auto of(pve_version version) -> const api_schema&;

    /// The call for a method and the decoded segments of a path; literal segments win over variable ones.
    [[nodiscard]] auto find(std::string_view method, const std::vector<std::string>& segments) const -> const endpoint*;

    [[nodiscard]] auto endpoints() const -> const std::vector<endpoint>& { return endpoints_; }

    /// The configuration keys of a container: the parameters of PUT config that are stored.
    [[nodiscard]] auto config_keys() const -> const parameter_table& { return config_keys_; }

private:
    explicit api_schema(const std::vector<std::string_view>& documents);

    std::vector<endpoint> endpoints_;
    parameter_table config_keys_;
};

} // namespace felhom::sim

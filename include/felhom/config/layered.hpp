// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/config/error.hpp>
#include <felhom/config/read_value.hpp>
#include <felhom/config/settings_table.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/strict.hpp>
#include <felhom/core/nearest.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::config {

/// The names and values of an environment.
using variables = std::map<std::string, std::string>;

/// A setting's place in the table, with the type of its values. Naming a setting that does not exist, or reading it as
/// another type, does not compile.
template <typename T>
class key {
public:
    consteval explicit key(std::string_view path) : index_{index_of(path)}
    {
        if (index_ == settings_table.size() || !holds(setting_at(index_).what)) {
            throw "no setting of this name and type"; // which ends the compilation: it never runs
        }
    }

    [[nodiscard]] constexpr auto index() const -> std::size_t { return index_; }

private:
    [[nodiscard]] static constexpr auto holds(kind what) -> bool
    {
        switch (what) {
        case kind::text:
        case kind::choice:
            return std::is_same_v<T, std::string>;
        case kind::number:
            return std::is_same_v<T, std::int64_t>;
        case kind::flag:
            return std::is_same_v<T, bool>;
        case kind::secret:
            return std::is_same_v<T, secret>;
        case kind::signers:
            return std::is_same_v<T, std::vector<signer_entry>>;
        case kind::vmids:
            return std::is_same_v<T, std::vector<vmid>>;
        case kind::object:
            return std::is_same_v<T, object_text>;
        }
        return false;
    }

    std::size_t index_;
};

/// A value and the layer that it comes from.
struct sourced {
    value what;
    origin from;

    friend auto operator==(const sourced&, const sourced&) -> bool = default;
};

/// The configuration as given: each setting's value and where it comes from. Every value by itself is good; what
/// belongs together is judged by settings.hpp.
class layered {
public:
    /// Reads defaults, then the file, then the FELHOM_AGENT_ variables; the later ones win. No file text: no file.
    [[nodiscard]] static auto read(std::optional<std::string_view> file, const variables& environment)
        -> tl::expected<layered, config_errors>
    {
        auto made = layered{};
        made.read_defaults();
        if (file) {
            made.read_file(*file);
        }
        made.read_environment(environment);
        if (!made.errors_.empty()) {
            return tl::unexpected(std::move(made.errors_));
        }
        return made;
    }

    template <typename T>
    [[nodiscard]] auto find(key<T> of) const -> const T*
    {
        const auto& given = at(of.index());
        return given ? std::get_if<T>(&given->what) : nullptr;
    }

    /// The layer of a setting, and the default's for one that nobody gave.
    template <typename T>
    [[nodiscard]] auto origin_of(key<T> of) const -> origin
    {
        const auto& given = at(of.index());
        return given ? given->from : origin::default_value;
    }

    /// The setting at an index of the table.
    [[nodiscard]] auto at(std::size_t index) const -> const std::optional<sourced>& { return values_[index]; }

private:
    layered() = default;

    void put(std::size_t index, origin from, tl::expected<value, config_error> read)
    {
        if (!read) {
            errors_.push_back(std::move(read).error());
            return;
        }
        values_[index] = sourced{.what = *std::move(read), .from = from};
    }

    void read_defaults()
    {
        for (auto index = std::size_t{0}; const auto& known : settings_table) {
            if (!known.default_value.empty()) {
                put(index, origin::default_value, read_variable(known, origin::default_value, known.default_value));
            }
            ++index;
        }
    }

    void read_file(std::string_view text)
    {
        const auto document = parse_strict_json(text, {.integers_only = true});
        if (!document) {
            errors_.emplace_back(bad_document{document.error()});
            return;
        }
        read_section("", json_node::root(*document));
    }

    void read_section(std::string_view section, const json_node& at)
    {
        const auto members = at.object();
        if (!members) {
            const auto name = section.empty() ? std::string{"the file"} : std::string{section};
            errors_.emplace_back(bad_value{.path = name,
                                           .from = origin::file,
                                           .expected = members.error().expected,
                                           .got = std::string{not_shown}});
            return;
        }
        for (const auto& [name, given] : **members) {
            const auto member = at.member(name, given);
            const auto path = section.empty() ? std::string{name} : std::string{section} + "." + std::string{name};
            if (const auto index = index_of(path); index < settings_table.size()) {
                put(index, origin::file, read_json(setting_at(index), member));
            } else if (section.empty() && is_section(path)) {
                read_section(path, member);
            } else {
                errors_.emplace_back(unknown_name{.name = path, .from = origin::file, .nearest = suggestion(path)});
            }
        }
    }

    void read_environment(const variables& environment)
    {
        auto names = std::vector<std::string>{};
        for (const auto& known : settings_table) {
            names.push_back(environment_name(known.path));
        }
        for (const auto& [name, text] : environment) {
            if (!name.starts_with(environment_prefix) || name == path_variable) {
                continue;
            }
            const auto found = std::ranges::find(names, name);
            if (found == names.end()) {
                const auto known = std::vector<std::string_view>(names.begin(), names.end());
                errors_.emplace_back(unknown_name{
                    .name = name, .from = origin::environment, .nearest = std::string{nearest(name, known)}});
                continue;
            }
            const auto index = static_cast<std::size_t>(found - names.begin());
            put(index, origin::environment, read_variable(setting_at(index), origin::environment, text));
        }
    }

    /// The known key that was probably meant: one of the same name in another section, or one that is spelled alike.
    [[nodiscard]] static auto suggestion(std::string_view path) -> std::string
    {
        const auto leaf = [](std::string_view of) { return of.substr(of.rfind('.') + 1); };
        auto names = std::vector<std::string_view>{};
        for (const auto& known : settings_table) {
            if (leaf(known.path) == leaf(path)) {
                return std::string{known.path};
            }
            names.push_back(known.path);
            names.push_back(known.path.substr(0, known.path.find('.')));
        }
        return std::string{nearest(path, names)};
    }

    std::vector<std::optional<sourced>> values_ = std::vector<std::optional<sourced>>(settings_table.size());
    config_errors errors_;
};

} // namespace felhom::config

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/answer.hpp"
#include "sim/api/api_schema.hpp"

#include <tl/expected.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::sim {

/// The parameters of one call, all as text; of a key that was given several times, every value.
class parameters {
public:
    void add(std::string key, std::string value) { values_[std::move(key)].push_back(std::move(value)); }
    void replace(const std::string& key, std::string value) { values_[key] = {std::move(value)}; }

    [[nodiscard]] auto has(std::string_view key) const -> bool { return values_.find(key) != values_.end(); }
    [[nodiscard]] auto text(std::string_view key) const -> std::string;
    [[nodiscard]] auto number(std::string_view key, std::int64_t otherwise) const -> std::int64_t;
    [[nodiscard]] auto flag(std::string_view key) const -> bool { return text(key) == "1"; }
    [[nodiscard]] auto values() const -> const std::map<std::string, std::vector<std::string>, std::less<>>&
    {
        return values_;
    }

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Reads a query or a form into parameters the way pveproxy does: pairs end at `&` and at `;`, and of a value with `=`
/// in it only the first piece is kept; a key without `=` is not there (facts of AnyEvent.pm, decode_urlencoded).
void decode_form(std::string_view form, parameters& into);

/// Reads a JSON object into parameters: numbers and booleans become text.
[[nodiscard]] auto decode_json(std::string_view body, parameters& into) -> tl::expected<void, refusal>;

/// What PVE's schema check says against the parameters; empty if nothing.
[[nodiscard]] auto verify(const parameter_table& table, const parameters& given) -> parameter_errors;

/// A property string in pieces. Fails with PVE's text.
using property_string = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] auto parse_property_string(const parameter_schema& schema, std::string_view path, std::string_view text)
    -> tl::expected<property_string, std::string>;

[[nodiscard]] auto find_property(const property_string& properties, std::string_view key) -> std::optional<std::string>;

/// Prints a property string in PVE's order: the default key bare, then what the schema requires, then the rest by name.
[[nodiscard]] auto print_property_string(const parameter_schema& schema, const property_string& properties)
    -> std::string;

} // namespace felhom::sim

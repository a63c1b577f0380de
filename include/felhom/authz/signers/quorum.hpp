// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::authz {

/// How many signatures an operation needs, of signers with each tag and in all.
struct quorum {
    std::uint32_t in_all = 1;
    std::uint32_t operational = 0;
    std::uint32_t recovery = 0;

    friend auto operator==(const quorum&, const quorum&) -> bool = default;
};

/// The quorum of each operation that needs more than one signature.
using quorum_rule = std::map<std::string, quorum, std::less<>>;

[[nodiscard]] inline auto quorum_of(const quorum_rule& rule, std::string_view op) -> quorum
{
    const auto found = rule.find(op);
    return found == rule.end() ? quorum{} : found->second;
}

namespace detail {

/// The part of a text before a character; what is behind it stays.
[[nodiscard]] inline auto split(std::string_view& rest, char at) -> std::string_view
{
    const auto part = rest.substr(0, rest.find(at));
    rest.remove_prefix(part.size() == rest.size() ? part.size() : part.size() + 1);
    return part;
}

/// Adds "2", "recovery" or "operational*2"; false for anything else.
[[nodiscard]] inline auto add_term(quorum& needed, std::string_view term) -> bool
{
    static constexpr auto most = std::uint32_t{16};
    const auto is_counted = term.find('*') != std::string_view::npos;
    const auto name = split(term, '*');
    const auto is_number = !name.empty() && ascii::is_digit(name.front());
    const auto times = parse_decimal<std::uint32_t>(is_number ? name : is_counted ? term : "1");
    if (!times || *times == 0 || *times > most || (is_number && is_counted)) {
        return false;
    }
    if (is_number) {
        needed.in_all += *times;
    } else if (name == "operational") {
        needed.operational += *times;
    } else if (name == "recovery") {
        needed.recovery += *times;
    } else {
        return false;
    }
    return true;
}

} // namespace detail

/// Reads `guest.destroy=operational+recovery, guest.rollback=2`: for each operation what it needs, terms joined with a
/// plus: a number of signatures in all, or a tag, with a number behind it where one is not enough ("operational*2").
[[nodiscard]] inline auto parse_quorum_rule(std::string_view text) -> tl::expected<quorum_rule, parse_error>
{
    const auto refused = [&] {
        return tl::unexpected(parse_error{.what = "quorum",
                                          .rule = "OPERATION=TERMS, separated by commas; terms are a number, "
                                                  "operational or recovery, joined with +, such as "
                                                  + std::string{operation_name::destroy} + "=operational+recovery",
                                          .got = std::string{text}});
    };
    auto rule = quorum_rule{};
    for (auto rest = text; !rest.empty();) {
        auto terms = detail::split(rest, ',');
        terms.remove_prefix(std::min(terms.find_first_not_of(' '), terms.size()));
        const auto op = detail::split(terms, '=');
        auto needed = quorum{.in_all = 0};
        if (op.empty() || terms.empty()) {
            return refused();
        }
        while (!terms.empty()) {
            if (!detail::add_term(needed, detail::split(terms, '+'))) {
                return refused();
            }
        }
        needed.in_all = std::max(needed.in_all, needed.operational + needed.recovery);
        if (!rule.try_emplace(std::string{op}, needed).second) {
            return refused();
        }
    }
    return rule;
}

/// What is missing, one line each; nothing when there are enough. The tags are those of distinct keys.
[[nodiscard]] inline auto missing_signatures(const quorum& needed, const std::vector<signer_tag>& submitted)
    -> std::vector<std::string>
{
    struct demand {
        std::string_view of;
        std::uint32_t needed;
        std::size_t there;
    };
    const auto demands = std::array{
        demand{"operational ", needed.operational,
               static_cast<std::size_t>(std::ranges::count(submitted, signer_tag::operational))},
        demand{"recovery ", needed.recovery,
               static_cast<std::size_t>(std::ranges::count(submitted, signer_tag::recovery))},
        demand{"", needed.in_all, submitted.size()},
    };
    auto missing = std::vector<std::string>{};
    for (const auto& [of, wanted, there] : demands) {
        if (there < wanted) {
            const auto more = wanted - there;
            missing.push_back(std::to_string(more) + " more " + std::string{of} + "signature" + (more == 1 ? "" : "s"));
        }
    }
    return missing;
}

} // namespace felhom::authz

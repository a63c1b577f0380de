// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/reconcile/actual/actual_state.hpp>

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What somebody would write by hand who knows the twenty keys of the benchmark and nothing else: no table, no optional
/// rules, no allocation. It says which values differ, and nothing about them.
namespace felhom::bench {

/// A text of limited length, in place.
class short_text {
public:
    void clear() { size_ = 0; }
    void resize(std::size_t size) { size_ = size; }

    void add(char c)
    {
        make_room(1);
        bytes_[size_++] = c;
    }

    void add(std::string_view text)
    {
        make_room(text.size());
        size_ += text.copy(bytes_.data() + size_, text.size());
    }

    [[nodiscard]] auto size() const -> std::size_t { return size_; }
    [[nodiscard]] auto view() const -> std::string_view { return {bytes_.data(), size_}; }

private:
    void make_room(std::size_t more) const
    {
        if (more > bytes_.size() - size_) {
            throw std::length_error{"a value is longer than the peer by hand knows"};
        }
    }

    std::array<char, 1024> bytes_{};
    std::size_t size_ = 0;
};

enum class hand_kind { text, flag, integer, number, cpuunits, description, words, addresses, tags, interface, startup };

[[nodiscard]] inline auto hand_kind_of(std::string_view key) -> hand_kind
{
    struct named {
        std::string_view key;
        hand_kind kind;
    };
    static constexpr auto kinds = std::array{
        named{"console", hand_kind::flag},       named{"cores", hand_kind::integer},
        named{"cpulimit", hand_kind::number},    named{"cpuunits", hand_kind::cpuunits},
        named{"debug", hand_kind::flag},         named{"description", hand_kind::description},
        named{"memory", hand_kind::integer},     named{"nameserver", hand_kind::addresses},
        named{"net0", hand_kind::interface},     named{"net1", hand_kind::interface},
        named{"onboot", hand_kind::flag},        named{"protection", hand_kind::flag},
        named{"searchdomain", hand_kind::words}, named{"startup", hand_kind::startup},
        named{"swap", hand_kind::integer},       named{"tags", hand_kind::tags},
        named{"tty", hand_kind::integer},
    };
    for (const auto& one : kinds) {
        if (one.key == key) {
            return one.kind;
        }
    }
    return hand_kind::text;
}

namespace by_hand {

[[nodiscard]] inline auto lower(char c) -> char
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline auto is_word(std::string_view text, std::string_view word) -> bool
{
    if (text.size() != word.size()) {
        return false;
    }
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        if (lower(text[at]) != word[at]) {
            return false;
        }
    }
    return true;
}

inline void flag(std::string_view text, short_text& out)
{
    if (is_word(text, "1") || is_word(text, "on") || is_word(text, "yes") || is_word(text, "true")) {
        out.add('1');
    } else if (is_word(text, "0") || is_word(text, "off") || is_word(text, "no") || is_word(text, "false")) {
        out.add('0');
    } else {
        out.add(text);
    }
}

template <typename Number>
[[nodiscard]] auto read(std::string_view text, Number& number) -> bool
{
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stopped == end;
}

template <typename Number>
void write(Number number, short_text& out)
{
    auto digits = std::array<char, 32>{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.add(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

inline void integer(std::string_view text, short_text& out, std::int64_t least, std::int64_t greatest)
{
    const auto is_signed = text.size() > 1 && text[0] == '+' && text[1] >= '0' && text[1] <= '9';
    auto number = std::int64_t{0};
    if (!read(is_signed ? text.substr(1) : text, number)) {
        out.add(text);
        return;
    }
    write(number < least ? least : number > greatest ? greatest : number, out);
}

inline void integer(std::string_view text, short_text& out)
{
    integer(text, out, INT64_MIN, INT64_MAX);
}

inline void number(std::string_view text, short_text& out)
{
    auto value = 0.0;
    if (read(text, value)) {
        write(value == 0 ? 0.0 : value, out);
    } else {
        out.add(text);
    }
}

inline void description(std::string_view text, short_text& out)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        auto after = at;
        while (after < text.size() && text[after] == '\r') {
            ++after;
        }
        if (after < text.size() && text[after] == '\n') {
            at = after;
        }
        out.add(text[at]);
    }
}

/// Calls `use` with each word of a list.
template <typename Use>
void each_word(std::string_view text, const Use& use)
{
    const auto parts = [](char c) {
        return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
    };
    auto at = std::size_t{0};
    while (true) {
        while (at < text.size() && parts(text[at])) {
            ++at;
        }
        if (at == text.size()) {
            return;
        }
        const auto begin = at;
        while (at < text.size() && !parts(text[at])) {
            ++at;
        }
        use(text.substr(begin, at - begin));
    }
}

inline void words(std::string_view text, short_text& out)
{
    const auto begin = out.size();
    each_word(text, [&](std::string_view word) {
        if (out.size() > begin) {
            out.add(' ');
        }
        out.add(word);
    });
}

inline void address(std::string_view text, short_text& out)
{
    const auto scope = text.find('%');
    const auto bare = text.substr(0, scope);
    auto terminated = std::array<char, INET6_ADDRSTRLEN>{};
    auto bytes = std::array<unsigned char, 16>{};
    const auto family = bare.find(':') == std::string_view::npos ? AF_INET : AF_INET6;
    if (bare.size() < terminated.size() && bare.find('\0') == std::string_view::npos) {
        bare.copy(terminated.data(), bare.size());
        if (::inet_pton(family, terminated.data(), bytes.data()) == 1) {
            out.add(std::string_view{::inet_ntop(family, bytes.data(), terminated.data(), terminated.size())});
            out.add(scope == std::string_view::npos ? std::string_view{} : text.substr(scope));
            return;
        }
    }
    out.add(text);
}

inline void addresses(std::string_view text, short_text& out)
{
    const auto begin = out.size();
    each_word(text, [&](std::string_view word) {
        if (out.size() > begin) {
            out.add(' ');
        }
        address(word, out);
    });
}

[[nodiscard]] inline auto order_of(std::string_view a, std::string_view b) -> int
{
    for (auto at = std::size_t{0}; at < a.size() && at < b.size(); ++at) {
        if (lower(a[at]) != lower(b[at])) {
            return lower(a[at]) < lower(b[at]) ? -1 : 1;
        }
    }
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

/// Each tag once, in order: put where it belongs as it is read.
inline void tags(std::string_view text, short_text& out)
{
    auto sorted = std::array<std::string_view, 64>{};
    auto count = std::size_t{0};
    each_word(text, [&](std::string_view tag) {
        auto at = count;
        while (at > 0 && order_of(tag, sorted[at - 1]) < 0) {
            --at;
        }
        if (at > 0 && order_of(tag, sorted[at - 1]) == 0) {
            return;
        }
        if (count == sorted.size()) {
            throw std::length_error{"more tags than the peer by hand knows"};
        }
        for (auto moved = count++; moved > at; --moved) {
            sorted[moved] = sorted[moved - 1];
        }
        sorted[at] = tag;
    });
    for (auto at = std::size_t{0}; at < count; ++at) {
        if (at > 0) {
            out.add(';');
        }
        for (const auto c : sorted[at]) {
            out.add(lower(c));
        }
    }
}

/// Sorts the parts of a property string into the slots of its keys, the first of which may go without its name. Whether
/// each part has one of its own.
template <std::size_t Slots>
[[nodiscard]] auto sort_into(std::string_view text, const std::array<std::string_view, Slots>& keys, bool first_is_bare,
                             std::array<std::string_view, Slots>& slots) -> bool
{
    while (true) {
        const auto comma = text.find(',');
        const auto part = text.substr(0, comma);
        const auto equals = part.find('=');
        const auto is_bare = equals == std::string_view::npos;
        const auto key = is_bare ? std::string_view{} : part.substr(0, equals);
        auto slot = std::size_t{0};
        if (!is_bare) {
            while (slot < Slots && keys[slot] != key) {
                ++slot;
            }
        }
        if (part.empty() || slot == Slots || (is_bare && !first_is_bare) || slots[slot].data() != nullptr) {
            return false;
        }
        slots[slot] = is_bare ? part : part.substr(equals + 1);
        if (comma == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(comma + 1);
    }
}

inline void interface_address(std::string_view text, short_text& out)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        out.add(text);
        return;
    }
    address(text.substr(0, slash), out);
    out.add('/');
    integer(text.substr(slash + 1), out);
}

/// The keys of an interface that a customer's guest has; one with another is its own normal form.
inline void interface(std::string_view text, short_text& out)
{
    static constexpr auto keys = std::array<std::string_view, 12>{
        "bridge", "firewall", "gw", "gw6", "hwaddr", "ip", "ip6", "link_down", "mtu", "name", "tag", "type"};
    auto slots = std::array<std::string_view, keys.size()>{};
    if (!sort_into(text, keys, false, slots)) {
        out.add(text);
        return;
    }
    const auto begin = out.size();
    for (auto slot = std::size_t{0}; slot < slots.size(); ++slot) {
        const auto value = slots[slot];
        if (value.data() == nullptr) {
            continue;
        }
        const auto start = out.size();
        if (start != begin) {
            out.add(',');
        }
        out.add(keys[slot]);
        out.add('=');
        const auto written = out.size();
        auto standard = std::string_view{};
        switch (slot) {
        case 1:
        case 7:
            flag(value, out);
            standard = "0";
            break;
        case 2:
        case 3:
            address(value, out);
            break;
        case 4:
            for (const auto c : value) {
                out.add(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
            }
            break;
        case 5:
        case 6:
            interface_address(value, out);
            break;
        case 8:
        case 10:
            integer(value, out);
            break;
        case 11:
            standard = "veth";
            [[fallthrough]];
        default:
            out.add(value);
            break;
        }
        if (!standard.empty() && out.view().substr(written) == standard) {
            out.resize(start);
        }
    }
}

inline void startup(std::string_view text, short_text& out)
{
    static constexpr auto keys = std::array<std::string_view, 3>{"order", "up", "down"};
    auto slots = std::array<std::string_view, keys.size()>{};
    if (!sort_into(text, keys, true, slots)) {
        out.add(text);
        return;
    }
    for (const auto slot : slots) {
        if (slot.data() != nullptr) {
            integer(slot, out);
        }
        out.add(',');
    }
}

inline void normalize(hand_kind kind, std::string_view text, short_text& out)
{
    switch (kind) {
    case hand_kind::text:
        out.add(text);
        break;
    case hand_kind::flag:
        flag(text, out);
        break;
    case hand_kind::integer:
        integer(text, out);
        break;
    case hand_kind::number:
        number(text, out);
        break;
    case hand_kind::cpuunits:
        integer(text, out, 1, 10'000);
        break;
    case hand_kind::description:
        description(text, out);
        break;
    case hand_kind::words:
        words(text, out);
        break;
    case hand_kind::addresses:
        addresses(text, out);
        break;
    case hand_kind::tags:
        tags(text, out);
        break;
    case hand_kind::interface:
        interface(text, out);
        break;
    case hand_kind::startup:
        startup(text, out);
        break;
    }
}

} // namespace by_hand

struct hand_entry {
    std::string key;
    hand_kind kind;
    std::string value;
    std::string normal;
};

struct hand_guest {
    vmid id;
    reconcile::run_state run;
    std::vector<hand_entry> entries;
};

/// The desired state of the benchmark, which wants every key to have a value and every guest a run state; normalized
/// once, as ours is.
[[nodiscard]] inline auto normalize_by_hand(const reconcile::desired_state& desired) -> std::vector<hand_guest>
{
    auto guests = std::vector<hand_guest>{};
    auto form = short_text{};
    for (const auto& guest : desired.guests) {
        guests.push_back({.id = guest.id, .run = guest.run.value(), .entries = {}});
        for (const auto& entry : guest.entries) {
            const auto kind = hand_kind_of(entry.key);
            form.clear();
            by_hand::normalize(kind, entry.value.value(), form);
            guests.back().entries.push_back(
                {.key = entry.key, .kind = kind, .value = entry.value.value(), .normal = std::string{form.view()}});
        }
    }
    return guests;
}

/// Which values are brought into normal form.
enum class hand_effort { every_value, other_bytes_only };

/// Calls `found` with the guest and the key of every difference; the key of a run state is "run_state".
template <hand_effort Effort, typename Found>
void compare_by_hand(const std::vector<hand_guest>& desired, const reconcile::actual_state& actual, const Found& found)
{
    auto form = short_text{};
    auto other = actual.guests.begin();
    for (const auto& guest : desired) {
        while (other != actual.guests.end() && other->id < guest.id) {
            ++other;
        }
        if (other == actual.guests.end() || other->id != guest.id) {
            found(guest.id, std::string_view{});
            continue;
        }
        const auto& entries = std::get_if<reconcile::actual_config>(&other->config)->entries;
        auto at = entries.begin();
        for (const auto& entry : guest.entries) {
            while (at != entries.end() && at->key < entry.key) {
                ++at;
            }
            const auto is_there = at != entries.end() && at->key == entry.key;
            const auto* const stored = is_there ? reconcile::stored_value(*at) : nullptr;
            if (stored == nullptr) {
                found(guest.id, std::string_view{entry.key});
                continue;
            }
            if (Effort == hand_effort::other_bytes_only && *stored == entry.value) {
                continue;
            }
            form.clear();
            by_hand::normalize(entry.kind, *stored, form);
            if (form.view() != entry.normal) {
                found(guest.id, std::string_view{entry.key});
            }
        }
        if (guest.run != other->run) {
            found(guest.id, std::string_view{"run_state"});
        }
    }
}

} // namespace felhom::bench

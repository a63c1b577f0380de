// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/nearest.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace felhom {

/// What an element of an array of texts is read with.
[[nodiscard]] inline auto read_string(const json_node& at) -> tl::expected<std::string, json_type_error>
{
    return at.text().map([](std::string_view text) { return std::string{text}; });
}

/// An RFC 3339 time with a zone.
[[nodiscard]] inline auto read_instant(const json_node& at) -> tl::expected<instant, json_type_error>
{
    return read_parsed(at, parse_instant);
}

/// Makes a reader that takes null, too, for nothing.
template <typename Read>
[[nodiscard]] auto or_null(Read read)
{
    using value = typename std::invoke_result_t<Read&, const json_node&>::value_type;
    return [read](const json_node& at) -> tl::expected<std::optional<value>, json_type_error> {
        if (at.is_null()) {
            return std::nullopt;
        }
        return std::invoke(read, at).map([](value made) { return std::optional{std::move(made)}; });
    };
}

/// Reads the members of one object, each by its name. The first error sticks, and is told at the end; what is read
/// after it means nothing. `Error` is anything that a json_type_error can become, and, where `only` is used, a
/// json_unknown_member.
template <typename Error = json_error, typename Node = json_node>
class object_reader {
public:
    explicit object_reader(const Node& of) : of_{of} { keep(of.object()); }

    [[nodiscard]] auto operator[](std::string_view name) const -> Node { return of_[name]; }
    [[nodiscard]] auto has(std::string_view name) const -> bool { return !of_[name].is_absent(); }

    /// What `read` makes of a member; nothing once there was an error.
    template <typename Read>
    [[nodiscard]] auto required(std::string_view name, Read read)
    {
        return made_of(of_[name], /*is_optional=*/false, read);
    }
    template <typename Read>
    [[nodiscard]] auto optional(std::string_view name, Read read)
    {
        return made_of(of_[name], /*is_optional=*/true, read);
    }

    [[nodiscard]] auto text(std::string_view name) -> std::string
    {
        return std::string{keep(of_[name].text()).value_or(std::string_view{})};
    }
    [[nodiscard]] auto text_if(std::string_view name) -> std::optional<std::string>
    {
        return has(name) ? std::optional{text(name)} : std::nullopt;
    }

    template <std::integral Integer>
    [[nodiscard]] auto integer(std::string_view name, Integer least = std::numeric_limits<Integer>::min(),
                               Integer greatest = std::numeric_limits<Integer>::max()) -> Integer
    {
        return keep(of_[name].integer(least, greatest)).value_or(least);
    }
    template <std::integral Integer>
    [[nodiscard]] auto integer_if(std::string_view name, Integer least = std::numeric_limits<Integer>::min(),
                                  Integer greatest = std::numeric_limits<Integer>::max()) -> std::optional<Integer>
    {
        return has(name) ? keep(of_[name].integer(least, greatest)) : std::nullopt;
    }

    [[nodiscard]] auto flag(std::string_view name) -> bool { return keep(of_[name].flag()).value_or(false); }
    [[nodiscard]] auto flag_or(std::string_view name, bool otherwise) -> bool
    {
        return has(name) ? flag(name) : otherwise;
    }

    [[nodiscard]] auto time(std::string_view name) -> instant
    {
        return required(name, read_instant).value_or(instant{});
    }
    [[nodiscard]] auto time_if(std::string_view name) -> std::optional<instant> { return optional(name, read_instant); }

    /// A text as what a parser makes of it.
    template <typename Parse>
    [[nodiscard]] auto parsed(std::string_view name, Parse parse)
    {
        return keep(read_parsed(of_[name], parse));
    }

    template <typename Enum, std::size_t Count>
    [[nodiscard]] auto one_of(std::string_view name, const enum_table<Enum, Count>& words) -> Enum
    {
        const auto at = of_[name];
        const auto text = at.text();
        const auto found = text ? words.parse(*text) : std::nullopt;
        if (!found) {
            fail(at.fail(words.choices()));
        }
        return found.value_or(Enum{});
    }

    [[nodiscard]] auto texts(std::string_view name) -> std::vector<std::string> { return each(name, read_string); }

    /// What `read` makes of every element of an array.
    template <typename Read>
    [[nodiscard]] auto each(std::string_view name, Read read)
    {
        auto all = keep(read_each(of_[name], read));
        return all ? *std::move(all) : typename decltype(all)::value_type{};
    }

    /// The object that a member is; an empty one once there was an error.
    [[nodiscard]] auto object(std::string_view name) -> const boost::json::object&
    {
        static const auto none = boost::json::object{};
        const auto found = keep(of_[name].object());
        return found ? **found : none;
    }

    /// No members but these: one that is mistyped, or that a later release brings, would be passed over.
    void only(std::span<const std::string_view> names)
    {
        const auto* const object = of_.if_object();
        if (object == nullptr) {
            return;
        }
        for (const auto& [key, value] : *object) {
            const auto name = std::string_view{key};
            if (!contains(names, name)) {
                fail(json_unknown_member{.path = of_.member(name, value).path(),
                                         .nearest = std::string{nearest(name, names)}});
                return;
            }
        }
    }

    /// Keeps the error of what was read beside.
    template <typename Value, typename Why>
    auto keep(tl::expected<Value, Why> read) -> std::optional<Value>
    {
        if (read) {
            return *std::move(read);
        }
        fail(std::move(read).error());
        return std::nullopt;
    }

    template <typename Why>
    void fail(Why why)
    {
        if (!failure_) {
            failure_ = Error{std::move(why)};
        }
    }
    void require(bool holds, std::string_view name, std::string expected)
    {
        if (!holds) {
            fail(of_[name].fail(std::move(expected)));
        }
    }

    [[nodiscard]] auto failed() const -> bool { return failure_.has_value(); }

    /// What was read, or the first error. Where it cannot be made out of less than everything, it is given as the
    /// function that makes it.
    template <typename Value>
    [[nodiscard]] auto finish(Value value) &&
    {
        if constexpr (std::is_invocable_v<Value&>) {
            using made = std::decay_t<std::invoke_result_t<Value&>>;
            return failure_ ? tl::expected<made, Error>{tl::unexpected(*std::move(failure_))}
                            : tl::expected<made, Error>{value()};
        } else {
            return failure_ ? tl::expected<Value, Error>{tl::unexpected(*std::move(failure_))}
                            : tl::expected<Value, Error>{std::move(value)};
        }
    }

private:
    template <typename Read>
    [[nodiscard]] auto made_of(const Node& at, bool is_optional, Read& read)
        -> std::optional<typename std::invoke_result_t<Read&, const Node&>::value_type>
    {
        if (at.is_absent()) {
            if (!is_optional) {
                fail(at.fail("a value"));
            }
            return std::nullopt;
        }
        return keep(std::invoke(read, at));
    }

    Node of_;
    std::optional<Error> failure_;
};

template <typename Node>
object_reader(const Node&) -> object_reader<json_error, Node>;

} // namespace felhom

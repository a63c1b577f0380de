// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// What a hub may send that is not what it should be: true documents with something wrong in them, and texts that are
// none. Made from one seed a text, for RapidCheck would take seconds for what is wanted by the hundred thousand.
namespace felhom::hub::testing {

class vandal {
public:
    explicit vandal(std::uint64_t seed) : random_{seed} {}

    /// The document with one place spoilt, or some: as bytes, as JSON of the wrong kind, or as JSON of the right one.
    [[nodiscard]] auto spoilt(const std::string& document) -> std::string
    {
        auto text = document;
        do {
            text = below(6) == 0 ? with_bytes_changed(std::move(text)) : with_value_changed(text);
        } while (below(2) == 0);
        return text;
    }

    [[nodiscard]] auto below(std::size_t limit) -> std::size_t
    {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
    }

private:
    [[nodiscard]] auto odd_value() -> boost::json::value
    {
        switch (below(14)) {
        case 0:
            return nullptr;
        case 1:
            return true;
        case 2:
            return -1;
        case 3:
            return 0;
        case 4:
            return std::numeric_limits<std::uint64_t>::max();
        case 5:
            return std::numeric_limits<std::int64_t>::min();
        case 6:
            return 1e308;
        case 7:
            return 0.5;
        case 8:
            return "";
        case 9:
            return "running";
        case 10:
            return boost::json::value(std::string(below(300), 'a'));
        case 11:
            return boost::json::array{1, "a", nullptr};
        case 12:
            return boost::json::object{{"vmid", 101}, {"config", {{"net0", "name=eth0"}}}};
        default:
            return 100 + static_cast<std::int64_t>(below(4));
        }
    }

    /// Another value of the same kind, which may well be a legal one.
    [[nodiscard]] auto like(const boost::json::value& value) -> boost::json::value
    {
        static const auto texts = std::vector<std::string>{
            "stopped", "running", "a;b", "Web", "1.1.1.1", "host", "", "name=eth0,bridge=vmbr1", std::string(64, 'b')};
        if (value.is_bool()) {
            return !value.get_bool();
        }
        if (value.is_number()) {
            return below(2) == 0 ? static_cast<std::int64_t>(below(9)) : static_cast<std::int64_t>(100 + below(4000));
        }
        if (value.is_string()) {
            return boost::json::value(texts[below(texts.size())]);
        }
        return odd_value();
    }

    /// One value somewhere in the document is another, gone, or there twice under another name.
    [[nodiscard]] auto with_value_changed(const std::string& text) -> std::string
    {
        auto ec = boost::system::error_code{};
        auto document = boost::json::parse(text, ec);
        if (ec) {
            return text;
        }
        auto* at = &document;
        while (below(16) != 0) {
            if (auto* const object = at->if_object(); object != nullptr && !object->empty()) {
                auto member = object->begin() + static_cast<std::ptrdiff_t>(below(object->size()));
                if (below(12) == 0) {
                    object->erase(member);
                    return boost::json::serialize(document);
                }
                if (below(12) == 0) {
                    const auto copy = member->value();
                    (*object)[odd_key()] = copy;
                    return boost::json::serialize(document);
                }
                at = &member->value();
            } else if (auto* const array = at->if_array(); array != nullptr && !array->empty()) {
                if (below(12) == 0) {
                    array->push_back((*array)[below(array->size())]);
                    return boost::json::serialize(document);
                }
                at = &(*array)[below(array->size())];
            } else {
                break;
            }
        }
        *at = below(3) == 0 ? odd_value() : like(*at);
        return boost::json::serialize(document);
    }

    [[nodiscard]] auto odd_key() -> std::string
    {
        static const auto keys = std::vector<std::string>{"net0",     "rootfs", "memory",  "onboot",      "hookscript",
                                                          "hostname", "tags",   "blocked", "run_state",   "spec",
                                                          "lxc",      "",       "mp0",     "unprivileged"};
        return keys[below(keys.size())];
    }

    [[nodiscard]] auto with_bytes_changed(std::string text) -> std::string
    {
        if (text.empty()) {
            return text;
        }
        const auto at = below(text.size());
        switch (below(6)) {
        case 0:
            text[at] = static_cast<char>(below(256));
            return text;
        case 1:
            return text.substr(0, at);
        case 2:
            return text.erase(at, 1 + below(8));
        case 3:
            return text.insert(at, std::string_view{R"(,":{}[]0\ue)"}.substr(below(12), 1));
        case 4:
            return text.insert(at, text.substr(below(text.size()), below(40)));
        default:
            return text.insert(at, std::string(1 + below(40), "[{\"\\0"[below(5)]));
        }
    }

    std::mt19937_64 random_;
};

} // namespace felhom::hub::testing

// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/reply_json.hpp>
#include <felhom/proxmox/decode/access.hpp>
#include <felhom/proxmox/errors/error.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using felhom::proxmox::parse_reply_json;

namespace {

namespace json = boost::json;

/// Adds the body of every answer that a recording holds, in whichever of its forms.
void add_bodies(const json::value& of, std::vector<std::string>& to)
{
    if (const auto* const object = of.if_object()) {
        for (const auto& [key, value] : *object) {
            const auto is_body =
                (key == "body" && object->contains("status")) || (key == "reply" && object->contains("status_line"));
            if (is_body && value.is_string()) {
                to.emplace_back(value.get_string());
            } else if (is_body) {
                to.push_back(json::serialize(value));
            } else {
                add_bodies(value, to);
            }
        }
    } else if (const auto* const array = of.if_array()) {
        for (const auto& element : *array) {
            add_bodies(element, to);
        }
    }
}

/// The bodies of all answers that were recorded, each with the file that it is from.
auto recorded_bodies() -> std::vector<std::pair<std::string, std::string>>
{
    auto all = std::vector<std::pair<std::string, std::string>>{};
    for (const auto* const folder : {FELHOM_DATA "/pve-samples", FELHOM_DATA "/pve-captures"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
            if (entry.path().extension() != ".json") {
                continue;
            }
            auto text = std::ostringstream{};
            text << std::ifstream{entry.path()}.rdbuf();
            auto bodies = std::vector<std::string>{};
            add_bodies(json::parse(text.str()), bodies);
            for (auto& body : bodies) {
                all.emplace_back(entry.path().string(), std::move(body));
            }
        }
    }
    return all;
}

auto is_json(const std::string& body) -> bool
{
    auto ec = boost::system::error_code{};
    static_cast<void>(json::parse(body, ec));
    return !ec;
}

auto values_in(const json::value& of) -> std::size_t
{
    auto count = std::size_t{1};
    if (const auto* const object = of.if_object()) {
        for (const auto& member : *object) {
            count += values_in(member.value());
        }
    } else if (const auto* const array = of.if_array()) {
        for (const auto& element : *array) {
            count += values_in(element);
        }
    }
    return count;
}

/// Whether it is a list that grows with what is on the node. Task logs are asked for by the page, and an index of the
/// API names as many paths as there are.
auto is_list(const json::value& data) -> bool
{
    const auto* const rows = data.if_array();
    const auto* const first = rows == nullptr || rows->empty() ? nullptr : rows->front().if_object();
    return first != nullptr && first->size() > 1 && !first->contains("t");
}

/// The same rows again and again, until they are more values than any answer may hold.
auto as_a_long_list(const json::array& rows) -> std::string
{
    auto once = json::serialize(rows);
    once = once.substr(1, once.size() - 2);
    auto text = std::string{R"({"data":[)"} + once;
    const auto of_rows = values_in(json::value(rows)) - 1;
    for (auto values = of_rows; values < 20'000; values += of_rows) {
        text += "," + once;
    }
    return text + "]}";
}

auto numbers(std::size_t count, std::size_t bytes) -> std::string
{
    auto text = std::string{R"({"data":[1)"};
    for (auto element = std::size_t{1}; element < count; ++element) {
        text += ",1";
    }
    return text + std::string(std::max(bytes, text.size() + 2) - text.size() - 2, ' ') + "]}";
}

} // namespace

TEST_CASE("every answer that was recorded is within the limits of what is read")
{
    auto read = std::size_t{0};
    for (const auto& [file, body] : recorded_bodies()) {
        INFO(file << ": " << body.substr(0, 200));
        CHECK(parse_reply_json(body).has_value() == is_json(body));
        ++read;
    }
    CHECK(read > 800);
}

TEST_CASE("every list that was recorded would be within them, too, were it as long as on the largest node")
{
    auto lists = std::size_t{0};
    for (const auto& [file, body] : recorded_bodies()) {
        const auto document = is_json(body) ? json::parse(body) : json::value{};
        const auto* const data = document.is_object() ? document.get_object().if_contains("data") : nullptr;
        if (data != nullptr && is_list(*data)) {
            INFO(file << ": " << body.substr(0, 200));
            CHECK(parse_reply_json(as_a_long_list(data->get_array())).has_value());
            ++lists;
        }
    }
    CHECK(lists > 90);
}

TEST_CASE("an answer holds a value for each 8 bytes of it, and at least 10,000, and one more is refused with the limit")
{
    CHECK(parse_reply_json(numbers(9'998, 0)).has_value());
    CHECK_FALSE(parse_reply_json(numbers(9'999, 0)).has_value());
    CHECK(parse_reply_json(numbers(11'998, 96'000)).has_value());
    const auto beyond = parse_reply_json(numbers(11'999, 96'000));
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().expected == "a smaller answer");
    CHECK(beyond.error().got.starts_with(
        "more than 12000 values, the most that are read of 96000 bytes (one for 8 bytes, at least 10000) at byte "));
}

TEST_CASE("a list of an answer holds at most 65,536 rows")
{
    CHECK(parse_reply_json(numbers(65'536, std::size_t{1} << 20U)).has_value());
    const auto beyond = parse_reply_json(numbers(65'537, std::size_t{1} << 20U));
    REQUIRE_FALSE(beyond.has_value());
    CHECK(beyond.error().got.starts_with("more than 65536 elements in one array, the most that are read at byte "));
}

TEST_CASE("the permissions of a token are at most 262,144 privileges")
{
    const auto on_paths = [](int paths) {
        auto privileges = std::string{};
        for (auto number = 0; number < 1024; ++number) {
            privileges += (number == 0 ? "\"VM." : ",\"VM.") + std::to_string(number) + "\":1";
        }
        auto all = std::string{};
        for (auto number = 0; number < paths; ++number) {
            all += (number == 0 ? "\"" : ",\"") + std::to_string(number) + "\":{" + privileges + "}";
        }
        return felhom::testing::understand(sample::data("{" + all + "}"), felhom::proxmox::decode_permissions);
    };
    CHECK(on_paths(256).has_value());
    CHECK(on_paths(257)
          == tl::unexpected<felhom::proxmox::call_error>(
              felhom::proxmox::decode_error{"$.data", "at most 262144 privileges", "an object"}));
}

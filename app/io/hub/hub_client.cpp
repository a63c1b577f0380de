// SPDX-License-Identifier: Apache-2.0
#include "io/hub/hub_client.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/redacted.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::io {

namespace {

/// Those headers of an answer that count. Of one that stands there twice neither does.
class kept_headers {
public:
    void read(std::string_view line)
    {
        if (line.starts_with("HTTP/")) {
            *this = {};
            return;
        }
        const auto name = ascii::to_lower(line.substr(0, line.find(':')));
        auto* const kept = name == "etag"          ? &tag_
                           : name == "retry-after" ? &retry_after_
                           : name == "date"        ? &date_
                           : name == "location"    ? &location_
                                                   : nullptr;
        if (kept != nullptr && name.size() < line.size()) {
            kept->push_back(trimmed(line.substr(name.size() + 1)));
        }
    }

    [[nodiscard]] auto tag() const -> std::optional<std::string> { return only(tag_); }
    [[nodiscard]] auto retry_after() const -> std::optional<std::string> { return only(retry_after_); }
    [[nodiscard]] auto date() const -> std::optional<std::string> { return only(date_); }
    [[nodiscard]] auto location() const -> std::optional<std::string> { return only(location_); }

private:
    using values = std::vector<std::string>;

    [[nodiscard]] static auto only(const values& of) -> std::optional<std::string>
    {
        return of.size() == 1 ? std::optional{of.front()} : std::nullopt;
    }

    [[nodiscard]] static auto trimmed(std::string_view value) -> std::string
    {
        static constexpr auto blank = std::string_view{" \t"};
        value.remove_prefix(std::min(value.find_first_not_of(blank), value.size()));
        return std::string{value.substr(0, value.find_last_not_of(blank) + 1)};
    }

    values tag_;
    values retry_after_;
    values date_;
    values location_;
};

auto whole_trust(const hub_trust& chosen) -> net::trust
{
    return std::visit([](const auto& each) { return net::trust{each}; }, chosen);
}

auto lines_of(const hub::hub_call& call) -> std::vector<std::string>
{
    auto lines = std::vector<std::string>{"Accept: application/json"};
    if (call.method() == net::http_method::post) {
        lines.emplace_back("Content-Type: application/json");
    }
    if (const auto& tag = call.none_match()) {
        lines.push_back("If-None-Match: " + tag->text());
    }
    return lines;
}

auto without_key(std::optional<std::string> text, const secret& key) -> std::optional<std::string>
{
    return text ? std::optional{redacted(*std::move(text), key)} : std::nullopt;
}

} // namespace

hub_client::hub_client(const hub::hub_url& url, const hub_trust& trust, const hub::hub_key& key,
                       const https_limits& limits, hub_observer on_answer)
    : https_{std::make_shared<https_client>(https_server{
          .url = url.text(), .trust = whole_trust(trust), .headers = {key.authorization()}, .limits = limits})},
      key_{key.value()}, on_answer_{std::move(on_answer)}
{
}

auto hub_client::operator()(const hub::hub_call& call) const -> hub::hub_exchanged
{
    // The client's thread writes them, and is done with them before send() returns.
    auto headers = kept_headers{};
    const auto began = std::chrono::steady_clock::now();
    auto answers = https_->send({{.method = call.method(),
                                  .target = call.target(),
                                  .body = call.body(),
                                  .headers = lines_of(call),
                                  .on_head = [&](std::string_view line) { headers.read(line); }}});
    auto answer = std::move(answers.front())
                      .map([&](net::response got) {
                          return hub::hub_answer{.status = got.status,
                                                 .reason = redacted(std::move(got.reason), key_),
                                                 .body = redacted(std::move(got.body), key_),
                                                 .tag = without_key(headers.tag(), key_),
                                                 .retry_after = without_key(headers.retry_after(), key_),
                                                 .date = without_key(headers.date(), key_),
                                                 .location = without_key(headers.location(), key_)};
                      })
                      .map_error([&](net::transport_error failed) {
                          failed.detail = redacted(std::move(failed.detail), key_);
                          return failed;
                      });
    if (on_answer_) {
        const auto took = std::chrono::steady_clock::now() - began;
        on_answer_(call, answer, std::chrono::duration_cast<std::chrono::milliseconds>(took));
    }
    return answer;
}

} // namespace felhom::io

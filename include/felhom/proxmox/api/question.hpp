// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/partial_list.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// What came of a question.
template <typename T>
using answered = tl::expected<T, call_error>;

/// A request that knows how its answer is read: no answer can be read as that to another question.
template <typename T>
struct question {
    proxmox::request request;
    tl::expected<T, decode_error> (*decode)(const reply_node& document);

    /// Reads the answer to this request.
    [[nodiscard]] auto understand(const net::exchanged& answer) const -> answered<T>
    {
        const auto document = parse_document(answer);
        if (!document) {
            return tl::unexpected(document.error());
        }
        auto value = decode(reply_node::root(*document));
        if (!value) {
            return tl::unexpected(detail::flaw_of(*answer, std::move(value).error()));
        }
        if constexpr (requires { value->odd; }) {
            for (auto& row : value->odd) {
                row.why.to = answer->to;
            }
        }
        return *std::move(value);
    }
};

namespace detail {

/// Hands the answers out to the questions, in their order.
class answer_reader {
public:
    explicit answer_reader(const std::vector<net::exchanged>& answers) : answers_{&answers} {}

    /// An answer that did not come is an error of its own.
    template <typename T>
    [[nodiscard]] auto next(const question<T>& asked) -> answered<T>
    {
        const auto at = next_++;
        if (at < answers_->size()) {
            return asked.understand((*answers_)[at]);
        }
        return tl::unexpected(call_error{decode_error{.path = "$",
                                                      .expected = "an answer to each request",
                                                      .got = std::to_string(answers_->size()) + " answers",
                                                      .to = line_of(asked.request)}});
    }
    template <typename T>
    [[nodiscard]] auto next(const std::optional<question<T>>& asked) -> std::optional<answered<T>>
    {
        return asked ? std::optional{next(*asked)} : std::nullopt;
    }
    template <typename T>
    [[nodiscard]] auto next(const std::vector<question<T>>& asked) -> std::vector<answered<T>>
    {
        auto all = std::vector<answered<T>>{};
        all.reserve(asked.size());
        for (const auto& one : asked) {
            all.push_back(next(one));
        }
        return all;
    }

private:
    const std::vector<net::exchanged>* answers_;
    std::size_t next_ = 0;
};

template <typename T>
void append_requests(const question<T>& asked, std::vector<request>& to)
{
    to.push_back(asked.request);
}
template <typename T>
void append_requests(const std::optional<question<T>>& asked, std::vector<request>& to)
{
    if (asked) {
        to.push_back(asked->request);
    }
}
template <typename T>
void append_requests(const std::vector<question<T>>& asked, std::vector<request>& to)
{
    to.reserve(to.size() + asked.size());
    for (const auto& one : asked) {
        to.push_back(one.request);
    }
}

} // namespace detail

/// Questions that are asked together. A part is a question, one that is only asked where it is needed
/// (std::optional), or any number of one kind (std::vector).
template <typename... Part>
class questions {
public:
    using answers = std::tuple<decltype(std::declval<detail::answer_reader&>().next(std::declval<const Part&>()))...>;

    explicit questions(Part... parts) : parts_{std::move(parts)...} {}

    [[nodiscard]] auto requests() const -> std::vector<request>
    {
        auto all = std::vector<request>{};
        std::apply([&](const auto&... part) { (detail::append_requests(part, all), ...); }, parts_);
        return all;
    }

    /// Reads what came back, in the order of the requests.
    [[nodiscard]] auto understand(const std::vector<net::exchanged>& exchanged) const -> answers
    {
        auto reader = detail::answer_reader{exchanged};
        // Between braces, so that they are read one after the other.
        return std::apply([&](const auto&... part) { return answers{reader.next(part)...}; }, parts_);
    }

private:
    std::tuple<Part...> parts_;
};

/// The rows of a list, where only all of them count.
template <typename Row>
[[nodiscard]] auto every_row(answered<partial_list<Row>> list) -> answered<std::vector<Row>>
{
    if (!list) {
        return tl::unexpected(std::move(list).error());
    }
    if (!list->odd.empty()) {
        return tl::unexpected(call_error{std::move(list->odd.front().why)});
    }
    return std::move(list->rows);
}

} // namespace felhom::proxmox

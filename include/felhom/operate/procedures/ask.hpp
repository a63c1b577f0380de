// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/backoff.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/errors/read_retry.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

// How the node is asked, by whatever asks it.
namespace felhom::operate {

/// Asks once: for whoever looks again by himself.
template <typename T>
[[nodiscard]] auto ask(proxmox::question<T> asked) -> reading<proxmox::answered<T>>
{
    const auto answers = co_await read_node{asked.request};
    auto [answer] = proxmox::questions{std::move(asked)}.understand(answers);
    co_return std::move(answer);
}

/// The same of questions, one after the other: what is asked last is answered last.
template <typename... Part>
[[nodiscard]] auto ask(proxmox::questions<Part...> all) -> reading<typename proxmox::questions<Part...>::answers>
{
    auto answers = std::vector<net::exchanged>{};
    auto calls = all.requests();
    for (auto& call : calls) {
        auto answer = co_await read_node{std::move(call)};
        std::ranges::move(answer, std::back_inserter(answers));
    }
    co_return all.understand(answers);
}

namespace detail {

/// Asks, and asks again what failed for a reason that may have passed.
[[nodiscard]] inline auto exchange_patiently(std::vector<proxmox::request> calls, proxmox::read_retry_policy policy)
    -> reading<std::vector<net::exchanged>>
{
    auto answers = co_await read_node{calls};
    for (auto attempts = 1U;; ++attempts) {
        const auto again = proxmox::reads_to_repeat(calls, answers, attempts, policy);
        if (again.empty()) {
            co_return answers;
        }
        const auto jitter = co_await draw_jitter{};
        const auto pause = backoff(policy.pause, attempts, jitter);
        static_cast<void>(co_await sleep_for{pause});
        auto repeated = std::vector<proxmox::request>{};
        for (const auto at : again) {
            repeated.push_back(calls[at]);
        }
        auto better = co_await read_node(std::move(repeated), attempts);
        for (auto at = std::size_t{0}; at < again.size() && at < better.size(); ++at) {
            answers[again[at]] = std::move(better[at]);
        }
    }
}

} // namespace detail

/// Asks, and asks again, a bounded number of times, what failed for a reason that may have passed.
template <typename... Part>
[[nodiscard]] auto ask_patiently(proxmox::questions<Part...> all, proxmox::read_retry_policy policy = {})
    -> reading<typename proxmox::questions<Part...>::answers>
{
    const auto answers = co_await detail::exchange_patiently(all.requests(), policy);
    co_return all.understand(answers);
}

} // namespace felhom::operate

#include "agent/engine/ask.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace felhom::agent {

auto ask(const node_io& in, const std::vector<proxmox::request>& questions, const proxmox::read_retry_policy& policy)
    -> std::vector<net::exchanged>
{
    auto answers = in.exchange(questions);
    for (auto attempts = 1U;; ++attempts) {
        const auto again = proxmox::reads_to_repeat(questions, answers, attempts, policy);
        if (again.empty()) {
            return answers;
        }
        in.tell({.what = "reads repeated", .with = {{"reads", std::to_string(again.size())}}});
        in.sleep_for(policy.pause * (1U << (attempts - 1U)));
        auto calls = std::vector<proxmox::request>{};
        for (const auto at : again) {
            calls.push_back(questions[at]);
        }
        auto better = in.exchange(calls);
        for (auto at = std::size_t{0}; at < again.size(); ++at) {
            answers[again[at]] = std::move(better[at]);
        }
    }
}

} // namespace felhom::agent

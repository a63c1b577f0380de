// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/hub/document.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <range/v3/action/push_back.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/filter.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

/// The format of what this host sends about signed operations: {"schema": ..., "host_id": ..., "results": [...]}, each
/// result a document of its own that says which signed bytes it is about, by their SHA-256.
inline constexpr auto op_results_schema = std::string_view{"felhom-op-results/1"};

/// What came of one signed operation.
struct op_result {
    sha256_digest blob;
    boost::json::object document;

    friend auto operator==(const op_result&, const op_result&) -> bool = default;
};

[[nodiscard]] inline auto print_op_results(const host_id& host, const std::vector<op_result>& results) -> std::string
{
    auto documents = boost::json::array{};
    for (const auto& result : results) {
        documents.push_back(result.document);
    }
    return json_text(boost::json::object{
        {"schema", op_results_schema}, {"host_id", host.text()}, {"results", std::move(documents)}});
}

/// The hub's answer: {"accepted": ["SHA-256", ...]}, the results that it has now. Members it does not know are passed
/// over.
[[nodiscard]] inline auto parse_accepted_results(std::string_view text)
    -> tl::expected<std::vector<sha256_digest>, json_error>
{
    static constexpr auto limits = json_limits{.bytes = std::size_t{1} << 20U};
    return read_json(text, limits, [](const json_node& root) {
        auto in = object_reader{root};
        auto accepted = in.each("accepted", detail::read_digest);
        return std::move(in).finish(std::move(accepted));
    });
}

/// Results that the hub may not have yet. Each stays until the hub says that it has it, and so is sent at least once,
/// or until it is kept no longer; a later result of the same operation takes the place of the earlier one.
class result_outbox {
public:
    void put(op_result result)
    {
        const auto found = std::ranges::find(waiting_, result.blob, &op_result::blob);
        if (found == waiting_.end()) {
            waiting_.push_back(std::move(result));
        } else {
            *found = std::move(result);
        }
    }

    /// Its result is kept no longer.
    void forget(const sha256_digest& blob)
    {
        std::erase_if(waiting_, [&](const op_result& result) { return result.blob == blob; });
    }

    [[nodiscard]] auto empty() const -> bool { return waiting_.empty(); }
    [[nodiscard]] auto size() const -> std::size_t { return waiting_.size(); }

    /// The next ones to send, the oldest first.
    [[nodiscard]] auto next(std::size_t most = 100) const -> std::vector<op_result>
    {
        return {waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()))};
    }

    /// Forgets what was sent and accepted, and answers whether that was anything. A result that has changed since it
    /// was sent stays, and what was never sent is not the hub's to accept. What was not accepted goes behind the
    /// others, so that it does not keep them from being sent.
    auto accepted(const std::vector<op_result>& sent, const std::vector<sha256_digest>& blobs) -> bool
    {
        const auto before = waiting_.size();
        for (const auto& result : sent) {
            if (contains(blobs, result.blob)) {
                std::erase(waiting_, result);
            }
        }
        const auto was_sent = [&sent](const op_result& waits) { return contains(sent, waits); };
        auto behind = waiting_ | ranges::views::filter(was_sent) | ranges::to<std::vector>();
        std::erase_if(waiting_, was_sent);
        ranges::actions::push_back(waiting_, std::move(behind));
        return waiting_.size() < before;
    }

private:
    std::vector<op_result> waiting_;
};

} // namespace felhom::hub

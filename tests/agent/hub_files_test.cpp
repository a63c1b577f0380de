// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/hub_files.hpp"
#include "support/catch.hpp"
#include "support/scratch_directory.hpp"

#include <felhom/hub/desired_offer.hpp>

#include <filesystem>
#include <string>

using namespace felhom;

namespace {

auto offer_of(std::uint64_t generation) -> hub::desired_document
{
    return {.text = R"({"version":1,"generation":)" + std::to_string(generation) + R"(,"guests":[]})",
            .tag = std::nullopt};
}

/// What is kept of a hub whose documents are taken one after the other.
class kept_of_hub {
public:
    [[nodiscard]] auto files() const -> const agent::hub_files& { return files_; }
    [[nodiscard]] auto mark() const -> std::optional<hub::generation_mark> { return files_.mark().value(); }

    /// Keeps a document that was judged by this mark.
    [[nodiscard]] auto keep(std::uint64_t generation, const std::optional<hub::generation_mark>& judged_by) const
        -> tl::expected<void, agent::hub_file_error>
    {
        const auto document = offer_of(generation);
        const auto raised = hub::raise_mark(judged_by, generation, document.text);
        REQUIRE(raised.has_value());
        return files_.raise(*raised, judged_by).and_then([&] { return files_.keep(document); });
    }

private:
    tests::scratch_directory directory_;
    agent::hub_files files_{(directory_ / "state").string()};
};

} // namespace

TEST_CASE("a document of the hub's raises the generation below which none is taken")
{
    const auto kept = kept_of_hub{};
    REQUIRE(kept.keep(7, std::nullopt).has_value());
    CHECK(kept.mark()->generation == 7);
    CHECK(kept.files().desired().value()->text == offer_of(7).text);
}

TEST_CASE("a generation that was reset is not raised by a document that was judged before")
{
    const auto kept = kept_of_hub{};
    REQUIRE(kept.keep(7, std::nullopt).has_value());
    const auto before = kept.mark();
    REQUIRE(kept.files().forget_floor().has_value());
    CHECK(kept.keep(9, before) == tl::unexpected(std::string{"its generation was reset meanwhile"}));
    CHECK_FALSE(kept.mark().has_value());
    CHECK(kept.files().desired().value()->text == offer_of(7).text);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/journal.hpp"
#include "io/journal/replay_store.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/scratch_directory.hpp"

#include <felhom/core/json/strict.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>

#include <boost/json/parse.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Files that 0.1.0 wrote, as they stand in tests/data/golden-0.1.0.
namespace felhom::golden {

inline const auto folder = std::filesystem::path{FELHOM_DATA "/golden-0.1.0"};

[[nodiscard]] inline auto text_of(const std::string& name) -> std::string
{
    return testing::read_data("golden-0.1.0/" + name);
}

/// The folders with a journal each.
inline constexpr auto journals =
    std::array<std::string_view, 5>{"killed-signed", "killed-pass", "parked", "whole", "rotated"};

/// A log as it stood in its directory: with the zeros that it was filled ahead with, and the mark that it was used.
class kept_log {
public:
    explicit kept_log(const std::string& name)
    {
        static constexpr auto filled_ahead = std::uintmax_t{4} << 20U;
        std::ofstream{path(), std::ios::binary} << text_of(name);
        std::filesystem::resize_file(path(), std::filesystem::file_size(path()) + filled_ahead);
        std::filesystem::permissions(path(), private_to_owner);
        std::ofstream{path().string() + ".used"}.flush();
        std::filesystem::permissions(path().string() + ".used", private_to_owner);
    }

    [[nodiscard]] auto path() const -> std::filesystem::path { return in_ / "log"; }

private:
    static constexpr auto private_to_owner = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

    tests::scratch_directory in_;
};

[[nodiscard]] inline auto journal_of(std::string_view name) -> kept_log
{
    return kept_log{std::string{name} + "/journal.log"};
}

/// What a journal's records add up to.
[[nodiscard]] inline auto ledger_of(std::string_view name) -> operate::ledger
{
    const auto log = journal_of(name);
    auto read = io::read_ledger(io::system_disk(), log.path());
    INFO(name);
    REQUIRE(read.has_value());
    return *std::move(read);
}

/// The records of a journal that are about operations, in their order, as they stand there.
[[nodiscard]] inline auto record_lines_of(std::string_view name) -> std::vector<std::string>
{
    const auto log = journal_of(name);
    auto lines = std::vector<std::string>{};
    const auto read = io::read_journal(io::system_disk(), log.path(), [&](const hash_chain::record& one) {
        if (boost::json::parse(one.data).as_object().contains("record")) {
            lines.emplace_back(one.data);
        }
    });
    INFO(name);
    REQUIRE(read.has_value());
    return lines;
}

[[nodiscard]] inline auto records_of(std::string_view name) -> std::vector<operate::operation_record>
{
    auto records = std::vector<operate::operation_record>{};
    for (const auto& line : record_lines_of(name)) {
        auto record = operate::parse_operation_record(line);
        INFO(line);
        REQUIRE(record.has_value());
        records.push_back(*std::move(record));
    }
    return records;
}

} // namespace felhom::golden

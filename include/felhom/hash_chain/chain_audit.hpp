// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hash_chain/scanner.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// What a log in several files proves, and what it proves together with a head that was noted elsewhere.
namespace felhom::hash_chain {

/// A file does not go on where the one before it ended: a file is missing, or was put in its place.
struct chain_broken {
    head ended;
    head follows;

    friend auto operator==(const chain_broken&, const chain_broken&) -> bool = default;
};
/// The log ends before the head that was noted: what came after was cut off.
struct cut_off {
    head noted;
    head ends;

    friend auto operator==(const cut_off&, const cut_off&) -> bool = default;
};
/// At the place of the head that was noted there is another record: the log was rewritten.
struct rewritten {
    head noted;

    friend auto operator==(const rewritten&, const rewritten&) -> bool = default;
};
/// The head that was noted lies before all that is kept.
struct head_too_old {
    head noted;
    head begins; ///< what the oldest file that is kept follows

    friend auto operator==(const head_too_old&, const head_too_old&) -> bool = default;
};

using audit_error = std::variant<chain_broken, cut_off, rewritten, head_too_old>;

[[nodiscard]] inline auto describe(const audit_error& error) -> std::string
{
    return std::visit(overloaded{
                          [](const chain_broken& e) {
                              return "a file is missing or was exchanged: one ends at " + to_text(e.ended)
                                     + ", and the next goes on after " + to_text(e.follows);
                          },
                          [](const cut_off& e) {
                              return "records were cut off: the log ends at " + to_text(e.ends) + ", and "
                                     + to_text(e.noted) + " was noted";
                          },
                          [](const rewritten& e) {
                              return "the log was rewritten: record " + std::to_string(e.noted.seq)
                                     + " is not the one whose head was noted";
                          },
                          [](const head_too_old& e) {
                              return "the noted head " + to_text(e.noted)
                                     + " is older than what is kept, which begins after " + to_text(e.begins)
                                     + ": nothing can be said of it";
                          },
                      },
                      error);
}

/// What was found of a log.
struct audit_report {
    std::uint64_t records = 0;
    std::size_t files = 0;
    head begins; ///< what the oldest file follows
    head ends;
    std::optional<torn_tail> torn; ///< of the last file: what a crash may have left

    friend auto operator==(const audit_report&, const audit_report&) -> bool = default;
};

/// Watches the records go by for the one whose head was noted.
class head_watch {
public:
    explicit head_watch(std::optional<head> noted) : noted_{noted} {}

    void see(const record& one)
    {
        if (noted_ && one.seq == noted_->seq) {
            (one.at() == *noted_ ? found_ : contradicted_) = true;
        }
    }

    [[nodiscard]] auto noted() const -> const std::optional<head>& { return noted_; }
    [[nodiscard]] auto found() const -> bool { return found_; }
    [[nodiscard]] auto contradicted() const -> bool { return contradicted_; }

private:
    std::optional<head> noted_;
    bool found_ = false;
    bool contradicted_ = false;
};

/// Holds the files of a log, the oldest first, against each other and against a head that was noted elsewhere. Every
/// link within a file was proven by reading it.
[[nodiscard]] inline auto audit(const std::vector<recovered>& files, const head_watch& watch)
    -> tl::expected<audit_report, audit_error>
{
    auto report = audit_report{};
    for (const auto& file : files) {
        if (report.files > 0 && file.header.follows != report.ends) {
            return tl::unexpected<audit_error>(chain_broken{.ended = report.ends, .follows = file.header.follows});
        }
        if (report.files == 0) {
            report.begins = file.header.follows;
        }
        ++report.files;
        report.records += file.records;
        report.ends = file.at;
        report.torn = file.torn;
    }
    const auto& noted = watch.noted();
    if (!noted || watch.found() || *noted == report.begins || *noted == report.ends) {
        return report;
    }
    if (watch.contradicted()) {
        return tl::unexpected<audit_error>(rewritten{*noted});
    }
    if (noted->seq > report.ends.seq) {
        return tl::unexpected<audit_error>(cut_off{.noted = *noted, .ends = report.ends});
    }
    if (noted->seq < report.begins.seq) {
        return tl::unexpected<audit_error>(head_too_old{.noted = *noted, .begins = report.begins});
    }
    return tl::unexpected<audit_error>(rewritten{*noted});
}

} // namespace felhom::hash_chain

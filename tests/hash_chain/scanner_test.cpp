// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/log_text.hpp"

using namespace felhom::hash_chain; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::tests::kind_of;
using felhom::tests::log_text;
using felhom::tests::payload_of;
using felhom::tests::read_text;

namespace {

using texts = std::vector<std::string>;

/// A log of one batch of two records and two batches of one, as a file that is filled ahead with NULs.
struct three_batches {
    log_text text = log_text{}.batch({1, 2}).batch({3}).batch({4});
    std::string file = text.bytes() + std::string(1000, '\0');
};

auto whole(const log_text& text, std::uint64_t records, std::uint64_t last_batch) -> recovered
{
    return {.header = {.kind = kind_of("test"), .follows = {}},
            .at = text.at(),
            .records = records,
            .last_batch = last_batch,
            .end = text.bytes().size(),
            .torn = std::nullopt};
}

auto is_damaged_at(const tl::expected<recovered, refusal>& outcome, std::size_t offset) -> bool
{
    const auto* const damage = outcome ? nullptr : std::get_if<damaged>(&outcome.error());
    return damage != nullptr && damage->offset == offset;
}

auto is_torn_at(const tl::expected<recovered, refusal>& outcome, std::size_t offset) -> bool
{
    return outcome && outcome->end == offset && outcome->torn && outcome->torn->offset == offset;
}

} // namespace

TEST_CASE("a log reads back its records in order, and a tail of NULs is its end")
{
    const auto log = three_batches{};
    for (const auto step : {std::size_t{1}, std::size_t{7}, std::size_t{200}, std::string_view::npos}) {
        const auto read = read_text(log.file, step);
        CHECK(read.records == texts{R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"});
        CHECK(read.outcome == whole(log.text, 4, log.text.start(2)));
    }
}

TEST_CASE("a log without records ends after its header")
{
    const auto log = log_text{};
    CHECK(read_text(log.bytes()).outcome == whole(log, 0, log.bytes().size()));
}

TEST_CASE("a log that follows another goes on counting where that one ended")
{
    const auto before = log_text{}.batch({1, 2});
    const auto after = log_text{{.kind = kind_of("test"), .follows = before.at()}}.batch({3});
    const auto read = read_text(after.bytes());
    REQUIRE(read.outcome);
    CHECK(read.outcome->at.seq == 3);
    CHECK(read.outcome->header.follows == before.at());
}

TEST_CASE("whatever is missing of the last batch, opening cuts the batch off and says so")
{
    const auto log = log_text{}.batch({1}).batch({2, 3, 4});
    const auto begin = log.start(1);
    const auto size = log.bytes().size() - begin;
    for (auto from = std::size_t{0}; from < size; from += 3) {
        for (auto to = from + 1; to <= size; to += 5) {
            auto file = log.bytes() + std::string(50, '\0');
            std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(begin + from), to - from, '\0');
            const auto read = read_text(file);
            INFO(from << ".." << to);
            CHECK(read.records == texts{R"({"n":1})"});
            const auto all_gone = from == 0 && to == size;
            CHECK((all_gone ? read.outcome && !read.outcome->torn : is_torn_at(read.outcome, begin)));
        }
    }
}

TEST_CASE("a file that ends within the last batch is cut there")
{
    const auto log = three_batches{};
    for (auto size = log.text.start(2) + 1; size < log.text.bytes().size(); ++size) {
        CHECK(is_torn_at(read_text(log.text.bytes().substr(0, size)).outcome, log.text.start(2)));
    }
}

TEST_CASE("one wrong byte before the last batch is refused, with the place up to which all is well")
{
    const auto log = three_batches{};
    for (auto at = std::size_t{0}; at < log.text.start(2); ++at) {
        for (const auto wrong : {'\0', '\n', 'x', static_cast<char>(static_cast<unsigned char>(log.file[at]) ^ 1U)}) {
            auto file = log.file;
            if (file[at] == wrong) {
                continue;
            }
            file[at] = wrong;
            const auto batch = at < log.text.start(0)   ? 0
                               : at < log.text.start(1) ? log.text.start(0)
                                                        : log.text.start(1);
            const auto outcome = read_text(file).outcome;
            INFO(at << " " << int{wrong});
            CHECK_FALSE(outcome.has_value());
            // A changed version digit reads as another version, which is refused as such.
            CHECK((is_damaged_at(outcome, batch) || std::holds_alternative<newer_version>(outcome.error())));
        }
    }
}

TEST_CASE("a later batch betrays damage even if it is spoilt itself")
{
    const auto log = three_batches{};
    auto file = log.file;
    file[log.text.start(1) + 40] = '\0';
    file[log.text.start(2) + 40] = '\0';
    CHECK(is_damaged_at(read_text(file).outcome, log.text.start(1)));
}

TEST_CASE("a hole over a whole acknowledged batch is damage, since a later one follows")
{
    const auto log = three_batches{};
    auto file = log.file;
    std::fill(file.begin() + static_cast<std::ptrdiff_t>(log.text.start(1)),
              file.begin() + static_cast<std::ptrdiff_t>(log.text.start(2)), '\0');
    CHECK(is_damaged_at(read_text(file).outcome, log.text.start(1)));
    CHECK(is_damaged_at(read_text(file, 64).outcome, log.text.start(1)));
}

TEST_CASE("more wrong bytes than one batch can have are damage")
{
    const auto log = log_text{}.batch({1});
    const auto near_end = std::string(longest_batch - 1, '\0') + "x";
    CHECK(is_torn_at(read_text(log.bytes() + near_end).outcome, log.bytes().size()));
    CHECK(is_damaged_at(read_text(log.bytes() + '\0' + near_end).outcome, log.bytes().size()));
}

TEST_CASE("a record within a record's payload is not taken for a later batch")
{
    const auto inner = log_text{}.batch({8}).batch({9});
    auto line = inner.bytes().substr(inner.start(1));
    line.pop_back();
    const auto log = log_text{}.batch({payload_of("{\"copy\":" + line + "}")});
    for (auto at = log.start(0); at < log.bytes().size(); ++at) {
        auto file = log.bytes();
        std::fill(file.begin() + static_cast<std::ptrdiff_t>(log.start(0)),
                  file.begin() + static_cast<std::ptrdiff_t>(at) + 1, '\0');
        CHECK(read_text(file).outcome.has_value());
    }
}

TEST_CASE("records of another log do not fit in, however whole they are")
{
    const auto log = log_text{}.batch({1}).batch({2});
    const auto other = log_text{}.batch({7}).batch({2});
    const auto file = log.bytes().substr(0, log.start(1)) + other.bytes().substr(other.start(1));
    CHECK(is_torn_at(read_text(file).outcome, log.start(1)));
}

TEST_CASE("a record told twice is refused")
{
    const auto log = three_batches{};
    const auto file = log.text.bytes() + log.text.bytes().substr(log.text.start(2));
    CHECK(is_damaged_at(read_text(file).outcome, log.text.bytes().size()));
}

TEST_CASE("a newer format is refused as such, whatever else it says")
{
    CHECK(read_text("{\"format\":\"felhom-log\",\"version\":2,\"codec\":\"cbor\"}\n\x01\x02").outcome.error()
          == refusal{newer_version{.found = 2, .supported = 1}});
}

TEST_CASE("a log of another kind is refused")
{
    CHECK(read_text(log_text{}.bytes(), std::string_view::npos, kind_of("journal")).outcome.error()
          == refusal{wrong_kind{.expected = "journal", .found = "test"}});
}

TEST_CASE("what has no whole header is no log")
{
    const auto header = log_text{}.bytes();
    for (const auto& file : {std::string{}, std::string(4096, '\0'), std::string{"{}\n"}, std::string{"hello\n"},
                             std::string(4096, 'x'), header.substr(0, header.size() - 1), " " + header}) {
        CHECK(is_damaged_at(read_text(file).outcome, 0));
    }
}

TEST_CASE("a refusal says what to do")
{
    CHECK(describe(refusal{damaged{.offset = 77, .reason = "a record is out of sequence"}})
          == "the log is damaged at byte 77: a record is out of sequence. The records before byte 77 are intact, and "
             "those behind it are not skipped: keep a copy of the file, and check the disk");
    CHECK(describe(refusal{newer_version{.found = 3, .supported = 1}})
          == "the log has format version 3, this program reads up to 1: run the version that wrote it, or a later one");
    CHECK(describe(refusal{wrong_kind{.expected = "replay", .found = "journal"}})
          == "the log holds 'journal' records, expected 'replay': check the path");
}

// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/log_text.hpp"

#include <felhom/hash_chain/chain_audit.hpp>
#include <felhom/hash_chain/frame.hpp>
#include <felhom/hash_chain/head.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace format_tests {

using namespace felhom::hash_chain; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::tests::kind_of;
using felhom::tests::log_text;
using felhom::tests::payload_of;
using felhom::tests::read_text;

namespace {

/// A payload whose text has this many bytes.
auto payload_text(std::size_t size) -> std::string
{
    const auto frame = std::string{R"({"pad":""})"};
    return R"({"pad":")" + std::string(size - frame.size(), 'x') + R"("})";
}

/// The line of the first record, without its newline.
auto line_of(const log_text& log) -> std::string
{
    const auto line = log.bytes().substr(log.start(0));
    return line.substr(0, line.find('\n'));
}

auto head_of(std::uint64_t seq, char digit) -> head
{
    return *parse_head(std::to_string(seq) + ":" + std::string(64, digit));
}

/// A file of a log as it was read: from the first head to the second.
auto file_of(const head& begins, const head& ends) -> recovered
{
    return {.header = {.kind = kind_of("test"), .follows = begins},
            .at = ends,
            .records = ends.seq - begins.seq,
            .torn = std::nullopt};
}

} // namespace

TEST_CASE("a payload is one JSON object on one line, of 64 KiB at most")
{
    const auto is_payload = [](std::string text) { return payload::parse(std::move(text)).has_value(); };
    CHECK(is_payload("{}"));
    CHECK(is_payload(payload_text(std::size_t{64} << 10U)));
    CHECK_FALSE(is_payload(payload_text((std::size_t{64} << 10U) + 1)));
    for (const auto* text : {"", "[]", "1", "{", "{}{}", "{\n}", "{\"a\":\t1}", "{} ", R"({"a":1,"a":2})", "{a}"}) {
        INFO(text);
        CHECK_FALSE(is_payload(text));
    }
}

TEST_CASE("a head is noted in one spelling only")
{
    const auto hash = std::string(64, 'a');
    CHECK(parse_head("0:" + hash).has_value());
    CHECK(parse_head("17:" + hash).has_value());
    for (const auto& text :
         {"017:" + hash, "00:" + hash, "+1:" + hash, "1 :" + hash, "1x:" + hash, ":" + hash, hash, "1:" + hash + "0",
          "1:" + hash.substr(1), std::string{"1:"}, std::string{"1"}, "18446744073709551616:" + hash}) {
        INFO(text);
        CHECK_FALSE(parse_head(text).has_value());
    }
}

TEST_CASE("a line that is not framed as ours is no record")
{
    const auto line = line_of(log_text{}.batch({1}));
    REQUIRE(parse_frame(line));
    CHECK(parse_frame(line)->is_whole());
    const auto exchanged = [&](const std::string& part, const std::string& other) {
        auto text = line;
        text.replace(text.find(part), part.size(), other);
        return text;
    };
    for (const auto& text :
         {exchanged(R"({"seq":1)", R"({"seq":01)"), exchanged(R"({"seq":1)", R"({"seq":18446744073709551617)"),
          exchanged(R"({"seq":1)", R"({"seq":)"), exchanged("[1,1]", "[1,01]"), exchanged(R"(,"crc":)", R"(;"crc":)"),
          exchanged(R"(,"hash":)", R"(;"hash":)"), line.substr(0, line.size() - 1) + "]",
          line.substr(0, line.size() - 2) + "}}", std::string{R"({"seq":1,"batch":[1,1],"data":{"n":1}})"},
          std::string{R"({"seq":1,"batch":[1,1],"data":)"},
          // Of the right length, with the end where it belongs, and without the name of the checksum.
          R"({"seq":1,"batch":[1,1],"data":{})" + std::string(8, '0') + R"(","hash":")" + std::string(72, '0')
              + "\"}"}) {
        INFO(text);
        CHECK_FALSE(parse_frame(text).has_value());
    }
}

TEST_CASE("a checksum is of the line that it stands in")
{
    auto line = line_of(log_text{}.batch({1}));
    line[line.find("{\"n\":1}") + 5] = '2';
    REQUIRE(parse_frame(line));
    CHECK_FALSE(parse_frame(line)->is_whole());
}

TEST_CASE("the chain covers the checksum, too")
{
    auto log = log_text{}.batch({1}).bytes();
    const auto at = log.rfind("\"crc\":\"") + 7;
    log[at] = log[at] == '0' ? '1' : '0';
    const auto read = read_text(log);
    CHECK(read.records.empty());
    CHECK((read.outcome && read.outcome->torn));
}

TEST_CASE("the same record behind other records has another link")
{
    CHECK(log_text{}.batch({1}).batch({3}).at().hash != log_text{}.batch({2}).batch({3}).at().hash);
}

TEST_CASE("a batch is as many payloads as one write takes, and no more")
{
    const auto sizes = [](std::size_t count) { return std::vector<std::size_t>(count, longest_payload); };
    const auto as_it_is = [](std::size_t size) { return size; };
    CHECK(fitting(sizes(3), as_it_is) == 3);
    CHECK(fitting(sizes(100), as_it_is) == longest_batch / (longest_payload + longest_frame));
    CHECK(fitting(std::vector<std::size_t>{}, as_it_is) == 0);

    auto links = chain{};
    const auto longest = payload_of(payload_text(longest_payload));
    const auto most = std::vector<const payload*>(7, &longest);
    CHECK(encode_batch(links, head{}, most).has_value());
    const auto too_many = std::vector<const payload*>(9, &longest);
    CHECK_FALSE(encode_batch(links, head{}, too_many).has_value());
}

TEST_CASE("a log with the longest batch reads back")
{
    const auto longest = payload_of(payload_text(longest_payload));
    const auto log = log_text{}.batch(std::vector<payload>(7, longest)).batch({1});
    const auto read = read_text(log.bytes());
    CHECK(read.records.size() == 8);
    CHECK(read.outcome->end == log.bytes().size());
}

TEST_CASE("a batch that is longer than one write is no batch of ours")
{
    // Each line says that it is of one batch, and the chain is right: only the length is not.
    const auto longest = payload_of(payload_text(longest_payload));
    auto links = chain{};
    const auto header = log_text{};
    auto text = header.bytes();
    auto now = header.at();
    for (auto seq = std::uint64_t{1}; seq <= 9; ++seq) {
        auto line = std::string{};
        append_linked(line, place{.seq = seq, .first = 1, .last = 9}, longest);
        now = head{.seq = seq, .hash = *links.link(now.hash, line)};
        text += line + std::string{detail::before_hash} + to_hex(now.hash) + "\"}\n";
    }
    const auto read = read_text(text);
    CHECK(read.records.empty());
    CHECK_FALSE(read.outcome.has_value());
}

TEST_CASE("a record that is numbered behind its batch's end is no record of it")
{
    auto links = chain{};
    const auto header = log_text{};
    auto line = std::string{};
    append_linked(line, place{.seq = 1, .first = 1, .last = 0}, payload_of("{}"));
    const auto hash = *links.link(header.at().hash, line);
    const auto read = read_text(header.bytes() + line + std::string{detail::before_hash} + to_hex(hash) + "\"}\n");
    CHECK(read.records.empty());
    CHECK((read.outcome && read.outcome->torn));
}

TEST_CASE("a record whose link is right is still refused where it is out of its turn")
{
    const auto header = log_text{};
    for (const auto& at : {place{.seq = 2, .first = 1, .last = 2}, place{.seq = 2, .first = 2, .last = 2},
                           place{.seq = 1, .first = 0, .last = 1}}) {
        auto links = chain{};
        auto line = std::string{};
        append_linked(line, at, payload_of("{}"));
        const auto hash = *links.link(header.at().hash, line);
        const auto read = read_text(header.bytes() + line + std::string{detail::before_hash} + to_hex(hash) + "\"}\n");
        CHECK(read.records.empty());
        CHECK_FALSE((read.outcome && !read.outcome->torn));
    }
}

TEST_CASE("what is no line of ours does not count as a later batch, whatever numbers it begins with")
{
    const auto log = log_text{}.batch({1});
    for (const auto* const numbers : {R"({"seq":9,"batch":[20,30],"data":)", R"({"seq":40,"batch":[20,30],"data":)",
                                      R"({"seq":2,"batch":[2,2],"data":)"}) {
        const auto read = read_text(log.bytes() + "spoilt\n" + numbers);
        INFO(numbers);
        CHECK((read.outcome && read.outcome->torn && read.outcome->end == log.bytes().size()));
    }
    CHECK_FALSE(read_text(log.bytes() + R"(spoilt
{"seq":25,"batch":[20,30],"data":)")
                    .outcome.has_value());
}

TEST_CASE("a first line that is no header of ours is told as that, whatever version it names")
{
    const auto why = [](const std::string& file) { return read_text(file).outcome.error(); };
    CHECK(why("{\"format\":\"other\",\"version\":2}\n")
          == refusal{damaged{.offset = 0, .reason = "the first line is not the header of a felhom log"}});
    CHECK(why("hello") == refusal{damaged{.offset = 0, .reason = "the file has no header line"}});
    CHECK(why("") == refusal{damaged{.offset = 0, .reason = "the file has no header line"}});
}

TEST_CASE("files that go on from each other are one log, with the records of all")
{
    const auto report = audit({file_of(head_of(0, 'a'), head_of(3, 'b')), file_of(head_of(3, 'b'), head_of(5, 'c'))},
                              head_watch{std::nullopt});
    REQUIRE(report);
    CHECK(report->records == 5);
    CHECK(report->files == 2);
    CHECK(report->begins == head_of(0, 'a'));
    CHECK(report->ends == head_of(5, 'c'));
    CHECK(audit({file_of(head_of(0, 'a'), head_of(3, 'b')), file_of(head_of(3, 'd'), head_of(5, 'c'))},
                head_watch{std::nullopt})
              .error()
          == audit_error{chain_broken{.ended = head_of(3, 'b'), .follows = head_of(3, 'd')}});
}

TEST_CASE("a noted head is told apart: there, rewritten, cut off, or older than all that is kept")
{
    const auto audited = [](const head& noted, const std::vector<head>& records) {
        auto watch = head_watch{noted};
        for (const auto& one : records) {
            watch.see({.seq = one.seq, .data = {}, .hash = one.hash});
        }
        return audit({file_of(head_of(2, 'a'), head_of(5, 'c'))}, watch);
    };
    CHECK(audited(head_of(2, 'a'), {}).has_value());
    CHECK(audited(head_of(4, 'b'), {head_of(3, 'd'), head_of(4, 'b')}).has_value());
    CHECK(audited(head_of(5, 'c'), {}).has_value());
    CHECK(audited(head_of(4, 'b'), {head_of(3, 'd'), head_of(4, 'e')}).error()
          == audit_error{rewritten{head_of(4, 'b')}});
    CHECK(audited(head_of(2, 'b'), {}).error() == audit_error{rewritten{head_of(2, 'b')}});
    CHECK(audited(head_of(6, 'b'), {}).error()
          == audit_error{cut_off{.noted = head_of(6, 'b'), .ends = head_of(5, 'c')}});
    CHECK(audited(head_of(1, 'b'), {}).error()
          == audit_error{head_too_old{.noted = head_of(1, 'b'), .begins = head_of(2, 'a')}});
    CHECK_FALSE(audited(head_of(4, 'b'), {head_of(3, 'b')}).has_value());
}

} // namespace format_tests

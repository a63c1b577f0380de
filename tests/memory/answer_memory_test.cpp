// SPDX-License-Identifier: Apache-2.0
#include "memory/documents.hpp"
#include "memory/limited.hpp"
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/hub/envelope.hpp>
#include <felhom/hub/signed_ops.hpp>
#include <felhom/local_api/handed_command_json.hpp>
#include <felhom/proxmox/decode/access.hpp>
#include <felhom/proxmox/decode/configuration.hpp>
#include <felhom/proxmox/decode/guests.hpp>
#include <felhom/proxmox/decode/nodes.hpp>
#include <felhom/proxmox/decode/storages.hpp>
#include <felhom/proxmox/decode/tasks.hpp>

#include <cstddef>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::testing;

namespace {

constexpr auto most_rows = std::size_t{65'536};

/// What reads the `data` of an answer.
template <typename Decode>
auto answer_to(Decode decode)
{
    return [decode](std::string body) {
        const auto answer = net::exchanged{net::response{.status = 200, .reason = "OK", .body = std::move(body)}};
        return understand(answer, decode).has_value();
    };
}

auto data(const std::string& json) -> std::string
{
    return R"({"data":)" + json + "}";
}

template <typename Row>
auto rows(std::size_t count, Row row) -> std::string
{
    return data("[" + listed(count, row) + "]");
}

auto guest_row(std::size_t number) -> std::string
{
    return R"({"vmid":)" + std::to_string(100 + number) + R"(,"status":"running"})";
}

/// Objects in objects, each with a name of no length: what takes most for its text.
auto of_small_objects(std::size_t bytes) -> std::string
{
    auto one = std::string{"0"};
    for (auto depth = 0; depth < 20; ++depth) {
        one = R"({"":)" + one + "}";
    }
    const auto row = "[" + listed(50, [&](std::size_t) { return one + std::string(80, ' '); }) + "]";
    auto text = std::string{R"({"data":1,"more":[)"} + row;
    while (text.size() + row.size() + 3 < bytes) {
        text += "," + row;
    }
    return text + "]}";
}

} // namespace

TEST_CASE("an accepted list of the node takes at most 8 times its bytes, and 16 MiB beside")
{
    using namespace felhom::proxmox;
    CHECK(read_within_bounds(rows(most_rows, guest_row), answer_to(decode_guests)) == work_end::did);
    const auto task = [](std::size_t) { return R"({"upid":"UPID:a:00000001:00000001:00000001:x::a@b:"})"; };
    CHECK(read_within_bounds(rows(most_rows, task), answer_to(decode_tasks)) == work_end::did);
    const auto volume = [](std::size_t) { return R"({"volid":"a"})"; };
    CHECK(read_within_bounds(filled_up(rows(most_rows, volume), 2 * mebibyte), answer_to(decode_volumes))
          == work_end::did);
    const auto storage = [](std::size_t) { return R"({"storage":"ab","type":"d"})"; };
    CHECK(read_within_bounds(rows(most_rows, storage), answer_to(decode_node_storages)) == work_end::did);
}

TEST_CASE("a list of rows that are not understood takes no more")
{
    using namespace felhom::proxmox;
    const auto odd = [](std::size_t) { return R"({"vmid":1})"; };
    CHECK(read_within_bounds(rows(4096, odd), answer_to(decode_guests)) == work_end::did);
    CHECK(read_within_bounds(rows(4096, odd), answer_to(decode_tasks)) == work_end::did);
    CHECK(read_within_bounds(rows(most_rows, odd), answer_to(decode_guests)) == work_end::did_not);
}

TEST_CASE("an accepted configuration of a guest takes no more")
{
    using namespace felhom::proxmox;
    const auto entry = [](std::size_t number) { return R"({"key":")" + std::to_string(number) + R"("})"; };
    const auto digest = R"({"key":"digest","value":"0123456789abcdef0123456789abcdef01234567"})";
    const auto all = data("[" + listed(most_rows - 1, entry) + "," + digest + "]");
    CHECK(read_within_bounds(filled_up(all, 5 * mebibyte / 4), answer_to(decode_pending)) == work_end::did);
}

TEST_CASE("accepted permissions and an access list take no more")
{
    using namespace felhom::proxmox;
    const auto path = [](std::size_t number) { return "\"" + std::to_string(number) + R"(":{"a":1})"; };
    const auto paths = data("{" + listed(most_rows, path) + "}");
    CHECK(read_within_bounds(filled_up(paths, 5 * mebibyte / 4), answer_to(decode_permissions)) == work_end::did);
    const auto privileges_on = [](std::size_t number) {
        const auto privilege = [](std::size_t of) { return "\"" + std::to_string(1000 + of) + "\":1"; };
        return "\"" + std::to_string(number) + "\":{" + listed(1024, privilege) + "}";
    };
    CHECK(read_within_bounds(data("{" + listed(256, privileges_on) + "}"), answer_to(decode_permissions))
          == work_end::did);
    CHECK(read_within_bounds(data("{" + listed(2000, privileges_on) + "}"), answer_to(decode_permissions))
          == work_end::did_not);
    const auto entry = [](std::size_t) { return R"({"type":"user","path":"/","ugid":"a","roleid":"b"})"; };
    CHECK(read_within_bounds(rows(most_rows, entry), answer_to(decode_acl)) == work_end::did);
}

TEST_CASE("an accepted answer of as many small values as its bytes may hold takes no more")
{
    using namespace felhom::proxmox;
    const auto number = answer_to([](const reply_node& at) { return at.integer<int>(); });
    CHECK(read_within_bounds(of_small_objects(32 * mebibyte), number) == work_end::did);
    const auto numbers = "[" + listed(50'000, [](auto) { return "1234567"; }) + "]";
    const auto many = R"({"data":1,"more":[)" + listed(80, [&](auto) { return numbers; }) + "]}";
    CHECK(read_within_bounds(filled_up(many, 32 * mebibyte), number) == work_end::did);
}

TEST_CASE("an answer that is refused takes no more")
{
    using namespace felhom::proxmox;
    const auto of_guests = answer_to(decode_guests);
    CHECK(read_within_bounds(rows(10 * mebibyte, [](auto) { return "{}"; }), of_guests) == work_end::did_not);
    CHECK(read_within_bounds(rows(16 * mebibyte, [](auto) { return "1"; }), of_guests) == work_end::did_not);
}

TEST_CASE("an accepted answer of the hub takes no more")
{
    const auto envelope = [](const std::string& text) { return hub::parse_envelope(text, {}).has_value(); };
    const auto members = listed(4000, [](std::size_t number) { return "\"" + std::to_string(number) + "\":{}"; });
    CHECK(read_within_bounds(R"({"poll_interval_seconds":60,)" + members + "}", envelope) == work_end::did);
    const auto ops = [](const std::string& text) { return hub::parse_signed_ops(text).has_value(); };
    const auto begin = R"({"schema":"felhom-signed-ops/1","bundles":[)"
                       + listed(256, [](auto) { return "\"" + std::string(60'000, 'x') + "\""; }) + "]";
    CHECK(read_within_bounds(begin + "}", ops) == work_end::did);
    const auto many = listed(20, [&](std::size_t number) {
        return "\"more " + std::to_string(number) + "\":{"
               + listed(50'000, [](std::size_t of) { return "\"" + std::to_string(of) + "\":{}"; }) + "}";
    });
    CHECK(read_within_bounds(filled_up(R"({"schema":"felhom-signed-ops/1","bundles":[],)" + many + "}", 16 * mebibyte),
                             ops)
          == work_end::did);
}

TEST_CASE("an accepted command that is handed over takes no more")
{
    const auto handed = [](const std::string& text) { return local_api::parse_handed_request(text).has_value(); };
    CHECK(read_within_bounds(R"({"version":1,"json":true,"colour":false,"command":"submit","name":"a","bundle":")"
                                 + std::string(30 * mebibyte, 'x') + "\"}",
                             handed)
          == work_end::did);
}

// SPDX-License-Identifier: Apache-2.0
#include "proxmox/arbitrary.hpp"
#include "support/rapidcheck.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/decode/configuration.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/proxmox/model/vm_summary.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

using namespace felhom::net;
using namespace felhom::proxmox;
using felhom::testing::understand;

namespace {

auto quoted(const std::string& text) -> std::string
{
    return boost::json::serialize(boost::json::string{text});
}

/// Up to eight: documents of three levels would explode otherwise.
template <typename Element>
auto few(rc::Gen<Element> element) -> rc::Gen<std::vector<Element>>
{
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 9), [element](std::size_t count) {
        return rc::gen::container<std::vector<Element>>(count, element);
    });
}

/// JSON text, with the keys and the values that the decoders look for more often than others.
auto json_text(int depth) -> rc::Gen<std::string>
{
    static const auto keys = std::vector<std::string>{
        "data",     "vmid",    "status",  "name",    "template", "lock",       "tags",    "cpu",       "cpus",
        "mem",      "maxmem",  "uptime",  "ha",      "managed",  "state",      "digest",  "lxc",       "memory",
        "key",      "value",   "pending", "delete",  "upid",     "exitstatus", "endtime", "n",         "t",
        "total",    "storage", "type",    "content", "volid",    "size",       "ctime",   "protected", "verification",
        "version",  "release", "repoid",  "node",    "loadavg",  "cpuinfo",    "swap",    "rootfs",    "used",
        "snaptime", "parent",  "message", "errors",  "/",        "/vms/101"};
    const auto ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '\x7f'));
    const auto scalar = rc::gen::weightedOneOf<std::string>(
        {{3, rc::gen::element<std::string>(
                 "null", "true", "false", "0", "1", "2", "-1", "100", "101", "\"\"", "\"0\"", "\"1\"", "\"101\"",
                 "\"running\"", "\"stopped\"", "\"unknown\"", "\"online\"", "\"lxc\"", "\"OK\"", "\"WARNINGS: 1\"",
                 "1e15", "3.47e+15", "1E400", "-0.0", "0.1", "9007199254740993", "18446744073709551615",
                 "18446744073709551616", "-9223372036854775809", "1e-400", "1e999999999999", "\"\\u0000\"",
                 "\"UPID:pve1:0000016F:0006B329:6B041E06:vzstart:999:felhom@pve!agent:\"",
                 "\"4202c1092a6b4e06374400f8f332c3b6fadb450b\"", "\"local\"", "\"pve1\"")},
         {1, rc::gen::map(ascii, quoted)},
         {1, rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return std::to_string(d); })}});
    if (depth == 0) {
        return scalar;
    }
    const auto key = rc::gen::weightedOneOf<std::string>({{5, rc::gen::elementOf(keys)}, {1, ascii}});
    const auto members = few<std::pair<std::string, std::string>>(rc::gen::pair(key, json_text(depth - 1)));
    const auto object = rc::gen::map(members, [](const std::vector<std::pair<std::string, std::string>>& all) {
        auto text = std::string{"{"};
        for (const auto& [name, value] : all) {
            text += (text.size() > 1 ? "," : "") + quoted(name) + ":" + value;
        }
        return text + "}";
    });
    const auto array = rc::gen::map(few<std::string>(json_text(depth - 1)), [](const std::vector<std::string>& all) {
        auto text = std::string{"["};
        for (const auto& value : all) {
            text += (text.size() > 1 ? "," : "") + value;
        }
        return text + "]";
    });
    return rc::gen::weightedOneOf<std::string>({{3, object}, {2, array}, {1, scalar}});
}

/// Lets every decoder look at an answer: each must return, with a value or with an error that has a place.
void every_decoder_survives(const response& answer)
{
    const auto look = [&](const auto& decode) {
        const auto made = understand(exchanged{answer}, decode);
        if (!made) {
            RC_ASSERT(!describe(made.error()).empty());
            static_cast<void>(classify(made.error(), intent::write));
            if (const auto* const wrong = std::get_if<decode_error>(&made.error())) {
                RC_ASSERT(wrong->path.starts_with("$"));
            }
        }
    };
    look(decode_mutation);
    look(decode_guests);
    look(decode_vms);
    look(decode_guest_status);
    look(decode_cluster_guests);
    look(decode_cluster_nodes);
    look(decode_cluster_options);
    look(decode_guest_config);
    look(decode_pending);
    look(decode_snapshot_list);
    look(decode_node_list);
    look(decode_node_status);
    look(decode_permissions);
    look(decode_acl);
    look(decode_storage_list);
    look(decode_storage_status);
    look(decode_node_storages);
    look(decode_volumes);
    look(decode_tasks);
    look(decode_task_status);
    look(decode_version);
    const auto task = *upid::parse("UPID:pve1:0000016F:0006B329:6B041E06:vzstart:999:felhom@pve!agent:");
    static_cast<void>(read::task_log(task, 0, 1).understand(exchanged{answer}));
}

} // namespace

TEST_CASE("every decoder survives arbitrary JSON, as data and as a whole")
{
    rc::prop("json", [] {
        const auto body = *json_text(3);
        const auto status = *rc::gen::element(200, 400, 403, 500, 596);
        const auto wrapped = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
        every_decoder_survives({status, "", wrapped ? R"({"data":)" + body + "}" : body});
    });
}

TEST_CASE("every decoder survives arbitrary bytes")
{
    rc::prop("bytes", [] {
        const auto status = *rc::gen::element(200, 401, 403, 500, 599);
        every_decoder_survives({status, *arbitrary::nasty_text(), *arbitrary::nasty_text(200)});
    });
}

TEST_CASE("an answer cut anywhere is never taken for a whole one")
{
    rc::prop("cut", [] {
        const auto body = R"({"data":)" + *json_text(2) + "}";
        const auto whole = parse_reply_json(body);
        RC_PRE(whole.has_value());
        const auto kept =
            static_cast<std::size_t>(*rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(body.size())));
        RC_ASSERT(!parse_reply_json(std::string_view{body}.substr(0, kept)).has_value());
    });
}

TEST_CASE("an integer is read exactly, however it is written")
{
    rc::prop("integers", [] {
        const auto number = *rc::gen::weightedOneOf<std::uint64_t>(
            {{2, rc::gen::arbitrary<std::uint64_t>()},
             {1, rc::gen::element<std::uint64_t>(0, 9007199254740992, 9007199254740993, 18446744073709551615U)}});
        const auto digits = std::to_string(number);
        const auto zeros = std::string(static_cast<std::size_t>(*rc::gen::inRange(0, 5)), '0');
        const auto point =
            static_cast<std::size_t>(*rc::gen::inRange<std::int64_t>(1, static_cast<std::int64_t>(digits.size()) + 1));
        const auto scientific =
            digits.substr(0, point) + "." + digits.substr(point) + "0e" + std::to_string(digits.size() - point);
        for (const auto& text : {digits, "\"" + digits + "\"", digits + ".0" + zeros, scientific}) {
            const auto body = R"({"data":)" + text + "}";
            const auto read = understand(exchanged{response{200, "OK", body}},
                                         [](const reply_node& data) { return data.integer<std::uint64_t>(); });
            RC_ASSERT(read == number);
        }
    });
}

TEST_CASE("a configuration keeps every key and every text it was given, sorted")
{
    rc::prop("config", [] {
        const auto texts = *rc::gen::container<std::map<std::string, std::string>>(
            rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'e')),
                              [](const std::string& key) { return !key.empty(); }),
            rc::gen::container<std::string>(rc::gen::inRange<char>('\x01', '\x7f')));
        auto body = std::string{R"({"digest":"4202c1092a6b4e06374400f8f332c3b6fadb450b")"};
        auto expected = guest_config{.entries = {}, .digest = "4202c1092a6b4e06374400f8f332c3b6fadb450b", .lxc = {}};
        for (const auto& [key, value] : texts) {
            body += "," + quoted(key) + ":" + quoted(value);
            expected.entries.push_back({key, value});
        }
        const auto read = understand(exchanged{response{200, "OK", R"({"data":)" + body + "}}"}}, decode_guest_config);
        RC_ASSERT(read == expected);
        for (const auto& entry : expected.entries) {
            RC_ASSERT(read->find(entry.key) == entry.value);
        }
    });
}

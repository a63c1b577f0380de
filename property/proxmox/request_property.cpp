// SPDX-License-Identifier: Apache-2.0
#include "proxmox/arbitrary.hpp"
#include "proxmox/schema.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/model/selftest_snapshot.hpp>
#include <felhom/proxmox/tasks/task_watch.hpp>

#include <cstdint>
#include <optional>
#include <string>

using namespace felhom::net;
using namespace felhom::proxmox;

namespace felhom::operate {

// The one maker of destructive requests, here only to hold them against the schema.
class gate {
public:
    static auto any(const node_name& node, vmid id, const snapshot_name& name, const restore_options& options)
        -> std::vector<request>
    {
        return {
            seen(destructive::destroy(node, id, true, false)),      seen(destructive::destroy(node, id, false, true)),
            seen(destructive::rollback(node, id, name, true)),      seen(destructive::rollback(node, id, name, false)),
            seen(destructive::delete_snapshot(node, id, name)),     seen(destructive::restore_over(node, id, options)),
            seen(destructive::delete_backup(node, options.archive))};
    }
    static auto set_config(const node_name& node, vmid id, const config_changes& changes, const config_digest& digest)
        -> request
    {
        return seen(destructive::set_config(node, id, changes, digest));
    }

private:
    static auto seen(const single_call& call) -> request
    {
        return call.through([](const request& made) { return made; });
    }
};

} // namespace felhom::operate

namespace {

auto method_of(const request& call) -> std::string
{
    switch (call.method()) {
    case http_method::get:
        return "GET";
    case http_method::post:
        return "POST";
    case http_method::put:
        return "PUT";
    case http_method::del:
        return "DELETE";
    }
    return "";
}

void keeps_to_schema(const request& call)
{
    const auto wrong = schema::api::of_this_release().check_call(method_of(call), call.target(), call.form());
    if (wrong) {
        RC_FAIL(method_of(call) + " " + call.target() + " " + call.form() + ": " + *wrong);
    }
    // Nothing that Proxmox VE splits on, and no byte that is not plain ASCII, may be left in path or form.
    for (const auto& text : {call.target(), call.form()}) {
        RC_ASSERT(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%/?&=")
                  == std::string::npos);
    }
    RC_ASSERT(call.form().find_first_of("/?") == std::string::npos);
}

auto restore_choice() -> rc::Gen<restore_options>
{
    return rc::gen::apply(
        [](const volume_id& archive, const storage_id& storage, bool fresh) {
            return restore_options{.archive = archive, .storage = storage, .new_addresses = fresh};
        },
        arbitrary::volume(), arbitrary::storage(), rc::gen::arbitrary<bool>());
}

} // namespace

TEST_CASE("every read keeps to the schema")
{
    rc::prop("reads", [] {
        const auto node = *arbitrary::node();
        const auto id = *arbitrary::guest();
        const auto storage = *arbitrary::storage();
        const auto owner = *rc::gen::arbitrary<bool>() ? std::optional{id} : std::nullopt;
        const auto kind = *rc::gen::element(volume_kind::backup, volume_kind::rootdir, volume_kind::vztmpl);
        const auto task = *upid::parse(*arbitrary::upid_text());
        const auto limit = *rc::gen::arbitrary<std::uint32_t>();
        for (const auto& call : {read::version().request,
                                 read::nodes().request,
                                 read::node_status(node).request,
                                 read::cluster_guests().request,
                                 read::cluster_nodes().request,
                                 read::cluster_options().request,
                                 read::permissions().request,
                                 read::guests(node).request,
                                 read::virtual_machines(node).request,
                                 read::guest_status(node, id).request,
                                 read::config_merged(node, id).request,
                                 read::config_current(node, id).request,
                                 read::pending(node, id).request,
                                 read::snapshots(node, id).request,
                                 read::storages().request,
                                 read::node_storages(node).request,
                                 read::storage_status(node, storage).request,
                                 read::storage_content(node, storage, kind, owner).request,
                                 read::active_tasks(node).request,
                                 read::past_tasks(node, limit, owner).request,
                                 read::task_status(task).request,
                                 read::task_log(task, limit, limit).request}) {
            keeps_to_schema(call);
        }
    });
}

TEST_CASE("every change keeps to the schema")
{
    rc::prop("changes but those of the configuration", [] {
        const auto node = *arbitrary::node();
        const auto id = *arbitrary::guest();
        const auto seconds = timeout_seconds{*rc::gen::arbitrary<std::uint32_t>()};
        const auto size = disk_size{*rc::gen::oneOf(
            rc::gen::arbitrary<std::uint64_t>(),
            rc::gen::map(rc::gen::inRange(0, 63), [](int shift) { return std::uint64_t{1} << shift; }))};
        for (const auto& call :
             {mutate::start(node, id), mutate::stop(node, id),
              mutate::shutdown(node, id, seconds, *rc::gen::arbitrary<bool>()),
              mutate::snapshot(node, id, *arbitrary::snapshot(), *arbitrary::nasty_text()),
              mutate::restore(node, id, *restore_choice()),
              mutate::resize(node, id, *arbitrary::disk(), size, *arbitrary::digest()),
              selftest_snapshot::with_random_name(node, id, *rc::gen::arbitrary<std::uint64_t>()).request()}) {
            keeps_to_schema(call);
        }
        RC_ASSERT(mutate::restore(node, id, *restore_choice()).form().find("force") == std::string::npos);
    });
}

TEST_CASE("every change of a configuration keeps to the schema, with a digest and without an empty value")
{
    rc::prop("set_config", [] {
        const auto changes = *arbitrary::changes();
        const auto harmless = harmless_changes::of(changes);
        const auto digest = *arbitrary::digest();
        const auto call =
            harmless ? mutate::set_config(*arbitrary::node(), *arbitrary::guest(), *harmless, digest)
                     : felhom::operate::gate::set_config(*arbitrary::node(), *arbitrary::guest(), changes, digest);
        keeps_to_schema(call);
        RC_CLASSIFY(!harmless, "through the gate");
        const auto fields = schema::decode_form(call.form());
        RC_ASSERT(fields.front().first == "digest");
        RC_ASSERT(fields.size() > 1U);
        for (const auto& [name, value] : fields) {
            RC_ASSERT(!value.empty());
        }
        RC_CLASSIFY(changes.set().size() > 2, "three keys or more");
        RC_CLASSIFY(!changes.remove().empty(), "deletes");
    });
}

TEST_CASE("every destructive request keeps to the schema too")
{
    rc::prop("through the gate", [] {
        for (const auto& call : felhom::operate::gate::any(*arbitrary::node(), *arbitrary::guest(),
                                                           *arbitrary::snapshot(), *restore_choice())) {
            keeps_to_schema(call);
        }
    });
}

TEST_CASE("a form that is taken apart as Proxmox VE does it gives back its fields")
{
    rc::prop("decode after encode", [] {
        const auto fields =
            *rc::gen::container<schema::fields>(rc::gen::pair(arbitrary::nasty_text(), arbitrary::nasty_text()));
        auto written = form{};
        for (const auto& [name, value] : fields) {
            written = std::move(written).with(name, std::string_view{value});
        }
        RC_ASSERT(schema::decode_form(written.text()) == fields);
    });
}

TEST_CASE("the schema's own check would notice a wrong call")
{
    const auto wrong = [](const std::string& method, const std::string& target, const std::string& form) {
        return schema::api::of_this_release().check_call(method, target, form).has_value();
    };
    CHECK_FALSE(wrong("GET", "/nodes/pve1/lxc/101/config?current=1", ""));
    CHECK(wrong("GET", "/nodes/pve1/lxc/101/config?current=yes", ""));
    CHECK(wrong("GET", "/nodes/pve1/lxc/101/config?x=1", ""));
    CHECK(wrong("GET", "/nodes/pve1/lxc/99/config", ""));
    CHECK(wrong("GET", "/nodes/pve1/lxc/101/config", "a=b"));
    CHECK(wrong("GET", "/nodes/pve1/nowhere", ""));
    CHECK(wrong("PATCH", "/version", ""));
    CHECK(wrong("POST", "/nodes/pve1/lxc", "vmid=101"));
    CHECK(wrong("POST", "/nodes/pve1/lxc", "vmid=101&ostemplate=a&unique=1"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "memory=15"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "cores=8193"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "net0=bridge%3Dx"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "net32=name%3Dx"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "memory=512&memory=512"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "net0=name=eth0"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "tags=a;b"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "arch=sparc"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/config", "description=" + std::string(8193, 'x')));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/resize", "disk=mp256&size=1G"));
    CHECK(wrong("PUT", "/nodes/pve1/lxc/101/resize", "disk=mp0&size=1X"));
}

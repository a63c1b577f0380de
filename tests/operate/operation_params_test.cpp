// SPDX-License-Identifier: Apache-2.0
#include "operations.hpp"
#include "support/catch.hpp"

#include <felhom/operate/operation/operation_params.hpp>

#include <boost/json/serialize.hpp>
#include <boost/mp11/algorithm.hpp>

using namespace felhom;
using namespace felhom::operate;
using namespace felhom::testing;

namespace {

auto snapshot(std::string_view name) -> proxmox::snapshot_name
{
    return *proxmox::snapshot_name::parse(name);
}
auto volume(std::string_view text) -> proxmox::volume_id
{
    return *proxmox::volume_id::parse(text);
}

const auto archive = std::string{"local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"};

auto error_of(std::string_view op, const boost::json::object& given) -> params_error
{
    const auto read = parse_signed_operation(op, given);
    REQUIRE(!read);
    return read.error();
}

} // namespace

TEST_CASE("every operation of the table reads its parameters")
{
    const auto is = [](std::string_view op, const boost::json::object& params, const signed_operation& wanted) {
        return parse_signed_operation(op, params) == wanted;
    };
    CHECK(is("guest.destroy", {}, guest_destroy{}));
    CHECK(is("guest.destroy", {{"purge", true}, {"destroy_unreferenced", true}, {"stop", true}},
             guest_destroy{.purge = true, .destroy_unreferenced = true, .stop = true}));
    CHECK(is("guest.rollback", {{"snapshot", "before"}}, guest_rollback{.snapshot = snapshot("before")}));
    CHECK(is("guest.rollback", {{"snapshot", "before"}, {"start", true}},
             guest_rollback{.snapshot = snapshot("before"), .start = true}));
    CHECK(is("guest.delete_snapshot", {{"snapshot", "before"}}, guest_delete_snapshot{snapshot("before")}));
    CHECK(is("guest.restore", {{"archive", archive}},
             guest_restore{.archive = volume(archive), .storage = std::nullopt}));
    CHECK(is(
        "guest.restore", {{"archive", archive}, {"storage", "zfs"}, {"force", true}, {"unique", true}},
        guest_restore{
            .archive = volume(archive), .storage = *proxmox::storage_id::parse("zfs"), .force = true, .unique = true}));
    CHECK(is("guest.set_config", {{"set", {{"protection", "0"}}}, {"delete", {"mp0"}}},
             guest_set_config{.set = {{"protection", "0"}}, .remove = {"mp0"}}));
    CHECK(is("guest.stop", {}, guest_stop{}));
    CHECK(is("guest.resize", {{"disk", "mp0"}, {"size", "131072M"}},
             guest_resize{.disk = *proxmox::disk_slot::parse("mp0"), .size = *proxmox::disk_size::parse("128G")}));
    CHECK(is("backup.delete", {{"volid", archive}}, backup_delete{volume(archive)}));
}

TEST_CASE("an unknown operation is refused with the name that was probably meant")
{
    CHECK(error_of("guest.destory", {}) == params_error{unknown_operation{"guest.destory", "guest.destroy"}});
    CHECK(error_of("node.reboot", {}) == params_error{unknown_operation{"node.reboot", ""}});
    CHECK(error_of("", {}) == params_error{unknown_operation{"", ""}});
}

TEST_CASE("every parameter that an operation does not have is refused")
{
    for (const auto& what : one_of_each_kind()) {
        const auto op = name_of(what);
        INFO(op);
        auto params = signed_params_of(what);
        if (parse_signed_operation(op, params)) {
            params["surprise"] = true;
            const auto error = error_of(op, params);
            REQUIRE(std::holds_alternative<unknown_param>(error));
            CHECK(std::get<unknown_param>(error).name == "surprise");
        }
    }
    CHECK(error_of("guest.destroy", {{"purg", true}}) == params_error{unknown_param{"guest.destroy", "purg", "purge"}});
}

TEST_CASE("a parameter that an operation needs is missed")
{
    CHECK(error_of("guest.rollback", {}) == params_error{missing_param{"guest.rollback", "snapshot"}});
    CHECK(error_of("guest.delete_snapshot", {}) == params_error{missing_param{"guest.delete_snapshot", "snapshot"}});
    CHECK(error_of("guest.restore", {{"force", true}}) == params_error{missing_param{"guest.restore", "archive"}});
    CHECK(error_of("guest.resize", {{"disk", "mp0"}}) == params_error{missing_param{"guest.resize", "size"}});
    CHECK(error_of("guest.resize", {{"size", "128G"}}) == params_error{missing_param{"guest.resize", "disk"}});
    CHECK(error_of("backup.delete", {}) == params_error{missing_param{"backup.delete", "volid"}});
}

TEST_CASE("a parameter of another type is refused, and so is a text that is no such name")
{
    CHECK(error_of("guest.destroy", {{"purge", 1}})
          == params_error{bad_param{"guest.destroy", "purge", "true or false", "1"}});
    CHECK(error_of("guest.destroy", {{"stop", "true"}})
          == params_error{bad_param{"guest.destroy", "stop", "true or false", "\"true\""}});
    CHECK(error_of("guest.rollback", {{"snapshot", 7}})
          == params_error{bad_param{"guest.rollback", "snapshot", "a string", "7"}});
    CHECK(std::holds_alternative<bad_param>(error_of("guest.rollback", {{"snapshot", "../x"}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.restore", {{"archive", "no volume"}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.restore", {{"archive", archive}, {"storage", "a/b"}})));
    CHECK(std::holds_alternative<bad_param>(error_of("backup.delete", {{"volid", nullptr}})));
    CHECK(error_of("guest.resize", {{"disk", "mp0"}, {"size", "+64G"}})
          == params_error{bad_param{"guest.resize", "size", "a size such as 128G or 8704M", "+64G"}});
    CHECK(std::holds_alternative<bad_param>(error_of("guest.resize", {{"disk", "mp256"}, {"size", "128G"}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.resize", {{"disk", "mp0"}, {"size", 128}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.set_config", {{"set", {"memory"}}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.set_config", {{"set", {{"memory", 512}}}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.set_config", {{"delete", "mp0"}})));
    CHECK(std::holds_alternative<bad_param>(error_of("guest.set_config", {{"delete", {0}}})));
}

TEST_CASE("a change of the configuration must be one that a call may carry")
{
    CHECK(error_of("guest.set_config", {}) == params_error{bad_changes{proxmox::no_changes{}}});
    CHECK(error_of("guest.set_config", {{"set", {{"lock", "backup"}}}})
          == params_error{bad_changes{proxmox::key_not_settable{"lock"}}});
    CHECK(error_of("guest.set_config", {{"delete", {"memory"}}})
          == params_error{bad_changes{proxmox::key_not_deletable{"memory"}}});
}

TEST_CASE("each refusal says what is wrong in one line")
{
    CHECK(describe(params_error{unknown_operation{"guest.destory", "guest.destroy"}})
          == "there is no operation 'guest.destory' (did you mean 'guest.destroy'?)");
    CHECK(describe(params_error{unknown_param{"guest.stop", "x", ""}}) == "guest.stop has no parameter 'x'");
    CHECK(describe(params_error{missing_param{"guest.rollback", "snapshot"}})
          == "guest.rollback needs the parameter 'snapshot'");
    CHECK(describe(params_error{bad_param{"guest.destroy", "purge", "true or false", "1"}})
          == "guest.destroy, parameter 'purge': expected true or false, got 1");
}

TEST_CASE("every operation is written and read back as the same, as the agent records it and as it is signed")
{
    for (const auto& all : {one_of_each_kind(), least_of_each_kind()}) {
        CHECK(all.size() == boost::mp11::mp_size<known_operations>::value);
        for (const auto& what : all) {
            INFO(name_of(what));
            CHECK(recorded_operation(name_of(what), params_of(what)) == what);
            CHECK(recorded_operation(name_of(what), signed_params_of(what)) == what);
        }
    }
}

TEST_CASE("a signer says what he must, in the order of the canonical form, and the agent also what it left as it was")
{
    const auto text = [](const boost::json::object& params) { return boost::json::serialize(params); };
    CHECK(text(signed_params_of(guest_destroy{.purge = true, .stop = true})) == R"({"purge":true,"stop":true})");
    CHECK(text(signed_params_of(guest_set_config{.set = {{"tags", "a"}}, .remove = {"mp0"}}))
          == R"({"delete":["mp0"],"set":{"tags":"a"}})");
    CHECK(text(signed_params_of(guest_set_config{.set = {{"tags", "a"}}, .remove = {}})) == R"({"set":{"tags":"a"}})");
    CHECK(text(params_of(guest_set_config{.set = {{"tags", "a"}}, .remove = {}}))
          == R"({"set":{"tags":"a"},"delete":[]})");
    CHECK(text(params_of(guest_shutdown{.timeout = proxmox::timeout_seconds{60}}))
          == R"({"timeout":60,"force_stop":false})");
    CHECK(text(params_of(guest_rollback{snapshot("before")})) == R"({"snapshot":"before"})");
}

TEST_CASE("an operation of another version is kept as it stands, and so is one with parameters that are not known")
{
    const auto kept = [](std::string name, boost::json::object params) {
        const auto read = recorded_operation(name, params);
        CHECK(read == operation{unread_operation{std::move(name), params}});
        CHECK(params_of(read) == params);
        CHECK(signed_params_of(read) == params);
        CHECK(changes_run_state(read) == (name_of(read) == "guest.start"));
    };
    kept("guest.migrate", {{"target", "pve2"}, {"online", true}});
    kept("guest.start", {{"skiplock", true}});
    kept("guest.delete_snapshot", {});
    kept("guest.set_config", {{"set", {{"memory", 512}}}});
}

TEST_CASE("what a configuration call may not carry is read in the journal, where another version may have sent it")
{
    const auto read = recorded_operation("guest.set_config", {{"set", {{"x-owner", "ann"}}}, {"delete", {"memory"}}});
    CHECK(read == operation{guest_set_config{.set = {{"x-owner", "ann"}}, .remove = {"memory"}}});
}

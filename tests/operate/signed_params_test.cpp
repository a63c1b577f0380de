#include "support/catch.hpp"

#include <felhom/operate/signed_params.hpp>

using namespace felhom;
using namespace felhom::operate;

namespace {

auto snapshot(std::string_view name) -> proxmox::snapshot_name
{
    return *proxmox::snapshot_name::parse(name);
}
auto volume(std::string_view text) -> proxmox::volume_id
{
    return *proxmox::volume_id::parse(text);
}
auto changes(std::vector<proxmox::config_entry> set, std::vector<std::string> remove) -> proxmox::config_changes
{
    return *proxmox::config_changes::make(std::move(set), std::move(remove));
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
             guest_set_config{changes({{"protection", "0"}}, {"mp0"})}));
    CHECK(is("guest.stop", {}, guest_stop{}));
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
    for (const auto& rule : signed_operations) {
        INFO(rule.op);
        auto params = boost::json::object{};
        for (const auto& param : rule.params) {
            if (param.required) {
                params[param.name] = param.type == param_type::snapshot ? "before" : archive.c_str();
            }
        }
        params["surprise"] = true;
        const auto error = error_of(rule.op, params);
        REQUIRE(std::holds_alternative<unknown_param>(error));
        CHECK(std::get<unknown_param>(error).name == "surprise");
    }
    CHECK(error_of("guest.destroy", {{"purg", true}}) == params_error{unknown_param{"guest.destroy", "purg", "purge"}});
}

TEST_CASE("a parameter that an operation needs is missed")
{
    CHECK(error_of("guest.rollback", {}) == params_error{missing_param{"guest.rollback", "snapshot"}});
    CHECK(error_of("guest.delete_snapshot", {}) == params_error{missing_param{"guest.delete_snapshot", "snapshot"}});
    CHECK(error_of("guest.restore", {{"force", true}}) == params_error{missing_param{"guest.restore", "archive"}});
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

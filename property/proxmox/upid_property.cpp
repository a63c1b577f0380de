// SPDX-License-Identifier: Apache-2.0
#include "proxmox/arbitrary.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <iomanip>
#include <sstream>
#include <string>
#include <vector>

using namespace felhom::proxmox;

TEST_CASE("a UPID prints as it was read, and its parts make it up")
{
    rc::prop("print after parse", [] {
        const auto text = *arbitrary::upid_text();
        const auto read = upid::parse(text);
        RC_ASSERT(read.has_value());
        RC_ASSERT(read->text() == text);
        auto numbers = std::ostringstream{};
        numbers << std::hex << std::uppercase << std::setfill('0') << std::setw(8) << read->pid() << ':' << std::setw(8)
                << read->pstart() << ':' << std::setw(8) << read->started().time_since_epoch().count();
        const auto made = upid::parse("UPID:" + read->node().text() + ":" + numbers.str() + ":" + read->type() + ":"
                                      + read->id() + ":" + read->user() + ":");
        RC_ASSERT(made.has_value());
        RC_ASSERT(made->pid() == read->pid());
        RC_ASSERT(made->pstart() == read->pstart());
        RC_ASSERT(made->started() == read->started());
    });
}

TEST_CASE("a UPID with one byte changed is refused or is another one")
{
    rc::prop("mutation", [] {
        const auto text = *arbitrary::upid_text();
        auto changed = text;
        const auto at =
            static_cast<std::size_t>(*rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(text.size())));
        changed[at] = *rc::gen::arbitrary<char>();
        const auto read = upid::parse(changed);
        RC_ASSERT(!read || (*read == *upid::parse(text)) == (changed == text));
    });
}

TEST_CASE("arbitrary text is no UPID, and asking costs nothing")
{
    rc::prop("survival", [] { static_cast<void>(upid::parse(*arbitrary::nasty_text(200))); });
}

TEST_CASE("of all exit statuses only OK and a count of warnings are success")
{
    rc::prop("fail closed", [] {
        const auto text = *rc::gen::weightedOneOf<std::string>(
            {{2, arbitrary::nasty_text()},
             {1, arbitrary::text_of("OKWARNINGS: 0123", 0, 14)},
             {1, rc::gen::element<std::string>("OK", "WARNINGS: 1", "WARNINGS: ", "OK\n", "unexpected status")}});
        const auto digits = text.starts_with("WARNINGS: ") ? text.substr(10) : std::string{"x"};
        const auto warns = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
        RC_ASSERT(is_success(parse_exit_status(text)) == (text == "OK" || warns));
    });
}

TEST_CASE("a missing privilege is read back whatever stands before it")
{
    rc::prop("403", [] {
        const auto path = "/" + *arbitrary::text_of("abc/019-.", 0, 20);
        const auto names =
            *rc::gen::suchThat(rc::gen::container<std::vector<std::string>>(arbitrary::text_of("VMConfig.", 1, 12)),
                               [](const auto& all) { return !all.empty(); });
        auto list = std::string{};
        for (const auto& name : names) {
            list += (list.empty() ? "" : "|") + name;
        }
        const auto lead = *rc::gen::element<std::string>("", "403 ", "unable to create CT 100 - 403 ");
        RC_ASSERT(parse_refusal(lead + "Permission check failed (" + path + ", " + list + ")")
                  == refusal(missing_privilege{path, names, ""}));
    });
}

#pragma once

#include <felhom/core/json_error.hpp>
#include <felhom/root/command.hpp>
#include <felhom/root/run.hpp>

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace felhom::root {

/// Whether this host's clock follows another one, by systemd-timedated.
struct timedatectl {
    static constexpr auto program = std::string_view{"/usr/bin/timedatectl"};

    [[nodiscard]] static auto show() -> command
    {
        return command{{std::string{program}, "show", "--property=NTPSynchronized"}};
    }

    /// Out of `show`, which prints one KEY=VALUE a line: whether the kernel's clock is synchronized, by whichever
    /// program.
    [[nodiscard]] static auto read_synchronized(const finished& ended) -> tl::expected<bool, error>
    {
        static constexpr auto key = std::string_view{"NTPSynchronized="};
        if (ended.exit_code != 0) {
            return tl::unexpected(failure_of(program, ended));
        }
        for (auto rest = std::string_view{ended.out}; !rest.empty();) {
            const auto line = rest.substr(0, rest.find('\n'));
            if (line == "NTPSynchronized=yes" || line == "NTPSynchronized=no") {
                return line.ends_with("yes");
            }
            if (line.starts_with(key)) {
                return tl::unexpected(odd(line.substr(key.size())));
            }
            rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
        }
        return tl::unexpected(odd("nothing"));
    }

private:
    [[nodiscard]] static auto odd(std::string_view got) -> error
    {
        return unreadable{.program = std::string{program},
                          .cause = json_type_error{.path = "NTPSynchronized",
                                                   .expected = "yes or no",
                                                   .got = std::string{got.substr(0, 60)}}};
    }
};

} // namespace felhom::root

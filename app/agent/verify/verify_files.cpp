// SPDX-License-Identifier: Apache-2.0
#include "agent/verify/verify_files.hpp"

#include "io/journal/disk.hpp"
#include "io/journal/log_error.hpp"
#include "io/journal/replay_store.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace felhom::agent {

namespace {

[[nodiscard]] auto read_at_most(const std::string& path, std::size_t most) -> tl::expected<std::string, std::string>
{
    auto in = std::ifstream{path, std::ios::binary};
    if (!in) {
        return tl::unexpected(path + ": " + std::strerror(errno));
    }
    auto text = std::string(most + 1, '\0'); // one byte more shows that there were more
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) {
        return tl::unexpected(path + ": could not be read");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

/// What another contender for the store is told.
[[nodiscard]] auto holder() -> std::string
{
    return "felhom-agent verify, process " + std::to_string(::getpid());
}

[[nodiscard]] auto in_prose(const io::log_error& error) -> std::string
{
    return io::describe(error);
}

[[nodiscard]] auto loss_of(const io::replay_opening& opening) -> std::optional<nonce_store_loss>
{
    return opening.torn ? std::optional{nonce_store_loss{.cut = *opening.torn, .refused_until = opening.horizon}}
                        : std::nullopt;
}

[[nodiscard]] auto open_store(const std::string& path) -> tl::expected<nonce_store, std::string>
{
    return io::replay_store::open_or_create(io::system_disk(), path, holder())
        .map_error(in_prose)
        .map([](std::unique_ptr<io::replay_store> opened) {
            const auto store = std::shared_ptr<io::replay_store>{std::move(opened)};
            return nonce_store{
                .claim = [store](authz::timely&& op) { return store->claim(std::move(op)); },
                .prune =
                    [store](instant now, std::chrono::milliseconds skew) {
                        return store->prune(now, skew).map_error(in_prose).map([](std::size_t /*dropped*/) {});
                    },
                .loss = loss_of(store->opening()),
            };
        });
}

[[nodiscard]] auto repair_store(const std::string& path, instant horizon) -> tl::expected<repaired_store, std::string>
{
    return io::replay_store::repair(io::system_disk(), path, holder(), horizon)
        .map_error(in_prose)
        .map([](const io::replay_repair& repaired) {
            return repaired_store{
                .nonces = repaired.nonces,
                .refused_until = repaired.horizon,
                .aside = repaired.aside ? std::optional{repaired.aside->string()} : std::nullopt,
            };
        });
}

} // namespace

auto verify_with_files() -> verify_io
{
    return {.now = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); },
            .read_file = read_at_most,
            .open_nonce_store = open_store,
            .repair_nonce_store = repair_store};
}

} // namespace felhom::agent

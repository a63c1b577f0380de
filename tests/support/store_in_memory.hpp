// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/replay_store.hpp"
#include "support/simulated_disk.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace felhom::tests {

/// The replay store on a disk in memory.
class store_in_memory {
public:
    store_in_memory()
    {
        if (io::replay_store::create(disk_.calls(), path(), "the test", options)) {
            reopen();
        }
    }

    /// As a program does that ends and is started again.
    void reopen()
    {
        store_.reset();
        if (auto opened = io::replay_store::open(disk_.calls(), path(), "the test", options)) {
            store_ = *std::move(opened);
        }
    }

    /// Lets the next write fail for want of space.
    void fail_next_change() { disk_.plan(0, fault::no_space); }

    [[nodiscard]] auto claim(authz::timely&& op) const -> tl::expected<authz::claimed, authz::error>
    {
        return store_->claim(std::move(op));
    }

    [[nodiscard]] auto size() const -> std::size_t { return store_->size(); }

private:
    static constexpr auto options = io::replay_options{.log = {.filled_ahead = 4096}};
    [[nodiscard]] static auto path() -> std::filesystem::path { return "/var/lib/felhom-agent/nonces"; }

    simulated_disk disk_{1};
    std::unique_ptr<io::replay_store> store_;
};

} // namespace felhom::tests

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace felhom::host_tools {

/// A program, by its absolute path, and its arguments: for execve, never for a shell. Only the tools below can make
/// one, so that root runs nothing that the core did not write down.
class command {
public:
    [[nodiscard]] auto argv() const -> const std::vector<std::string>& { return argv_; }

    friend auto operator==(const command&, const command&) -> bool = default;

private:
    friend struct pct;
    friend struct smartctl;
    friend struct sensors;
    friend struct systemctl;

    explicit command(std::vector<std::string> argv) : argv_{std::move(argv)} {}

    std::vector<std::string> argv_;
};

} // namespace felhom::host_tools

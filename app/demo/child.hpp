// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace felhom::demo {

/// A program that runs beside this one, with this one's output. It is killed when this value dies.
class child {
public:
    /// `argv` begins with the program's path. The environment is this one's, without what configures an agent.
    explicit child(const std::vector<std::string>& argv, bool silent = false);
    child(const child&) = delete;
    auto operator=(const child&) -> child& = delete;
    child(child&&) = delete;
    auto operator=(child&&) -> child& = delete;
    ~child();

    /// Waits for its end. Its exit status; negative when it was killed or could not be run.
    [[nodiscard]] auto wait() -> int;

    /// Kills it, as a power cut would.
    void kill() const;

    /// Sends it a signal.
    void tell(int signal) const;

private:
    ::pid_t pid_ = -1;
};

} // namespace felhom::demo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace felhom::authz {

/// A folder that is gone when it dies.
class scratch_folder {
public:
    scratch_folder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "felhom-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    scratch_folder(const scratch_folder&) = delete;
    auto operator=(const scratch_folder&) -> scratch_folder& = delete;
    ~scratch_folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] auto file(const std::string& name) const -> std::string { return (path_ / name).string(); }

    [[nodiscard]] auto write(const std::string& name, const std::string& bytes) const -> std::string
    {
        std::ofstream{file(name), std::ios::binary} << bytes;
        return file(name);
    }

    [[nodiscard]] auto read(const std::string& name) const -> std::string
    {
        auto in = std::ifstream{file(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::filesystem::path path_;
};

/// Makes a key pair NAME and NAME.pub, and answers with the public line.
[[nodiscard]] inline auto ssh_keygen_new(const scratch_folder& in, const std::string& name, const std::string& type)
    -> std::string
{
    const auto command = "ssh-keygen -q -N '' -C test -t " + type + " -f " + in.file(name) + " </dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    return in.read(name + ".pub");
}

/// What the installed ssh-keygen says to a signature.
[[nodiscard]] inline auto ssh_keygen_accepts(const scratch_folder& in, const std::string& allowed_signers,
                                             const std::string& armor, const std::string& blob) -> bool
{
    const auto command = "ssh-keygen -Y verify -f " + allowed_signers + " -I signer@felhom -n felhom-op-v1 -s "
                         + in.write("mutant.sig", armor) + " <" + in.write("mutant.blob", blob) + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

} // namespace felhom::authz

// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/switch_files.hpp"

#include "io/files/private_file.hpp"

#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

[[nodiscard]] auto word_in(tl::expected<std::string, io::file_error> text) -> std::optional<std::string>
{
    if (text) {
        while (text->ends_with('\n')) {
            text->pop_back();
        }
        return *std::move(text);
    }
    return std::holds_alternative<io::file_missing>(text.error()) ? std::nullopt
                                                                  : std::optional{describe(text.error())};
}

} // namespace

auto read_pause(const std::string& path) -> std::optional<std::string>
{
    return word_in(io::read_private_file(path, file_kind::authority));
}

auto read_veto(const std::string& path) -> tl::expected<std::optional<std::string>, std::string>
{
    if (path.empty()) {
        return std::nullopt;
    }
    auto text = io::read_private_file(path, file_kind::authority);
    if (!text && std::holds_alternative<io::file_failed>(text.error())) {
        return tl::unexpected(describe(text.error()));
    }
    return word_in(std::move(text));
}

} // namespace felhom::agent

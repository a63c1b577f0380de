// SPDX-License-Identifier: Apache-2.0
#include "io/journal/log_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::io {

auto read_log(const disk& on, const std::filesystem::path& path, const hash_chain::log_kind& kind,
              const record_reader& on_record) -> log_result<hash_chain::recovered>
{
    auto file = log_file::open(on, path, open_mode::read);
    if (!file) {
        return tl::unexpected(std::move(file).error());
    }
    static constexpr auto window_size = std::size_t{1} << 20U;
    static_assert(window_size > hash_chain::scanner::least_window);
    auto buffer = std::vector<char>(window_size);
    auto scan = hash_chain::scanner{kind};
    auto offset = std::uint64_t{0};
    auto carried = std::size_t{0};
    auto last = false;
    while (!last && !scan.is_refused()) {
        const auto got = file->read(std::span{buffer}.subspan(carried), offset);
        if (!got) {
            return tl::unexpected(got.error());
        }
        offset += *got;
        last = *got < buffer.size() - carried;
        const auto window = std::string_view{buffer.data(), carried + *got};
        const auto used = scan.consume(window, last, on_record);
        carried = window.size() - used;
        std::copy(window.begin() + static_cast<std::ptrdiff_t>(used), window.end(), buffer.begin());
    }
    return std::move(scan).finish().map_error(
        [&](hash_chain::refusal why) -> log_error { return log_refused{.path = path, .why = std::move(why)}; });
}

} // namespace felhom::io

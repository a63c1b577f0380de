// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/hub_files.hpp"

#include "io/files/private_file.hpp"

#include <felhom/reconcile/desired/desired_json.hpp>

#include <cstddef>
#include <mutex>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::agent {

namespace {

constexpr auto envelope_file = std::string_view{"hub-envelope.json"};
constexpr auto desired_file = std::string_view{"hub-desired.json"};
constexpr auto floor_file = std::string_view{"hub-generation.json"};

/// The line about the document stands before it.
constexpr auto largest_kept = reconcile::desired_limits.bytes + (std::size_t{4} << 10U);

/// Over the kept generation: the link to the hub raises it, and a command resets it.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a file of the host's is one, whoever opens it
std::mutex floor_mutex;

template <typename T>
[[nodiscard]] auto read_kept(const std::string& path, auto parse) -> hub_kept<T>
{
    const auto text = io::read_private_file(path, file_kind::authority, largest_kept);
    if (!text) {
        return std::holds_alternative<io::file_missing>(text.error())
                   ? hub_kept<T>{std::nullopt}
                   : tl::unexpected<hub_file_error>(describe(text.error()));
    }
    auto parsed = parse(std::string_view{*text});
    if (!parsed) {
        return tl::unexpected<hub_file_error>(path + ": " + felhom::describe(parsed.error()));
    }
    return std::optional<T>{*std::move(parsed)};
}

} // namespace

auto hub_files::envelope() const -> hub_kept<hub::kept_envelope>
{
    return read_kept<hub::kept_envelope>(directory_ + "/" + std::string{envelope_file}, hub::parse_kept_envelope);
}

auto hub_files::desired() const -> hub_kept<hub::desired_document>
{
    return read_kept<hub::desired_document>(directory_ + "/" + std::string{desired_file}, hub::parse_kept_desired);
}

auto hub_files::mark() const -> hub_kept<hub::generation_mark>
{
    // The file may say that there is none, too.
    return read_kept<std::optional<hub::generation_mark>>(directory_ + "/" + std::string{floor_file}, hub::parse_mark)
        .map([](std::optional<std::optional<hub::generation_mark>> kept) {
            return kept ? *kept : std::optional<hub::generation_mark>{};
        });
}

auto hub_files::write(const std::string& name, std::string_view text) const -> tl::expected<void, hub_file_error>
{
    return io::ensure_private_directory(directory_, file_kind::secret)
        .and_then([&] { return io::write_private_file_atomically(directory_ + "/" + name, text); })
        .map_error([](const io::file_error& error) { return describe(error); });
}

auto hub_files::keep(const hub::kept_envelope& envelope) const -> tl::expected<void, hub_file_error>
{
    return write(std::string{envelope_file}, hub::print_kept_envelope(envelope));
}

auto hub_files::raise(const hub::generation_mark& mark, const std::optional<hub::generation_mark>& judged_by) const
    -> tl::expected<void, hub_file_error>
{
    const auto hold = std::lock_guard{floor_mutex};
    const auto present = this->mark();
    if (!present) {
        return tl::unexpected(present.error());
    }
    if (*present != judged_by) {
        return tl::unexpected<hub_file_error>("its generation was reset meanwhile");
    }
    return write(std::string{floor_file}, hub::print_mark(mark));
}

auto hub_files::keep(const hub::desired_document& document) const -> tl::expected<void, hub_file_error>
{
    const auto text = hub::print_kept_desired(document);
    if (!text) {
        return tl::unexpected<hub_file_error>("OpenSSL could not compute a SHA-256");
    }
    return write(std::string{desired_file}, *text);
}

auto hub_files::forget_floor() const -> tl::expected<void, hub_file_error>
{
    const auto hold = std::lock_guard{floor_mutex};
    return write(std::string{floor_file}, hub::print_mark(std::nullopt));
}

auto hub_files::is_blocked() const -> bool
{
    const auto kept = envelope();
    if (!kept) {
        return true;
    }
    const auto& last = *kept;
    return last.has_value() && last->envelope.blocked;
}

} // namespace felhom::agent

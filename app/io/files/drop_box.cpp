// SPDX-License-Identifier: Apache-2.0
#include "io/files/drop_box.hpp"

#include "io/files/private_file.hpp"
#include "io/files/whole_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <range/v3/functional/comparisons.hpp>
#include <range/v3/view/drop.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace felhom::io {

namespace {

template <typename T>
using or_error = tl::expected<T, file_error>;

auto open_directory(const std::string& path) -> or_error<file_descriptor>
{
    return ensure_private_directory(path, file_kind::authority).and_then([&]() -> or_error<file_descriptor> {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
        auto made = file_descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        return made.is_open() ? or_error<file_descriptor>{std::move(made)} : failed(path, "open");
    });
}

/// The names in a directory, sorted.
auto names_in(const file_descriptor& directory, const std::string& path) -> or_error<std::vector<std::string>>
{
    // A descriptor of its own: fdopendir takes over the one that it is given, and its place in the directory.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): openat(2) is one
    const auto copy = ::openat(directory.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const auto close = [](DIR* opened) { static_cast<void>(::closedir(opened)); };
    const auto stream = std::unique_ptr<DIR, decltype(close)>{copy < 0 ? nullptr : ::fdopendir(copy), close};
    if (!stream) {
        return failed(path, "list");
    }
    auto names = std::vector<std::string>{};
    errno = 0;
    while (const auto* const entry = ::readdir(stream.get())) {
        const auto name = std::string{&entry->d_name[0]};
        if (!name.starts_with('.')) {
            names.push_back(name);
        }
    }
    if (errno != 0) {
        return failed(path, "list");
    }
    std::ranges::sort(names);
    return names;
}

auto sync(const file_descriptor& directory, const std::string& path) -> or_error<void>
{
    return ::fsync(directory.number()) == 0 ? or_error<void>{} : failed(path, "make durable");
}

/// Moves a file without replacing another: of two with one name, the second gets a number. Answers the name.
auto move_without_replacing(const file_descriptor& from, const std::string& name, const file_descriptor& to,
                            const std::string& new_name, const std::string& path) -> or_error<std::string>
{
    static constexpr auto most_tries = 1000;
    for (auto number = 0; number < most_tries; ++number) {
        auto target = number == 0 ? new_name : std::to_string(number) + "-" + new_name;
        if (::renameat2(from.number(), name.c_str(), to.number(), target.c_str(), RENAME_NOREPLACE) == 0) {
            return target;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return failed(path + "/" + name, "take");
}

auto status_of(const file_descriptor& directory, const std::string& name) -> std::optional<struct stat>
{
    struct stat status = {};
    const auto told = ::fstatat(directory.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    return told ? std::optional{status} : std::nullopt;
}

auto no_regular_file(const std::string& path) -> tl::unexpected<file_error>
{
    return tl::unexpected<file_error>(file_refused{.path = path, .flaw = wrong_type{.expected = "a regular file"}});
}

/// Why a name could not be opened. A socket or a device says no in many words, which none may take for a passing cause.
auto not_opened(const file_descriptor& directory, const std::string& name, const std::string& path)
    -> tl::unexpected<file_error>
{
    auto error = errno == ELOOP ? tl::unexpected<file_error>(file_refused{.path = path, .flaw = is_symlink{}})
                                : failed(path, "open");
    const auto status = status_of(directory, name);
    const auto is_special = status && !S_ISREG(status->st_mode) && !S_ISLNK(status->st_mode);
    return is_special ? no_regular_file(path) : error;
}

auto read_regular(const file_descriptor& directory, const std::string& name, const std::string& path)
    -> or_error<std::string>
{
    // O_NONBLOCK: opening a FIFO must not wait for its writer.
    static constexpr auto how = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): openat(2) is one
    const auto file = file_descriptor{::openat(directory.number(), name.c_str(), how)};
    if (!file.is_open()) {
        return not_opened(directory, name, path);
    }
    struct stat status = {};
    if (::fstat(file.number(), &status) != 0) {
        return failed(path, "examine");
    }
    if (!S_ISREG(status.st_mode)) {
        return no_regular_file(path);
    }
    return read_all(file, path, drop_box::largest_file);
}

/// Whether a name is one of this directory and no draft's: it leads nowhere else, and is listed again.
auto is_plain(const std::string& name) -> bool
{
    return !name.empty() && !name.starts_with('.') && name.find('/') == std::string::npos;
}

/// A new file, whole and durable before it has its name; nothing is replaced.
auto write_new(const file_descriptor& directory, const std::string& name, std::string_view text,
               const std::string& path) -> or_error<void>
{
    static constexpr auto owner_only = mode_t{0600};
    if (!is_plain(name)) {
        errno = EINVAL;
        return failed(path, "write");
    }
    const auto draft = "." + name + ".new";
    static_cast<void>(::unlinkat(directory.number(), draft.c_str(), 0)); // what a power cut left behind
    static constexpr auto how = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): openat(2) is one
    const auto file = file_descriptor{::openat(directory.number(), draft.c_str(), how, owner_only)};
    if (!file.is_open()) {
        return failed(path, "write");
    }
    if (auto written = write_all(file, path, text); !written) {
        return written;
    }
    if (::fsync(file.number()) != 0) {
        return failed(path, "make durable");
    }
    // link(2) refuses a name that is taken, which rename(2) would replace.
    const auto linked = ::linkat(directory.number(), draft.c_str(), directory.number(), name.c_str(), 0) == 0;
    const auto error = errno;
    static_cast<void>(::unlinkat(directory.number(), draft.c_str(), 0));
    if (!linked && error != EEXIST) {
        errno = error;
        return failed(path, "write");
    }
    return sync(directory, path);
}

} // namespace

auto drop_box::open(const std::string& path) -> or_error<drop_box>
{
    auto box = open_directory(path);
    auto taken = box ? open_directory(path + "/taken") : tl::unexpected(box.error());
    auto results = taken ? open_directory(path + "/results") : tl::unexpected(taken.error());
    if (!results) {
        return tl::unexpected(std::move(results).error());
    }
    return drop_box{path, *std::move(box), *std::move(taken), *std::move(results)};
}

auto drop_box::take(std::string_view ending, std::vector<std::pair<std::string, file_error>>& refused)
    -> or_error<std::vector<taken_file>>
{
    const auto dropped = names_in(box_, path_);
    if (!dropped) {
        return tl::unexpected(dropped.error());
    }
    for (const auto& name : *dropped) {
        if (name.ends_with(ending)) {
            if (auto moved = move_without_replacing(box_, name, taken_, name, path_); !moved) {
                return tl::unexpected(std::move(moved).error());
            }
        }
    }
    if (auto durable = sync(taken_, path_ + "/taken"); !durable) {
        return tl::unexpected(std::move(durable).error());
    }
    const auto names = names_in(taken_, path_ + "/taken");
    if (!names) {
        return tl::unexpected(names.error());
    }
    auto files = std::vector<taken_file>{};
    for (const auto& name : *names) {
        auto text = read_regular(taken_, name, path_ + "/taken/" + name);
        if (text) {
            files.push_back({.name = name, .text = *std::move(text)});
        } else {
            refused.emplace_back(name, std::move(text).error());
        }
    }
    return files;
}

auto drop_box::put(const std::string& name, std::string_view text) -> or_error<void>
{
    return write_new(taken_, name, text, path_ + "/taken/" + name);
}

auto drop_box::stored_result(const std::string& name) const -> or_error<std::string>
{
    return read_regular(results_, name, path_ + "/results/" + name);
}

auto drop_box::write_result(const std::string& name, std::string_view text) -> or_error<void>
{
    return write_new(results_, name, text, path_ + "/results/" + name);
}

auto drop_box::discard(const std::string& name) -> or_error<void>
{
    return ::unlinkat(taken_.number(), name.c_str(), 0) == 0 ? or_error<void>{}
                                                             : failed(path_ + "/taken/" + name, "remove");
}

auto drop_box::put_back(const std::string& name) -> or_error<std::string>
{
    return move_without_replacing(taken_, name, box_, name + ".refused", path_ + "/taken");
}

auto drop_box::results() const -> or_error<std::vector<std::string>>
{
    return names_in(results_, path_ + "/results");
}

auto drop_box::load() const -> or_error<box_load>
{
    const auto names = names_in(taken_, path_ + "/taken");
    if (!names) {
        return tl::unexpected(names.error());
    }
    auto all = box_load{.files = names->size()};
    for (const auto& name : *names) {
        if (const auto status = status_of(taken_, name)) {
            all.bytes += static_cast<std::uint64_t>(status->st_size);
        }
    }
    return all;
}

auto drop_box::keep_newest_results(std::string_view beginning, std::size_t most) -> or_error<void>
{
    const auto names = results();
    if (!names) {
        return tl::unexpected(names.error());
    }
    auto by_age = std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, const std::string*>>{};
    for (const auto& name : *names) {
        if (const auto status = name.starts_with(beginning) ? status_of(results_, name) : std::nullopt) {
            by_age.push_back({{status->st_mtim.tv_sec, status->st_mtim.tv_nsec}, &name});
        }
    }
    std::ranges::sort(by_age, std::ranges::greater{});
    for (const auto& [age, name] : by_age | ranges::views::drop(most)) {
        static_cast<void>(::unlinkat(results_.number(), name->c_str(), 0));
    }
    return {};
}

auto drop_box::remove_results_before(std::int64_t time) -> or_error<void>
{
    const auto names = results();
    if (!names) {
        return tl::unexpected(names.error());
    }
    for (const auto& name : *names) {
        if (const auto status = status_of(results_, name); status && status->st_mtime < time) {
            static_cast<void>(::unlinkat(results_.number(), name.c_str(), 0));
        }
    }
    return {};
}

} // namespace felhom::io

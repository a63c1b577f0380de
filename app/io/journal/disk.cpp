// SPDX-License-Identifier: Apache-2.0
#include "io/journal/disk.hpp"

#include "io/files/descriptor.hpp"
#include "io/files/file_facts.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace felhom::io {

namespace {

constexpr auto owner_only = mode_t{S_IRUSR | S_IWUSR};

auto last_error() -> tl::unexpected<std::error_code>
{
    return tl::unexpected(std::error_code{errno, std::generic_category()});
}

/// Reads and writes are begun again after a signal. A sync never is: what it failed to write is not known any more.
template <typename Call>
auto uninterrupted(Call call) -> decltype(call())
{
    auto answer = call();
    while (answer < 0 && errno == EINTR) {
        answer = call();
    }
    return answer;
}

auto done(int answer) -> disk_result<void>
{
    return answer == 0 ? disk_result<void>{} : last_error();
}

auto counted(ssize_t answer) -> disk_result<std::size_t>
{
    if (answer < 0) {
        return last_error();
    }
    return static_cast<std::size_t>(answer);
}

auto open_number(const std::filesystem::path& path, int flags) -> int
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is one
    return uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, owner_only); });
}

auto open_file(const std::filesystem::path& path, open_mode mode) -> disk_result<file_id>
{
    const auto flags = mode == open_mode::read     ? O_RDONLY
                       : mode == open_mode::update ? O_RDWR
                                                   : O_RDWR | O_CREAT | O_TRUNC;
    const auto number = open_number(path, flags);
    if (number < 0) {
        return last_error();
    }
    // A file left over from an interrupted run may have another mode than the one that open() gives a new one.
    if (mode == open_mode::create_empty && ::fchmod(number, owner_only) != 0) {
        const auto error = last_error();
        static_cast<void>(::close(number));
        return error;
    }
    return file_id{number};
}

auto flaw_of(file_id file) -> disk_result<std::optional<file_flaw>>
{
    return facts_of(static_cast<int>(file)).map([](const file_facts& facts) {
        return judge_file(facts, file_kind::secret, this_reader());
    });
}

auto size_of(file_id file) -> disk_result<std::uint64_t>
{
    struct stat status{};
    if (::fstat(static_cast<int>(file), &status) != 0) {
        return last_error();
    }
    return static_cast<std::uint64_t>(status.st_size);
}

auto sync_directory(const std::filesystem::path& directory) -> disk_result<void>
{
    const auto place = directory.empty() ? std::filesystem::path{"."} : directory;
    const auto opened = file_descriptor{open_number(place, O_RDONLY | O_DIRECTORY)};
    return opened.number() < 0 ? last_error() : done(::fsync(opened.number()));
}

auto list_directory(const std::filesystem::path& directory) -> disk_result<std::vector<std::filesystem::path>>
{
    auto failure = std::error_code{};
    auto all = std::vector<std::filesystem::path>{};
    for (auto at = std::filesystem::directory_iterator{directory, failure};
         !failure && at != std::filesystem::directory_iterator{}; at.increment(failure)) {
        all.push_back(at->path());
    }
    return failure ? tl::unexpected(failure) : disk_result<std::vector<std::filesystem::path>>{std::move(all)};
}

auto exists(const std::filesystem::path& path) -> disk_result<bool>
{
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0) {
        return true;
    }
    return errno == ENOENT ? disk_result<bool>{false} : last_error();
}

auto take_lock(const std::filesystem::path& path, std::string_view holder)
    -> tl::expected<lock_token, std::variant<lock_held, std::error_code>>
{
    using failure = std::variant<lock_held, std::error_code>;
    const auto failed = [] { return tl::unexpected<failure>(last_error().value()); };
    auto opened = std::make_shared<const file_descriptor>(open_number(path, O_RDWR | O_CREAT));
    const auto number = opened->number();
    if (number < 0) {
        return failed();
    }
    if (::flock(number, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return failed();
        }
        auto text = std::array<char, 256>{};
        const auto length = ::pread(number, text.data(), text.size(), 0);
        return tl::unexpected<failure>(
            lock_held{.holder = std::string{text.data(), length > 0 ? static_cast<std::size_t>(length) : 0}});
    }
    if (::ftruncate(number, 0) != 0
        || ::pwrite(number, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
        return failed();
    }
    return lock_token{std::move(opened)};
}

} // namespace

auto system_disk() -> disk
{
    return disk{
        .open = open_file,
        .close = [](file_id file) { static_cast<void>(::close(static_cast<int>(file))); },
        .flaw = flaw_of,
        .size = size_of,
        .read =
            [](file_id file, std::span<char> into, std::uint64_t offset) {
                return counted(uninterrupted([&] {
                    return ::pread(static_cast<int>(file), into.data(), into.size(), static_cast<off_t>(offset));
                }));
            },
        .write =
            [](file_id file, std::string_view bytes, std::uint64_t offset) {
                return counted(uninterrupted([&] {
                    return ::pwrite(static_cast<int>(file), bytes.data(), bytes.size(), static_cast<off_t>(offset));
                }));
            },
        .sync_data = [](file_id file) { return done(::fdatasync(static_cast<int>(file))); },
        .truncate =
            [](file_id file, std::uint64_t size) {
                return done(::ftruncate(static_cast<int>(file), static_cast<off_t>(size)));
            },
        .rename = [](const std::filesystem::path& from,
                     const std::filesystem::path& to) { return done(::rename(from.c_str(), to.c_str())); },
        .link = [](const std::filesystem::path& file,
                   const std::filesystem::path& second) { return done(::link(file.c_str(), second.c_str())); },
        .remove = [](const std::filesystem::path& file) { return done(::unlink(file.c_str())); },
        .list = list_directory,
        .sync_directory = sync_directory,
        .exists = exists,
        .lock = take_lock,
    };
}

} // namespace felhom::io

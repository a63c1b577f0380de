// SPDX-License-Identifier: Apache-2.0
#include "io/files/drop_box.hpp"
#include "io/files/private_file.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using felhom::io::drop_box;
using felhom::io::file_error;
using felhom::testing::scratch;

namespace {

/// A file or directory that was made durable, and what it held at that moment: its text, or its names.
struct made_durable {
    std::string path;
    std::string held;

    friend auto operator==(const made_durable&, const made_durable&) -> bool = default;
};

/// What this program has made durable, and which call is to fail.
struct watched_syncs {
    std::vector<made_durable> seen;
    std::optional<std::size_t> fails_at;
    bool takes_names = true; ///< whether files get their names
};

auto syncs() -> watched_syncs&
{
    static auto all = watched_syncs{};
    return all;
}

auto held_by(const std::filesystem::path& path) -> std::string
{
    if (!std::filesystem::is_directory(path)) {
        auto file = std::ifstream{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    auto names = std::vector<std::string>{};
    for (const auto& entry : std::filesystem::directory_iterator{path}) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    auto text = std::string{};
    for (const auto& name : names) {
        text += name + " ";
    }
    return text;
}

} // namespace

// Stands in front of libc's: there is no other way to learn whether a program asked for it.
extern "C" auto fsync(int file) -> int
{
    const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file));
    const auto fails = syncs().fails_at == syncs().seen.size();
    syncs().seen.push_back({.path = path.string(), .held = held_by(path)});
    if (fails) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fsync, file));
}

extern "C" auto linkat(int from, const char* draft, int to, const char* name, int flags) noexcept -> int
{
    errno = EIO;
    return syncs().takes_names ? static_cast<int>(::syscall(SYS_linkat, from, draft, to, name, flags)) : -1;
}

extern "C" auto renameat(int from, const char* draft, int to, const char* name) noexcept -> int
{
    errno = EIO;
    return syncs().takes_names ? static_cast<int>(::syscall(SYS_renameat, from, draft, to, name)) : -1;
}

namespace {

/// What a step makes durable, in order; with the nth call failing, if one is named.
template <typename Step>
auto syncs_of(Step step, std::optional<std::size_t> fails_at = {}) -> std::vector<made_durable>
{
    syncs() = {.seen = {}, .fails_at = fails_at, .takes_names = true};
    step();
    return std::exchange(syncs(), {}).seen;
}

using all_synced = std::vector<made_durable>;

/// A drop box with nothing in it.
class empty_box {
public:
    [[nodiscard]] auto path(const std::string& below) const -> std::string { return around_.path() + "/box" + below; }
    [[nodiscard]] auto box() -> drop_box& { return box_; }

private:
    scratch around_;
    drop_box box_ = drop_box::open(around_.path() + "/box").value();
};

auto take(drop_box& from) -> std::size_t
{
    auto refused = std::vector<std::pair<std::string, file_error>>{};
    const auto files = from.take(".bundle", refused);
    return files ? files->size() : 0;
}

} // namespace

TEST_CASE("a result is on the disk whole before it has its name, and its name before the call returns")
{
    auto here = empty_box{};
    CHECK(syncs_of([&] { CHECK(here.box().write_result("a.json", "an answer").has_value()); })
          == all_synced{{here.path("/results/.a.json.new"), "an answer"}, {here.path("/results"), "a.json "}});
}

TEST_CASE("what is put into the box is as durable as a result")
{
    auto here = empty_box{};
    CHECK(syncs_of([&] { CHECK(here.box().put("a.bundle", "an order").has_value()); })
          == all_synced{{here.path("/taken/.a.bundle.new"), "an order"}, {here.path("/taken"), "a.bundle "}});
}

TEST_CASE("what was taken out of the box is durably ours before it is read")
{
    auto here = empty_box{};
    std::ofstream{here.path("/a.bundle")} << "an order";
    CHECK(syncs_of([&] { CHECK(take(here.box()) == 1); }) == all_synced{{here.path("/taken"), "a.bundle "}});
}

TEST_CASE("the directories of a new box are durable in theirs")
{
    const auto around = scratch{};
    CHECK(syncs_of([&] { CHECK(drop_box::open(around.path() + "/box").has_value()); })
          == all_synced{
              {around.path(), "box "}, {around.path() + "/box", "taken "}, {around.path() + "/box", "results taken "}});
}

TEST_CASE("a private file is on the disk whole before it takes its name, and its name before the call returns")
{
    const auto around = scratch{};
    const auto path = around.path() + "/state.json";
    std::ofstream{path} << "old";
    CHECK(syncs_of([&] { CHECK(felhom::io::write_private_file_atomically(path, "new").has_value()); })
          == all_synced{{around.path() + "/.state.json.new", "new"}, {around.path(), "state.json "}});
}

TEST_CASE("a file that does not get its name is an error, and leaves nothing beside the others")
{
    auto here = empty_box{};
    const auto path = here.path("/state.json");
    std::ofstream{path} << "old";
    syncs().takes_names = false;
    CHECK_FALSE(here.box().write_result("a.json", "an answer").has_value());
    CHECK_FALSE(felhom::io::write_private_file_atomically(path, "new").has_value());
    syncs().takes_names = true;
    CHECK(held_by(path) == "old");
    CHECK(held_by(here.path("/results")).empty());
    CHECK(held_by(here.path("")) == "results state.json taken ");
}

TEST_CASE("what the disk does not take is an error, at each step")
{
    for (const auto step : {std::size_t{0}, std::size_t{1}}) {
        auto here = empty_box{};
        const auto path = here.path("/state.json");
        std::ofstream{here.path("/a.bundle")} << "an order";
        syncs_of([&] { CHECK_FALSE(here.box().write_result("a.json", "an answer").has_value()); }, step);
        syncs_of([&] { CHECK_FALSE(here.box().put("b.bundle", "an order").has_value()); }, step);
        syncs_of([&] { CHECK_FALSE(felhom::io::write_private_file_atomically(path, "new").has_value()); }, step);
        CHECK(here.box().stored_result("a.json").has_value() == (step == 1));
        CHECK(std::filesystem::exists(path) == (step == 1));
    }
    auto here = empty_box{};
    std::ofstream{here.path("/a.bundle")} << "an order";
    syncs_of([&] { CHECK(take(here.box()) == 0); }, 0);
    CHECK(take(here.box()) == 1);
}

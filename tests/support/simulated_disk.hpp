// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/journal/disk.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace felhom::tests {

/// What goes wrong at one call that changes the disk.
enum class fault : std::uint8_t {
    no_space,    ///< the call does nothing and says ENOSPC
    io_error,    ///< some of its effect happens, it says EIO, and what it did not write is lost for good
    read_only,   ///< this call and all later ones say EROFS
    short_write, ///< a write takes only a part, as the system may; other calls are well
    power_cut,   ///< the machine dies during the call: some of its effect happens
    cut_after,   ///< the machine dies once the call has answered
};

inline constexpr auto every_fault = std::array{fault::no_space,    fault::io_error,  fault::read_only,
                                               fault::short_write, fault::power_cut, fault::cut_after};

/// The calls that change nothing.
enum class look : std::uint8_t { open, size, flaw, read, exists, lock };

inline constexpr auto every_look = std::array{look::open, look::size, look::flaw, look::read, look::exists, look::lock};

/// What was asked of the disk so far.
struct call_counts {
    std::size_t writes = 0;
    std::size_t syncs = 0;
    std::map<look, std::size_t> looks;
};

/// A file system in memory, with a page cache in front of its platter: what is not synced survives a power cut in part,
/// in any order, fragment by fragment, and names change on the platter only when their directory is synced, or some
/// time before.
class simulated_disk {
public:
    explicit simulated_disk(std::uint32_t seed) : state_{std::make_shared<state>(seed)} {}

    /// Lets the nth call from now go wrong, counted among those that change the disk.
    void plan(std::size_t nth, fault what)
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->planned = std::pair{state_->changes + nth, what};
    }

    /// Lets the nth look of this kind from now fail with EIO.
    void plan(std::size_t nth, look what)
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->blind = std::pair{what, state_->counts.looks[what] + nth};
    }

    /// Nothing that was planned and has not happened yet will.
    void heal()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->planned.reset();
        state_->blind.reset();
    }

    [[nodiscard]] auto counts() const -> call_counts
    {
        const auto hold = std::lock_guard{state_->mutex};
        return state_->counts;
    }

    /// Makes the file what others can read or write, or what only its owner can.
    void expose(const std::filesystem::path& path, std::optional<file_flaw> flaw)
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->names.at(path)->flaw = flaw;
    }

    /// How many calls changed the disk, or tried to.
    [[nodiscard]] auto changes() const -> std::size_t
    {
        const auto hold = std::lock_guard{state_->mutex};
        return state_->changes;
    }

    /// The machine dies: from now on every call fails.
    void cut_power()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->cut_power();
    }

    /// It says that it has synced, and has not.
    void lie_about_syncs()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->lies = true;
    }

    /// The program that uses it dies: from now on every call fails, and nothing that was written is lost.
    void kill_program()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->dead = true;
    }

    /// Another program may use it, with all that the one before had written.
    void start_program()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->dead = false;
        state_->planned.reset();
        state_->locks.clear();
    }

    /// The machine starts again, with what is on the platter. The programs that ran before are gone.
    void power_on()
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->power_on();
    }

    /// Changes what a file holds, on the platter too, as a bad sector or an intruder would.
    template <typename Alter>
    void tamper(const std::filesystem::path& path, Alter alter)
    {
        const auto hold = std::lock_guard{state_->mutex};
        auto& file = *state_->names.at(path);
        alter(file.cached);
        file.platter = file.cached;
        file.dirty.clear();
    }

    void remove(const std::filesystem::path& path)
    {
        const auto hold = std::lock_guard{state_->mutex};
        state_->names.erase(path);
        state_->platter_names.erase(path);
    }

    [[nodiscard]] auto contents(const std::filesystem::path& path) const -> std::string
    {
        const auto hold = std::lock_guard{state_->mutex};
        const auto found = state_->names.find(path);
        return found == state_->names.end() ? std::string{} : found->second->cached;
    }

    /// The disk as the log is given it.
    [[nodiscard]] auto calls() const -> io::disk
    {
        const auto s = state_;
        return io::disk{
            .open = [s](const auto& path, io::open_mode mode) { return s->open(path, mode); },
            .close = [s](io::file_id id) { s->close(id); },
            .flaw = [s](io::file_id id) -> io::disk_result<std::optional<file_flaw>> {
                const auto hold = std::lock_guard{s->mutex};
                if (!s->sees(look::flaw)) {
                    return failed(std::errc::io_error);
                }
                return s->file(id).flaw;
            },
            .size = [s](io::file_id id) -> io::disk_result<std::uint64_t> {
                const auto hold = std::lock_guard{s->mutex};
                return s->sees(look::size) ? io::disk_result<std::uint64_t>{s->file(id).cached.size()}
                                           : failed(std::errc::io_error);
            },
            .read = [s](io::file_id id, std::span<char> into, std::uint64_t at) { return s->read(id, into, at); },
            .write = [s](io::file_id id, std::string_view bytes, std::uint64_t at) { return s->write(id, bytes, at); },
            .sync_data = [s](io::file_id id) { return s->sync(id); },
            .truncate = [s](io::file_id id, std::uint64_t size) { return s->truncate(id, size); },
            .rename = [s](const auto& from, const auto& to) { return s->rename(from, to); },
            .link = [s](const auto& file, const auto& second) { return s->link(file, second); },
            .remove = [s](const auto& file) { return s->remove(file); },
            .list = [s](const auto& directory) -> io::disk_result<std::vector<std::filesystem::path>> {
                const auto hold = std::lock_guard{s->mutex};
                if (s->dead) {
                    return failed(std::errc::io_error);
                }
                auto all = std::vector<std::filesystem::path>{};
                for (const auto& [name, file] : s->names) {
                    if (name.parent_path() == directory) {
                        all.push_back(name);
                    }
                }
                return all;
            },
            .sync_directory = [s](const auto&) { return s->sync_directory(); },
            .exists = [s](const auto& path) -> io::disk_result<bool> {
                const auto hold = std::lock_guard{s->mutex};
                return s->sees(look::exists) ? io::disk_result<bool>{s->names.contains(path)}
                                             : failed(std::errc::io_error);
            },
            .lock = [s](const auto& path, std::string_view holder) { return s->lock(path, holder); },
        };
    }

private:
    using error = tl::unexpected<std::error_code>;

    [[nodiscard]] static auto failed(std::errc what) -> error { return error{std::make_error_code(what)}; }

    struct change {
        std::uint64_t offset;
        std::string bytes;
        bool is_cut = false; ///< the file ends at offset
    };

    struct inode {
        std::string cached;
        std::string platter;
        std::vector<change> dirty;
        std::optional<file_flaw> flaw;
    };
    using inode_ptr = std::shared_ptr<inode>;
    using name_table = std::map<std::filesystem::path, inode_ptr>;

    struct state {
        explicit state(std::uint32_t seed) : random{seed} {}

        std::mutex mutex;
        std::mt19937 random;
        name_table names;
        name_table platter_names;
        std::vector<name_table> pending_names;
        std::map<int, inode_ptr> open_files;
        int next_id = 3;
        std::map<std::filesystem::path, std::pair<std::string, std::weak_ptr<const void>>> locks;
        std::size_t changes = 0;
        std::optional<std::pair<std::size_t, fault>> planned;
        call_counts counts;
        std::optional<std::pair<look, std::size_t>> blind;
        bool dead = false;
        bool read_only = false;
        bool dies_after = false;
        bool lies = false;

        auto chance(unsigned of) -> bool { return random() % of == 0; }
        auto file(io::file_id id) -> inode& { return *open_files.at(static_cast<int>(id)); }

        /// Counts a look and says whether it succeeds.
        auto sees(look what) -> bool
        {
            const auto now = counts.looks[what]++;
            return !dead && blind != std::pair{what, now};
        }

        static void apply(std::string& to, const change& one)
        {
            if (one.is_cut) {
                to.resize(one.offset, '\0');
                return;
            }
            to.resize(std::max<std::size_t>(to.size(), one.offset + one.bytes.size()), '\0');
            std::memcpy(to.data() + one.offset, one.bytes.data(), one.bytes.size());
        }

        /// Some fragments of what is dirty reach the platter.
        void spill(inode& file)
        {
            const auto fragment = std::array<std::size_t, 4>{1, 16, 64, 512}[random() % 4];
            const auto mood = random() % 4; // all, none, or some
            const auto lands = [&] { return mood == 0 || (mood != 1 && chance(2)); };
            for (const auto& one : file.dirty) {
                if (one.is_cut) {
                    if (lands()) {
                        apply(file.platter, one);
                    }
                    continue;
                }
                // Zeros filled ahead would dwarf the rest: they land or not in larger pieces.
                const auto size = one.bytes.size() > 4096 ? std::size_t{1024} : fragment;
                for (auto at = std::size_t{0}; at < one.bytes.size(); at += size) {
                    if (lands()) {
                        apply(file.platter, {.offset = one.offset + at, .bytes = one.bytes.substr(at, size)});
                    }
                }
            }
            file.dirty.clear();
        }

        void cut_power()
        {
            if (dead) {
                return;
            }
            dead = true;
            if (!pending_names.empty()) {
                const auto landed = random() % (pending_names.size() + 1);
                if (landed > 0) {
                    platter_names = pending_names[landed - 1];
                }
            }
            auto files = std::set<inode_ptr>{};
            for (const auto* table : {&names, &platter_names}) {
                for (const auto& [name, file] : *table) {
                    files.insert(file);
                }
            }
            for (const auto& file : files) {
                spill(*file);
            }
        }

        void power_on()
        {
            dead = false;
            read_only = false;
            dies_after = false;
            planned.reset();
            pending_names.clear();
            names = platter_names;
            locks.clear();
            for (const auto& [name, file] : names) {
                file->cached = file->platter;
                file->dirty.clear();
            }
        }

        /// Counts a call and says what goes wrong with it.
        auto next_fault() -> std::optional<fault>
        {
            const auto now = changes++;
            if (planned && planned->first == now) {
                read_only = planned->second == fault::read_only;
                dies_after = planned->second == fault::cut_after;
                return planned->second;
            }
            return std::nullopt;
        }

        /// The fate of a call that changes nothing but names or sizes: an error, or nothing.
        auto refusal(std::optional<fault> what) -> std::optional<error>
        {
            if (dead) {
                return failed(std::errc::io_error);
            }
            if (read_only) {
                return failed(std::errc::read_only_file_system);
            }
            return what == fault::no_space ? std::optional{failed(std::errc::no_space_on_device)} : std::nullopt;
        }

        auto settle() -> void
        {
            if (std::exchange(dies_after, false)) {
                cut_power();
            }
        }

        auto open(const std::filesystem::path& path, io::open_mode mode) -> io::disk_result<io::file_id>
        {
            const auto hold = std::lock_guard{mutex};
            if (!sees(look::open)) {
                return failed(std::errc::io_error);
            }
            if (mode == io::open_mode::create_empty) {
                const auto what = next_fault();
                if (const auto refused = refusal(what); refused) {
                    return *refused;
                }
                if (what == fault::io_error) {
                    return failed(std::errc::io_error);
                }
                names[path] = std::make_shared<inode>();
                pending_names.push_back(names);
                if (what == fault::power_cut) {
                    cut_power();
                    return failed(std::errc::io_error);
                }
            }
            const auto found = names.find(path);
            if (found == names.end()) {
                return failed(std::errc::no_such_file_or_directory);
            }
            open_files[next_id] = found->second;
            settle();
            return io::file_id{next_id++};
        }

        void close(io::file_id id)
        {
            const auto hold = std::lock_guard{mutex};
            open_files.erase(static_cast<int>(id));
        }

        auto read(io::file_id id, std::span<char> into, std::uint64_t at) -> io::disk_result<std::size_t>
        {
            const auto hold = std::lock_guard{mutex};
            if (!sees(look::read)) {
                return failed(std::errc::io_error);
            }
            const auto& bytes = file(id).cached;
            if (at >= bytes.size()) {
                return std::size_t{0};
            }
            // Reads may be short, too.
            const auto most = std::min<std::size_t>(into.size(), bytes.size() - at);
            const auto size = most > 1 && chance(4) ? most / 2 : most;
            std::memcpy(into.data(), bytes.data() + at, size);
            return size;
        }

        auto write(io::file_id id, std::string_view bytes, std::uint64_t at) -> io::disk_result<std::size_t>
        {
            const auto hold = std::lock_guard{mutex};
            ++counts.writes;
            const auto what = next_fault();
            if (const auto refused = refusal(what); refused) {
                return *refused;
            }
            const auto is_partial = what == fault::short_write || what == fault::io_error || what == fault::power_cut;
            const auto part =
                bytes.substr(0, is_partial && bytes.size() > 1 ? 1 + random() % (bytes.size() - 1) : bytes.size());
            auto& to = file(id);
            const auto made = change{.offset = at, .bytes = std::string{part}};
            apply(to.cached, made);
            to.dirty.push_back(made);
            if (what == fault::io_error) {
                return failed(std::errc::io_error);
            }
            if (what == fault::power_cut) {
                cut_power();
                return failed(std::errc::io_error);
            }
            settle();
            return part.size();
        }

        auto sync(io::file_id id) -> io::disk_result<void>
        {
            const auto hold = std::lock_guard{mutex};
            ++counts.syncs;
            const auto what = next_fault();
            if (dead || read_only || what == fault::no_space || what == fault::io_error || what == fault::power_cut) {
                // As on Linux: what could not be written counts as clean afterwards, and no later sync writes it.
                if (what == fault::power_cut) {
                    cut_power();
                } else if (!dead) {
                    spill(file(id));
                }
                return failed(what == fault::no_space ? std::errc::no_space_on_device : std::errc::io_error);
            }
            auto& synced = file(id);
            if (lies) {
                return {};
            }
            for (const auto& one : synced.dirty) {
                apply(synced.platter, one);
            }
            synced.dirty.clear();
            settle();
            return {};
        }

        auto truncate(io::file_id id, std::uint64_t size) -> io::disk_result<void>
        {
            const auto hold = std::lock_guard{mutex};
            const auto what = next_fault();
            if (const auto refused = refusal(what); refused) {
                return *refused;
            }
            if (what == fault::io_error) {
                return failed(std::errc::io_error);
            }
            auto& to = file(id);
            const auto made = change{.offset = size, .bytes = {}, .is_cut = true};
            apply(to.cached, made);
            to.dirty.push_back(made);
            if (what == fault::power_cut) {
                cut_power();
                return failed(std::errc::io_error);
            }
            settle();
            return {};
        }

        /// A call that changes names, and is durable only with its directory.
        template <typename Change>
        auto change_names(const std::filesystem::path& needed, Change change) -> io::disk_result<void>
        {
            const auto hold = std::lock_guard{mutex};
            const auto what = next_fault();
            if (const auto refused = refusal(what); refused) {
                return *refused;
            }
            if (!names.contains(needed)) {
                return failed(std::errc::no_such_file_or_directory);
            }
            change();
            pending_names.push_back(names);
            if (what == fault::io_error) {
                return failed(std::errc::io_error);
            }
            if (what == fault::power_cut) {
                cut_power();
                return failed(std::errc::io_error);
            }
            settle();
            return {};
        }

        auto rename(const std::filesystem::path& from, const std::filesystem::path& to) -> io::disk_result<void>
        {
            return change_names(from, [&] {
                names[to] = names[from];
                names.erase(from);
            });
        }

        auto link(const std::filesystem::path& file, const std::filesystem::path& second) -> io::disk_result<void>
        {
            return change_names(file, [&] { names[second] = names[file]; });
        }

        auto remove(const std::filesystem::path& file) -> io::disk_result<void>
        {
            return change_names(file, [&] { names.erase(file); });
        }

        auto sync_directory() -> io::disk_result<void>
        {
            const auto hold = std::lock_guard{mutex};
            const auto what = next_fault();
            if (const auto refused = refusal(what); refused) {
                return *refused;
            }
            if (what == fault::io_error) {
                return failed(std::errc::io_error);
            }
            if (what == fault::power_cut) {
                cut_power();
                return failed(std::errc::io_error);
            }
            platter_names = names;
            pending_names.clear();
            settle();
            return {};
        }

        auto lock(const std::filesystem::path& path, std::string_view holder)
            -> tl::expected<io::lock_token, std::variant<io::lock_held, std::error_code>>
        {
            using failure = std::variant<io::lock_held, std::error_code>;
            const auto hold = std::lock_guard{mutex};
            if (!sees(look::lock)) {
                return tl::unexpected<failure>(std::make_error_code(std::errc::io_error));
            }
            if (read_only) {
                return tl::unexpected<failure>(std::make_error_code(std::errc::read_only_file_system));
            }
            if (const auto held = locks.find(path); held != locks.end() && !held->second.second.expired()) {
                return tl::unexpected<failure>(io::lock_held{.holder = held->second.first});
            }
            if (!names.contains(path)) {
                names[path] = std::make_shared<inode>();
                pending_names.push_back(names);
            }
            auto token = io::lock_token{std::make_shared<int>(0)};
            locks[path] = {std::string{holder}, token};
            return token;
        }
    };

    std::shared_ptr<state> state_;
};

} // namespace felhom::tests

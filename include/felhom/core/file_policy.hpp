// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// Which files and directories may be believed. What is judged was read from an opened descriptor, by io/files.
namespace felhom {

/// What a file stands for.
enum class file_kind {
    secret,    ///< tokens and keys, and a configuration that may hold them: nobody but its user may read it
    authority, ///< signers, desired state, certificates: everybody may read it, nobody else may write it
};

/// What the descriptor says.
struct file_facts {
    enum class type { regular, directory, symlink, other };

    type what;
    std::uint32_t mode; ///< the permission bits, with set-id and sticky
    std::uint32_t owner;
    std::uint32_t group;

    friend auto operator==(const file_facts&, const file_facts&) -> bool = default;
};

/// As whom the file is read.
struct file_reader {
    std::uint32_t user;
    std::uint32_t group; ///< the process's own one, not one that it also belongs to

    friend auto operator==(const file_reader&, const file_reader&) -> bool = default;
};

struct is_symlink {
    friend auto operator==(const is_symlink&, const is_symlink&) -> bool = default;
};

struct wrong_type {
    std::string_view expected; ///< "a regular file"

    friend auto operator==(const wrong_type&, const wrong_type&) -> bool = default;
};

/// It belongs to somebody who could change it, or its permissions, at any time.
struct foreign_owner {
    std::uint32_t owner;
    std::uint32_t expected; ///< whom to give it to

    friend auto operator==(const foreign_owner&, const foreign_owner&) -> bool = default;
};

struct others_can_read {
    std::uint32_t mode;
    bool directory;
    std::optional<std::uint32_t> for_group = std::nullopt; ///< root's file, which this group is to read

    friend auto operator==(const others_can_read&, const others_can_read&) -> bool = default;
};

struct others_can_write {
    std::uint32_t mode;
    bool directory;
    file_kind kind;
    std::optional<std::uint32_t> for_group = std::nullopt; ///< root's secret, which this group is to read

    friend auto operator==(const others_can_write&, const others_can_write&) -> bool = default;
};

/// Why a file or a directory is not to be believed.
using file_flaw = std::variant<is_symlink, wrong_type, foreign_owner, others_can_read, others_can_write>;

namespace detail {

inline constexpr auto group_or_others_write = std::uint32_t{0022};
inline constexpr auto group_or_others = std::uint32_t{0077};
inline constexpr auto group_reads = std::uint32_t{0040};
inline constexpr auto sticky = std::uint32_t{01000};
inline constexpr auto root_user = std::uint32_t{0};

/// What root keeps for an agent without root: that one's group may read it, and nobody but root can change it.
[[nodiscard]] inline auto group_that_reads(const file_facts& facts, file_kind kind, const file_reader& reader)
    -> std::optional<std::uint32_t>
{
    const auto is_roots_secret =
        kind == file_kind::secret && facts.what == file_facts::type::regular && facts.owner == root_user;
    return is_roots_secret && reader.user != root_user ? std::optional{reader.group} : std::nullopt;
}

[[nodiscard]] inline auto flaw_of(const file_facts& facts, file_facts::type type, file_kind kind,
                                  const file_reader& reader) -> std::optional<file_flaw>
{
    const auto directory = type == file_facts::type::directory;
    if (facts.what == file_facts::type::symlink) {
        return is_symlink{};
    }
    if (facts.what != type) {
        return wrong_type{directory ? "a directory" : "a regular file"};
    }
    if (facts.owner != root_user && facts.owner != reader.user) {
        // What only says what is to be done is best root's: who takes the agent's user can then not change it.
        return foreign_owner{.owner = facts.owner,
                             .expected = kind == file_kind::authority && !directory ? root_user : reader.user};
    }
    const auto reading_group = group_that_reads(facts, kind, reader);
    if ((facts.mode & group_or_others_write) != 0) {
        return others_can_write{.mode = facts.mode, .directory = directory, .kind = kind, .for_group = reading_group};
    }
    const auto open = facts.mode & group_or_others;
    if (kind == file_kind::secret && open != 0 && (open != group_reads || reading_group != facts.group)) {
        return others_can_read{.mode = facts.mode, .directory = directory, .for_group = reading_group};
    }
    return std::nullopt;
}

} // namespace detail

/// What is wrong with a file, for who is to read it.
[[nodiscard]] inline auto judge_file(const file_facts& facts, file_kind kind, const file_reader& reader)
    -> std::optional<file_flaw>
{
    return detail::flaw_of(facts, file_facts::type::regular, kind, reader);
}

/// What is wrong with a directory that the agent keeps files in.
[[nodiscard]] inline auto judge_directory(const file_facts& facts, file_kind kind, const file_reader& reader)
    -> std::optional<file_flaw>
{
    return detail::flaw_of(facts, file_facts::type::directory, kind, reader);
}

/// What is wrong with a directory on the way to the one that holds the file. A sticky directory of root, such as /tmp,
/// may be writable by all: nobody can rename or replace in it what belongs to root or to us, and what comes next on the
/// way must. The directory that holds the file itself gets no such leave: somebody could put a name there first.
[[nodiscard]] inline auto judge_ancestor(const file_facts& facts, const file_reader& reader) -> std::optional<file_flaw>
{
    if (facts.what == file_facts::type::directory && facts.owner == detail::root_user
        && (facts.mode & detail::sticky) != 0) {
        return std::nullopt;
    }
    return judge_directory(facts, file_kind::authority, reader);
}

/// The group that a secret of root's was made for, so that its user reads it and cannot change it; nothing: no other
/// than its owner reads it, or too many do.
[[nodiscard]] inline auto made_for_group(const file_facts& facts) -> std::optional<std::uint32_t>
{
    const auto is_roots = facts.what == file_facts::type::regular && facts.owner == detail::root_user;
    const auto is_groups =
        facts.group != detail::root_user && (facts.mode & detail::group_or_others) == detail::group_reads;
    return is_roots && is_groups ? std::optional{facts.group} : std::nullopt;
}

/// The command that mends a flaw; empty where none does.
[[nodiscard]] inline auto remedy(const file_flaw& flaw, std::string_view path) -> std::string
{
    // Quoted for the shell, since the command is there to be copied.
    auto name = std::string{"'"};
    for (const auto c : path) {
        name += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    name += "'";
    const auto plain = path.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@")
                       == std::string_view::npos;
    const auto target = plain ? std::string{path} : name;
    const auto close = [&](bool directory, const std::optional<std::uint32_t>& for_group) {
        return for_group ? "chgrp " + std::to_string(*for_group) + " " + target + " && chmod 640 " + target
                         : (directory ? "chmod 700 " : "chmod 600 ") + target;
    };
    return std::visit(overloaded{
                          [](const is_symlink&) { return std::string{}; },
                          [](const wrong_type&) { return std::string{}; },
                          [&](const foreign_owner& e) {
                              return "chown " + (e.expected == detail::root_user ? "root" : std::to_string(e.expected))
                                     + " " + target;
                          },
                          [&](const others_can_read& e) { return close(e.directory, e.for_group); },
                          [&](const others_can_write& e) {
                              return e.kind == file_kind::secret ? close(e.directory, e.for_group)
                                                                 : "chmod go-w " + target;
                          },
                      },
                      flaw);
}

/// One line: what is wrong, and the command to run.
[[nodiscard]] inline auto describe(const file_flaw& flaw, std::string_view path) -> std::string
{
    const auto octal = [](std::uint32_t mode) {
        auto text = std::string{"0"};
        for (const auto shift : {6U, 3U, 0U}) {
            text += static_cast<char>('0' + ((mode >> shift) & 7U));
        }
        return text;
    };
    const auto what = std::visit(
        overloaded{
            [](const is_symlink&) { return std::string{"is a symbolic link: name the place that it leads to"}; },
            [](const wrong_type& e) { return "is not " + std::string{e.expected}; },
            [](const foreign_owner& e) { return "belongs to user " + std::to_string(e.owner); },
            [&](const others_can_read& e) { return "can be read by others (mode " + octal(e.mode) + ")"; },
            [&](const others_can_write& e) { return "can be written by others (mode " + octal(e.mode) + ")"; },
        },
        flaw);
    const auto command = remedy(flaw, path);
    return std::string{path} + " " + what + (command.empty() ? "" : "; run: " + command);
}

} // namespace felhom

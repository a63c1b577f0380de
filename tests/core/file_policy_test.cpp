#include "support/catch.hpp"

#include <felhom/core/file_policy.hpp>

#include <optional>

using namespace felhom;

namespace {

constexpr auto self = std::uint32_t{990};

auto file(std::uint32_t mode, std::uint32_t owner = self) -> file_facts
{
    return {.what = file_facts::type::regular, .mode = mode, .owner = owner};
}

auto directory(std::uint32_t mode, std::uint32_t owner = self) -> file_facts
{
    return {.what = file_facts::type::directory, .mode = mode, .owner = owner};
}

} // namespace

TEST_CASE("a file may belong to root or to the agent's user, and to nobody else")
{
    CHECK(judge_file(file(0600, 0), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0600, self), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0600, 1000), file_kind::secret, self) == file_flaw{foreign_owner{1000, self}});
    CHECK(judge_file(file(0600, 1000), file_kind::authority, 0) == file_flaw{foreign_owner{1000, 0}});
}

TEST_CASE("every single permission bit of group and others is judged for itself")
{
    for (const auto bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
        INFO(bit);
        const auto writes = (bit & 0022U) != 0;
        const auto mode = 0600U | bit;
        CHECK(judge_file(file(mode), file_kind::secret, self)
              == (writes ? file_flaw{others_can_write{mode, false, file_kind::secret}}
                         : file_flaw{others_can_read{mode, false}}));
        CHECK(
            judge_file(file(mode), file_kind::authority, self)
            == (writes ? std::optional<file_flaw>{others_can_write{mode, false, file_kind::authority}} : std::nullopt));
    }
}

TEST_CASE("a directory that all may write is passed only on the way, and only if it is root's and sticky")
{
    const auto open = file_flaw{others_can_write{01777, true, file_kind::authority}};
    CHECK(judge_ancestor(directory(01777, 0), self) == std::nullopt);
    CHECK(judge_directory(directory(01777, 0), file_kind::authority, self) == open);
    CHECK(judge_ancestor(directory(01777, self), self) == open);
    CHECK(judge_ancestor(directory(0777, 0), self) == file_flaw{others_can_write{0777, true, file_kind::authority}});
    CHECK(judge_ancestor(directory(0755, 1000), self) == file_flaw{foreign_owner{1000, self}});
}

TEST_CASE("links, and things of the wrong type, are refused before anything else is asked")
{
    const auto link = file_facts{.what = file_facts::type::symlink, .mode = 0777, .owner = 1000};
    CHECK(judge_file(link, file_kind::authority, self) == file_flaw{is_symlink{}});
    CHECK(judge_ancestor(link, self) == file_flaw{is_symlink{}});
    CHECK(judge_file(directory(0700), file_kind::authority, self) == file_flaw{wrong_type{"a regular file"}});
    CHECK(judge_directory(file(0600), file_kind::authority, self) == file_flaw{wrong_type{"a directory"}});
}

TEST_CASE("a remedy is a command that can be copied into a shell")
{
    CHECK(remedy(others_can_read{0644, false}, "/etc/f/token") == "chmod 600 /etc/f/token");
    CHECK(remedy(others_can_read{0755, true}, "/var/lib/f") == "chmod 700 /var/lib/f");
    CHECK(remedy(others_can_write{0666, false, file_kind::secret}, "/etc/f/token") == "chmod 600 /etc/f/token");
    CHECK(remedy(others_can_write{0777, true, file_kind::authority}, "/etc/f") == "chmod go-w /etc/f");
    CHECK(remedy(foreign_owner{1000, 0}, "/etc/f/token") == "chown root /etc/f/token");
    CHECK(remedy(foreign_owner{1000, self}, "/etc/f/token") == "chown 990 /etc/f/token");
    CHECK(remedy(others_can_read{0644, false}, "/a b/it's") == R"(chmod 600 '/a b/it'\''s')");
    CHECK(remedy(is_symlink{}, "/etc/f/token").empty());
    CHECK(remedy(wrong_type{"a directory"}, "/etc/f").empty());
}

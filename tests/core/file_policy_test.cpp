// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/file_policy.hpp>

#include <optional>

using namespace felhom;

namespace {

constexpr auto self = file_reader{.user = 990, .group = 991};
constexpr auto as_root = file_reader{.user = 0, .group = 0};

auto file(std::uint32_t mode, std::uint32_t owner = self.user, std::uint32_t group = self.group) -> file_facts
{
    return {.what = file_facts::type::regular, .mode = mode, .owner = owner, .group = group};
}

auto directory(std::uint32_t mode, std::uint32_t owner = self.user) -> file_facts
{
    return {.what = file_facts::type::directory, .mode = mode, .owner = owner, .group = self.group};
}

} // namespace

TEST_CASE("a file may belong to root or to the agent's user, and to nobody else")
{
    CHECK(judge_file(file(0600, 0), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0600, self.user), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0600, 1000), file_kind::secret, self) == file_flaw{foreign_owner{1000, self.user}});
    CHECK(judge_file(file(0600, 1000), file_kind::authority, as_root) == file_flaw{foreign_owner{1000, 0}});
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

TEST_CASE("a secret of root's may be read by the group of the agent's user, and by no other")
{
    CHECK(judge_file(file(0640, 0), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0440, 0), file_kind::secret, self) == std::nullopt);
    CHECK(judge_file(file(0640, 0, 1000), file_kind::secret, self) == file_flaw{others_can_read{0640, false, 991}});
    CHECK(judge_file(file(0640, 0, 0), file_kind::secret, self) == file_flaw{others_can_read{0640, false, 991}});
    CHECK(judge_file(file(0640, self.user), file_kind::secret, self) == file_flaw{others_can_read{0640, false}});
    CHECK(judge_file(file(0640, 0, 0), file_kind::secret, as_root) == file_flaw{others_can_read{0640, false}});
}

TEST_CASE("the group of the agent's user may do nothing more with root's secret than read it, and others nothing")
{
    for (const auto bit : {0010U, 0004U, 0001U}) {
        INFO(bit);
        CHECK(judge_file(file(0640U | bit, 0), file_kind::secret, self)
              == file_flaw{others_can_read{0640U | bit, false, 991}});
    }
    for (const auto bit : {0020U, 0002U}) {
        INFO(bit);
        CHECK(judge_file(file(0640U | bit, 0), file_kind::secret, self)
              == file_flaw{others_can_write{0640U | bit, false, file_kind::secret, 991}});
    }
}

TEST_CASE("a secret of root's that one group may read was made for that group")
{
    CHECK(made_for_group(file(0640, 0)) == self.group);
    CHECK(made_for_group(file(0640, 0, 0)) == std::nullopt);
    CHECK(made_for_group(file(0600, 0)) == std::nullopt);
    CHECK(made_for_group(file(0660, 0)) == std::nullopt);
    CHECK(made_for_group(file(0644, 0)) == std::nullopt);
    CHECK(made_for_group(file(0640)) == std::nullopt);
    CHECK(made_for_group(directory(0640, 0)) == std::nullopt);
}

TEST_CASE("a directory that only its owner may enter is closed to his group as well")
{
    auto of_root = directory(0750, 0);
    CHECK(judge_directory(of_root, file_kind::secret, self) == file_flaw{others_can_read{0750, true}});
    of_root.mode = 0740;
    CHECK(judge_directory(of_root, file_kind::secret, self) == file_flaw{others_can_read{0740, true}});
}

TEST_CASE("a directory that all may write is passed only on the way, and only if it is root's and sticky")
{
    const auto open = file_flaw{others_can_write{01777, true, file_kind::authority}};
    CHECK(judge_ancestor(directory(01777, 0), self) == std::nullopt);
    CHECK(judge_directory(directory(01777, 0), file_kind::authority, self) == open);
    CHECK(judge_ancestor(directory(01777, self.user), self) == open);
    CHECK(judge_ancestor(directory(0777, 0), self) == file_flaw{others_can_write{0777, true, file_kind::authority}});
    CHECK(judge_ancestor(directory(0755, 1000), self) == file_flaw{foreign_owner{1000, self.user}});
}

TEST_CASE("links, and things of the wrong type, are refused before anything else is asked")
{
    const auto link = file_facts{.what = file_facts::type::symlink, .mode = 0777, .owner = 1000, .group = 1000};
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
    CHECK(remedy(others_can_read{0644, false, 991}, "/etc/f/token")
          == "chgrp 991 /etc/f/token && chmod 640 /etc/f/token");
    CHECK(remedy(others_can_write{0666, false, file_kind::secret, 991}, "/etc/f/token")
          == "chgrp 991 /etc/f/token && chmod 640 /etc/f/token");
    CHECK(remedy(foreign_owner{1000, self.user}, "/etc/f/token") == "chown 990 /etc/f/token");
    CHECK(remedy(others_can_read{0644, false}, "/a b/it's") == R"(chmod 600 '/a b/it'\''s')");
    CHECK(remedy(is_symlink{}, "/etc/f/token").empty());
    CHECK(remedy(wrong_type{"a directory"}, "/etc/f").empty());
}

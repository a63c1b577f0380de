// SPDX-License-Identifier: Apache-2.0
#include "io/files/drop_box.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using felhom::io::box_load;
using felhom::io::drop_box;
using felhom::io::file_error;
using felhom::io::taken_file;
using felhom::testing::scratch;
using felhom::testing::unprivileged;

namespace {

using names = std::vector<std::string>;

/// What was taken, and what was refused with its reason.
struct haul {
    std::vector<taken_file> files;
    std::vector<std::pair<std::string, std::string>> refused;
};

/// The text with the path of the box as BOX.
auto with_box(std::string text, const std::string& path) -> std::string
{
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
        text.replace(at, path.size(), "BOX");
    }
    return text;
}

/// A drop box in a directory of its own, and those who put something into it.
class box_under_test {
public:
    box_under_test() : path_{around_.path() + "/box"}, box_{opened(path_)} {}

    [[nodiscard]] auto box() -> drop_box& { return box_; }
    [[nodiscard]] auto path(const std::string& below = "") const -> std::string { return path_ + below; }
    /// A place beside the box.
    [[nodiscard]] auto beside(const std::string& name) const -> std::string { return around_.path() + "/" + name; }

    void write_result_at(const std::string& name, std::int64_t time)
    {
        REQUIRE(box_.write_result(name, "text").has_value());
        const auto times = std::array<timespec, 2>{{{.tv_sec = time, .tv_nsec = 0}, {.tv_sec = time, .tv_nsec = 0}}};
        REQUIRE(::utimensat(AT_FDCWD, path("/results/" + name).c_str(), times.data(), 0) == 0);
    }

    void drop(const std::string& name, std::string_view text) const { std::ofstream{path_ + "/" + name} << text; }

    /// Takes what ends in ".bundle"; paths are told from the box on.
    [[nodiscard]] auto take() -> haul
    {
        auto refused = std::vector<std::pair<std::string, file_error>>{};
        auto taken = box_.take(".bundle", refused);
        REQUIRE(taken.has_value());
        auto all = haul{.files = *std::move(taken), .refused = {}};
        for (const auto& [name, why] : refused) {
            all.refused.emplace_back(name, with_box(describe(why), path_));
        }
        return all;
    }

    /// The program ends and begins again.
    void open_again() { box_ = opened(path_); }

    /// All names in one of the directories, drafts among them.
    [[nodiscard]] auto listed(const std::string& below) const -> names
    {
        auto all = names{};
        for (const auto& entry : std::filesystem::directory_iterator{path_ + below}) {
            all.push_back(entry.path().filename().string());
        }
        std::sort(all.begin(), all.end());
        return all;
    }

private:
    [[nodiscard]] static auto opened(const std::string& path) -> drop_box
    {
        auto made = drop_box::open(path);
        REQUIRE(made.has_value());
        return *std::move(made);
    }

    scratch around_;
    std::string path_;
    drop_box box_;
};

auto text_in(const std::string& path) -> std::string
{
    auto file = std::ifstream{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// What opening a box says once its directories were made and then spoilt, with its path as BOX.
template <typename Spoil>
auto opening_after(Spoil spoil) -> std::string
{
    return unprivileged([&](const std::string& dir) {
        const auto path = dir + "/box";
        if (!drop_box::open(path)) {
            return std::string{"it could not be made"};
        }
        spoil(path);
        const auto again = drop_box::open(path);
        return again ? std::string{"opened"} : with_box(describe(again.error()), path);
    });
}

} // namespace

TEST_CASE("a drop box makes its directories where they are missing, and nobody but their owner may enter them")
{
    CHECK(unprivileged([](const std::string& dir) {
              const auto made = drop_box::open(dir + "/box").has_value();
              const auto again = drop_box::open(dir + "/box").has_value();
              auto said = std::string{made && again ? "opened twice" : "refused"};
              for (const auto* const part : {"/box", "/box/taken", "/box/results"}) {
                  const auto status = std::filesystem::status(dir + part);
                  said += status.permissions() == std::filesystem::perms::owner_all ? ", private" : ", open";
              }
              return said;
          })
          == "opened twice, private, private, private");
}

TEST_CASE("a drop box is refused where others may write, be it the box or one of its parts")
{
    const auto opened_up = [](const std::string& part, mode_t mode) {
        return opening_after([&](const std::string& path) { ::chmod((path + part).c_str(), mode); });
    };
    CHECK(opened_up("", 0755) == "opened");
    CHECK(opened_up("", 0775) == "BOX can be written by others (mode 0775); run: chmod go-w BOX");
    CHECK(opened_up("", 0707) == "BOX can be written by others (mode 0707); run: chmod go-w BOX");
    CHECK(opened_up("/taken", 0770) == "BOX/taken can be written by others (mode 0770); run: chmod go-w BOX/taken");
    CHECK(opened_up("/results", 0702)
          == "BOX/results can be written by others (mode 0702); run: chmod go-w BOX/results");
}

TEST_CASE("a drop box that is a symbolic link is refused, and so is a part of it")
{
    const auto linked = [](const std::string& part) {
        return opening_after([&](const std::string& path) {
            std::filesystem::rename(path + part, path + part + "-elsewhere");
            std::filesystem::create_directory_symlink(path + part + "-elsewhere", path + part);
        });
    };
    CHECK(linked("") == "BOX is a symbolic link: name the place that it leads to");
    CHECK(linked("/taken") == "BOX/taken is a symbolic link: name the place that it leads to");
    CHECK(linked("/results") == "BOX/results is a symbolic link: name the place that it leads to");
}

TEST_CASE("a drop box that cannot be made is an error that says why")
{
    CHECK(unprivileged([](const std::string& dir) {
              ::chmod(dir.c_str(), 0500);
              const auto made = drop_box::open(dir + "/box");
              return made ? std::string{"made"} : with_box(describe(made.error()), dir + "/box");
          })
          == "cannot make the directory BOX: Permission denied");
}

TEST_CASE("a drop box that belongs to another user is refused")
{
    if (::geteuid() != 0) {
        return; // only root can give a directory away
    }
    const auto around = scratch{};
    const auto path = around.path() + "/box";
    REQUIRE(drop_box::open(path).has_value());
    static constexpr auto nobody = uid_t{65534};
    REQUIRE(::chown((path + "/taken").c_str(), nobody, nobody) == 0);
    const auto again = drop_box::open(path);
    REQUIRE_FALSE(again.has_value());
    CHECK(with_box(describe(again.error()), path) == "BOX/taken belongs to user 65534; run: chown root BOX/taken");
}

TEST_CASE("what was dropped is moved out of the box and read, in the order of the names")
{
    auto here = box_under_test{};
    here.drop("b.bundle", "second");
    here.drop("a.bundle", "first");
    CHECK(here.take().files == std::vector<taken_file>{{"a.bundle", "first"}, {"b.bundle", "second"}});
    CHECK(here.listed("") == names{"results", "taken"});
    CHECK(here.listed("/taken") == names{"a.bundle", "b.bundle"});
}

TEST_CASE("what has another ending stays where it is, as does a draft")
{
    auto here = box_under_test{};
    here.drop("a.bundle.tmp", "half");
    here.drop(".a.bundle", "half");
    here.drop("readme", "text");
    CHECK(here.take().files.empty());
    CHECK(here.listed("") == names{".a.bundle", "a.bundle.tmp", "readme", "results", "taken"});
}

TEST_CASE("a file that was taken is found again, by the next program too, until it is discarded")
{
    auto here = box_under_test{};
    here.drop("a.bundle", "text");
    const auto once = here.take().files;
    here.open_again();
    CHECK(here.take().files == once);
    REQUIRE(here.box().discard("a.bundle").has_value());
    CHECK(here.take().files.empty());
    CHECK_FALSE(here.box().discard("a.bundle").has_value());
}

TEST_CASE("a second file of a name that was taken is taken beside it, and replaces nothing")
{
    auto here = box_under_test{};
    here.drop("a.bundle", "first");
    static_cast<void>(here.take());
    here.drop("a.bundle", "second");
    CHECK(here.take().files == std::vector<taken_file>{{"1-a.bundle", "second"}, {"a.bundle", "first"}});
}

TEST_CASE("a link is taken and not followed, and putting it back leaves what it points to")
{
    auto here = box_under_test{};
    const auto target = here.beside("secret");
    std::ofstream{target} << "secret";
    std::filesystem::create_symlink(target, here.path("/a.bundle"));
    const auto taken = here.take();
    CHECK(taken.files.empty());
    CHECK(taken.refused
          == std::vector<std::pair<std::string, std::string>>{
              {"a.bundle", "BOX/taken/a.bundle is a symbolic link: name the place that it leads to"}});
    CHECK(here.box().put_back("a.bundle").has_value());
    CHECK(text_in(target) == "secret");
}

TEST_CASE("what is no regular file is refused, a pipe without waiting for its writer, and the others are read")
{
    auto here = box_under_test{};
    REQUIRE(::mkfifo(here.path("/a.bundle").c_str(), 0600) == 0);
    std::filesystem::create_directory(here.path("/b.bundle"));
    here.drop("c.bundle", "text");
    const auto taken = here.take();
    CHECK(taken.files == std::vector<taken_file>{{"c.bundle", "text"}});
    CHECK(
        taken.refused
        == std::vector<std::pair<std::string, std::string>>{{"a.bundle", "BOX/taken/a.bundle is not a regular file"},
                                                            {"b.bundle", "BOX/taken/b.bundle is not a regular file"}});
}

TEST_CASE("a socket that was dropped is no regular file, whatever the system says of opening it")
{
    auto here = box_under_test{};
    REQUIRE(::mknod(here.path("/a.bundle").c_str(), S_IFSOCK | 0600, 0) == 0);
    const auto taken = here.take();
    CHECK(
        taken.refused
        == std::vector<std::pair<std::string, std::string>>{{"a.bundle", "BOX/taken/a.bundle is not a regular file"}});
}

TEST_CASE("what is put back has all that was in it, under a name that is neither taken nor anybody's")
{
    auto here = box_under_test{};
    for (auto times = 0; times < 2; ++times) {
        std::filesystem::create_directory(here.path("/a.bundle"));
        here.drop("a.bundle/file", "text");
        CHECK(here.take().refused.size() == 1);
        CHECK(here.box().put_back("a.bundle") == (times == 0 ? "a.bundle.refused" : "1-a.bundle.refused"));
    }
    CHECK(here.take().refused.empty());
    CHECK(text_in(here.path("/a.bundle.refused/file")) == "text");
    CHECK(text_in(here.path("/1-a.bundle.refused/file")) == "text");
}

TEST_CASE("a dropped file is read up to the limit and not beyond")
{
    auto here = box_under_test{};
    here.drop("a.bundle", "");
    here.drop("b.bundle", "");
    std::filesystem::resize_file(here.path("/a.bundle"), drop_box::largest_file);
    std::filesystem::resize_file(here.path("/b.bundle"), drop_box::largest_file + 1);
    const auto taken = here.take();
    REQUIRE(taken.files.size() == 1);
    CHECK(taken.files.front().text.size() == drop_box::largest_file);
    REQUIRE(taken.refused.size() == 1);
    CHECK(taken.refused.front().second
          == "BOX/taken/b.bundle is longer than " + std::to_string(drop_box::largest_file)
                 + " bytes, the most that is read");
}

TEST_CASE("a file that may not be read is refused by its name in taken")
{
    CHECK(unprivileged([](const std::string& dir) {
              auto box = drop_box::open(dir + "/box");
              std::ofstream{dir + "/box/a.bundle"} << "text";
              ::chmod((dir + "/box/a.bundle").c_str(), 0000);
              auto refused = std::vector<std::pair<std::string, file_error>>{};
              const auto taken = box->take(".bundle", refused);
              return refused.size() == 1 && taken && taken->empty() ? refused.front().first : std::string{"taken"};
          })
          == "a.bundle");
}

TEST_CASE("what is put into the box is taken as if it had been dropped, and no other program can see half of it")
{
    auto here = box_under_test{};
    // What a power cut left of an earlier attempt.
    std::ofstream{here.path("/taken/.a.bundle.new")} << "ha";
    REQUIRE(here.box().put("a.bundle", "whole").has_value());
    CHECK(here.listed("/taken") == names{"a.bundle"});
    CHECK(here.take().files == std::vector<taken_file>{{"a.bundle", "whole"}});
}

TEST_CASE("what is put twice under one name stays as it was put first")
{
    auto here = box_under_test{};
    REQUIRE(here.box().put("a.bundle", "first").has_value());
    CHECK(here.box().put("a.bundle", "second").has_value());
    CHECK(here.take().files == std::vector<taken_file>{{"a.bundle", "first"}});
}

TEST_CASE("a name that leads elsewhere, or that nobody would find again, is not written")
{
    auto here = box_under_test{};
    for (const auto& name : {std::string{}, std::string{"."}, std::string{".."}, std::string{".a"}, std::string{"../a"},
                             std::string{"b/a"}, here.beside("a")}) {
        INFO(name);
        CHECK_FALSE(here.box().put(name, "text").has_value());
        CHECK_FALSE(here.box().write_result(name, "text").has_value());
    }
    CHECK_FALSE(std::filesystem::exists(here.beside("a")));
    CHECK(here.listed("") == names{"results", "taken"});
    CHECK(here.listed("/taken").empty());
    CHECK(here.listed("/results").empty());
}

TEST_CASE("no result is written into a directory below")
{
    auto here = box_under_test{};
    std::filesystem::create_directories(here.path("/results/.b"));
    std::filesystem::create_directories(here.path("/results/b"));
    CHECK_FALSE(here.box().write_result("b/a", "text").has_value());
    CHECK(std::filesystem::is_empty(here.path("/results/b")));
}

TEST_CASE("the first result of a name stays, whatever is written after it")
{
    auto here = box_under_test{};
    REQUIRE(here.box().write_result("a.json", "first").has_value());
    CHECK(here.box().write_result("a.json", "second").has_value());
    CHECK(here.box().stored_result("a.json") == "first");
    here.open_again();
    CHECK(here.box().stored_result("a.json") == "first");
}

TEST_CASE("a result is whole or not there: what a power cut left of one is written anew, and listed never")
{
    auto here = box_under_test{};
    std::ofstream{here.path("/results/.a.json.new")} << "ha";
    std::ofstream{here.path("/results/.b.json.new")} << "ha";
    REQUIRE(here.box().write_result("a.json", "whole").has_value());
    CHECK(here.box().results() == names{"a.json"});
    CHECK(here.box().stored_result("a.json") == "whole");
    CHECK(here.listed("/results") == names{".b.json.new", "a.json"});
}

TEST_CASE("a result that cannot be written is an error and leaves nothing behind")
{
    CHECK(unprivileged([](const std::string& dir) {
              auto box = drop_box::open(dir + "/box");
              ::chmod((dir + "/box/results").c_str(), 0500);
              const auto written = box->write_result("a.json", "text");
              const auto left = std::distance(std::filesystem::directory_iterator{dir + "/box/results"}, {});
              return (written ? "written" : with_box(describe(written.error()), dir + "/box")) + ", names "
                     + std::to_string(left);
          })
          == "cannot write BOX/results/a.json: Permission denied, names 0");
}

TEST_CASE("results are listed by name, and one that is not there is told from one that is")
{
    auto here = box_under_test{};
    CHECK(here.box().results() == names{});
    REQUIRE(here.box().write_result("b.json", "2").has_value());
    REQUIRE(here.box().write_result("a.json", "1").has_value());
    CHECK(here.box().results() == names{"a.json", "b.json"});
    CHECK(here.box().stored_result("b.json") == "2");
    CHECK_FALSE(here.box().stored_result("c.json").has_value());
}

TEST_CASE("a link among the results is not followed")
{
    auto here = box_under_test{};
    std::ofstream{here.beside("secret")} << "secret";
    std::filesystem::create_symlink(here.beside("secret"), here.path("/results/a.json"));
    CHECK_FALSE(here.box().stored_result("a.json").has_value());
    CHECK(here.box().write_result("a.json", "text").has_value()); // the name is taken, and the first stays
    CHECK(text_in(here.beside("secret")) == "secret");
}

TEST_CASE("results that were written before a time are removed, and later ones stay")
{
    auto here = box_under_test{};
    static constexpr auto then = std::int64_t{1'780'000'000};
    here.write_result_at("before.json", then - 1);
    here.write_result_at("at.json", then);
    here.write_result_at("after.json", then + 1);
    REQUIRE(here.box().remove_results_before(then).has_value());
    CHECK(here.box().results() == names{"after.json", "at.json"});
}

TEST_CASE("of the results whose names begin so, the newest are kept, and the others are not touched")
{
    auto here = box_under_test{};
    here.write_result_at("a-3.json", 1);
    here.write_result_at("a-1.json", 3);
    here.write_result_at("a-2.json", 2);
    here.write_result_at("b.json", 0);
    REQUIRE(here.box().keep_newest_results("a-", 2).has_value());
    CHECK(here.box().results() == names{"a-1.json", "a-2.json", "b.json"});
    REQUIRE(here.box().keep_newest_results("a-", 2).has_value());
    CHECK(here.box().results() == names{"a-1.json", "a-2.json", "b.json"});
}

TEST_CASE("what stands taken is counted, and what waits to be taken is not")
{
    auto here = box_under_test{};
    REQUIRE(here.box().put("a.bundle", "12345").has_value());
    REQUIRE(here.box().put("b.bundle", "123").has_value());
    std::ofstream{here.path("/c.bundle")} << "text";
    CHECK(here.box().load() == box_load{.files = 2, .bytes = 8});
}

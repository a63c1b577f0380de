// SPDX-License-Identifier: Apache-2.0
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/sshsig/armor.hpp>
#include <felhom/authz/sshsig/envelope.hpp>

#include <string>

using namespace felhom::authz;

namespace {

const auto begin = std::string{"-----BEGIN SSH SIGNATURE-----"};
const auto end = std::string{"-----END SSH SIGNATURE-----"};

auto accepted(const std::string& file) -> bool
{
    return decode_armor(file).has_value();
}

} // namespace

TEST_CASE("lines of any width, in LF or CRLF, with or without the last line end, hold the same bytes")
{
    for (const auto& file : {begin + "\nAAECAw==\n" + end + "\n", begin + "\nA\nAECA\nw=\n=\n" + end + "\n",
                             begin + "\r\nAAECAw==\r\n" + end + "\r\n", begin + "\nAAECAw==\n" + end,
                             begin + "\nAAECAw==\n" + end + "\n\n\r\n"}) {
        INFO(file);
        CHECK(decode_armor(file) == std::vector<char>{0, 1, 2, 3});
    }
}

TEST_CASE("nothing may stand before, within or after the armor")
{
    const auto whole = begin + "\nAAECAw==\n" + end + "\n";
    for (const auto& file :
         {"\n" + whole, " " + whole, "\xef\xbb\xbf" + whole, whole + "x", whole + " \n", whole + whole,
          begin + " \nAAECAw==\n" + end, begin + "\nAAEC\n\nAw==\n" + end, begin + "\nAAEC Aw==\n" + end,
          begin + "\nAAECAw==\n" + end + " ", begin + "\nAAECAw==\n " + end, begin + "\nAAECAw==" + end,
          begin + "\nComment: x\n\nAAECAw==\n" + end, begin + "\n" + end, begin + "\n\n" + end, begin, std::string{},
          begin + "\nAAECAw==\n" + end + "\r", begin + "\rAAECAw==\r" + end}) {
        INFO(file);
        CHECK_FALSE(accepted(file));
    }
}

TEST_CASE("base64 has one spelling: no stray padding, no stray bits, no other alphabet, no NUL")
{
    for (const auto& body : {std::string{"AAECAw="}, std::string{"AAECAw"}, std::string{"AAECAw==="},
                             std::string{"AAEC===="}, std::string{"AA==ECAw"}, std::string{"AAECAx=="},
                             std::string{"AAEC-w=="}, std::string{"AAEC_w=="}, std::string{"AAEC\xffw=="},
                             std::string{"AAECAw==\0AAAA", 13}, std::string{"AAEC\0w==", 8}, std::string{"===="}}) {
        INFO(body);
        CHECK_FALSE(accepted(begin + "\n" + body + "\n" + end));
    }
}

TEST_CASE("an error names the place in the file, across the line ends before it")
{
    CHECK(decode_armor(begin + "\r\nAAEC\r\nAw*=\r\n" + end).error()
          == bad_field{"armor body", begin.size() + 2 + 4 + 2 + 2, "base64 without blanks, padded exactly",
                       "a character that is no base64 digit"});
    CHECK(decode_armor(begin + "\nAAEC\n").error() == bad_field{"armor end", begin.size() + 6, shown(end), "\"\""});
}

TEST_CASE("armor of 64 KiB is decoded, and a byte more is refused unread")
{
    const auto room = std::size_t{64} * 1024 - begin.size() - end.size() - 2;
    const auto body = std::string(room / 4 * 4, 'A');
    const auto file = begin + "\n" + body + "\n" + end;
    CHECK(accepted(file + std::string(64 * 1024 - file.size(), '\n')));
    CHECK(decode_armor(file + std::string(64 * 1024 - file.size() + 1, '\n')).error().field == "armor");
}

TEST_CASE("each field of the envelope is named when it is wrong, with its place")
{
    const auto whole = vectors::disarmed(vectors::cases().at("pos-op-ed25519-sha256").armor);
    const auto with = [&](std::size_t at, char byte) {
        auto spoilt = whole;
        spoilt[at] = byte;
        return parse_envelope(spoilt).error();
    };
    CHECK(with(0, 'X') == bad_field{"magic", 0, "\"SSHSIG\"", "\"XSHSIG\""});
    CHECK(with(9, 0) == bad_field{"version", 6, "1 as four bytes", R"("\x00\x00\x00\x00")"});
    CHECK(with(10, '\xff').field == "public key");
    CHECK(with(whole.size() - 83 - 4, 1).field == "signature");
    CHECK(parse_envelope(whole + "x").error()
          == bad_field{"envelope", whole.size(), "the end of the envelope", "1 bytes more"});
}

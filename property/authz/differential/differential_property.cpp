// SPDX-License-Identifier: Apache-2.0
#include "authz/support/ssh_keygen.hpp"
#include "authz/support/test_key.hpp"
#include "authz/support/vectors.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/authz/pipeline.hpp>

#include <cstddef>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::authz;

namespace {

/// Stages 1 to 5: as much as ssh-keygen knows of.
auto is_authentic(const vectors::vector_case& one) -> bool
{
    return parse_armor(one.armor)
        .and_then([](armored&& s) { return require_namespace(std::move(s)); })
        .and_then([](framed&& s) { return parse_key(std::move(s), *vectors::listed("all")); })
        .and_then([&](keyed&& s) { return find_signer(std::move(s), *vectors::listed("all"), one.now); })
        .and_then([&](allowed&& s) { return authenticate(std::move(s), one.blob); })
        .has_value();
}

auto some_case() -> const vectors::vector_case&
{
    static const auto usable = [] {
        auto all = std::vector<const vectors::vector_case*>{};
        for (const auto& [name, one] : vectors::cases()) {
            if (one.signers_name == "all" && one.blob.size() < 4096 && decode_armor(one.armor)) {
                all.push_back(&one);
            }
        }
        return all;
    }();
    return **rc::gen::elementOf(usable);
}

auto place_in(const std::string& text) -> std::size_t
{
    return *rc::gen::inRange<std::size_t>(0, text.size() + 1);
}

/// A byte changed, added or taken away.
auto spoilt(std::string text) -> std::string
{
    const auto at = place_in(text);
    const auto byte = *rc::gen::weightedOneOf<char>(
        {{2, rc::gen::arbitrary<char>()}, {1, rc::gen::element('\0', '\n', '\r', ' ', '=', '\1', '\x80', '\xff')}});
    switch (*rc::gen::inRange(0, 4)) {
    case 0:
        text.insert(at, 1, byte);
        break;
    case 1:
        text.erase(at, 1);
        break;
    case 2:
        text.resize(at);
        break;
    default:
        if (at < text.size()) {
            text[at] = static_cast<char>(text[at] ^ (1 << *rc::gen::inRange(0, 8)));
        }
        break;
    }
    return text;
}

auto replaced(std::string text, const std::string& from, const std::string& to) -> std::string
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// The same envelope in lines of another width.
auto rewrapped(const std::string& armor, std::size_t width) -> std::string
{
    auto text = encode_base64(vectors::disarmed(armor));
    for (auto at = width; at < text.size(); at += width + 1) {
        text.insert(at, 1, '\n');
    }
    return "-----BEGIN SSH SIGNATURE-----\n" + text + "\n-----END SSH SIGNATURE-----\n";
}

/// The armor's text changed, often in ways that leave the signature good.
auto with_other_text(const std::string& armor) -> std::string
{
    switch (*rc::gen::inRange(0, 8)) {
    case 0:
        return decode_armor(armor) ? rewrapped(armor, *rc::gen::element<std::size_t>(1, 4, 64, 70, 76, 5000)) : armor;
    case 1:
        return replaced(armor, "\n", "\r\n");
    case 2:
        return armor + *rc::gen::element<std::string>("\n", "\r\n", "\n\n", " ", "x", "\0", armor);
    case 3:
        return *rc::gen::element<std::string>("\n", " ", "\xef\xbb\xbf", "# comment\n") + armor;
    case 4:
        return armor.substr(0, armor.size() - 1);
    default:
        return spoilt(armor);
    }
}

/// One field of the envelope changed, or the whole of it spoilt.
auto with_other_envelope(const std::string& armor, const std::string& other) -> std::string
{
    const auto bytes = vectors::disarmed(armor);
    const auto frame = parse_envelope(bytes);
    const auto other_bytes = vectors::disarmed(other);
    const auto other_frame = parse_envelope(other_bytes);
    if (!frame || !other_frame || *rc::gen::inRange(0, 3) == 0) {
        return armor_of(spoilt(bytes));
    }
    auto fields = envelope_fields{.public_key = std::string{frame->public_key},
                                  .name_space = std::string{frame->name_space},
                                  .hash = std::string{name(frame->hash)},
                                  .signature = std::string{frame->signature}};
    switch (*rc::gen::inRange(0, 7)) {
    case 0:
        fields.public_key =
            *rc::gen::arbitrary<bool>() ? std::string{other_frame->public_key} : spoilt(fields.public_key);
        break;
    case 1:
        fields.signature = *rc::gen::arbitrary<bool>() ? std::string{other_frame->signature} : spoilt(fields.signature);
        break;
    case 2:
        fields.name_space = *rc::gen::element<std::string>("", "git", "felhom-op-v1 ", "Felhom-op-v1", "felhom-op-v",
                                                           std::string{"felhom-op-v1\0", 13});
        break;
    case 3:
        fields.hash = *rc::gen::element<std::string>("sha256", "sha512", "SHA512", "sha384", "sha1", "",
                                                     std::string{"sha512\0", 7});
        break;
    case 4:
        fields.reserved = *rc::gen::element<std::string>("x", std::string(1, '\0'), "reserved");
        break;
    case 5:
        fields.magic_and_version.back() = *rc::gen::element('\0', '\1', '\2');
        break;
    default:
        return armor_of(fields.bytes() + *rc::gen::element<std::string>("", "x", std::string(1, '\0')));
    }
    return armor_of(fields.bytes());
}

auto mutant() -> vectors::vector_case
{
    auto one = some_case();
    for (auto rounds = *rc::gen::weightedElement<int>({{4, 1}, {1, 2}}); rounds > 0; --rounds) {
        switch (*rc::gen::weightedElement<int>({{3, 0}, {6, 1}, {1, 2}})) {
        case 0:
            one.armor = with_other_text(one.armor);
            break;
        case 1:
            if (decode_armor(one.armor)) {
                one.armor = with_other_envelope(one.armor, some_case().armor);
            }
            break;
        default:
            one.blob = spoilt(one.blob);
            break;
        }
    }
    return one;
}

} // namespace

TEST_CASE("no mutant of a signature is accepted here and refused by ssh-keygen")
{
    const auto folder = scratch_folder{};
    const auto allowed_signers = std::string{FELHOM_DATA} + "/sshsig/signers/all.allowed_signers";
    auto mutants = 0;
    auto asked = 0;
    rc::prop("ssh-keygen -Y verify accepts whatever is accepted here", [&] {
        const auto one = mutant();
        ++mutants;
        // What is refused here needs no second opinion.
        if (!is_authentic(one)) {
            return;
        }
        ++asked;
        // Older OpenSSH refuses armor with CR before LF, newer takes it for LF: that is the one thing that may differ.
        RC_ASSERT(ssh_keygen_accepts(folder, allowed_signers, replaced(one.armor, "\r\n", "\n"), one.blob));
    });
    WARN(asked << " of " << mutants << " mutants were accepted here, and put to ssh-keygen");
    CHECK(asked > mutants / 100);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/nonce.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/hash_chain/limits.hpp>
#include <felhom/hash_chain/payload.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

namespace detail {

[[nodiscard]] inline auto json_of(const std::vector<std::string>& texts) -> boost::json::array
{
    auto array = boost::json::array{};
    for (const auto& text : texts) {
        array.emplace_back(text);
    }
    return array;
}

[[nodiscard]] inline auto begin_record(std::string_view kind, instant at) -> boost::json::object
{
    return {{"record", kind}, {"at", to_rfc3339(at)}};
}

[[nodiscard]] inline auto begin_record(std::string_view kind, instant at, operation_id id) -> boost::json::object
{
    return {{"record", kind}, {"at", to_rfc3339(at)}, {"operation", number(id)}};
}

/// Reads the members that every record of an operation has in common, and whose absence makes it unreadable.
struct record_parts {
    operation_id id = {};
    instant at = {};
};

[[nodiscard]] inline auto parts_of(object_reader<>& in) -> record_parts
{
    return {.id = operation_id{in.integer<std::uint64_t>("operation")}, .at = in.time("at")};
}

[[nodiscard]] inline auto operation_in(object_reader<>& in) -> operation
{
    const auto name = in.text("op");
    return recorded_operation(name, in.object("params"));
}

[[nodiscard]] inline auto read_record(std::string_view kind, object_reader<>& in) -> std::optional<operation_record>
{
    static const auto any_guest = *vmid::from_number(vmid::least);
    const auto guest = [&] { return in.parsed("guest", vmid::parse).value_or(any_guest); };
    if (kind == "started") {
        const auto [id, at] = parts_of(in);
        return operation_started{.id = id,
                                 .at = at,
                                 .guest = guest(),
                                 .from = in.one_of("from", origin_words),
                                 .what = operation_in(in),
                                 .generation = in.integer<std::uint64_t>("generation"),
                                 .who = in.flag_or("attended", false) ? run_mode::interactive : run_mode::unattended,
                                 .counted_at = in.time_if("counted_at")};
    }
    if (kind == "claimed") {
        const auto [id, at] = parts_of(in);
        const auto nonce = in.parsed("nonce", authz::nonce::parse);
        return operation_claimed{.id = id,
                                 .at = at,
                                 .guest = guest(),
                                 .what = operation_in(in),
                                 .nonce = nonce ? nonce->text() : std::string{},
                                 .expires_at = in.time("expires_at"),
                                 .blob = in.parsed("blob", parse_digest).value_or(sha256_digest{}),
                                 .signers = in.texts("signers")};
    }
    if (kind == "task") {
        const auto [id, at] = parts_of(in);
        auto task = in.parsed("upid", proxmox::upid::parse);
        if (!task) {
            return std::nullopt;
        }
        return operation_task{.id = id, .at = at, .task = *std::move(task)};
    }
    if (kind == "ended") {
        const auto [id, at] = parts_of(in);
        return operation_ended{.id = id,
                               .at = at,
                               .how = in.one_of("how", ending_words),
                               .detail = in.text("detail"),
                               .code = in.text_if("code").value_or("")};
    }
    if (kind == "acknowledged") {
        const auto [id, at] = parts_of(in);
        return operation_acknowledged{.id = id, .at = at, .by = in.text("by")};
    }
    if (kind == "parked") {
        return guest_parked{.guest = guest(),
                            .at = in.time("at"),
                            .generation = in.integer<std::uint64_t>("generation"),
                            .reason = in.text("reason")};
    }
    if (kind == "released") {
        return guest_released{.guest = guest(), .at = in.time("at"), .by = in.text("by")};
    }
    if (kind == "failures") {
        return failures_counted{.guest = guest(),
                                .at = in.time("at"),
                                .generation = in.integer<std::uint64_t>("generation"),
                                .reason = in.text("reason"),
                                .times = static_cast<std::uint32_t>(in.integer<std::uint64_t>("times"))};
    }
    if (kind == "vote") {
        return signature_counted{.at = in.time("at"),
                                 .blob = in.parsed("blob", parse_digest).value_or(sha256_digest{}),
                                 .expires_at = in.time("expires_at"),
                                 .signer = in.text("signer"),
                                 .key_id = in.text("key_id")};
    }
    if (kind == "signers") {
        return signers_changed{.at = in.time("at"), .signers = in.texts("signers")};
    }
    if (kind == "remark") {
        return remark{
            .at = in.time("at"), .what = in.text("what"), .by = in.text("by"), .clock_was = in.time_if("clock_was")};
    }
    return std::nullopt;
}

} // namespace detail

[[nodiscard]] inline auto to_json(const operation_record& record) -> boost::json::object
{
    using detail::begin_record;
    return std::visit(overloaded{
                          [](const operation_started& r) {
                              auto object = begin_record("started", r.at, r.id);
                              object["guest"] = r.guest.text();
                              object["from"] = text_of(r.from);
                              object["op"] = name_of(r.what);
                              object["params"] = params_of(r.what);
                              object["generation"] = r.generation;
                              if (r.who == run_mode::interactive) { // an older agent reads over it
                                  object["attended"] = true;
                              }
                              if (r.counted_at) {
                                  object["counted_at"] = to_rfc3339(*r.counted_at);
                              }
                              return object;
                          },
                          [](const operation_claimed& r) {
                              auto object = begin_record("claimed", r.at, r.id);
                              object["guest"] = r.guest.text();
                              object["op"] = name_of(r.what);
                              object["params"] = signed_params_of(r.what);
                              object["nonce"] = r.nonce;
                              object["expires_at"] = to_rfc3339(r.expires_at);
                              object["blob"] = to_hex(r.blob);
                              object["signers"] = detail::json_of(r.signers);
                              return object;
                          },
                          [](const operation_task& r) {
                              auto object = begin_record("task", r.at, r.id);
                              object["upid"] = r.task.text();
                              return object;
                          },
                          [](const operation_ended& r) {
                              auto object = begin_record("ended", r.at, r.id);
                              object["how"] = text_of(r.how);
                              object["detail"] = r.detail;
                              if (!r.code.empty()) { // an older agent reads over it
                                  object["code"] = r.code;
                              }
                              return object;
                          },
                          [](const operation_acknowledged& r) {
                              auto object = begin_record("acknowledged", r.at, r.id);
                              object["by"] = r.by;
                              return object;
                          },
                          [](const guest_parked& r) {
                              auto object = begin_record("parked", r.at);
                              object["guest"] = r.guest.text();
                              object["generation"] = r.generation;
                              object["reason"] = r.reason;
                              return object;
                          },
                          [](const guest_released& r) {
                              auto object = begin_record("released", r.at);
                              object["guest"] = r.guest.text();
                              object["by"] = r.by;
                              return object;
                          },
                          [](const failures_counted& r) {
                              auto object = begin_record("failures", r.at);
                              object["guest"] = r.guest.text();
                              object["generation"] = r.generation;
                              object["reason"] = r.reason;
                              object["times"] = r.times;
                              return object;
                          },
                          [](const signature_counted& r) {
                              auto object = begin_record("vote", r.at);
                              object["blob"] = to_hex(r.blob);
                              object["expires_at"] = to_rfc3339(r.expires_at);
                              object["signer"] = r.signer;
                              object["key_id"] = r.key_id;
                              return object;
                          },
                          [](const signers_changed& r) {
                              auto object = begin_record("signers", r.at);
                              object["signers"] = detail::json_of(r.signers);
                              return object;
                          },
                          [](const remark& r) {
                              auto object = begin_record("remark", r.at);
                              object["what"] = r.what;
                              object["by"] = r.by;
                              if (r.clock_was) {
                                  object["clock_was"] = to_rfc3339(*r.clock_was);
                              }
                              return object;
                          },
                      },
                      record);
}

/// The record as the log takes it. An error when it is too long for one.
[[nodiscard]] inline auto to_payload(const operation_record& record) -> tl::expected<hash_chain::payload, parse_error>
{
    return hash_chain::payload::parse(print_json(to_json(record)));
}

/// Reads a record. One of a kind that is not known here was written by a newer agent, and is an error.
[[nodiscard]] inline auto parse_operation_record(std::string_view text) -> tl::expected<operation_record, json_error>
{
    return read_json(text, {.bytes = hash_chain::longest_payload}, [](const json_node& root) {
        auto in = object_reader{root};
        auto record = detail::read_record(in.text("record"), in);
        in.require(record.has_value(), "record", "a kind of record");
        return std::move(in).finish([&] { return *std::move(record); });
    });
}

} // namespace felhom::operate

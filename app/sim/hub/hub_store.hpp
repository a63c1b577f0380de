// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/serve/http.hpp"

#include <felhom/core/instant.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::sim {

/// A desired state that the hub holds for a host: a text, which need not be a good one.
struct hub_document {
    std::uint64_t generation;
    std::string text;
};

/// A signed operation that waits for its host.
struct hub_operation {
    std::string blob_sha256; ///< of the signed bytes: the name under which its result comes
    std::string bundle;
};

struct hub_report {
    instant received;
    std::string body;
};

/// What the hub was asked by one host, whatever it answered.
struct hub_counters {
    std::uint64_t reports = 0;
    std::uint64_t desired_reads = 0;
    std::uint64_t unmodified = 0; ///< of those, how many were told that nothing is new
    std::uint64_t signed_ops_reads = 0;
    std::uint64_t results = 0; ///< documents, not calls
    std::uint64_t faults = 0;  ///< calls that met one

    friend auto operator==(const hub_counters&, const hub_counters&) -> bool = default;
};

/// All that the hub knows of a host.
struct hub_host {
    std::string api_key;

    // What it answers.
    std::int64_t poll_interval_seconds = 60;
    bool blocked = false;
    std::optional<hub_document> desired = std::nullopt;
    std::optional<std::uint64_t> announced = std::nullopt; ///< a generation other than that of the document
    std::vector<hub_operation> operations = {};

    // What it received.
    std::deque<hub_report> reports = {};                    ///< the latest ones
    std::map<std::string, boost::json::value> results = {}; ///< by blob
    hub_counters counters = {};
};

/// What goes wrong with a call.
namespace hub_fault_kind {

/// The answer comes late.
struct late {
    std::chrono::milliseconds by;
};
/// The call is not carried out; this is the answer: 503 with Retry-After, a redirect, garbage, a value of a wrong type.
struct answers {
    http_response with;
};
/// The connection ends, and nothing happened.
struct drops_before_apply {};
/// The connection ends after the call was carried out.
struct drops_after_apply {};

} // namespace hub_fault_kind

/// A fault on demand: the next `times` calls whose target ends like this (any if empty), of one host, or of all.
struct hub_fault {
    std::string host;
    std::string call;
    std::variant<hub_fault_kind::late, hub_fault_kind::answers, hub_fault_kind::drops_before_apply,
                 hub_fault_kind::drops_after_apply>
        what;
    int times = 1;
};

/// An answer with these headers and the length of its body, for faults and for the hub's own.
[[nodiscard]] auto hub_response(int status, std::string reason, std::string body = {},
                                std::vector<http_header> headers = {}) -> http_response;

/// A simulated hub: it knows its hosts by their keys, keeps what they send and hands out what was put in for them. Each
/// host sees only its own.
class hub_store {
public:
    static constexpr std::size_t reports_kept = 1000;

    std::map<std::string, hub_host> hosts = {};
    std::vector<hub_fault> faults = {};

    [[nodiscard]] auto handle(const http_request& request, instant now) -> http_response;
};

} // namespace felhom::sim

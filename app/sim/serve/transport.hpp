// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/answer.hpp"
#include "sim/node/node.hpp"
#include "sim/serve/http.hpp"

#include <optional>
#include <string>

namespace felhom::sim {

/// From the bytes of a request to those of its answer: what pveproxy does around a call.
[[nodiscard]] auto serve(node& on, const http_request& request) -> http_response;

/// The path of a request below /api2/json, decoded and without its query.
[[nodiscard]] auto path_of(const http_request& request) -> std::string;

/// The guest in the path of a request.
[[nodiscard]] auto guest_in(const http_request& request) -> std::optional<guest_id>;

/// An answer of the API in PVE's form; of a call that ran in the root daemon it has two Connection headers.
[[nodiscard]] auto formatted(answer made, bool is_protected, instant now) -> http_response;

/// An answer made outside the API: plain text, or nothing.
[[nodiscard]] auto plain_answer(int status, std::string reason, std::string body, instant now) -> http_response;

} // namespace felhom::sim

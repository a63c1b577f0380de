// SPDX-License-Identifier: Apache-2.0
#include "sim/hub/hub_store.hpp"

#include <felhom/core/overloaded.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace felhom::sim {

namespace json = boost::json;

namespace {

using owned_host = std::map<std::string, hub_host>::value_type;

auto json_answer(const json::value& body, std::vector<http_header> headers = {}) -> http_response
{
    headers.push_back({"Content-Type", "application/json"});
    return hub_response(200, "OK", json::serialize(body), std::move(headers));
}

auto refuse(int status, std::string reason, std::string_view code) -> http_response
{
    auto body = json::serialize(json::object{{"error", code}, {"detail", reason}});
    return hub_response(status, std::move(reason), std::move(body), {{"Content-Type", "application/json"}});
}

auto member(const json::value& of, std::string_view name) -> const json::value*
{
    const auto* const object = of.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

auto text_member(const json::value& of, std::string_view name) -> std::optional<std::string>
{
    const auto* const value = member(of, name);
    const auto* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::nullopt : std::optional{std::string{*text}};
}

auto envelope(const hub_host& host) -> http_response
{
    auto generation = json::value(nullptr); // in braces it would be an array
    if (host.announced) {
        generation = *host.announced;
    } else if (host.desired) {
        generation = host.desired->generation;
    }
    return json_answer(json::object{{"poll_interval_seconds", host.poll_interval_seconds},
                                    {"blocked", host.blocked},
                                    {"desired_generation", std::move(generation)},
                                    {"has_signed_ops", !host.operations.empty()}});
}

auto take_report(owned_host& of, const http_request& request, instant now) -> http_response
{
    auto& [id, host] = of;
    ++host.counters.reports;
    auto ec = boost::system::error_code{};
    const auto report = json::parse(request.body, ec);
    if (ec || text_member(report, "schema") != "felhom-host-report/2") {
        return refuse(422, "Not A Host Report", "not_a_report");
    }
    if (text_member(report, "host_id") != id) {
        return refuse(422, "Another Host's Report", "another_host");
    }
    host.reports.push_back({.received = now, .body = request.body});
    if (host.reports.size() > hub_store::reports_kept) {
        host.reports.pop_front();
    }
    return envelope(host);
}

/// The generation and a number of the text: the same text under another generation is another version.
auto tag_of(const hub_document& document) -> std::string
{
    return "\"" + std::to_string(document.generation) + "-" + std::to_string(std::hash<std::string>{}(document.text))
           + "\"";
}

auto give_desired(hub_host& host, const http_request& request) -> http_response
{
    ++host.counters.desired_reads;
    if (!host.desired) {
        return refuse(404, "No Desired State", "no_desired_state");
    }
    const auto tag = tag_of(*host.desired);
    if (find_header(request.headers, "If-None-Match") == tag) {
        ++host.counters.unmodified;
        auto response = hub_response(304, "Not Modified", {}, {{"ETag", tag}});
        std::erase_if(response.headers, [](const http_header& header) { return header.name == "Content-Length"; });
        return response;
    }
    return hub_response(200, "OK", host.desired->text, {{"Content-Type", "application/json"}, {"ETag", tag}});
}

auto give_operations(hub_host& host) -> http_response
{
    ++host.counters.signed_ops_reads;
    auto bundles = json::array{};
    for (const auto& operation : host.operations) {
        bundles.emplace_back(operation.bundle);
    }
    return json_answer(json::object{{"schema", "felhom-signed-ops/1"}, {"bundles", std::move(bundles)}});
}

/// A result that was received takes its operation from the list, whatever it says.
auto take_results(owned_host& of, const http_request& request) -> http_response
{
    auto& [id, host] = of;
    auto ec = boost::system::error_code{};
    const auto document = json::parse(request.body, ec);
    const auto* const list = ec ? nullptr : member(document, "results");
    if (list == nullptr || !list->is_array() || text_member(document, "schema") != "felhom-op-results/1"
        || text_member(document, "host_id") != id) {
        return refuse(422, "Not A List Of Results", "not_results");
    }
    auto accepted = json::array{};
    for (const auto& result : list->get_array()) {
        if (const auto blob = text_member(result, "blob_sha256")) {
            ++host.counters.results;
            host.results.insert_or_assign(*blob, result);
            accepted.emplace_back(*blob);
            std::erase_if(host.operations,
                          [&](const hub_operation& operation) { return operation.blob_sha256 == *blob; });
        }
    }
    return json_answer(json::object{{"accepted", std::move(accepted)}});
}

auto execute(owned_host& of, const http_request& request, instant now) -> http_response
{
    const auto own = "/api/v1/hosts/" + of.first;
    const auto is = [&](std::string_view method, const std::string& target) {
        return request.method == method && request.target == target;
    };
    if (is("POST", "/api/v1/host-report")) {
        return take_report(of, request, now);
    }
    if (is("GET", own + "/desired-state")) {
        return give_desired(of.second, request);
    }
    if (is("GET", own + "/signed-ops")) {
        return give_operations(of.second);
    }
    if (is("POST", own + "/op-results")) {
        return take_results(of, request);
    }
    const auto is_another = request.target.starts_with("/api/v1/hosts/") && !request.target.starts_with(own + "/");
    return is_another ? refuse(403, "Another Host", "another_host") : refuse(404, "Not Found", "not_found");
}

auto host_of(std::map<std::string, hub_host>& hosts, const http_request& request) -> owned_host*
{
    const auto shown = find_header(request.headers, "Authorization");
    const auto found =
        std::ranges::find_if(hosts, [&](const owned_host& host) { return shown == "Bearer " + host.second.api_key; });
    return found == hosts.end() ? nullptr : &*found;
}

/// The first fault that befalls this call, which then has one time less.
auto next_fault(std::vector<hub_fault>& faults, const std::string& host, const std::string& target)
    -> std::optional<hub_fault>
{
    const auto found = std::ranges::find_if(faults, [&](const hub_fault& fault) {
        return fault.times > 0 && (fault.host.empty() || fault.host == host) && target.ends_with(fault.call);
    });
    if (found == faults.end()) {
        return std::nullopt;
    }
    --found->times;
    return *found;
}

} // namespace

auto hub_response(int status, std::string reason, std::string body, std::vector<http_header> headers) -> http_response
{
    headers.push_back({"Content-Length", std::to_string(body.size())});
    return {.status = status, .reason = std::move(reason), .headers = std::move(headers), .body = std::move(body)};
}

auto hub_store::handle(const http_request& request, instant now) -> http_response
{
    auto* const host = host_of(hosts, request);
    if (host == nullptr) {
        return refuse(401, "Unauthorized", "unauthorized");
    }
    const auto fault = next_fault(faults, host->first, request.target);
    if (!fault) {
        return execute(*host, request, now);
    }
    ++host->second.counters.faults;
    return std::visit(overloaded{
                          [&](const hub_fault_kind::late& how) {
                              auto response = execute(*host, request, now);
                              response.delay += how.by;
                              return response;
                          },
                          [](const hub_fault_kind::answers& how) { return how.with; },
                          [](const hub_fault_kind::drops_before_apply&) { return http_response{.dropped = true}; },
                          [&](const hub_fault_kind::drops_after_apply&) {
                              auto response = execute(*host, request, now);
                              response.dropped = true;
                              return response;
                          },
                      },
                      fault->what);
}

} // namespace felhom::sim

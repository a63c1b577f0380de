// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/log_event.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <optional>
#include <string>
#include <variant>

namespace felhom::operate {

namespace detail {

/// Whoever appends one of these has a line of its own for it, or needs none.
template <typename Record>
concept told_elsewhere =
    boost::mp11::mp_contains<boost::mp11::mp_list<operation_task, operation_acknowledged, guest_parked, guest_released,
                                                  failures_counted, signature_counted, signers_changed, remark>,
                             Record>::value;

template <typename Begun>
[[nodiscard]] auto begin_event(const Begun& record) -> std::optional<log_event>
{
    return log_event{.what = "operation begins",
                     .with = {{"operation", std::to_string(number(record.id))},
                              {"guest", record.guest.text()},
                              {"op", std::string{name_of(record.what)}}},
                     .detail = false};
}

} // namespace detail

/// What the log tells of a record of the journal; nothing where another line says it.
[[nodiscard]] inline auto event_of(const operation_record& record) -> std::optional<log_event>
{
    return std::visit(overloaded{
                          [](const operation_started& one) { return detail::begin_event(one); },
                          [](const operation_claimed& one) { return detail::begin_event(one); },
                          [](const operation_ended& one) -> std::optional<log_event> {
                              return log_event{.what = "operation ended",
                                               .with = {{"operation", std::to_string(number(one.id))},
                                                        {"outcome", std::string{text_of(one.how)}},
                                                        {"detail", one.detail}},
                                               .detail = false};
                          },
                          []<detail::told_elsewhere Record>(const Record& /*one*/) -> std::optional<log_event> {
                              return std::nullopt;
                          },
                      },
                      record);
}

} // namespace felhom::operate

#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapping/document.h"

namespace crosswalk::mapping {

template <class Enum, std::size_t count>
using Names = std::array<std::pair<Enum, std::string_view>, count>;

inline constexpr Names<Mode, 3> kModes{{{Mode::off, "off"}, {Mode::test, "test"}, {Mode::live, "live"}}};
inline constexpr Names<Ownership, 3> kOwnerships{
    {{Ownership::product, "product"}, {Ownership::psa, "psa"}, {Ownership::create, "create"}}};
inline constexpr Names<AlertState, 5> kStates{{{AlertState::opened, "opened"},
                                               {AlertState::updated, "updated"},
                                               {AlertState::acknowledged, "acknowledged"},
                                               {AlertState::resolved, "resolved"},
                                               {AlertState::reopened, "reopened"}}};
inline constexpr Names<ReopenPolicy, 4> kReopenPolicies{{{ReopenPolicy::never, "never"},
                                                         {ReopenPolicy::within, "within"},
                                                         {ReopenPolicy::always, "always"},
                                                         {ReopenPolicy::note_only, "note_only"}}};
inline constexpr Names<StillOpenPolicy, 3> kStillOpenPolicies{{{StillOpenPolicy::leave, "leave"},
                                                               {StillOpenPolicy::reopen_after, "reopen_after"},
                                                               {StillOpenPolicy::new_ticket, "new_ticket"}}};
inline constexpr Names<ContactFallback, 2> kContactFallbacks{
    {{ContactFallback::none, "none"}, {ContactFallback::company_default, "company_default"}}};
inline constexpr Names<StormBy, 3> kStormBys{
    {{StormBy::condition, "condition"}, {StormBy::site, "site"}, {StormBy::customer, "customer"}}};
inline constexpr Names<AutoClose, 3> kAutoCloses{
    {{AutoClose::close, "close"}, {AutoClose::note_only, "note_only"}, {AutoClose::never, "never"}}};
inline constexpr Names<UnknownCustomer::Policy, 2> kUnknownPolicies{
    {{UnknownCustomer::Policy::hold, "hold"}, {UnknownCustomer::Policy::catch_all, "catch_all"}}};
/// The signals that say "a technician has taken this ticket over", as a mapping names them.
inline constexpr std::array<std::pair<bool Takeover::*, std::string_view>, 7> kTakeoverSignals{
    {{&Takeover::owner_set, "owner_set"},
     {&Takeover::resource_scheduled, "resource_scheduled"},
     {&Takeover::time_entered, "time_entered"},
     {&Takeover::status_moved, "status_moved"},
     {&Takeover::note_added, "note_added"},
     {&Takeover::task_finished, "task_finished"},
     {&Takeover::project_linked, "project_linked"}}};
/// The order in which severities are shown: the worst first.
inline constexpr std::array<model::Severity, 5> kSeverities{model::Severity::critical, model::Severity::high,
                                                            model::Severity::medium, model::Severity::low,
                                                            model::Severity::info};
inline constexpr Names<Condition::Operator, 10> kOperators{{{Condition::Operator::equals, "is"},
                                                            {Condition::Operator::not_equals, "is_not"},
                                                            {Condition::Operator::in, "in"},
                                                            {Condition::Operator::not_in, "not_in"},
                                                            {Condition::Operator::contains, "contains"},
                                                            {Condition::Operator::starts_with, "starts_with"},
                                                            {Condition::Operator::ends_with, "ends_with"},
                                                            {Condition::Operator::matches, "matches"},
                                                            {Condition::Operator::greater, "greater_than"},
                                                            {Condition::Operator::less, "less_than"}}};
inline constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                           "friday", "saturday", "sunday"};

/// Fields whose values belong to a board: they mean nothing on another one.
inline constexpr std::array<psa::TicketField, 4> kBoardFields{psa::TicketField::type, psa::TicketField::subtype,
                                                              psa::TicketField::item, psa::TicketField::team};
/// Fields that a mapping sets by reference, beside `priority`, which has a form of its own.
inline constexpr std::array<psa::TicketField, 11> kReferenceFields{
    psa::TicketField::board,     psa::TicketField::type,
    psa::TicketField::subtype,   psa::TicketField::item,
    psa::TicketField::source,    psa::TicketField::team,
    psa::TicketField::owner,     psa::TicketField::service_location,
    psa::TicketField::agreement, psa::TicketField::contact,
    psa::TicketField::site};

template <class Enum, std::size_t count>
[[nodiscard]] constexpr std::string_view name_of(const Names<Enum, count>& names, Enum value) {
  for (const auto& [each, name] : names)
    if (each == value) return name;
  return "";
}

template <class Enum, std::size_t count>
[[nodiscard]] constexpr std::optional<Enum> value_of(const Names<Enum, count>& names, std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

/// `pointer` with one more step, escaped as RFC 6901 asks.
[[nodiscard]] std::string deeper(std::string_view pointer, std::string_view step);
[[nodiscard]] std::string deeper(std::string_view pointer, std::size_t index);

/// The candidate that a person who typed `word` may have meant (base/nearest_word.h).
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

/// "a", "a or b", "a, b or c".
[[nodiscard]] std::string alternatives(std::span<const std::string_view> words);

/// A person's text as a message may quote it: one line, short, in quotation marks.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace crosswalk::mapping

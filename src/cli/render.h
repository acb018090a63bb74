#pragma once

#include <string>

#include "cli/json.h"
#include "cli/terminal.h"

namespace crosswalk::cli {

// What the API answers, for people. Pure: JSON of the shapes in api/openapi.yaml to text.

/// A problem document (RFC 9457): title, why, "Do this: ...", code.
[[nodiscard]] std::string render_problem(const Terminal& terminal, const json::object& problem);
/// MappingProblems, one or two lines each.
[[nodiscard]] std::string render_mapping_problems(const Terminal& terminal, const json::array& problems,
                                                  std::size_t indent);
[[nodiscard]] std::string render_partners(const Terminal& terminal, const json::array& partners);
[[nodiscard]] std::string render_partner(const Terminal& terminal, const json::object& partner);
[[nodiscard]] std::string render_partner_status(const Terminal& terminal, const json::object& status);
[[nodiscard]] std::string render_checks(const Terminal& terminal, const json::array& checks);
[[nodiscard]] std::string render_records(const Terminal& terminal, const json::array& records);
[[nodiscard]] std::string render_story(const Terminal& terminal, const json::object& story);
/// Times without the fraction and the letters between: "2026-03-01 08:00:00".
[[nodiscard]] std::string short_time(const std::string& timestamp);
/// "for administration", "for acme", "to send events of all partners".
[[nodiscard]] std::string purpose_of_key(const json::object& key);
[[nodiscard]] std::string render_audit(const Terminal& terminal, const json::array& entries);
[[nodiscard]] std::string render_keys(const Terminal& terminal, const json::array& keys);
[[nodiscard]] std::string render_mapping_history(const Terminal& terminal, const json::array& versions);
/// The choices of a MappingSuggestion, with their reasons.
[[nodiscard]] std::string render_suggestion(const Terminal& terminal, const json::array& choices);
/// CustomerMatches' customers; what is proposed has a row for each company that it may be.
[[nodiscard]] std::string render_customers(const Terminal& terminal, const json::array& customers);
/// What becomes of customers of a mapping, and a sum: [{customer, change, before, after}].
[[nodiscard]] std::string render_customer_changes(const Terminal& terminal, const json::array& changes);
/// An IntakeReport: counts, then what was refused and what was noticed.
[[nodiscard]] std::string render_intake(const Terminal& terminal, const json::object& report);

}  // namespace crosswalk::cli

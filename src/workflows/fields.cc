#include "workflows/fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "psa/object_fields.h"

namespace crosswalk::workflows {
namespace {

using mapping::Ownership;
using mapping::Problem;
using psa::Reference;
using psa::TicketField;

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (unsigned char byte : text) {
    if ((byte & 0xC0) != 0x80) ++units;
    if (byte >= 0xF0) ++units;
  }
  return units;
}

const psa::Board* find_board(const psa::ReferenceData& data, const std::string& id) {
  for (const psa::Board& board : data.boards)
    if (board.reference.id == id) return &board;
  return nullptr;
}

const psa::ServiceType* find_type(const std::vector<psa::ServiceType>& list, const std::string& id) {
  for (const psa::ServiceType& each : list)
    if (each.reference.id == id) return &each;
  return nullptr;
}

std::string named(const Reference& reference) {
  return reference.name.empty() ? "id " + reference.id : "\"" + reference.name + "\" (id " + reference.id + ")";
}

Problem problem(std::string code, std::string message) {
  return {Problem::Level::warning, std::move(code), "", std::move(message)};
}

class FieldsBuilder {
 public:
  explicit FieldsBuilder(const FieldsInput& input) : in_(input), settings_(input.resolved.settings) {}

  FieldsResult build() {
    add(TicketField::summary, {"", in_.summary}, "summary");
    company();
    if (out_.held) return std::move(out_);
    board();
    if (out_.held) return std::move(out_);
    for (const TicketField field : {TicketField::type, TicketField::subtype, TicketField::item, TicketField::team})
      of_board(field);
    priority();
    for (const TicketField field : {TicketField::source, TicketField::service_location}) global(field);
    for (const TicketField field : {TicketField::severity, TicketField::impact, TicketField::owner,
                                    TicketField::agreement, TicketField::contact, TicketField::site})
      if (const Reference* value = configured(field)) add(field, *value, psa::to_string(field));
    return std::move(out_);
  }

 private:
  const Reference* configured(TicketField field) const {
    const auto found = settings_.fields.find(field);
    if (found == settings_.fields.end()) return nullptr;
    return found->second.id.empty() && found->second.name.empty() ? nullptr : &found->second;
  }

  Ownership ownership(TicketField field) const {
    const auto found = settings_.ownership.find(field);
    return found == settings_.ownership.end() ? Ownership::create : found->second;
  }

  void add(TicketField field, Reference value, std::string_view setting) {
    const std::string name(psa::to_string(field));
    const bool is_text = psa::find_object_field(psa::ObjectKind::ticket, name)->shape == psa::FieldShape::text;
    psa::Value wanted = is_text ? psa::Value(std::move(value.name)) : psa::Value(std::move(value));
    out_.fields.push_back({name, std::move(wanted), ownership(field), in_.resolved.decided_by(setting)});
  }

  void hold(std::string code, std::string detail) { out_.held = Held{std::move(code), std::move(detail), true}; }

  void company() {
    const Reference& company = in_.resolved.company;
    if (company.empty()) return;  // a customer that was unmapped later: its tickets stay where they are
    if (in_.reference_data && !in_.link) {
      const psa::ServiceType* known = find_type(in_.reference_data->companies, company.id);
      if (!known || known->inactive) {
        hold("psa.company_missing", "The company " + named(company) + " that this customer is mapped to " +
                                        (known ? "has been deleted or merged" : "does not exist") + " in ConnectWise.");
        return;
      }
    }
    add(TicketField::company, company, "company");
    // A ticket that was made on the catch-all company moves to the customer's own company when the mapping appears.
    if (in_.link && in_.link->on_catch_all && !in_.resolved.company_is_catch_all)
      out_.fields.back().ownership = Ownership::product;
    else if (in_.resolved.company_is_catch_all)
      out_.fields.back().ownership = Ownership::create;
  }

  bool usable(const Reference& board) const {
    const psa::Board* known = find_board(*in_.reference_data, board.id);
    return known && !known->inactive;
  }

  void board() {
    const Reference* wanted = configured(TicketField::board);
    if (!wanted) return;
    out_.board = wanted->id;
    if (!in_.reference_data || usable(*wanted)) {
      add(TicketField::board, *wanted, "board");
      return;
    }
    const bool exists = find_board(*in_.reference_data, wanted->id) != nullptr;
    const std::string code = exists ? "psa.board_inactive" : "psa.board_missing";
    const std::string what = "The board " + named(*wanted) +
                             (exists ? " is inactive in ConnectWise." : " does not exist in ConnectWise any more.");
    const Reference& triage = in_.document.triage_board;
    if (!triage.empty() && usable(triage)) {
      out_.problems.push_back(
          problem(code, what + " Tickets go to the triage board " + named(triage) + " until another is chosen."));
      out_.board = triage.id;
      add(TicketField::board, triage, "board");
      out_.fields.back().decided_by = "triage board";
      return;
    }
    if (in_.link) {
      // Its ticket stays where it is, and is still told of what happens.
      out_.problems.push_back(problem(code, what + " Choose another board in the mapping."));
      return;
    }
    hold(code, what + " Choose another board in the mapping; the alert waits and is not lost.");
  }

  void of_board(TicketField field) {
    const Reference* value = configured(field);
    if (!value) return;
    const psa::Board* known = in_.reference_data ? find_board(*in_.reference_data, out_.board) : nullptr;
    if (known) {
      const auto& list = field == TicketField::type      ? known->types
                         : field == TicketField::subtype ? known->subtypes
                         : field == TicketField::item    ? known->items
                                                         : known->teams;
      if (!check(list, field, *value, " on board " + named(known->reference))) return;
    }
    add(field, *value, psa::to_string(field));
  }

  void global(TicketField field) {
    const Reference* value = configured(field);
    if (!value) return;
    if (in_.reference_data) {
      const auto& list = field == TicketField::source ? in_.reference_data->sources : in_.reference_data->locations;
      if (!check(list, field, *value, "")) return;
    }
    add(field, *value, psa::to_string(field));
  }

  void priority() {
    const auto by_severity = settings_.priority_by_severity.find(in_.severity);
    const bool graded = by_severity != settings_.priority_by_severity.end();
    const Reference* value = graded ? &by_severity->second : configured(TicketField::priority);
    if (!value) return;
    if (in_.reference_data && !check(in_.reference_data->priorities, TicketField::priority, *value, "")) return;
    add(TicketField::priority, *value, "priority");
  }

  bool check(const std::vector<psa::ServiceType>& list, TicketField field, const Reference& value,
             const std::string& where) {
    const psa::ServiceType* known = find_type(list, value.id);
    if (known && !known->inactive) return true;
    out_.problems.push_back(problem(field == TicketField::priority ? "psa.priority_missing" : "psa.reference_missing",
                                    "The " + std::string(psa::to_string(field)) + " " + named(value) +
                                        (known ? " is inactive" : " does not exist") + where +
                                        "; tickets are made without it, with ConnectWise's default."));
    return false;
  }

  const FieldsInput& in_;
  const mapping::TicketSettings& settings_;
  FieldsResult out_;
};

}  // namespace

std::string fit_summary(std::string_view text) {
  std::string line = single_line(text);
  if (line.empty()) line = "Alert";
  for (std::size_t limit = kSummaryCharactersMax; limit > 0; --limit) {
    std::string cut = cut_text(line, limit);
    if (utf16_units(cut) <= kSummaryCharactersMax) return cut;
  }
  return "Alert";
}

FieldsResult desired_fields(const FieldsInput& input) { return FieldsBuilder(input).build(); }

StatusChoice choose_status(const mapping::Resolved& resolved, mapping::AlertState state, const std::string& board,
                           const psa::ReferenceData* reference_data) {
  StatusChoice choice;
  const auto wanted = resolved.settings.statuses.find(state);
  const psa::Board* known = reference_data ? find_board(*reference_data, board) : nullptr;
  const bool resolving = state == mapping::AlertState::resolved;
  const std::string setting = "statuses." + std::string(mapping::to_string(state));
  if (wanted != resolved.settings.statuses.end()) {
    choice.decided_by = resolved.decided_by(setting);
    if (!known) {
      choice.status = wanted->second;
      choice.closes = resolving;
      return choice;
    }
    for (const psa::Status& status : known->statuses)
      if (status.reference.id == wanted->second.id && !status.inactive) {
        choice.status = status.reference;
        choice.closes = status.closed;
        return choice;
      }
    choice.problem =
        problem("psa.status_missing", "The status " + named(wanted->second) + " mapped for \"" +
                                          std::string(mapping::to_string(state)) +
                                          "\" is inactive or does not exist on board " + named(known->reference) + ".");
  }
  if (!resolving || !known) return choice;
  for (const psa::Status& status : known->statuses)
    if (status.closed && !status.inactive) {
      choice.status = status.reference;
      choice.closes = true;
      choice.decided_by = "first closed status of the board";
      return choice;
    }
  return choice;
}

}  // namespace crosswalk::workflows

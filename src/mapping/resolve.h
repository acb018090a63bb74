#pragma once

#include <map>
#include <string>
#include <vector>

#include "mapping/document.h"
#include "model/alert.h"
#include "model/entity.h"

namespace crosswalk::mapping {

/// What rules and templates can look at.
struct Facts {
  const model::Alert* alert = nullptr;
  const model::Entity* device = nullptr;  ///< of the alert, when the product has told of it
  const model::Entity* customer = nullptr;
  const psa::Reference* linked_company = nullptr;  ///< that the customer's own record is linked to
  const model::Entity* record = nullptr;           ///< instead of an alert: the customer, contact or device itself
};

/// Who decided a setting: "vendor default", "partner default", "customer contoso", "rule 3: Ransomware".
struct Trace {
  std::string setting;  ///< "board", "statuses.resolved", "hold_down.high", "notes.repeated"
  std::string decided_by;
};

/// Settings with every needed value filled in: vendor defaults < partner < customer < rules (ordered; the first
/// matching rule that sets a field wins it). Statuses, types, subtypes, items and teams that a level has set for
/// another board than the alert gets are left out. `priority_by_severity` holds the priority of every severity that has
/// one, `fields` the one of the alert's present severity.
struct Resolved {
  TicketSettings settings;
  psa::Reference company;  ///< empty: the customer is unknown and the policy is to hold
  bool company_is_catch_all = false;
  bool excluded = false;
  Mode mode = Mode::off;  ///< the strictest of workflow and customer: off < test < live
  std::vector<Trace> trace;

  [[nodiscard]] std::string decided_by(std::string_view setting) const;
};

[[nodiscard]] Resolved resolve(const Document& document, const Facts& facts);

[[nodiscard]] bool holds(const Condition& condition, const Facts& facts);

/// The window that covers `at` for these facts, and when it ends; nothing when none does.
struct InMaintenance {
  std::string name;
  Timestamp ends_at{};
};
[[nodiscard]] std::optional<InMaintenance> maintenance(const Document& document, const Facts& facts, Timestamp at);

/// Renders a Mustache template (no HTML escaping) over the alert's, device's and customer's attributes and `extra`.
/// Values that templates may use are listed in docs/mapping.md. A template that does not compile renders as its own
/// text; parse_document has refused it before.
[[nodiscard]] std::string render(const std::string& text, const Facts& facts,
                                 const std::map<std::string, std::string>& extra);

}  // namespace crosswalk::mapping

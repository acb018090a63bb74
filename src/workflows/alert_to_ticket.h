#pragma once

#include <optional>
#include <set>
#include <vector>

#include "mapping/resolve.h"
#include "model/alert.h"
#include "model/entity.h"
#include "psa/objects.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// What the engine knows of the storm that an alert could belong to.
struct StormView {
  bool active = false;                       ///< its group record is open
  std::string parent_number;                 ///< of the parent ticket, when there is one
  std::string past_number;                   ///< of the ticket of the storm that it belongs, or has belonged to
  std::optional<Timestamp> ended_by_people;  ///< when technicians closed or removed the parent ticket
  Timestamp parent_made_at{};                ///< of that ticket
  std::set<std::string> parent_posted;       ///< keys of the notes on it
  std::vector<Timestamp> raised_at;          ///< latest raises of the group's alerts around this one's, itself included
};

struct AlertInput {
  const model::Alert& alert;
  const model::Entity* device = nullptr;
  const model::Entity* customer = nullptr;
  std::string configuration{};                     ///< that the device's own record is linked to; empty: none
  bool configuration_expected = false;             ///< the device's record is on its way to one
  const psa::Reference* linked_company = nullptr;  ///< that the customer's own record is linked to
  const ContactFound* contact = nullptr;  ///< what became of the question who the contact is; absent: not asked yet
  const mapping::Document& document;
  const std::vector<Link>& links;
  StormView storm;
  const psa::ReferenceData* reference_data = nullptr;  ///< absent: not read yet, nothing is checked against it
  Timestamp now{};
};

/// Alert to ticket: desired = f(record, mapping, links, observed, now). Pure.
[[nodiscard]] Answer alert_to_ticket(const AlertInput& input);

}  // namespace crosswalk::workflows

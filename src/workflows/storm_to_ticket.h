#pragma once

#include <vector>

#include "mapping/resolve.h"
#include "model/alert.h"
#include "model/entity.h"
#include "workflows/ticket.h"

namespace crosswalk::workflows {

/// One alert of a storm, as the group's workflow sees it.
struct StormMember {
  std::string name;  ///< subject's name, or its id
  Timestamp raised_at{};
  bool open = false;
  std::vector<psa::ObjectId> tickets;  ///< its own ticket, when it had one before the storm was noticed
};

/// How many members of a storm are looked at; beyond it they are counted by the store and not listed.
inline constexpr std::size_t kStormMembersMax = 1'000;

struct StormInput {
  const model::Group& group;
  const model::Alert& representative;       ///< a member; its facts decide the mapping
  const std::vector<StormMember>& members;  ///< oldest raise first
  const mapping::Document& document;
  const std::vector<TicketLink>& links;
  const psa::ReferenceData* reference_data = nullptr;
  const psa::Reference* linked_company = nullptr;  ///< that the customer's own record is linked to
  Timestamp now{};
};

/// A storm of alerts becomes one parent ticket with a running list; it resolves when all its members have.
[[nodiscard]] Answer storm_to_ticket(const StormInput& input);

/// True when every member has resolved: the storm is over.
[[nodiscard]] bool is_over(const std::vector<StormMember>& members);

/// The anchor of a storm's ticket.
[[nodiscard]] std::string storm_anchor(const model::Group& group);

}  // namespace crosswalk::workflows

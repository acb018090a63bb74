#pragma once

#include <vector>

#include "mapping/resolve.h"
#include "model/alert.h"
#include "model/entity.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// How many alerts a storm has.
struct StormCount {
  std::int64_t all = 0, open = 0;
};

/// One alert of a storm, as the group's workflow sees it.
struct StormMember {
  std::string name;                                  ///< subject's name, or its id
  std::string condition;                             ///< its name, or its id
  model::Severity severity = model::Severity::info;  ///< the highest of its present episode
  Timestamp raised_at{};
  bool open = false;
  std::optional<Timestamp> resolved_at;
  std::vector<psa::ObjectId> tickets;  ///< its own ticket, when it had one before the storm was noticed
};

/// The alert as a storm's member, without its tickets.
[[nodiscard]] StormMember storm_member(const model::Alert& alert, Timestamp raised_at, bool open);

/// How many members of a storm are looked at; beyond it they are counted by the store and not listed.
inline constexpr std::size_t kStormMembersMax = 1'000;

struct StormInput {
  const model::Group& group;
  const model::Alert& representative;       ///< a member; its facts decide the mapping
  const std::vector<StormMember>& members;  ///< oldest raise first, at most kStormMembersMax
  StormCount count;                         ///< of all members, those beyond that included
  const mapping::Document& document;
  const std::vector<Link>& links;
  const psa::ReferenceData* reference_data = nullptr;
  const psa::Reference* linked_company = nullptr;  ///< that the customer's own record is linked to
  Timestamp now{};
};

/// The site that an alert is at: its attribute "site", or else its device's; empty: nobody tells.
[[nodiscard]] std::string site_of(const model::Alert& alert, const model::Entity* device);

/// What storm the alert would belong to. Where nobody tells the site, alerts are taken together by their condition.
[[nodiscard]] std::string storm_key(const model::Alert& alert, const model::Entity* device, mapping::StormBy by);

/// Whether the alert that was raised then is let go by the storm, because the storm has been split.
[[nodiscard]] bool is_split_off(const model::Group& group, Timestamp raised_at);

/// A storm of alerts becomes one parent ticket with a running list; it resolves when all its members have.
[[nodiscard]] Answer storm_to_ticket(const StormInput& input);

/// True when every member has resolved: the storm is over.
[[nodiscard]] bool is_over(const std::vector<StormMember>& members);

/// The anchor of a storm's ticket.
[[nodiscard]] std::string storm_anchor(const model::Group& group);

}  // namespace crosswalk::workflows

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/alert_to_ticket.h"
#include "workflows/objects.h"
#include "workflows/storm_to_ticket.h"

namespace crosswalk::workflows {

/// What is known of a record when its workflow is asked. Each kind looks at what concerns it. Null: there is none, or
/// it is not known yet.
struct RecordView {
  // The record itself.
  const model::Alert* alert = nullptr;  ///< of a storm: the member whose facts decide
  const model::Group* group = nullptr;
  const model::Entity* entity = nullptr;
  const std::vector<Link>& links;  ///< one for each life of its object

  // The partner's settings.
  const mapping::Document* tickets = nullptr;         ///< mapping of alerts
  const mapping::ObjectDocument* document = nullptr;  ///< mapping of the record's own workflow, where that is another
  const psa::ReferenceData* reference_data = nullptr;

  // What stands around it.
  const model::Entity* device = nullptr;
  const model::Entity* customer = nullptr;
  const psa::Reference& company;         ///< what its customer is in the PSA; empty: not known yet
  const psa::Reference& mapped_company;  ///< of a customer: as the mapping of alerts says
  bool mapped_excluded = false;
  std::string configuration{};  ///< that its device is linked to; empty: none
  bool configuration_expected = false;
  const ContactFound* contact = nullptr;  ///< absent: not asked yet
  const StormView& storm;
  const std::vector<StormMember>& members;  ///< of a storm
  StormCount member_count{};
  Leaving leaving{};

  // What was found in the PSA.
  const ObjectCandidate* candidate = nullptr;
  bool searched = false;
  bool in_doubt = false;
  bool person_agrees = false;

  Timestamp now{};
};

/// One way in which records of the product become objects of the PSA. What the program asks of a kind of record, it
/// asks here.
struct Workflow {
  std::string_view name;  ///< of its mapping: "device_to_configuration"
  model::RecordKind record;
  psa::ObjectKind object;
  /// Its turn among what is due: what others wait for goes first. Of alerts and storms: as urgent as they are.
  int lane = 0;
  bool checks_reference_data = false;  ///< what it wants is held against the PSA's boards, statuses and priorities
  Answer (*desired)(const RecordView& view) = nullptr;
  /// Anchors under which an object may have been made that our books do not know, likeliest first; it is found by the
  /// reference that it carries. Null: a record becomes one object for good, which a search finds.
  std::vector<std::string> (*possible_anchors)(const RecordView& view, const Answer& answer) = nullptr;

  [[nodiscard]] bool has_several_lives() const { return possible_anchors != nullptr; }
};

[[nodiscard]] std::span<const Workflow> workflows();
/// Null: records of this kind become nothing.
[[nodiscard]] const Workflow* find_workflow(model::RecordKind record);
/// The first one whose records become such objects.
[[nodiscard]] const Workflow* find_workflow(psa::ObjectKind object);

}  // namespace crosswalk::workflows

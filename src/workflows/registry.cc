#include "workflows/registry.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "model/alert.h"
#include "workflows/lives.h"

namespace crosswalk::workflows {
namespace {

/// References that one record looks for after a restart or a lost answer.
constexpr std::size_t kAnchorsMax = 60;

Answer unmapped() {
  Answer answer;
  answer.held = Held{"mapping.missing", "No mapping has been published for this partner yet.", true};
  return answer;
}

Answer desired_of_alert(const RecordView& view) {
  require(view.alert, "a view of an alert has one");
  if (!view.tickets) return unmapped();
  return alert_to_ticket({.alert = *view.alert,
                          .device = view.device,
                          .customer = view.customer,
                          .configuration = view.configuration,
                          .configuration_expected = view.configuration_expected,
                          .linked_company = &view.company,
                          .contact = view.contact,
                          .document = *view.tickets,
                          .links = view.links,
                          .storm = view.storm,
                          .reference_data = view.reference_data,
                          .now = view.now});
}

Answer desired_of_storm(const RecordView& view) {
  require(view.group && view.alert, "a view of a storm has the storm and one of its alerts");
  if (!view.tickets) return unmapped();
  return storm_to_ticket({.group = *view.group,
                          .representative = *view.alert,
                          .members = view.members,
                          .count = view.member_count,
                          .document = *view.tickets,
                          .links = view.links,
                          .reference_data = view.reference_data,
                          .linked_company = &view.company,
                          .now = view.now});
}

template <Answer (*workflow)(const ObjectView&)>
Answer desired_of_entity(const RecordView& view) {
  require(view.entity, "a view of a record with one life has what its events add up to");
  const auto link = std::ranges::find(view.links, kOnlyLife, &Link::anchor);
  return workflow({.record = *view.entity,
                   .document = view.document,
                   .link = link == view.links.end() ? nullptr : &*link,
                   .candidate = view.candidate,
                   .searched = view.searched,
                   .in_doubt = view.in_doubt,
                   .company = view.company,
                   .mapped_company = view.mapped_company,
                   .mapped_excluded = view.mapped_excluded,
                   .leaving = view.leaving,
                   .person_agrees = view.person_agrees,
                   .now = view.now});
}

/// Those that would be used now, those of the episodes, and the newest raises.
std::vector<std::string> anchors_of_alert(const RecordView& view, const Answer& answer) {
  std::vector<std::string> anchors;
  const auto add = [&](const std::string& anchor) {
    if (anchors.size() < kAnchorsMax && std::ranges::find(anchors, anchor) == anchors.end()) anchors.push_back(anchor);
  };
  for (const Desired& each : answer.wanted) add(each.anchor);
  for (const Link& each : view.links) add(successor_anchor(each.anchor, ended_at(each)));
  const std::vector<model::Episode> episodes = model::episodes(*view.alert);
  for (auto each = episodes.rbegin(); each != episodes.rend(); ++each) add(each->anchor);
  const auto& happenings = view.alert->happenings;
  for (auto each = happenings.rbegin(); each != happenings.rend(); ++each)
    if (each->kind == model::Happening::Kind::raised) add(each->identity);
  return anchors;
}

std::vector<std::string> anchors_of_storm(const RecordView& view, const Answer&) { return {storm_anchor(*view.group)}; }

// Contacts and devices wait for their customer's company.
constexpr std::array<Workflow, 5> kWorkflows{{
    {.name = mapping::kAlertToTicket,
     .record = model::RecordKind::alert,
     .object = psa::ObjectKind::ticket,
     .checks_reference_data = true,
     .desired = desired_of_alert,
     .possible_anchors = anchors_of_alert},
    {.name = mapping::kAlertToTicket,
     .record = model::RecordKind::group,
     .object = psa::ObjectKind::ticket,
     .checks_reference_data = true,
     .desired = desired_of_storm,
     .possible_anchors = anchors_of_storm},
    {.name = mapping::kCustomerToCompany,
     .record = model::RecordKind::customer,
     .object = psa::ObjectKind::company,
     .lane = 1,
     .desired = desired_of_entity<customer_to_company>},
    {.name = mapping::kContactToContact,
     .record = model::RecordKind::contact,
     .object = psa::ObjectKind::contact,
     .lane = 2,
     .desired = desired_of_entity<contact_to_contact>},
    {.name = mapping::kDeviceToConfiguration,
     .record = model::RecordKind::device,
     .object = psa::ObjectKind::configuration,
     .lane = 3,
     .desired = desired_of_entity<device_to_configuration>},
}};

template <class Member, class Kind>
const Workflow* find_by(Member member, Kind kind) {
  const auto found = std::ranges::find(kWorkflows, kind, member);
  return found == kWorkflows.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Workflow> workflows() { return kWorkflows; }

const Workflow* find_workflow(model::RecordKind record) { return find_by(&Workflow::record, record); }

const Workflow* find_workflow(psa::ObjectKind object) { return find_by(&Workflow::object, object); }

}  // namespace crosswalk::workflows

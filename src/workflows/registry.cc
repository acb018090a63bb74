#include "workflows/registry.h"

#include <algorithm>
#include <array>

namespace crosswalk::workflows {
namespace {

// Contacts and devices wait for their customer's company.
constexpr std::array<EntityWorkflow, 3> kWorkflows{{
    {.name = mapping::kCustomerToCompany,
     .record = model::RecordKind::customer,
     .object = psa::ObjectKind::company,
     .lane = 1,
     .desired = customer_to_company},
    {.name = mapping::kContactToContact,
     .record = model::RecordKind::contact,
     .object = psa::ObjectKind::contact,
     .lane = 2,
     .desired = contact_to_contact},
    {.name = mapping::kDeviceToConfiguration,
     .record = model::RecordKind::device,
     .object = psa::ObjectKind::configuration,
     .lane = 3,
     .desired = device_to_configuration},
}};

template <class Member, class Kind>
const EntityWorkflow* find_by(Member member, Kind kind) {
  const auto found = std::ranges::find(kWorkflows, kind, member);
  return found == kWorkflows.end() ? nullptr : &*found;
}

}  // namespace

std::span<const EntityWorkflow> entity_workflows() { return kWorkflows; }

const EntityWorkflow* find_workflow(model::RecordKind record) { return find_by(&EntityWorkflow::record, record); }

const EntityWorkflow* find_workflow(psa::ObjectKind object) { return find_by(&EntityWorkflow::object, object); }

}  // namespace crosswalk::workflows

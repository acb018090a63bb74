#pragma once

#include <span>
#include <string_view>

#include "workflows/objects.h"

namespace crosswalk::workflows {

/// One way in which records of the product that have a single life become objects of the PSA. What the program asks of
/// such a kind of record, it asks here.
struct EntityWorkflow {
  std::string_view name;  ///< of its mapping: "device_to_configuration"
  model::RecordKind record;
  psa::ObjectKind object;
  int lane = 0;  ///< its turn among what is due: what others wait for goes first
  Answer (*desired)(const ObjectView& view) = nullptr;
};

[[nodiscard]] std::span<const EntityWorkflow> entity_workflows();
/// Null: records of this kind become tickets, or nothing.
[[nodiscard]] const EntityWorkflow* find_workflow(model::RecordKind record);
[[nodiscard]] const EntityWorkflow* find_workflow(psa::ObjectKind object);

}  // namespace crosswalk::workflows

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/object_document.h"
#include "model/entity.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// A text as the PSA's field can hold it: cut on a character boundary, a point in time in whole seconds. Nothing where
/// the field cannot hold it.
[[nodiscard]] psa::Value fitted(psa::ObjectKind kind, std::string_view field, const std::string& text);

/// The values that the mapping's fields give this record, but for those that the workflow fills in by itself.
[[nodiscard]] std::vector<DesiredField> mapped_values(const mapping::ObjectDocument& document,
                                                      const model::Entity& record);
/// The rule of a field; one that belongs to nobody but the PSA when the mapping does not name it.
[[nodiscard]] mapping::ObjectFieldRule rule_of(const mapping::ObjectDocument& document, std::string_view field);

/// A text member of the record's data; "" when there is none.
[[nodiscard]] std::string text_of(const model::Entity& record, std::string_view name);

}  // namespace crosswalk::workflows

#pragma once

#include <string>
#include <vector>

#include "psa/objects.h"

namespace crosswalk::engine {

/// A field's value for people, in quotation marks where it is a text; "nothing" for null.
[[nodiscard]] std::string value_in_words(const psa::Value* value);

/// What is different of an object from when it was last looked at, for people; the fields' names go into `fields`.
[[nodiscard]] std::string changes_in_words(psa::ObjectKind kind, const psa::Values& before, const psa::Values& now,
                                           std::vector<std::string>& fields);

}  // namespace crosswalk::engine

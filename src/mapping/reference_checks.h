#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/document.h"
#include "psa/objects.h"

namespace crosswalk::mapping {

// What all checks of ids against a PSA say in the same words.

/// As messages name it: its name with its id, or the id alone.
[[nodiscard]] std::string called(const psa::Reference& reference);

/// Tells that what a document names is inactive, or has another name by now. `what`: "board".
void check_current(const psa::Reference& reference, const psa::Reference& current, bool inactive,
                   const std::string& pointer, std::string_view what, std::vector<Problem>& problems);

/// check_current() for what is in the list, and tells when it is not. Entries have a reference and may be inactive.
template <class Entry>
void check_listed(const psa::Reference& reference, const std::string& pointer, std::string_view what,
                  const std::vector<Entry>& list, std::vector<Problem>& problems) {
  if (reference.empty()) return;
  const auto found = std::ranges::find(list, reference, &Entry::reference);
  if (found == list.end()) {
    problems.push_back({Problem::Level::error, "mapping.reference_missing", pointer,
                        fmt::format("The {} {} does not exist in your PSA, or the API member may not see it; choose "
                                    "another.",
                                    what, called(reference))});
    return;
  }
  bool inactive = false;
  if constexpr (requires { found->inactive; }) inactive = found->inactive;
  check_current(reference, found->reference, inactive, pointer, what, problems);
}

}  // namespace crosswalk::mapping

#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/document.h"
#include "psa/objects.h"

namespace crosswalk::mapping {

/// One choice of a suggestion, for the setup to show.
struct SuggestedChoice {
  std::string setting;  ///< as in Trace: "board", "statuses.resolved", "priority.high"
  psa::Reference value;
  std::string reason;  ///< "its name says alerts"
};

/// The board that alerts fit best, by its name; nothing when every board is inactive. The setup reads its statuses
/// before it asks for a suggestion.
[[nodiscard]] const psa::Board* suggest_board(const psa::ReferenceData& reference_data);

/// A first document for a partner, in test mode: board, statuses, priorities and source, as far as names and marks of
/// the PSA's data tell. What they do not tell is left out. It passes check_references with the same data.
[[nodiscard]] Document suggest(const psa::ReferenceData& reference_data,
                               std::vector<SuggestedChoice>* choices = nullptr);

/// A first document of a workflow of customers, contacts or devices: what the vendor ships, in test mode, with types
/// and statuses as far as names and marks of the PSA's data tell. It passes check_object_references with the same data.
[[nodiscard]] boost::json::object suggest_objects(std::string_view workflow, const psa::ObjectReferenceData& data,
                                                  std::vector<SuggestedChoice>* choices = nullptr);

}  // namespace crosswalk::mapping

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapping/resolve.h"
#include "psa/objects.h"
#include "workflows/desired.h"

namespace crosswalk::workflows {

/// The longest summary that ConnectWise takes, in UTF-16 units as its server counts them (FACTS section 6:
/// MaxLengthField at 100).
inline constexpr std::size_t kSummaryCharactersMax = 100;

/// One line of at most kSummaryCharactersMax, cut between characters.
[[nodiscard]] std::string fit_summary(std::string_view text);

struct FieldsInput {
  const mapping::Resolved& resolved;
  const mapping::Facts& facts;
  const mapping::Document& document;
  const psa::ReferenceData* reference_data = nullptr;
  model::Severity severity = model::Severity::medium;
  std::string summary;
  const Link* link = nullptr;
};

/// The fields that the mapping wants, checked against the PSA's reference data: what does not exist there any more is
/// left out with a problem, and a board that is gone is replaced by the triage board. `held` when no ticket can be made
/// at all.
struct FieldsResult {
  std::vector<DesiredField> fields;
  std::optional<Held> held;
  std::vector<mapping::Problem> problems;
  std::string board;  ///< id of the board that the ticket will be on
};
[[nodiscard]] FieldsResult desired_fields(const FieldsInput& input);

/// The mapped status for `state`, if it is usable on `board`; for `resolved` any active closed status of the board
/// stands in when the mapped one is gone.
struct StatusChoice {
  std::optional<psa::Reference> status;
  bool closes = false;
  std::string decided_by;
  std::optional<mapping::Problem> problem;
};
[[nodiscard]] StatusChoice choose_status(const mapping::Resolved& resolved, mapping::AlertState state,
                                         const std::string& board, const psa::ReferenceData* reference_data);

}  // namespace crosswalk::workflows

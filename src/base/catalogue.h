#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace crosswalk {

/// What the engine does with an error, decided in this one place and nowhere else.
enum class Disposition {
  retry,        ///< certainly not done; the same call may succeed later
  throttled,    ///< not done; the PSA asks us to slow down
  unknown,      ///< may have been done: look it up before doing it again
  park,         ///< not done, and doing it again cannot help until data or mapping changes
  credentials,  ///< not done; every call of this partner will fail until the keys are renewed
  rediscover,   ///< not done; the PSA has moved (codebase), find it again and retry
  gone,         ///< the object does not exist (any more)
};

/// What ends a wait that an error has begun, beside `crosswalk replay`.
enum class Ends {
  look,     ///< time: it is looked at again, at a decent pace, and whenever a check-up passes
  mapping,  ///< a mapping that says something else
  product,  ///< news of the record from the product
  command,  ///< a person who asks for it
};

/// One entry of the catalogue, for people: every error that a person sees goes through it.
struct CatalogueEntry {
  std::string code;    ///< "psa.status_not_on_board"
  std::string title;   ///< one line: what happened
  std::string why;     ///< the likely cause
  std::string action;  ///< what to do
  std::string who;     ///< "partner", "vendor", "ConnectWise" or "nobody"
  Disposition disposition = Disposition::park;
  Ends ends = Ends::look;
  /// How an answer of the PSA is recognized; the first entry with a fitting pattern wins, in file order.
  struct Pattern {
    std::optional<int> status;                ///< HTTP status; absent: any
    std::optional<std::string> code;          ///< top-level or field-level "code", ignoring case
    std::optional<std::string> field;         ///< errors[].field, ignoring case; a trailing * matches any ending
    std::optional<std::string> message_part;  ///< part of "message", at the top or in errors[], ignoring case
  };
  std::vector<Pattern> patterns;
};

/// All entries, in file order; read once from the embedded error_catalogue.json.
[[nodiscard]] std::span<const CatalogueEntry> catalogue();

/// The entry with this code; "internal.unknown_error" when there is none, so that nobody is ever shown raw JSON.
[[nodiscard]] const CatalogueEntry& explain(std::string_view code);

}  // namespace crosswalk

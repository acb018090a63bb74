#include "mapping/document.h"

#include <cstdlib>

#include "mapping/names.h"

namespace crosswalk::embedded {
extern const std::string_view mapping_schema;
extern const std::string_view vendor_defaults;
}  // namespace crosswalk::embedded

namespace crosswalk::mapping {

std::string_view to_string(Mode mode) { return name_of(kModes, mode); }
std::optional<Mode> parse_mode(std::string_view text) { return value_of(kModes, text); }
std::string_view to_string(Ownership ownership) { return name_of(kOwnerships, ownership); }
std::string_view to_string(AlertState state) { return name_of(kStates, state); }

std::string_view json_schema() { return embedded::mapping_schema; }

const Document& vendor_defaults() {
  // A program built with defaults that do not fit their own schema cannot do its work at all, so it stops at the first
  // use.
  static const Document defaults = [] {
    Parsed parsed = parse_document(embedded::vendor_defaults);
    if (!parsed.document) std::abort();
    return *std::move(parsed.document);
  }();
  return defaults;
}

}  // namespace crosswalk::mapping

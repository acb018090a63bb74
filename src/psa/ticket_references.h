#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "psa/objects.h"

namespace crosswalk::psa {

/// What a mapping of tickets names by id, beside boards, priorities, sources and locations (see ReferenceData).
struct TicketReferences {
  std::set<std::string> companies, members, agreements, contacts;
  std::set<std::pair<std::string, std::string>> sites;  ///< each with its company
  std::set<std::string> boards;                         ///< whose triples of type, subtype and item are asked for
};

/// One of them, as the PSA has it.
struct NamedObject {
  Reference reference;
  bool inactive = false;
  std::string company;  ///< that it belongs to; empty: to none
};

/// What was found. `unread`: what we may not read, by the names of the lists, and why.
struct TicketReferencesFound {
  std::vector<NamedObject> companies, members, agreements, contacts, sites;
  /// By board: the triples of type, subtype and item that fit together; an empty id fits nothing of its place.
  std::map<std::string, std::vector<std::array<std::string, 3>>> triples;
  std::map<std::string, std::string> unread;
  /// Custom fields that people must fill in on a ticket. Whether the PSA insists on them by its API, no source tells.
  std::vector<Reference> required_fields;
};

}  // namespace crosswalk::psa

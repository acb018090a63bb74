#pragma once

#include <boost/json/object.hpp>

#include "mapping/object_document.h"
#include "psa/objects.h"

namespace crosswalk::mapping {

// Of people only that is kept which the mapping asks for, and what they are found by.

/// The product has said that this person wants nothing more to be done with what it knows of them.
[[nodiscard]] bool has_opted_out(const boost::json::object& contact);

/// What may be kept of the data of a contact.upserted: who it is and whether they are there, what contacts are matched
/// by, and what the mapping's templates name for fields that are not the PSA's. Of one who has opted out only the
/// first.
[[nodiscard]] boost::json::object kept_of_contact(const ObjectDocument& document, const boost::json::object& data);

/// Takes out of what the PSA shows what tells of a person and the mapping does not name: of contacts all but what they
/// are found by, of configurations who logged in last and the name of their contact.
void drop_unnamed(const ObjectDocument* document, psa::ObjectKind kind, psa::Values& values);

/// Says which fields the mapping names: it is another one when they are others.
[[nodiscard]] std::string named_digest(const ObjectDocument* document);

}  // namespace crosswalk::mapping

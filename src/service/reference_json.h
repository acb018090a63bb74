#pragma once

#include <boost/json/object.hpp>

#include "psa/objects.h"

namespace crosswalk::service {

/// Reads openapi's ReferenceData back into what mapping::check_references takes. What is not of the right form is left
/// out.
[[nodiscard]] psa::ReferenceData read_reference_data(const boost::json::object& body);
/// The same for openapi's ObjectReferenceData and mapping::check_object_references.
[[nodiscard]] psa::ObjectReferenceData read_object_reference_data(const boost::json::object& body);

}  // namespace crosswalk::service

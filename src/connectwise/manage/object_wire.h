#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectwise/manage/wire.h"

namespace crosswalk::connectwise::manage {

/// "/company/configurations".
[[nodiscard]] std::string_view collection_of(psa::ObjectKind kind);

/// The `fields=` list of what read_object looks at.
[[nodiscard]] const std::string& object_fields(psa::ObjectKind kind);

/// Nothing when there is no id. Of a contact's communication items those count that are the default of their kind.
[[nodiscard]] std::optional<psa::Object> read_object(psa::ObjectKind kind, const boost::json::object& object,
                                                     const PartnerId& partner);

/// The call that makes one object. Fails with "psa.reference_missing" when an id is none of Manage's.
[[nodiscard]] Result<WireRequest> encode_create(const psa::CreateObject& create);
/// The call that changes an object.
[[nodiscard]] Result<WireRequest> encode_update(const psa::UpdateObject& update);

/// One bulk call that makes configurations (207, FACTS section 9). `places`: of the objects that are in it, by their
/// index in `objects`; those with a wrong id are left out and told in `refused`.
struct BulkRequest {
  WireRequest request;
  std::vector<std::size_t> places;
  std::vector<std::pair<std::size_t, Error>> refused;
};
[[nodiscard]] BulkRequest encode_bulk(std::span<const psa::CreateObject> objects);

}  // namespace crosswalk::connectwise::manage

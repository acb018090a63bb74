#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

/// Why a nested object cannot be taken.
struct ShapeProblem {
  enum class Kind {
    wrong,      ///< the value is of a wrong kind
    not_found,  ///< it names an object that there is not
    too_long,
    date_format
  };
  std::string member;
  Kind kind = Kind::wrong;
  std::size_t length_max = 0;  ///< of what is too long
};

/// What a client sends for an object within an object, as its schema has it: unknown members dropped, names of enums as
/// the document spells them, references looked up. `lenient`: empty texts and numbers as texts are taken for what is
/// meant.
[[nodiscard]] tl::expected<boost::json::object, ShapeProblem> shaped(const Tenant& tenant, const Schema& schema,
                                                                     const boost::json::object& given, bool lenient);

/// The value of a user-defined field as it is kept, with what its definition says; nothing when the value does not fit.
[[nodiscard]] std::optional<boost::json::object> shaped_custom_field(const Resource& definitions, const Row& definition,
                                                                     const boost::json::value& value);

}  // namespace crosswalk::sandbox

#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace crosswalk::connectwise::manage {

/// Members that ConnectWise shows of every object of a collection, and without which we would take one for another
/// thing than it is: a closed ticket for an open one, a deleted company for a present one. A version of the API that
/// has renamed or removed one must be noticed, and not read as if the value were empty.
class NeededFields {
 public:
  /// Of the collection at `path`, those that the query's `fields=` asks for.
  NeededFields(std::string_view path, std::string_view query);
  /// Notes what an object shows.
  void see(const boost::json::object& object);
  /// What none of the objects has shown, when there were any: "psa.field_absent", with its name.
  [[nodiscard]] std::optional<Error> absent(std::string_view api_version) const;

 private:
  std::string path_;
  std::vector<std::string_view> missing_;
  bool seen_any_ = false;
};

}  // namespace crosswalk::connectwise::manage

#include "base/json.h"

#include <boost/json/parse.hpp>

namespace crosswalk {
namespace {

boost::json::parse_options own_options() {
  boost::json::parse_options options;
  options.max_depth = kOwnTextDepthMax;
  return options;
}

}  // namespace

boost::json::value parse_own_json(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}, {}, own_options());
}

boost::json::value parse_own_json(std::string_view text, boost::system::error_code& error) {
  return boost::json::parse({text.data(), text.size()}, error, {}, own_options());
}

}  // namespace crosswalk

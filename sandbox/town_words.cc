#include "sandbox/town_words.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_town;
}

namespace crosswalk::sandbox {

const boost::json::object& town_words() {
  static const boost::json::object document = boost::json::parse(embedded::sandbox_town).as_object();
  return document;
}

}  // namespace crosswalk::sandbox

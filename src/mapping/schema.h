#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "mapping/document.h"

namespace crosswalk::mapping {

/// A JSON Schema that we publish: as it is shown, and compiled.
class PublishedSchema {
 public:
  explicit PublishedSchema(std::string_view text);
  ~PublishedSchema();
  PublishedSchema(const PublishedSchema&) = delete;
  PublishedSchema& operator=(const PublishedSchema&) = delete;

 private:
  friend std::vector<Problem> check_schema(const PublishedSchema& schema, const boost::json::value& document);
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// What does not fit the schema, in words; empty when all fits.
[[nodiscard]] std::vector<Problem> check_schema(const PublishedSchema& schema, const boost::json::value& document);

}  // namespace crosswalk::mapping

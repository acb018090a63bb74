#pragma once

#include "service/intake.h"

namespace crosswalk::service {

/// A world in which northwind is the one partner, and no mapping has been published.
inline IntakeContext intake_context(Timestamp now, std::string_view key_partner = "") {
  const auto shipped = [](const std::string&) {
    const std::string_view workflow = mapping::kContactToContact;
    return std::make_shared<const mapping::ObjectDocument>(
        *mapping::parse_object_document(workflow, mapping::object_recipe(workflow)).document);
  };
  return {key_partner, [](const std::string& id) { return id == "northwind"; }, shipped, now};
}

}  // namespace crosswalk::service

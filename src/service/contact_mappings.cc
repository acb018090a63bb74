#include "service/contact_mappings.h"

#include <mutex>

namespace crosswalk::service {
namespace {

std::shared_ptr<const mapping::ObjectDocument> parse(std::string_view json) {
  mapping::ParsedObjects parsed = mapping::parse_object_document(mapping::kContactToContact, json);
  if (!parsed.document) return nullptr;
  return std::make_shared<const mapping::ObjectDocument>(std::move(*parsed.document));
}

const std::shared_ptr<const mapping::ObjectDocument>& shipped() {
  static const std::shared_ptr<const mapping::ObjectDocument> document =
      parse(mapping::object_recipe(mapping::kContactToContact));
  return document;
}

}  // namespace

std::shared_ptr<const mapping::ObjectDocument> ContactMappings::of(const std::string& partner) {
  const auto version = store_.settings_version(partner);
  std::shared_ptr<const mapping::ObjectDocument> before;
  {
    const std::shared_lock lock(mutex_);
    if (const auto known = known_.find(partner); known != known_.end()) {
      before = known->second.document;
      if (!version || *version == known->second.version) return before;
      // What was in force for another partner of the same id says nothing of this one.
      if (version->made_at != known->second.version.made_at) before = nullptr;
    }
  }
  if (!before) before = shipped();
  if (!version) return before;
  const auto live = store_.live_mapping(partner, std::string(mapping::kContactToContact));
  if (!live) return before;
  std::shared_ptr<const mapping::ObjectDocument> document = *live ? parse((*live)->document) : shipped();
  if (!document) document = shipped();
  const std::unique_lock lock(mutex_);
  known_[partner] = {*version, document};
  return document;
}

}  // namespace crosswalk::service

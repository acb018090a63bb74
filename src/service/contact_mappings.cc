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
  {
    const std::shared_lock lock(mutex_);
    const auto known = known_.find(partner);
    const bool is_known = known != known_.end() && known->second.document;
    if (is_known && (!version || version->mapping == known->second.version)) return known->second.document;
  }
  if (!version) return shipped();
  const auto live = store_.live_mapping(partner, std::string(mapping::kContactToContact));
  std::shared_ptr<const mapping::ObjectDocument> document;
  if (live && *live) document = parse((*live)->document);
  if (!document) document = shipped();
  const std::unique_lock lock(mutex_);
  if (live) known_[partner] = {version->mapping, document};
  return document;
}

}  // namespace crosswalk::service

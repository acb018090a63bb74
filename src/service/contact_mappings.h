#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "mapping/object_document.h"
#include "store/store.h"

namespace crosswalk::service {

/// The mappings of contacts in force, read once for each version, since what may be kept of a contact depends on them.
/// Thread-safe.
class ContactMappings {
 public:
  explicit ContactMappings(store::Store& store) : store_(store) {}

  /// What is in force for the partner; what the vendor ships where nothing is. What cannot be read now is as it was.
  [[nodiscard]] std::shared_ptr<const mapping::ObjectDocument> of(const std::string& partner);

 private:
  struct Known {
    store::Store::SettingsVersion version;
    std::shared_ptr<const mapping::ObjectDocument> document;
  };

  store::Store& store_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace crosswalk::service

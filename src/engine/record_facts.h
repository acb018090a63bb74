#pragma once

#include "matching/companies.h"
#include "matching/contacts.h"
#include "matching/devices.h"
#include "model/entity.h"

namespace crosswalk::engine {

/// What the product tells of a record, as the matching knows it. `company`: id in the PSA of the record's customer.
[[nodiscard]] matching::CompanyFacts company_facts(const model::Entity& customer);
[[nodiscard]] matching::ContactFacts contact_facts(const model::Entity& contact, const std::string& company);
[[nodiscard]] matching::DeviceFacts device_facts(const model::Entity& device, const std::string& company);

}  // namespace crosswalk::engine

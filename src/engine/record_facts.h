#pragma once

#include "mapping/object_document.h"
#include "matching/companies.h"
#include "matching/contacts.h"
#include "matching/devices.h"
#include "model/entity.h"
#include "psa/objects.h"

namespace crosswalk::engine {

/// What the product tells of a record, as the matching knows it. `company`: id in the PSA of the record's customer.
[[nodiscard]] matching::CompanyFacts company_facts(const model::Entity& customer);
[[nodiscard]] matching::ContactFacts contact_facts(const model::Entity& contact, const std::string& company);
[[nodiscard]] matching::DeviceFacts device_facts(const model::Entity& device, const std::string& company);

/// The same of what the PSA shows.
[[nodiscard]] matching::CompanyFacts company_facts(const psa::Object& company);
[[nodiscard]] matching::ContactFacts contact_facts(const psa::Object& contact);
[[nodiscard]] matching::DeviceFacts device_facts(const psa::Object& configuration);

/// Why a company of the PSA does not count as a customer: by the mapping's types and statuses, or, where it names none,
/// by what its own are called. Empty: it does. `document` may be null.
[[nodiscard]] std::string no_customer(const mapping::ObjectDocument* document, std::string_view status_id,
                                      std::span<const psa::Reference> types, const matching::CompanyFacts& company);

}  // namespace crosswalk::engine

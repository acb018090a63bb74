#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> company_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "company/companies/types", .title = "Company Type", .href = "type_href"},
      {.path = "company/companies/statuses", .title = "Company Status", .href = "status_href"},
      {.path = "company/companies",
       .permission = "Company Maintenance",
       .read_only = {"deletedFlag", "dateDeleted", "deletedBy"},
       .indexed = {"identifier", "name"},
       .defaults = {{"deletedFlag", "false"}}},
      {.path = "company/companies/sites", .references = {"SiteReference"}},
      {.path = "company/companies/notes", .title = "Note", .permission = "Notes"},
      {.path = "company/companies/teams", .permission = "Team Members"},
      {.path = "company/companies/typeAssociations", .title = "Company Type Association", .indexed = {"type"}},
      {.path = "company/noteTypes", .references = {"NoteTypeReference"}, .href = "type_href"},
      {.path = "company/contacts/types", .title = "Contact Type"},
      {.path = "company/contacts/relationships", .references = {"RelationshipReference"}},
      {.path = "company/contacts", .permission = "Contacts", .indexed = {"company"}, .required = {"firstName"}},
      {.path = "company/contacts/communications",
       .title = "Communication",
       .read_only = {"communicationType", "domain"}},
      {.path = "company/configurations",
       .permission = "Configurations",
       .indexed = {"company", "deviceIdentifier", "name"},
       .defaults = {{"activeFlag", "true"}}},
      {.path = "company/configurations/types/questions", .references = {"ConfigurationTypeQuestionReference"}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

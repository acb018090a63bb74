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
       .defaults = {{"deletedFlag", "false"}},
       .links = {"contacts company/contacts?conditions=company/id={id}",
                 "agreements finance/agreements?conditions=company/id={id}",
                 "tickets service/tickets?conditions=company/id={id}",
                 "opportunities sales/opportunities?conditions=company/id={id}",
                 "activities sales/activities?conditions=company/id={id}",
                 "projects project/projects?conditions=company/id={id}",
                 "configurations company/configurations?conditions=company/id={id}",
                 "orders sales/orders?conditions=company/id={id}",
                 "documents system/documents?recordType=Company&recordId={id}", "sites", "teams",
                 "reports company/companies/{id}/managementSummaryReports", "notes"}},
      {.path = "company/companies/sites", .references = {"SiteReference"}},
      {.path = "company/companies/notes", .title = "Note", .permission = "Notes"},
      {.path = "company/companies/teams", .permission = "Team Members"},
      {.path = "company/companies/typeAssociations", .title = "Company Type Association", .indexed = {"type"}},
      {.path = "company/noteTypes", .references = {"NoteTypeReference"}, .href = "type_href"},
      {.path = "company/contacts/types", .title = "Contact Type"},
      {.path = "company/contacts/relationships", .references = {"RelationshipReference"}},
      {.path = "company/contacts",
       .permission = "Contacts",
       .indexed = {"company"},
       .required = {"firstName"},
       .links = {"communications", "notes", "tracks", "portalSecurity",
                 "activities sales/activities?conditions=contact/id={id}",
                 "documents system/documents?recordType=Contact&recordId={id}",
                 "configurations company/configurations?conditions=contact/id={id}",
                 "tickets service/tickets?conditions=contact/id={id}",
                 "opportunities sales/opportunities?conditions=contact/id={id}",
                 "projects project/projects?conditions=contact/id={id}",
                 "image company/contacts/{id}/image?lastModified={time}"}},
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

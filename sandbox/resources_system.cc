#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> system_resources() {
  static const ResourceSpec kTable[] = {
      // Time entries name locations and departments by types of their own.
      {.path = "system/locations",
       .permission = "My Company",
       .references = {"SystemLocationReference", "OwnerLevelReference"},
       .href = "location_href"},
      {.path = "system/departments",
       .permission = "My Company",
       .references = {"SystemDepartmentReference", "BillingUnitReference"},
       .href = "department_href"},
      {.path = "system/members", .permission = "Member Maintenance", .indexed = {"identifier"}},
      {.path = "system/callbacks",
       .noun = "callbackEntry",
       .title = "Callback",
       .read_only = {"memberId", "connectWiseID"},
       .defaults = {{"inactiveFlag", "false"}, {"isSoapCallbackFlag", "false"}, {"isSelfSuppressedFlag", "false"}},
       .hidden = {{"failingSince", "date"}}},
      {.path = "system/apiMembers", .permission = "Member Maintenance", .indexed = {"identifier"}},
      {.path = "system/integratorlogins", .hidden = {{"secret", "string"}}},
      {.path = "system/documents",
       .noun = "document",
       .permission = "Manage Attachments",
       .references = {"DocumentReference"},
       .indexed = {"recordId"},
       .hidden = {{"recordId", "int"}, {"recordType", "string"}, {"content", "string"}, {"contentType", "string"}}},
      {.path = "system/menuentries",
       .references = {"SystemMenuEntryReference"},
       .hidden = {{"image", "string"}, {"imageType", "string"}}},
      // Nobody says which members these have; none is asked for.
      {.path = "system/todayPagelinks", .title = "Today Page Link", .optional = {"name"}},
      {.path = "system/integratorTags", .noun = "integratorTag"},
      {.path = "system/info/locales", .references = {"LocaleReference"}},
      {.path = "system/kpis", .references = {"KPIReference"}},
      {.path = "system/myCompany/corporateStructureLevels", .references = {"CorporateStructureLevelReference"}},
      {.path = "system/workflows/tableTypes", .references = {"WorkflowTableTypeReference"}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

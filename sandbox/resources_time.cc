#include "sandbox/schema.h"

namespace crosswalk::sandbox {

std::span<const ResourceSpec> time_resources() {
  static const ResourceSpec kTable[] = {
      {.path = "time/entries",
       .permission = "Time Entry",
       .href = "time_entry_href",
       .read_only = {"enteredBy", "dateEntered", "status"},
       .indexed = {"chargeToId"},
       .defaults = {{"status", "\"Open\""}, {"billableOption", "\"Billable\""}}},
      {.path = "time/sheets", .references = {"TimeSheetReference"}},
      {.path = "schedule/entries", .permission = "Resource Scheduling", .indexed = {"objectId"}},
  };
  return kTable;
}

}  // namespace crosswalk::sandbox

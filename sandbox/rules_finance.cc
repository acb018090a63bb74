#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void rule_agreement(Writer& writer, const Row*) {
  const Resource& agreements = writer.resource;
  const std::int64_t end = writer.row.integer(agreements.field("endDate"));
  const char* status = writer.row.flag(agreements.field("cancelledFlag")) ? "Cancelled"
                       : end != 0 && end < writer.actor.now && !writer.row.flag(agreements.field("noEndingDateFlag"))
                           ? "Expired"
                       : writer.row.integer(agreements.field("startDate")) > writer.actor.now ? "Inactive"
                                                                                              : "Active";
  writer.row.set(agreements.field("agreementStatus"), status);
}

}  // namespace

std::span<const CollectionRules> finance_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "finance/agreements", .before_write = rule_agreement},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

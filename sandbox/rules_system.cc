#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "sandbox/callbacks.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace {

void rule_hosted_setup(Writer& writer, const Row*) {
  const Resource& setups = writer.resource;
  const Table& screens = std::as_const(writer.tenant).table("system/connectWiseHostedScreens");
  const std::int64_t screen = writer.row.integer(setups.field("screenId"));
  if (screens.find(screen) == nullptr) {
    writer.fail({"NotFound", fmt::format("{} {} not found", screens.resource().spec.title, screen), setups.spec.noun,
                 "screenId"});
  }
  const bool button = writer.row.text(setups.field("type")) == "ToolbarButton";
  if (button && trim(writer.row.text(setups.field("toolbarButtonText"))).empty())
    writer.fail(missing_field(setups.spec.noun, "toolbarButtonText"));
}

}  // namespace

std::span<const CollectionRules> system_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "system/callbacks", .before_write = rule_callback},
      {.collection = "system/securityroles", .after_write = role_written},
      {.collection = "system/connectwisehostedsetups", .before_write = rule_hosted_setup},
      {.collection = "system/integratorlogins", .before_write = rule_integrator_login},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

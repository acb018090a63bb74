#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

void rule_company(Writer& writer, const Row* before) {
  const Resource& companies = writer.resource;
  if (before == nullptr) {
    set_default(writer, "status",
                id_or_null(first_with(writer.tenant.table("company/companies/statuses"), "defaultFlag")));
    if (writer.actor.switches->company_site_required && writer.post_only.if_contains("site") == nullptr) {
      writer.fail({"", "Company Site name is required.", "", ""});
    }
    return;
  }
  if (writer.touched(companies.field("types"))) {
    writer.fail({"", "typeIds can only be used when creating a new company.", "", ""});
  }
}

bool is_default(const json::value& item) {
  const json::value* flag = item.is_object() ? item.get_object().if_contains("defaultFlag") : nullptr;
  return flag != nullptr && flag->is_bool() && flag->get_bool();
}

/// The newest default of a kind (e-mail, phone) is the only one.
void rule_contact(Writer& writer, const Row* before) {
  const int field = writer.resource.field("communicationItems");
  const json::value* kept = writer.row.get(field);
  const json::value* old = before == nullptr ? nullptr : before->get(field);
  if (kept == nullptr || old == nullptr || !kept->is_array() || !old->is_array()) return;
  json::array items = kept->get_array();
  const auto member = [](const json::value& item, std::string_view name) {
    const json::value* value = item.is_object() ? item.get_object().if_contains(name) : nullptr;
    return value == nullptr ? json::value(nullptr) : *value;
  };
  for (const json::value& item : kept->get_array()) {
    const auto same = [&](const json::value& each) { return member(each, "id") == member(item, "id"); };
    const auto was = std::find_if(old->get_array().begin(), old->get_array().end(), same);
    if (!is_default(item) || (was != old->get_array().end() && is_default(*was))) continue;
    for (json::value& other : items) {
      if (same(other) || member(other, "communicationType") != member(item, "communicationType")) continue;
      if (is_default(other)) other.get_object()["defaultFlag"] = false;
    }
  }
  writer.row.set(field, std::move(items));
}

void rule_configuration(Writer& writer, const Row* before) {
  const Resource& configurations = writer.resource;
  if (before == nullptr) {
    set_default(writer, "status",
                id_or_null(first_with(writer.tenant.table("company/configurations/statuses"), "defaultFlag")));
  } else {
    // Only the operation changeType moves a configuration to another type.
    const int type = configurations.field("type");
    writer.row.set(type, id_or_null(before->integer(type)));
  }
}

/// A company is made with its first site.
void add_first_site(const Writer& writer, const Row& company) {
  const Resource& companies = Catalogue::instance().get("company/companies");
  Table& sites = writer.tenant.table("company/companies/sites");
  const json::value* name = writer.post_only.if_contains("site");
  Row site;
  site.parent = company.id;
  Writer writing(writer.tenant, sites.resource(), std::move(site), Writer::Mode::post, writer.actor);
  writing.apply_body({{"name", name == nullptr ? json::value("Main") : *name}, {"primaryAddressFlag", true}});
  writing.finish();
  const ApiResult<const Row*> added = writing.commit();
  if (!added) return;
  Row changed = company;
  changed.set(companies.field("site"), (*added)->id);
  writer.tenant.table(companies).replace(std::move(changed));
}

void after_company(Writer& writer, const Row& row, bool inserted) {
  if (inserted) add_first_site(writer, row);
}

}  // namespace

std::span<const CollectionRules> company_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "company/companies", .before_write = rule_company, .after_write = after_company},
      {.collection = "company/contacts", .before_write = rule_contact},
      {.collection = "company/configurations", .before_write = rule_configuration},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/communications.h"
#include "sandbox/rules.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr double kUnitsOfOne = 10'000;

constexpr std::int64_t kYearMax = 9'999;

/// A change of whatever kind has ConnectWise look at the whole company, and at what has been wrong for long.
void check_years(Writer& writer) {
  for (const char* name : {"yearEstablished", "revenueYear"}) {
    const json::value* year = writer.row.get(writer.resource.field(name));
    if (year == nullptr || year->is_null()) continue;
    const std::int64_t value = writer.row.integer(writer.resource.field(name));
    if (value >= 1 && value <= kYearMax) continue;
    writer.fail({"OutOfRange", fmt::format("The field {} must be between 1 and {}.", name, kYearMax),
                 writer.resource.spec.noun, name});
  }
}

/// The row of another company that has this identifier already; nullptr when there is none.
const Row* same_identifier(const Writer& writer) {
  const Resource& companies = writer.resource;
  const Table& table = std::as_const(writer.tenant).table(companies);
  const int identifier = companies.field("identifier"), deleted = companies.field("deletedFlag");
  const std::vector<std::int64_t>* ids = table.lookup(identifier, index_key(json::string(writer.row.text(identifier))));
  for (const std::int64_t id : *ids) {
    const Row* other = table.find(id);
    if (id != writer.row.id && !other->flag(deleted)) return other;
  }
  return nullptr;
}

/// An identifier names one company.
void refuse_same_identifier(Writer& writer, const Row* before) {
  const int identifier = writer.resource.field("identifier");
  const bool changed =
      before == nullptr || !equals_ignoring_case(before->text(identifier), writer.row.text(identifier));
  if (!writer.actor.switches->company_identifier_unique || !changed || same_identifier(writer) == nullptr) return;
  writer.fail(
      {"ObjectExists", "A company with this identifier already exists.", writer.resource.spec.noun, "identifier"});
}

void rule_company(Writer& writer, const Row* before) {
  const Resource& companies = writer.resource;
  check_years(writer);
  refuse_same_identifier(writer, before);
  if (before == nullptr) {
    if (writer.actor.switches->company_site_required && writer.post_only.if_contains("site") == nullptr) {
      writer.fail({"", "Company Site name is required.", "", ""});
    }
    return;
  }
  if (writer.touched(companies.field("types"))) {
    writer.fail({"", "typeIds can only be used when creating a new company.", "", ""});
  }
}

json::value member_of(const json::value& item, std::string_view name) {
  const json::value* value = item.is_object() ? item.get_object().if_contains(name) : nullptr;
  return value == nullptr ? json::value(nullptr) : *value;
}

bool is_default(const json::value& item) { return member_of(item, "defaultFlag") == json::value(true); }

/// Of the defaults of a kind (e-mail, phone) the newest is the only one: one that has just become it, else the last.
void keep_one_default(json::array& items, const json::array& before) {
  const auto is_new = [&](const json::value& item) {
    return std::none_of(before.begin(), before.end(), [&](const json::value& old) {
      return member_of(old, "id") == member_of(item, "id") && is_default(old);
    });
  };
  for (json::value& item : items) {
    if (!is_default(item)) continue;
    for (json::value& other : items) {
      const bool same_kind = member_of(other, "communicationType") == member_of(item, "communicationType");
      if (&other == &item || !is_default(other) || !same_kind) continue;
      const bool other_is_newer = is_new(other) == is_new(item) ? &other > &item : is_new(other);
      (other_is_newer ? item : other).as_object()["defaultFlag"] = false;
      if (other_is_newer) break;
    }
  }
}

json::array items_in(const Row* row, int field) {
  const json::value* items = row == nullptr ? nullptr : row->get(field);
  return items != nullptr && items->is_array() ? items->get_array() : json::array();
}

/// The number that stands for the contact: of its default phone.
void show_default_phone(Writer& writer) {
  const json::array items = items_in(&writer.row, writer.resource.field("communicationItems"));
  json::value type, number, extension;
  for (const json::value& item : items) {
    if (member_of(item, "communicationType") != "Phone" || !is_default(item)) continue;
    type = member_of(member_of(item, "type"), "name");
    number = member_of(item, "value");
    extension = member_of(item, "extension");
  }
  writer.row.set(writer.resource.field("defaultPhoneType"), std::move(type));
  writer.row.set(writer.resource.field("defaultPhoneNbr"), std::move(number));
  writer.row.set(writer.resource.field("defaultPhoneExtension"), std::move(extension));
}

/// The entries are also a collection of their own, whose limits hold.
void check_lengths(Writer& writer, const json::value& item) {
  for (const Field& field : Catalogue::instance().get("company/contacts/communications").fields) {
    const json::value value = member_of(item, field.name);
    const bool too_much = field.length_max > 0 && value.is_string() &&
                          count_characters(std::string_view(value.get_string())) > field.length_max;
    if (too_much) writer.fail(too_long("contact", "communicationItems/" + field.name, field.length_max));
  }
}

/// The entries as ConnectWise completes them; one of an unknown type is refused.
json::array completed_items(Writer& writer, const json::array& given) {
  json::array items = given;
  for (json::value& item : items) {
    check_lengths(writer, item);
    if (!item.is_object() || complete_communication(writer.tenant, item.get_object())) continue;
    const json::value id = member_of(member_of(item, "type"), "id");
    writer.fail({"NotFound", fmt::format("Communication Type {} not found", json_text(id)), "contact",
                 "communicationItems/type"});
  }
  return items;
}

void complete_contact(Writer& writer) {
  const int field = writer.resource.field("communicationItems");
  json::array items = completed_items(writer, items_in(&writer.row, field));
  if (!items.empty()) writer.row.set(field, std::move(items));
  show_default_phone(writer);
}

void rule_contact(Writer& writer, const Row* before) {
  const int field = writer.resource.field("communicationItems");
  if (json::array items = completed_items(writer, items_in(&writer.row, field)); !items.empty()) {
    keep_one_default(items, items_in(before, field));
    writer.row.set(field, std::move(items));
  }
  show_default_phone(writer);
}

/// The questions of its type, with what has been answered; what is asked of no one is dropped.
void ask_questions(Writer& writer) {
  const Resource& configurations = writer.resource;
  const int field = configurations.field("questions");
  const Resource& questions = Catalogue::instance().get("company/configurations/types/questions");
  const std::int64_t type = writer.row.integer(configurations.field("type"));
  const json::value* sent = writer.row.get(field);
  json::array asked;
  const Table& table = std::as_const(writer.tenant).table(questions);
  for (const std::int64_t id : *table.lookup(questions.parent_field, std::to_string(type))) {
    const Row& question = *table.find(id);
    if (question.flag(questions.field("inactiveFlag"))) continue;
    json::object entry{{"questionId", id}, {"question", question.text(questions.field("question"))}};
    if (sent != nullptr && sent->is_array()) {
      for (const json::value& each : sent->get_array()) {
        if (member_of(each, "questionId") != json::value(id)) continue;
        entry["answer"] = member_of(each, "answer");
        entry["answerId"] = member_of(each, "answerId");
      }
    }
    if (!entry.contains("answerId") || !entry["answerId"].is_int64()) entry["answerId"] = writer.tenant.next_element++;
    entry["sequenceNumber"] = static_cast<double>(question.integer(questions.field("sequenceNumber"))) / kUnitsOfOne;
    entry["numberOfDecimals"] = question.integer(questions.field("numberOfDecimals"));
    entry["fieldType"] = question.text(questions.field("fieldType"));
    entry["requiredFlag"] = question.flag(questions.field("requiredFlag"));
    asked.push_back(std::move(entry));
  }
  writer.row.set(field, asked.empty() ? json::value(nullptr) : json::value(std::move(asked)));
}

void rule_configuration(Writer& writer, const Row* before) {
  const Resource& configurations = writer.resource;
  if (before != nullptr) {
    // Only the operation changeType moves a configuration to another type.
    const int type = configurations.field("type");
    writer.row.set(type, id_or_null(before->integer(type)));
  }
  ask_questions(writer);
}

/// One that tickets or configurations still name cannot go.
std::optional<ApiError> keep_used_type(Tenant& tenant, const Row& row, const Actor&) {
  const Table& configurations = std::as_const(tenant).table("company/configurations");
  const int type = configurations.resource().field("type");
  bool used = false;
  configurations.each([&](const Row& each) {
    used = each.integer(type) == row.id;
    return !used;
  });
  if (!used) return std::nullopt;
  return ApiError{409, "ConnectWiseApi", "The record is in use.", {}};
}

json::value state_named(const Tenant& tenant, std::string_view name) {
  const Resource& states = Catalogue::instance().get("company/states");
  return name.empty() ? json::value(nullptr) : id_or_null(find_by_name(tenant, states, name, 0));
}

/// From a company to its site or back; says whether anything has changed. A company's state is a text, a site's a
/// reference; what is no known state stays with the company alone.
bool copy_address(const Tenant& tenant, const Resource& from, const Row& source, const Resource& to, Row& target) {
  bool changed = false;
  const auto put = [&](const char* name, const json::value* value) {
    const json::value* before = target.get(to.field(name));
    const json::value wanted = value == nullptr ? json::value(nullptr) : *value;
    if ((before == nullptr ? json::value(nullptr) : *before) == wanted) return;
    target.set(to.field(name), wanted);
    changed = true;
  };
  for (const char* name : {"addressLine1", "addressLine2", "city", "zip", "country"})
    put(name, source.get(from.field(name)));
  if (const int state = from.field("state"); state >= 0) {
    const json::value found = state_named(tenant, source.text(state));
    put("stateReference", &found);
  } else if (const std::int64_t id = source.integer(from.field("stateReference")); id != 0) {
    const Resource& states = Catalogue::instance().get("company/states");
    const Row* row = tenant.table(states).find(id);
    const json::value text =
        row == nullptr ? json::value(nullptr) : json::string(row->text(states.field("identifier")));
    put("state", &text);
  }
  return changed;
}

/// A company has one primary address.
void demote_other_sites(Writer& writer, const Row& primary) {
  Table& sites = writer.tenant.table(writer.resource);
  const int flag = writer.resource.field("primaryAddressFlag");
  const std::vector<std::int64_t> ids = *sites.lookup(writer.resource.parent_field, std::to_string(primary.parent));
  for (const std::int64_t id : ids) {
    const Row* site = sites.find(id);
    if (id == primary.id || !site->flag(flag)) continue;
    Row changed = *site;
    changed.set(flag, nullptr);
    sites.replace(std::move(changed));
  }
}

/// A company is made with its first site.
void add_first_site(const Writer& writer, const Row& company) {
  const Resource& companies = Catalogue::instance().get("company/companies");
  Table& sites = writer.tenant.table("company/companies/sites");
  const json::value* name = writer.post_only.if_contains("site");
  const std::int64_t site_of = company.id;
  Row site;
  site.parent = site_of;
  Writer writing(writer.tenant, sites.resource(), std::move(site), Writer::Mode::post, writer.actor);
  writing.apply_body({{"name", name == nullptr ? json::value("Main") : *name}, {"primaryAddressFlag", true}});
  if (writer.actor.switches->company_address_is_its_sites)
    copy_address(writer.tenant, companies, company, sites.resource(), writing.row);
  writing.finish();
  const ApiResult<const Row*> added = writing.commit();
  if (!added) return;
  Row changed = *writer.tenant.table(companies).find(site_of);
  changed.set(companies.field("site"), (*added)->id);
  writer.tenant.table(companies).replace(std::move(changed));
}

/// What has been written to a company's address stands on its default site.
void address_to_site(Writer& writer, const Row& company) {
  Table& sites = writer.tenant.table("company/companies/sites");
  const Row* site = sites.find(company.integer(writer.resource.field("site")));
  if (site == nullptr) return;
  Row changed = *site;
  if (!copy_address(writer.tenant, writer.resource, company, sites.resource(), changed)) return;
  changed.last_updated = writer.actor.now;
  changed.updated_by = writer.actor.member;
  sites.replace(std::move(changed));
}

/// The other way round: a site that has become the company's primary address is its default one.
void after_site(Writer& writer, const Row& row, bool) {
  if (!writer.actor.switches->company_address_is_its_sites) return;
  Table& companies = writer.tenant.table("company/companies");
  const Row* company = companies.find(row.parent);
  if (company == nullptr) return;
  Row changed = *company;
  const int field = companies.resource().field("site");
  const bool becomes = row.flag(writer.resource.field("primaryAddressFlag"));
  if (becomes) changed.set(field, row.id);
  if (changed.integer(field) != row.id) return;
  const bool moved = copy_address(writer.tenant, writer.resource, row, companies.resource(), changed);
  if (moved || company->integer(field) != row.id) companies.replace(std::move(changed));
  if (becomes) demote_other_sites(writer, row);
}

/// The types of a new company or contact, each as an association of its own.
void add_associations(const Writer& writer, const Row& row) {
  const json::value* types = row.get(writer.resource.field("types"));
  if (types == nullptr || !types->is_array()) return;
  Table& table = writer.tenant.table(writer.resource.path + "/typeAssociations");
  const json::array ids = types->get_array();
  for (const json::value& id : ids) {
    Row association;
    association.parent = row.id;
    association.date_entered = association.last_updated = writer.actor.now;
    association.entered_by = association.updated_by = writer.actor.member;
    association.set(table.resource().parent_field, row.id);
    association.set(table.resource().field("type"), id);
    table.insert(std::move(association));
  }
}

/// What associations say shows in the types of their company or contact.
void show_types(Tenant& tenant, const Resource& associations, std::int64_t owner, std::int64_t type, bool there) {
  Table& owners = tenant.table(Catalogue::instance().at(associations.parent));
  const Row* row = owners.find(owner);
  if (row == nullptr) return;
  const int field = owners.resource().field("types");
  const json::value* before = row->get(field);
  json::array types = before != nullptr && before->is_array() ? before->get_array() : json::array();
  const auto at = std::find(types.begin(), types.end(), json::value(type));
  if (there && at == types.end()) types.emplace_back(type);
  if (!there && at != types.end()) types.erase(at);
  Row changed = *row;
  changed.set(field, types.empty() ? json::value(nullptr) : json::value(std::move(types)));
  owners.replace(std::move(changed));
}

void after_association(Writer& writer, const Row& row, bool) {
  show_types(writer.tenant, writer.resource, row.parent, row.integer(writer.resource.field("type")), true);
}

void after_company_association_removal(Tenant& tenant, const Row& removed, const Actor&) {
  const Resource& associations = Catalogue::instance().get("company/companies/typeAssociations");
  show_types(tenant, associations, removed.parent, removed.integer(associations.field("type")), false);
}

void after_contact_association_removal(Tenant& tenant, const Row& removed, const Actor&) {
  const Resource& associations = Catalogue::instance().get("company/contacts/typeAssociations");
  show_types(tenant, associations, removed.parent, removed.integer(associations.field("type")), false);
}

void after_company(Writer& writer, const Row& row, bool inserted) {
  if (!inserted) {
    if (writer.actor.switches->company_address_is_its_sites) address_to_site(writer, row);
    return;
  }
  const std::int64_t id = row.id;
  add_first_site(writer, row);
  add_associations(writer, *writer.tenant.table(writer.resource).find(id));
}

void after_contact(Writer& writer, const Row& row, bool inserted) {
  if (inserted) add_associations(writer, row);
}

}  // namespace

std::span<const CollectionRules> company_rules() {
  static constexpr CollectionRules kRules[] = {
      {.collection = "company/companies", .before_write = rule_company, .after_write = after_company},
      {.collection = "company/companies/sites", .after_write = after_site},
      {.collection = "company/companies/typeAssociations",
       .after_write = after_association,
       .after_removal = after_company_association_removal},
      {.collection = "company/contacts",
       .before_write = rule_contact,
       .complete_planted = complete_contact,
       .after_write = after_contact},
      {.collection = "company/contacts/typeAssociations",
       .after_write = after_association,
       .after_removal = after_contact_association_removal},
      {.collection = "company/configurations", .before_write = rule_configuration},
      {.collection = "company/configurations/types", .before_removal = keep_used_type},
  };
  return kRules;
}

}  // namespace crosswalk::sandbox

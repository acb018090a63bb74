#include "mapping/object_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/assert.h"
#include "base/text.h"
#include "mapping/names.h"
#include "mapping/resolve.h"
#include "mapping/schema.h"
#include "mapping/syntax.h"
#include "mapping/templates.h"
#include "mapping/values.h"
#include "psa/object_fields.h"

namespace crosswalk::embedded {
extern const std::string_view object_schema, recipe_customer_to_company, recipe_contact_to_contact,
    recipe_device_to_configuration;
}  // namespace crosswalk::embedded

namespace crosswalk::mapping {
namespace {

namespace json = boost::json;

constexpr Names<DeviceState, 5> kDeviceStates{{{DeviceState::active, "active"},
                                               {DeviceState::stale, "stale"},
                                               {DeviceState::inactive, "inactive"},
                                               {DeviceState::retired, "retired"},
                                               {DeviceState::replaced, "replaced"}}};
constexpr Names<Direction, 4> kDirections{{{Direction::link, "link"},
                                           {Direction::create, "create"},
                                           {Direction::import_from, "import"},
                                           {Direction::both, "both"}}};
/// Settings that mean something for one workflow only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOwnSettings{
    {{"match", kCustomerToCompany},
     {"allow_shared", kCustomerToCompany},
     {"types", kCustomerToCompany},
     {"statuses", kCustomerToCompany},
     {"communication_types", kContactToContact},
     {"classes", kDeviceToConfiguration},
     {"default_type", kDeviceToConfiguration},
     {"lifecycle", kDeviceToConfiguration}}};
/// Fields that the workflows themselves fill in.
constexpr std::array<std::string_view, 4> kWorkflowFields{"company", "contact", "active", "inactive"};

std::string text_of(const json::value& value) { return std::string{value.as_string()}; }

psa::Reference reference_of(const json::value& value) {
  const json::object& object = value.as_object();
  psa::Reference reference{to_text(object.at("id")), ""};
  if (const json::value* name = object.if_contains("name")) reference.name = text_of(*name);
  return reference;
}

/// RFC 7396 without its removal by null, which the schema does not let through.
void merge(json::object& target, const json::object& patch) {
  for (const auto& [key, value] : patch) {
    json::value* known = target.if_contains(key);
    if (known && known->is_object() && value.is_object() && !value.get_object().contains("id"))
      merge(known->get_object(), value.get_object());
    else
      target[key] = value;
  }
}

class ObjectReader {
 public:
  ObjectReader(std::string_view workflow, std::vector<Problem>& problems) : problems_(problems) {
    document_.workflow = std::string(workflow);
    document_.kind = object_kind_of(workflow);
  }

  ObjectDocument read(const json::object& json) {
    for (const auto& [setting, workflow] : kOwnSettings)
      if (json.contains(setting) && workflow != document_.workflow)
        refuse(deeper("", setting), "mapping.schema",
               fmt::format("\"{}\" has no meaning in {}.", setting, document_.workflow));
    if (const json::value* mode = json.if_contains("mode")) document_.mode = *parse_mode(text_of(*mode));
    if (const json::value* direction = json.if_contains("direction"))
      document_.direction = *value_of(kDirections, text_of(*direction));
    if (document_.imports() && document_.workflow != kCustomerToCompany)
      refuse("/direction", "mapping.schema",
             fmt::format("Only companies are imported; {} takes \"link\" or \"create\".", document_.workflow));
    read_customers(json);
    if (const json::value* fields = json.if_contains("fields")) read_fields(fields->as_object());
    if (const json::value* decisions = json.if_contains("decisions"))
      read_decisions(decisions->as_object(), document_.allow_shared);
    if (const json::value* types = json.if_contains("communication_types"))
      for (const auto& [name, value] : types->as_object())
        document_.communication_types[std::string(name)] = reference_of(value);
    if (const json::value* adopted = json.if_contains("adopted"))
      document_.adopted_keep = text_of(*adopted) != "overwrite";
    read_devices(json);
    read_guard(json);
    return std::move(document_);
  }

 private:
  void refuse(std::string pointer, std::string code, std::string message) {
    problems_.push_back({Problem::Level::error, std::move(code), std::move(pointer), std::move(message)});
  }

  Duration duration(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value ? parse_duration(text_of(*value)).value_or(Duration{}) : Duration{};
  }

  void read_fields(const json::object& fields) {
    for (const auto& [name, value] : fields) {
      const std::string pointer = deeper("/fields", name);
      const psa::ObjectField* field = psa::find_object_field(document_.kind, name);
      const bool by_workflow = std::ranges::find(kWorkflowFields, std::string_view(name)) != kWorkflowFields.end();
      if (!field) {
        std::vector<std::string_view> names;
        for (const psa::ObjectField& each : psa::object_fields(document_.kind)) names.push_back(each.name);
        refuse(pointer, "mapping.schema",
               fmt::format("There is no field {} here; there are {}.", quoted(name), alternatives(names)));
        continue;
      }
      ObjectFieldRule rule;
      const json::object& from = value.as_object();
      if (const json::value* owner = from.if_contains("owner"))
        rule.ownership = *value_of(kOwnerships, text_of(*owner));
      if (from.contains("every")) rule.every = duration(from, "every");
      if (const json::value* text = from.if_contains("value")) rule.value = text_of(*text);
      if (const json::value* reference = from.if_contains("reference")) rule.reference = reference_of(*reference);
      // ConnectWise takes these when an object is made, and not after.
      const bool only_new = document_.kind != psa::ObjectKind::configuration && (name == "type" || name == "site_name");
      if (only_new && rule.ownership == Ownership::product) rule.ownership = Ownership::create;
      const bool is_reference = field->shape == psa::FieldShape::reference;
      if (is_reference && !rule.value.empty())
        refuse(deeper(pointer, "value"), "mapping.schema", "This field is chosen by its id; give a \"reference\".");
      if (!is_reference && !rule.reference.empty())
        refuse(deeper(pointer, "reference"), "mapping.schema", "This field is a text; give a \"value\".");
      if (by_workflow && (!rule.value.empty() || !rule.reference.empty()))
        refuse(pointer, "mapping.schema", "The workflow sets this field by itself; only its owner can be chosen.");
      if (const auto error = find_template_error(rule.value))
        refuse(deeper(pointer, "value"), "mapping.template", fmt::format("This template cannot be used: {}.", *error));
      document_.fields.insert_or_assign(std::string(name), std::move(rule));
    }
  }

  void read_decisions(const json::object& decisions, bool allow_shared) {
    std::set<std::string> taken;
    for (const auto& [key, value] : decisions) {
      const json::object& from = value.as_object();
      ObjectDecision decision;
      if (const json::value* object = from.if_contains("object")) decision.object = reference_of(*object);
      if (const json::value* create = from.if_contains("create")) decision.create = create->as_bool();
      if (const json::value* excluded = from.if_contains("excluded")) decision.excluded = excluded->as_bool();
      if (const json::value* overwrite = from.if_contains("overwrite")) decision.overwrite = overwrite->as_bool();
      if (int{!decision.object.empty()} + int{decision.create} + int{decision.excluded} != 1)
        refuse(deeper("/decisions", key), "mapping.schema",
               "A decision is one of \"object\" (this is it), \"create\" (make one) and \"excluded\" (neither).");
      if (!decision.object.empty() && !allow_shared && !taken.insert(decision.object.id).second)
        refuse(deeper("/decisions", key), "mapping.schema",
               "Two records are said to be this object; only customers can share one, with \"allow_shared\".");
      document_.decisions.insert_or_assign(std::string(key), std::move(decision));
    }
  }

  static void read_references(const json::object& json, std::string_view key, std::vector<psa::Reference>& target) {
    if (const json::value* list = json.if_contains(key))
      for (const json::value& each : list->as_array()) target.push_back(reference_of(each));
  }

  void read_customers(const json::object& json) {
    if (const json::value* match = json.if_contains("match")) {
      const json::object& from = match->as_object();
      if (const json::value* link = from.if_contains("link_at")) document_.link_at = link->to_number<int>();
      if (const json::value* propose = from.if_contains("propose_at")) document_.propose_at = propose->to_number<int>();
      if (document_.propose_at > document_.link_at)
        refuse("/match/propose_at", "mapping.schema", "What is proposed must be less sure than what is linked.");
    }
    if (const json::value* shared = json.if_contains("allow_shared")) document_.allow_shared = shared->as_bool();
    read_references(json, "types", document_.types);
    read_references(json, "statuses", document_.statuses);
  }

  void read_devices(const json::object& json) {
    if (const json::value* classes = json.if_contains("classes"))
      for (const auto& [name, value] : classes->as_object())
        document_.classes.insert_or_assign(fold_case(name), reference_of(value));
    if (const json::value* type = json.if_contains("default_type")) document_.default_type = reference_of(*type);
    if (const json::value* lifecycle = json.if_contains("lifecycle")) {
      const json::object& from = lifecycle->as_object();
      document_.stale_after = duration(from, "stale_after");
      document_.inactive_after = duration(from, "inactive_after");
      document_.retired_after = duration(from, "retired_after");
      if (const json::value* statuses = from.if_contains("statuses"))
        for (const auto& [name, value] : statuses->as_object())
          if (const auto state = value_of(kDeviceStates, name)) document_.states[*state] = reference_of(value);
    }
  }

  void read_guard(const json::object& json) {
    const json::value* guard = json.if_contains("mass_change_guard");
    if (!guard) return;
    const json::object& from = guard->as_object();
    if (const json::value* percent = from.if_contains("percent")) document_.guard_percent = percent->to_number<int>();
    // What a document says under the older name is said over what the vendor ships.
    for (const char* name : {"records", "devices"})
      if (const json::value* count = from.if_contains(name)) document_.guard_records = count->to_number<int>();
    if (from.contains("window")) document_.guard_window = duration(from, "window");
  }

  static std::string fold_case(std::string_view text) {
    std::string out(text);
    for (char& each : out)
      if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    return out;
  }

  ObjectDocument document_;
  std::vector<Problem>& problems_;
};

const PublishedSchema& schema() {
  static const PublishedSchema published(embedded::object_schema);
  return published;
}

}  // namespace

std::string_view to_string(DeviceState state) { return name_of(kDeviceStates, state); }

bool is_object_workflow(std::string_view workflow) {
  return std::ranges::find(kObjectWorkflows, workflow) != kObjectWorkflows.end();
}

std::string_view workflow_of(model::RecordKind kind) {
  switch (kind) {
    case model::RecordKind::customer:
      return kCustomerToCompany;
    case model::RecordKind::contact:
      return kContactToContact;
    case model::RecordKind::device:
      return kDeviceToConfiguration;
    case model::RecordKind::alert:
    case model::RecordKind::group:
      return kAlertToTicket;
    case model::RecordKind::usage:
      break;
  }
  return {};
}

psa::ObjectKind object_kind_of(std::string_view workflow) {
  if (workflow == kAlertToTicket) return psa::ObjectKind::ticket;
  if (workflow == kCustomerToCompany) return psa::ObjectKind::company;
  if (workflow == kContactToContact) return psa::ObjectKind::contact;
  require(workflow == kDeviceToConfiguration, "a workflow is known by its name");
  return psa::ObjectKind::configuration;
}

std::string_view record_kind_of(std::string_view workflow) {
  if (workflow == kCustomerToCompany) return model::to_string(model::RecordKind::customer);
  if (workflow == kContactToContact) return model::to_string(model::RecordKind::contact);
  require(workflow == kDeviceToConfiguration, "a workflow of records with one life is known by its name");
  return model::to_string(model::RecordKind::device);
}

std::string_view object_recipe(std::string_view workflow) {
  if (workflow == kCustomerToCompany) return embedded::recipe_customer_to_company;
  if (workflow == kContactToContact) return embedded::recipe_contact_to_contact;
  return embedded::recipe_device_to_configuration;
}

std::string_view object_json_schema() { return embedded::object_schema; }

ParsedObjects parse_object_document(std::string_view workflow, std::string_view text) {
  ParsedObjects parsed;
  const auto value = read_json(text, parsed.problems);
  if (!value) return parsed;
  parsed.problems = check_schema(schema(), *value);
  if (!parsed.problems.empty()) return parsed;
  if (value->at("workflow").as_string() != workflow) {
    parsed.problems.push_back({Problem::Level::error, "mapping.schema", "/workflow",
                               fmt::format("This is the mapping of {}, and the address says {}.",
                                           std::string_view(value->at("workflow").as_string()), workflow)});
    return parsed;
  }
  json::object whole = json::parse(object_recipe(workflow)).as_object();
  merge(whole, value->as_object());
  ObjectDocument document = ObjectReader(workflow, parsed.problems).read(whole);
  const bool refused =
      std::ranges::any_of(parsed.problems, [](const Problem& each) { return each.level == Problem::Level::error; });
  if (!refused) parsed.document = std::move(document);
  return parsed;
}

bool ObjectDocument::counts(std::string_view status_id, std::span<const psa::Reference> its_types) const {
  const bool has_type =
      std::ranges::any_of(its_types, [&](const psa::Reference& each) { return std::ranges::count(types, each) > 0; });
  const bool has_status = std::ranges::count(statuses, status_id, &psa::Reference::id) > 0;
  return (types.empty() || has_type) && (statuses.empty() || has_status);
}

std::string render_field(const ObjectFieldRule& rule, const model::Entity& record) {
  Facts facts;
  facts.record = &record;
  return std::string(trim(render(rule.value, facts, {})));
}

}  // namespace crosswalk::mapping

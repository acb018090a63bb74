#include "mapping/object_references.h"

#include <fmt/format.h>

#include <set>

#include "mapping/names.h"
#include "mapping/reference_checks.h"
#include "psa/object_fields.h"

namespace crosswalk::mapping {
namespace {

/// Types that configurations get by the document.
std::set<std::string> types_of(const ObjectDocument& document) {
  std::set<std::string> types;
  if (!document.default_type.empty()) types.insert(document.default_type.id);
  for (const auto& [name, type] : document.classes)
    if (!type.empty()) types.insert(type.id);
  return types;
}

class Checker {
 public:
  Checker(const ObjectDocument& document, const psa::ObjectReferenceData& data) : document_(document), data_(data) {}

  std::vector<Problem> run() {
    switch (document_.kind) {
      case psa::ObjectKind::company:
        check_counted("/types", "company type", document_.types, data_.company_types);
        check_counted("/statuses", "company status", document_.statuses, data_.company_statuses);
        check_field("type", "company type", data_.company_types);
        check_field("status", "company status", data_.company_statuses);
        break;
      case psa::ObjectKind::contact:
        check_communication("email", &psa::CommunicationType::email, "e-mail addresses");
        check_communication("phone", &psa::CommunicationType::phone, "telephone numbers");
        check_field("type", "contact type", data_.contact_types);
        break;
      case psa::ObjectKind::configuration:
        check_configurations();
        break;
      case psa::ObjectKind::ticket:
      case psa::ObjectKind::agreement:
        break;
    }
    return std::move(problems_);
  }

 private:
  template <class Entry>
  void check_field(std::string_view name, std::string_view what, const std::vector<Entry>& list) {
    const auto field = document_.fields.find(name);
    if (field == document_.fields.end()) return;
    check_listed(field->second.reference, deeper(deeper("/fields", name), "reference"), what, list, problems_);
  }

  /// What companies are told by: there may well be some of an inactive status.
  template <class Entry>
  void check_counted(std::string_view pointer, std::string_view what, const std::vector<psa::Reference>& named,
                     const std::vector<Entry>& list) {
    std::vector<psa::ServiceType> entries;
    for (const Entry& each : list) entries.push_back({each.reference, false});
    for (std::size_t i = 0; i < named.size(); ++i) check_listed(named[i], deeper(pointer, i), what, entries, problems_);
  }

  void check_communication(std::string_view name, bool psa::CommunicationType::*fits, std::string_view words) {
    const auto named = document_.communication_types.find(name);
    if (named == document_.communication_types.end()) return;
    const std::string pointer = deeper("/communication_types", name);
    check_listed(named->second, pointer, "communication type", data_.communication_types, problems_);
    for (const psa::CommunicationType& each : data_.communication_types)
      if (each.reference == named->second && !(each.*fits))
        problems_.push_back({Problem::Level::error, "mapping.reference_unfit", pointer,
                             fmt::format("The communication type {} is not meant for {}; choose another.",
                                         called(each.reference), words)});
  }

  void check_configurations() {
    check_listed(document_.default_type, "/default_type", "configuration type", data_.configuration_types, problems_);
    for (const auto& [name, type] : document_.classes)
      check_listed(type, deeper("/classes", name), "configuration type", data_.configuration_types, problems_);
    for (const auto& [state, status] : document_.states) {
      const std::string pointer = deeper("/lifecycle/statuses", to_string(state));
      check_listed(status, pointer, "configuration status", data_.configuration_statuses, problems_);
      if (state == DeviceState::active || state == DeviceState::stale) check_in_use(status, pointer);
    }
    check_field("manufacturer", "manufacturer", data_.manufacturers);
    for (const auto& [name, rule] : document_.fields)
      if (name.starts_with(psa::kQuestionPrefix)) check_question(name);
  }

  void check_in_use(const psa::Reference& status, const std::string& pointer) {
    for (const psa::Status& each : data_.configuration_statuses)
      if (each.reference == status && each.closed)
        problems_.push_back({Problem::Level::warning, "mapping.reference_unfit", pointer,
                             fmt::format("The configuration status {} is a closed one, and the device is in use.",
                                         called(each.reference))});
  }

  /// A question must be one of a type that the document names; the others are not asked.
  void check_question(std::string_view field) {
    const std::string id(field.substr(psa::kQuestionPrefix.size()));
    const std::set<std::string> types = types_of(document_);
    bool read = false;
    for (const psa::ConfigurationType& type : data_.configuration_types) {
      if (!types.contains(type.reference.id) || !type.questions) continue;
      read = true;
      const auto found =
          std::ranges::find(*type.questions, id, [](const psa::ServiceType& each) { return each.reference.id; });
      if (found == type.questions->end()) continue;
      check_current({id, ""}, found->reference, found->inactive, deeper("/fields", field), "question", problems_);
      return;
    }
    if (!read && !types.empty()) return;
    problems_.push_back({Problem::Level::error, "mapping.reference_missing", deeper("/fields", field),
                         fmt::format("None of the configuration types of this mapping asks the question {}; choose one "
                                     "of theirs.",
                                     id)});
  }

  const ObjectDocument& document_;
  const psa::ObjectReferenceData& data_;
  std::vector<Problem> problems_;
};

}  // namespace

psa::ObjectReferences named_references(const ObjectDocument& document) {
  psa::ObjectReferences named;
  // Without a field that is a question nobody looks at them.
  if (std::ranges::any_of(document.fields,
                          [](const auto& field) { return field.first.starts_with(psa::kQuestionPrefix); })) {
    const std::set<std::string> types = types_of(document);
    named.question_types.assign(types.begin(), types.end());
  }
  const auto manufacturer = document.fields.find("manufacturer");
  if (manufacturer != document.fields.end() && !manufacturer->second.reference.empty())
    named.manufacturers.push_back(manufacturer->second.reference.id);
  return named;
}

std::vector<Problem> check_object_references(const ObjectDocument& document, const psa::ObjectReferenceData& data) {
  return Checker{document, data}.run();
}

}  // namespace crosswalk::mapping

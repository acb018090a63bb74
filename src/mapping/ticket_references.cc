#include "mapping/ticket_references.h"

#include <fmt/format.h>

#include <algorithm>

#include "mapping/names.h"
#include "mapping/reference_checks.h"

namespace crosswalk::mapping {
namespace {

using psa::TicketField;

/// One place of the document that holds settings: whose tickets they are for, and which board these are on.
struct Place {
  const TicketSettings* settings;
  std::string pointer;
  const psa::Reference* company = nullptr;  ///< nullptr: of many customers
  const psa::Reference* board = nullptr;
};

const psa::Reference* named(const TicketSettings& settings, TicketField field) {
  const auto found = settings.fields.find(field);
  return found == settings.fields.end() || found->second.empty() ? nullptr : &found->second;
}

std::vector<Place> places_of(const Document& document) {
  const psa::Reference* board = named(document.settings, TicketField::board);
  std::vector<Place> places{{&document.settings, "/defaults", nullptr, board}};
  for (const auto& [key, customer] : document.customers) {
    const psa::Reference* own = named(customer.settings, TicketField::board);
    places.push_back({&customer.settings, deeper(deeper("/customers", key), "settings"),
                      customer.company.empty() ? nullptr : &customer.company, own ? own : board});
  }
  for (std::size_t i = 0; i < document.rules.size(); ++i) {
    const TicketSettings& set = document.rules[i].set;
    const psa::Reference* own = named(set, TicketField::board);
    places.push_back({&set, deeper(deeper("/rules", i), "set"), nullptr, own ? own : board});
  }
  return places;
}

class Checker {
 public:
  Checker(const Document& document, const psa::TicketReferencesFound& found) : document_(document), found_(found) {}

  std::vector<Problem> run() {
    for (const auto& [list, why] : found_.unread)
      problems_.push_back({Problem::Level::warning, "mapping.references_unchecked", "",
                           fmt::format("The {} that the mapping names could not be checked: {}", list, why)});
    companies();
    required_fields();
    for (const Place& place : places_of(document_)) {
      object(place, TicketField::owner, "members", "member", found_.members);
      object(place, TicketField::agreement, "agreements", "agreement", found_.agreements);
      object(place, TicketField::contact, "contacts", "contact", found_.contacts);
      object(place, TicketField::site, "sites", "site", found_.sites);
      triple(place);
    }
    return std::move(problems_);
  }

 private:
  void error(std::string code, std::string pointer, std::string message) {
    problems_.push_back({Problem::Level::error, std::move(code), std::move(pointer), std::move(message)});
  }

  void companies() {
    if (found_.unread.contains("companies")) return;
    for (const auto& [key, customer] : document_.customers)
      check_listed(customer.company, deeper(deeper("/customers", key), "company"), "company", found_.companies,
                   problems_);
    if (document_.unknown_customer.policy == UnknownCustomer::Policy::catch_all)
      check_listed(document_.unknown_customer.company, "/unknown_customer/company", "company", found_.companies,
                   problems_);
  }

  void required_fields() {
    for (const psa::Reference& field : found_.required_fields)
      problems_.push_back(
          {Problem::Level::warning, "mapping.field_required", "",
           fmt::format("ConnectWise asks people to fill in \"{}\" on every ticket, and Crosswalk leaves it empty. "
                       "Should ConnectWise refuse tickets for that, they wait with the reason until the field is no "
                       "longer required.",
                       field.name)});
  }

  void object(const Place& place, TicketField field, const std::string& list, std::string_view what,
              const std::vector<psa::NamedObject>& objects) {
    const psa::Reference* value = named(*place.settings, field);
    // A site is looked up within its company; where many customers are meant, there is no such company.
    if (!value || found_.unread.contains(list) || (field == TicketField::site && !place.company)) return;
    const std::string pointer = deeper(place.pointer, psa::to_string(field));
    check_listed(*value, pointer, what, objects, problems_);
    const auto known = std::ranges::find(objects, *value, &psa::NamedObject::reference);
    if (known == objects.end() || known->company.empty() || !place.company || known->company == place.company->id)
      return;
    error("mapping.reference_other_company", pointer,
          fmt::format("The {} {} belongs to another company than {}, whose tickets would carry it.", what,
                      called(known->reference), called(*place.company)));
  }

  void triple(const Place& place) {
    if (!place.board) return;
    const auto triples = found_.triples.find(place.board->id);
    if (triples == found_.triples.end() || triples->second.empty()) return;
    std::array<std::string, 3> wanted;
    bool is_named = false;
    for (const auto& [at, field] :
         {std::pair{0, TicketField::type}, {1, TicketField::subtype}, {2, TicketField::item}}) {
      const psa::Reference* value = named(*place.settings, field);
      if (!value) value = named(document_.settings, field);
      if (value) wanted[static_cast<std::size_t>(at)] = value->id;
      is_named |= named(*place.settings, field) != nullptr;
    }
    // A type alone is not held against its subtypes.
    if (!is_named || wanted[0].empty() || (wanted[1].empty() && wanted[2].empty())) return;
    const bool fits = std::ranges::any_of(triples->second, [&](const auto& each) {
      return each[0] == wanted[0] && (wanted[1].empty() || each[1] == wanted[1]) &&
             (wanted[2].empty() || each[2] == wanted[2]);
    });
    if (fits) return;
    error("mapping.triple_invalid", place.pointer,
          fmt::format("Type, subtype and item do not fit together on the board {}; choose a subtype and an item that "
                      "ConnectWise offers for that type there.",
                      called(*place.board)));
  }

  const Document& document_;
  const psa::TicketReferencesFound& found_;
  std::vector<Problem> problems_;
};

}  // namespace

psa::TicketReferences named_ticket_references(const Document& document) {
  psa::TicketReferences wanted;
  for (const auto& [key, customer] : document.customers)
    if (!customer.company.empty()) wanted.companies.insert(customer.company.id);
  if (document.unknown_customer.policy == UnknownCustomer::Policy::catch_all &&
      !document.unknown_customer.company.empty())
    wanted.companies.insert(document.unknown_customer.company.id);
  for (const Place& place : places_of(document)) {
    const auto add = [&](TicketField field, std::set<std::string>& ids) {
      if (const psa::Reference* value = named(*place.settings, field)) ids.insert(value->id);
    };
    add(TicketField::owner, wanted.members);
    add(TicketField::agreement, wanted.agreements);
    add(TicketField::contact, wanted.contacts);
    if (const psa::Reference* site = named(*place.settings, TicketField::site); site && place.company)
      wanted.sites.emplace(place.company->id, site->id);
    const bool has_triple = named(*place.settings, TicketField::subtype) || named(*place.settings, TicketField::item);
    if (place.board && has_triple) wanted.boards.insert(place.board->id);
  }
  return wanted;
}

std::vector<Problem> check_ticket_references(const Document& document, const psa::TicketReferencesFound& found) {
  return Checker{document, found}.run();
}

}  // namespace crosswalk::mapping

#include "sandbox/small_town.h"

#include <fmt/format.h>

#include <map>
#include <random>

#include "base/text.h"
#include "sandbox/details.h"
#include "sandbox/devices.h"
#include "sandbox/money.h"
#include "sandbox/money_seed.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"
#include "sandbox/time_sheets.h"

namespace crosswalk::embedded {
extern const std::string_view sandbox_small;
}

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kFirstCompany = 250, kOwnCompany = 251;
constexpr std::int64_t kClient = 1, kManagedClient = 4, kOwner = 5;  ///< types of companies
constexpr std::int64_t kPhone = 1, kAlert = 4;                       ///< sources of tickets
constexpr std::int64_t kFirstTicket = 1000;
constexpr int kMonthsInvoiced = 4;
constexpr int kWeeksOfMeetings = 4;
constexpr std::int64_t kServiceEntry = 4, kFirm = 2;

const json::object& words() {
  static const json::object document = json::parse(embedded::sandbox_small).as_object();
  return document;
}

std::int64_t company_number(std::size_t position) { return kFirstCompany + static_cast<std::int64_t>(position); }

/// When a company became a customer: within the last nine years, none of them lately.
std::int64_t acquired(std::int64_t company, std::int64_t now) {
  constexpr std::int64_t kDaysMin = 200, kDaysRange = 3'000;
  return (now / kDay - kDaysMin - company * 389 % kDaysRange) * kDay;
}

/// The first of the month after a company became a customer.
std::int64_t agreed(std::int64_t company, std::int64_t now) {
  const std::chrono::year_month_day day(day_of(acquired(company, now)));
  return seconds_of((day.year() / day.month() + std::chrono::months(1)) / 1);
}

void plant_agreement(Tenant& tenant, std::int64_t company, const json::object& entry, const Actor& actor) {
  const std::int64_t start = agreed(company, actor.now);
  plant(tenant, "finance/agreements",
        {{"id", company},
         {"name", fmt::format("Managed Services - {}", std::string_view(entry.at("name").as_string()))},
         {"type", reference(1)},
         {"company", reference(company)},
         {"contact", reference(company * 10)},
         {"startDate", time_text(start)},
         {"noEndingDateFlag", true},
         {"billAmount", entry.at("billAmount")},
         {"billTime", "NoDefault"}},
        at(actor, start));
  settle(tenant, "finance/agreements", company, "agreementStatus", "Active");
}

/// With what it would bring, piece by piece.
void plant_opportunity(Tenant& tenant, const json::object& entry, const Actor& actor) {
  json::object opportunity = dated(entry, actor.now);
  json::array items = opportunity.at("forecast").as_array();
  opportunity.erase("forecast");
  const Actor then = at(actor, moment(entry.at("entered").as_string(), actor.now), "jsmith");
  plant(tenant, "sales/opportunities", opportunity, then);
  for (json::value& item : items) item.as_object()["status"] = opportunity.at("status");
  write(tenant, "sales/opportunities/forecast", opportunity.at("id").as_int64(), {{"forecastItems", std::move(items)}},
        then);
}

class SmallTown {
 public:
  SmallTown(Tenant& tenant, std::uint64_t seed, const Actor& actor)
      : tenant_(tenant),
        actor_(actor),
        random_(seed),
        device_random_(seed ^ 0x5DEECE66D),
        place_random_(seed ^ 0x2545F4914F6CDD1D),
        serials_(seed) {
    first_line_ = place_random_() % kLines;
  }

  void plant_companies(std::size_t companies_max) {
    const json::array& companies = words().at("companies").as_array();
    for (std::size_t i = 0; i < std::min(companies_max, companies.size()); ++i)
      plant_company(company_number(i), companies[i].as_object());
  }

  void plant_tickets() {
    tenant_.table("service/tickets").set_next_id(kFirstTicket);
    const json::array& tickets = words().at("tickets").as_array();
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      plant_ticket(company_number(i + 2), tickets[i].as_object());
      work_on(kFirstTicket + static_cast<std::int64_t>(i), company_number(i + 2), tickets[i].as_object());
    }
  }

 private:
  static constexpr std::uint64_t kLines = 100;

  // Not a standard distribution: those differ between libraries, and a seed must mean the same everywhere.
  static const json::value& pick(std::string_view list, std::mt19937_64& random) {
    const json::array& values = words().at(list).as_array();
    return values[random() % values.size()];
  }

  /// Of the numbers that are kept for fiction (555-0100 to 0199), another one for each company and contact.
  std::string phone(std::string_view area, std::int64_t company, std::int64_t extension) {
    constexpr std::uint64_t kStep = 37, kLinesOfCompany = 3;
    const auto line =
        static_cast<std::uint64_t>((company - kFirstCompany)) * kLinesOfCompany + static_cast<std::uint64_t>(extension);
    return fmt::format("{}55501{:02}", area, (first_line_ + line * kStep) % kLines);
  }

  struct Address {
    std::string street, suite;
    std::string_view city, state, zip, area;
  };

  Address draw_address(std::int64_t company) {
    const json::array& cities = words().at("cities").as_array();
    const std::uint64_t draw = place_random_();
    const json::array& city = cities[company == kOwnCompany ? 0 : draw % cities.size()].as_array();
    constexpr std::uint64_t kNumberMin = 101, kNumbers = 7'800;
    const std::uint64_t number = kNumberMin + place_random_() % kNumbers;
    const std::string_view street = pick("streets", place_random_).as_string();
    return {fmt::format("{} {}", number, street),
            std::string(pick("suites", place_random_).as_string()),
            city[0].as_string(),
            city[1].as_string(),
            city[2].as_string(),
            city[3].as_string()};
  }

  /// Nobody lives at the company of unknown customers, and nobody works there.
  void plant_company(std::int64_t id, const json::object& entry) {
    const std::int64_t since = acquired(id, actor_.now);
    const Actor then = at(actor_, since + 9 * kHour);
    const std::string_view identifier = entry.at("identifier").as_string();
    json::object site{{"id", id * 10}, {"parent", id}, {"name", "Main"}, {"primaryAddressFlag", true}};
    const std::int64_t type = id == kFirstCompany ? kClient : id == kOwnCompany ? kOwner : kManagedClient;
    json::object company{{"id", id},
                         {"identifier", identifier},
                         {"name", entry.at("name")},
                         {"status", reference(type == kManagedClient && id % 17 == 13 ? 3 : 1)},
                         {"dateAcquired", time_text(since)},
                         {"types", json::array{reference(type)}}};
    const Address address = draw_address(id);
    if (id != kFirstCompany) {
      for (json::object* place : {&site, &company}) {
        (*place)["addressLine1"] = address.street;
        if (!address.suite.empty()) (*place)["addressLine2"] = address.suite;
        (*place)["city"] = address.city;
        (*place)["zip"] = address.zip;
        (*place)["phoneNumber"] = phone(address.area, id, 0);
      }
      company["state"] = address.state;
      company["website"] = fmt::format("www.{}.example", to_lower(identifier));
    }
    plant(tenant_, "company/companies/sites", site, then);
    plant(tenant_, "company/companies", company, then);
    settle(tenant_, "company/companies", id, "site", id * 10);
    if (id == kFirstCompany) return;
    for (std::int64_t n = 0; n < 2; ++n) plant_contact(id * 10 + n, id, identifier, address.area);
    for (std::int64_t n = 0; n < 4; ++n) plant_device(id * 10 + n, id, entry.at("host").as_string());
  }

  void plant_contact(std::int64_t id, std::int64_t company, std::string_view identifier, std::string_view area) {
    std::string first, last, address;
    const std::string colleague = address_of_[id - 1];
    do {
      first = pick("first_names", random_).as_string();
      last = pick("last_names", random_).as_string();
      address = fmt::format("{}@{}.example", mail_name(first, last), to_lower(identifier));
    } while (address == colleague);
    address_of_[id] = address;
    const json::array items{json::object{{"type", json::object{{"id", 1}, {"name", "Email"}}},
                                         {"value", address},
                                         {"defaultFlag", true},
                                         {"communicationType", "Email"}},
                            json::object{{"type", json::object{{"id", 2}, {"name", "Direct"}}},
                                         {"value", phone(area, company, 1 + id % 10)},
                                         {"defaultFlag", true},
                                         {"communicationType", "Phone"}}};
    plant(tenant_, "company/contacts",
          {{"id", id},
           {"firstName", first},
           {"lastName", last},
           {"company", reference(company)},
           {"site", reference(company * 10)},
           {"defaultFlag", id % 10 == 0},
           {"communicationItems", items}},
          at(actor_, acquired(company, actor_.now) + id * 53 % 150 * kDay + 10 * kHour));
  }

  void plant_device(std::int64_t id, std::int64_t company, std::string_view host) {
    const json::array& kind = words().at("devices").as_array()[static_cast<std::size_t>(id % 4)].as_array();
    const std::string_view prefix = kind[1].as_string();
    const bool retired = id % 23 == 7;
    const DeviceLife life = device_life(prefix, !retired, device_random_(), actor_.now);
    const DeviceModel model = device_model(prefix, device_random_(), life.purchased);
    plant(tenant_, "company/configurations",
          {{"id", id},
           {"name", fmt::format("{}-{}01", host, prefix)},
           {"type", json::object{{"id", kind[0]}}},
           {"status", reference(retired ? 2 : 1)},
           {"company", reference(company)},
           {"site", reference(company * 10)},
           {"deviceIdentifier", fmt::format("dev-{}", id)},
           {"serialNumber", serials_.next(prefix, model, life.purchased)},
           {"manufacturer", reference(model.manufacturer)},
           {"modelNumber", model.name},
           {"osType", model.system},
           {"purchaseDate", time_text(life.purchased)},
           {"installationDate", time_text(life.installed)},
           {"warrantyExpirationDate", time_text(life.warranty_ends)},
           {"ipAddress", fmt::format("10.{}.0.{}", company % 250, id % 250)},
           {"billFlag", company != kOwnCompany}},
          at(actor_, life.installed + 11 * kHour));
  }

  void plant_ticket(std::int64_t company, const json::object& ticket) {
    const std::int64_t source = ticket.at("source").as_int64(), contact = company * 10;
    const bool by_contact = source != kAlert && source != kPhone;
    // Who has taken the call, the program that has seen the alert, or whoever has written.
    const std::string_view enterer = source == kPhone   ? std::string_view(ticket.at("by").as_string())
                                     : source == kAlert ? std::string_view("APIuser")
                                                        : std::string_view(address_of_[contact]);
    const Row& row = write(tenant_, "service/tickets", 0,
                           {{"summary", ticket.at("summary")},
                            {"board", json::object{{"id", ticket.at("board")}}},
                            {"type", json::object{{"id", ticket.at("type")}}},
                            {"priority", json::object{{"id", ticket.at("priority")}}},
                            {"severity", ticket.at("severity")},
                            {"impact", ticket.at("impact")},
                            {"source", json::object{{"id", ticket.at("source")}}},
                            {"company", reference(company)},
                            {"contact", reference(contact)},
                            {"agreement", reference(company)},
                            {"initialDescription", ticket.at("text")}},
                           then(ticket, "opened", enterer));
    if (by_contact) written_by_contact(tenant_, row.id, contact);
  }

  /// By whom and when: "at" or another member of `what` says when.
  [[nodiscard]] Actor then(const json::object& what, std::string_view when, std::string_view member) const {
    return at(actor_, moment(what.at(when).as_string(), actor_.now), std::string(member));
  }

  void work_on(std::int64_t id, std::int64_t company, const json::object& ticket) {
    const json::value* owner = ticket.if_contains("owner");
    const json::value* closed = ticket.if_contains("closed");
    const std::string_view member = owner == nullptr ? "APIuser" : std::string_view(owner->as_string());
    if (owner != nullptr)
      change(tenant_, "service/tickets", id, "owner", by_identifier(member), then(ticket, "opened", member));
    if (const json::value* work = ticket.if_contains("work")) {
      for (const json::value& each : work->as_array()) do_work(id, company, each.as_object());
    }
    if (ticket.contains("scheduled")) schedule(id, member, ticket, closed != nullptr);
    if (owner == nullptr && closed == nullptr) return;  // nobody has looked at it yet
    const Actor last = closed != nullptr ? then(ticket, "closed", member)
                                         : then(ticket.at("work").as_array().back().as_object(), "at", member);
    change(tenant_, "service/tickets", id, "status", json::object{{"name", ticket.at("status")}}, last);
  }

  void do_work(std::int64_t ticket, std::int64_t company, const json::object& work) {
    const std::string_view member = work.at("by").as_string();
    const std::int64_t start = moment(work.at("at").as_string(), actor_.now);
    const json::value* place = work.if_contains("place");
    if (const json::value* minutes = work.if_contains("minutes")) {
      const std::int64_t end = start + minutes->as_int64() * kMinute;
      write(tenant_, "time/entries", 0,
            {{"chargeToId", ticket},
             {"chargeToType", "ServiceTicket"},
             {"member", by_identifier(member)},
             {"workType", reference(1)},
             {"workRole", reference(member == "apatel" ? 2 : 1)},
             {"agreement", reference(company)},
             {"timeStart", time_text(start)},
             {"timeEnd", time_text(end)},
             {"notes", work.at("note")},
             {place == nullptr ? "addToDetailDescriptionFlag" : "addToInternalAnalysisFlag", true}},
            at(actor_, end, std::string(member)));
      return;
    }
    const std::string_view where = place == nullptr ? "discussion" : std::string_view(place->as_string());
    const char* flag = where == "internal"     ? "internalAnalysisFlag"
                       : where == "resolution" ? "resolutionFlag"
                                               : "detailDescriptionFlag";
    write(tenant_, "service/tickets/notes", ticket, {{"text", work.at("note")}, {flag, true}},
          at(actor_, start, std::string(member)));
  }

  /// The ticket's time in its owner's calendar.
  void schedule(std::int64_t ticket, std::string_view member, const json::object& said, bool done) {
    const std::int64_t start = moment(said.at("scheduled").as_string(), actor_.now);
    const auto seconds = static_cast<std::int64_t>(said.at("hours").to_number<double>() * kHour);
    write(tenant_, "schedule/entries", 0,
          {{"objectId", ticket},
           {"type", reference(kServiceEntry)},
           {"status", reference(kFirm)},
           {"member", by_identifier(member)},
           {"dateStart", time_text(start)},
           {"dateEnd", time_text(start + seconds)},
           {"doneFlag", done}},
          then(said, "opened", member));
  }

  Tenant& tenant_;
  const Actor& actor_;
  std::mt19937_64 random_;
  // Of their own, so that people stay who they are when devices or addresses change.
  std::mt19937_64 device_random_, place_random_;
  SerialNumbers serials_;
  std::uint64_t first_line_ = 0;
  std::map<std::int64_t, std::string> address_of_;  ///< e-mail addresses, by contact
};

}  // namespace

void plant_small_business(Tenant& tenant, const Actor& actor) {
  const json::array& companies = words().at("companies").as_array();
  for (std::size_t i = 0; i < companies.size(); ++i) {
    const std::int64_t id = company_number(i);
    const json::object& entry = companies[i].as_object();
    plant(tenant, "company/companies", {{"id", id}, {"identifier", entry.at("identifier")}, {"name", entry.at("name")}},
          actor);
    if (id == kFirstCompany) continue;
    plant(tenant, "company/companies/sites", {{"id", id * 10}, {"parent", id}, {"name", "Main"}}, actor);
    plant(tenant, "company/contacts", {{"id", id * 10}, {"firstName", "Contact"}, {"company", reference(id)}}, actor);
    if (id != kOwnCompany) plant_agreement(tenant, id, entry, actor);
  }
  bill_agreements(
      tenant, kMonthsInvoiced,
      [](std::int64_t) {
        return Estate{2, 1, 2};
      },
      actor);
  for (const json::value& each : words().at("sales/opportunities").as_array())
    plant_opportunity(tenant, each.as_object(), actor);
  for (const char* path :
       {"time/chargeCodes", "sales/activities", "project/projects", "project/projects/phases", "project/tickets"}) {
    for (const json::value& each : words().at(path).as_array()) {
      const std::int64_t entered = moment(each.at("entered").as_string(), actor.now);
      plant(tenant, path, dated(each.as_object(), actor.now), at(actor, entered, "jsmith"));
    }
  }
}

void plant_small_town(Tenant& tenant, std::uint64_t seed, const Actor& actor) {
  for (const char* path : {"company/companies", "company/companies/sites", "company/contacts"})
    tenant.table(path).clear();
  SmallTown town(tenant, seed, actor);
  town.plant_companies(SIZE_MAX);
  town.plant_tickets();
  enter_meetings(tenant, kWeeksOfMeetings, actor);
  fill_time_sheets(tenant, actor);
}

void plant_catchall(Tenant& tenant, std::uint64_t seed, const Actor& actor) {
  SmallTown(tenant, seed, actor).plant_companies(1);
}

}  // namespace crosswalk::sandbox

// What scenarios begin with: complete by ConnectWise's document, and like what an MSP has.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "base/text.h"
#include "helpers.h"
#include "sandbox/conditions.h"
#include "sandbox/msps.h"
#include "sandbox/wire.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

constexpr const char* kNow = "2026-03-01T08:00:00Z";

/// Worlds of both kinds for all tests of this file; they only read.
Bench& world_of(std::string_view scenario) {
  static Bench small, mid(WorldOptions{.scenario = "mid"});
  return scenario == "small" ? small : mid;
}

std::vector<json::object> all(std::string_view scenario, std::string_view collection) {
  return world_of(scenario).world.list("sandbox", collection);
}

/// Ten-thousandths, which add up exactly.
std::int64_t units(const json::value& amount) { return std::llround(amount.to_number<double>() * 10'000); }

std::int64_t id_in(const json::object& object, std::string_view member) {
  const json::value* named = object.if_contains(member);
  return named == nullptr ? 0 : named->at("id").as_int64();
}

std::string text_in(const json::object& object, std::string_view member) {
  const json::value* text = object.if_contains(member);
  return text == nullptr ? std::string() : std::string(text->as_string());
}

class Scenario : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] std::vector<json::object> list(std::string_view collection) const {
    return all(GetParam(), collection);
  }
};
INSTANTIATE_TEST_SUITE_P(Seeds, Scenario, ::testing::Values("small", "mid"),
                         [](const auto& each) { return std::string(each.param); });

/// The required fields that a row of the collection lacks.
std::vector<std::string> missing_fields(const Resource& resource, const Row& row) {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < resource.fields.size(); ++i) {
    const Field& field = resource.fields[i];
    const json::value* value = row.get(static_cast<int>(i));
    if (!field.required || field.read_only || field.post_only || field.type == FieldType::boolean) continue;
    if (value == nullptr || (value->is_string() && value->get_string().empty())) missing.push_back(field.name);
  }
  return missing;
}

TEST(Seeds, CarryWhatConnectWisesDocumentRequires) {
  std::vector<std::string> scenarios{"small", "mid", "empty"};
  for (const std::string_view name : msp_names()) scenarios.push_back("msp:" + std::string(name));
  for (const std::string& scenario : scenarios) {
    Bench bench(WorldOptions{.scenario = scenario});
    std::set<std::string> missing;
    for (const Resource& resource : Catalogue::instance().resources()) {
      bench.world.tenant("sandbox")->table(resource.number).each([&](const Row& row) {
        for (const std::string& field : missing_fields(resource, row)) missing.insert(resource.path + " " + field);
        return true;
      });
    }
    EXPECT_EQ(missing, std::set<std::string>()) << scenario;
  }
}

TEST(Seeds, ShowWhatClientsReadBesides) {
  Bench bench;
  EXPECT_EQ(bench.get("/company/noteTypes/1").at("identifier"), "General");
  EXPECT_EQ(bench.get("/sales/activities/types/2").at("points"), 5);
  EXPECT_EQ(bench.get("/company/countries/1").at("currency").at("currencyIdentifier"), "USD");
  EXPECT_EQ(bench.get("/system/locations/2").at("structureLevel").at("name"), "Location");
  const json::value info = bench.get("/system/info");
  ASSERT_FALSE(info.at("licenseBits").as_array().empty());
  EXPECT_EQ(info.at("licenseBits").at(0).at("activeFlag"), true);
}

TEST_P(Scenario, DevicesAreOfModelsThatTheirTypeHas) {
  // By type: who makes them, and what their names show.
  struct Kind {
    std::set<std::string> makers, marks;
  };
  const std::map<std::string, Kind> kinds{
      {"Managed Workstation", {{"Dell", "HP", "Lenovo", "Microsoft"}, {"WS", "LT", "DESKTOP-"}}},
      {"Managed Mac", {{"Apple"}, {"MAC"}}},
      {"Managed Server", {{"Dell", "Lenovo", "Hewlett Packard Enterprise"}, {"SRV", "DC"}}},
      {"Firewall", {{"Fortinet", "SonicWall"}, {"FW"}}},
      {"Managed Switch", {{"Cisco", "Ubiquiti"}, {"SW"}}},
      {"Wireless Access Point", {{"Cisco", "Ubiquiti"}, {"AP"}}},
      {"Backup Appliance", {{"Datto"}, {"BDR"}}}};
  std::map<std::string, std::set<std::string>> types_of_model;
  for (const json::object& device : list("company/configurations")) {
    const std::string type(device.at("type").at("name").as_string()), name = text_in(device, "name");
    const Kind& kind = kinds.at(type);
    EXPECT_TRUE(kind.makers.contains(std::string(device.at("manufacturer").at("name").as_string()))) << name;
    EXPECT_TRUE(std::any_of(kind.marks.begin(), kind.marks.end(),
                            [&](const std::string& mark) { return name.find(mark) != std::string::npos; }))
        << name << " is a " << type;
    types_of_model[text_in(device, "modelNumber")].insert(type);
  }
  for (const auto& [model, types] : types_of_model) {
    EXPECT_FALSE(model.empty());
    EXPECT_EQ(types.size(), 1u) << model;
  }
}

TEST_P(Scenario, DevicesAreBoughtThenInstalledAndOutlastTheirWarrantyWhenRetired) {
  std::set<std::string> years;
  for (const json::object& device : list("company/configurations")) {
    const std::string bought = text_in(device, "purchaseDate");
    ASSERT_LT(bought, text_in(device, "installationDate"));
    ASSERT_LT(text_in(device, "installationDate"), text_in(device, "warrantyExpirationDate"));
    ASSERT_LT(text_in(device, "installationDate"), kNow);
    const bool retired = device.at("status").at("name") == "Retired";
    EXPECT_TRUE(!retired || text_in(device, "warrantyExpirationDate") < kNow) << json::serialize(device);
    years.insert(bought.substr(0, 4));
  }
  EXPECT_GE(years.size(), 4u);
}

TEST_P(Scenario, DevicesAreBoughtWhileTheirModelIsSold) {
  std::ifstream file(CROSSWALK_SOURCE_DIR "/sandbox/data/devices.json");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const json::value document = json::parse(text);
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> sold;
  for (const auto& [prefix, models] : document.as_object())
    for (const json::value& each : models.as_array()) {
      const json::array& model = each.as_array();
      const std::int64_t until = model[4].as_int64() == 0 ? 9999 : model[4].as_int64();
      const auto [place, is_new] =
          sold.try_emplace(std::string(model[1].as_string()), std::pair(model[3].as_int64(), until));
      place->second = {std::min(place->second.first, model[3].as_int64()), std::max(place->second.second, until)};
    }
  for (const json::object& device : list("company/configurations")) {
    const std::string model = text_in(device, "modelNumber");
    const std::int64_t year = std::stoll(text_in(device, "purchaseDate").substr(0, 4));
    ASSERT_TRUE(sold.contains(model)) << model;
    EXPECT_LE(sold.at(model).first, year) << model;
    EXPECT_GE(sold.at(model).second, year) << model;
  }
}

TEST_P(Scenario, MostManagedClientsHaveAnAgreementWithAdditions) {
  std::set<std::int64_t> with_additions, billed;
  for (const json::object& each : list("finance/agreements/additions"))
    with_additions.insert(each.at("agreementId").as_int64());
  for (const json::object& each : list("finance/agreements"))
    if (each.at("agreementStatus") == "Active" && with_additions.contains(each.at("id").as_int64()))
      billed.insert(id_in(each, "company"));
  int managed = 0, have_one = 0;
  for (const json::object& company : list("company/companies")) {
    const json::value* types = company.if_contains("types");
    const bool is_managed = types && std::ranges::any_of(types->as_array(), [](const json::value& type) {
                              return type.at("name").as_string() == "Managed Services Client";
                            });
    if (!is_managed || company.at("status").at("name") != "Active" || company.at("deletedFlag").as_bool()) continue;
    ++managed;
    have_one += billed.contains(company.at("id").as_int64());
  }
  EXPECT_GE(managed, 10);
  EXPECT_GE(have_one * 100, managed * 85) << have_one << " of " << managed;
}

/// How many different years the objects of a collection say in a member, or in _info.
std::size_t years_of(const std::vector<json::object>& objects, std::string_view member) {
  std::set<std::string> years;
  for (const json::object& each : objects) {
    const json::object& holder = each.contains(member) ? each : each.at("_info").as_object();
    years.insert(text_in(holder, member).substr(0, 4));
  }
  return years.size();
}

TEST_P(Scenario, DatesAreSpreadOverYears) {
  for (const char* path : {"company/companies", "company/companies/sites", "company/contacts", "company/configurations",
                           "finance/agreements", "service/boards/statuses", "system/members"})
    EXPECT_GE(years_of(list(path), "dateEntered"), 3u) << path;
  EXPECT_GE(years_of(list("company/companies"), "dateAcquired"), 5u);
  EXPECT_GE(years_of(list("finance/agreements"), "startDate"), 3u);
  EXPECT_GE(years_of(list("system/members"), "hireDate"), 5u);
  for (const Resource& resource : Catalogue::instance().resources()) {
    world_of(GetParam()).world.tenant("sandbox")->table(resource.number).each([&](const Row& row) {
      EXPECT_LE(row.date_entered, to_milliseconds(world_of(GetParam()).now) / 1'000) << resource.path << " " << row.id;
      return true;
    });
  }
}

/// What stands outside of texts.
std::string without_texts(std::string_view body) {
  std::string bare;
  bool inside = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (inside && body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      inside = !inside;
    } else if (!inside) {
      bare.push_back(body[i]);
    }
  }
  return bare;
}

bool has_exponent(std::string_view body) {
  const std::string bare = without_texts(body);
  for (std::size_t i = 1; i < bare.size(); ++i) {
    const bool digit_before = bare[i - 1] >= '0' && bare[i - 1] <= '9';
    if (digit_before && (bare[i] == 'E' || bare[i] == 'e')) return true;
  }
  return false;
}

TEST(Numbers, AreWrittenPlainly) {
  EXPECT_EQ(json_text(json::value(0.75)), "0.75");
  EXPECT_EQ(json_text(json::value(-0.085)), "-0.085");
  EXPECT_EQ(json_text(json::value(0.0)), "0");
  EXPECT_EQ(json_text(json::value(12.5)), "12.5");
  EXPECT_EQ(json_text(json::value(3.0)), "3");
  EXPECT_EQ(json_text(json::value(123456.7891)), "123456.7891");
  EXPECT_EQ(json_text(json::value(1e21)), "1000000000000000000000");
  EXPECT_EQ(json_text(json::value(1e-7)), "0.0000001");
  EXPECT_EQ(json_text(json::parse(R"({"a":[1,0.5,{"b":"x\"y\n"}],"c":null,"d":true,"e":[],"f":{}})")),
            R"({"a":[1,0.5,{"b":"x\"y\n"}],"c":null,"d":true,"e":[],"f":{}})");
}

TEST(Numbers, OfMoneyKeepTheirDecimalsHoweverOneAsks) {
  Bench bench;
  const auto body = [&](std::string_view path) { return bench.call("GET", path).body; };
  EXPECT_NE(body("/procurement/catalog/105").find("\"price\":0.085,"), std::string::npos);
  EXPECT_EQ(body("/procurement/catalog/105?fields=price,cost"), R"({"price":0.085,"cost":0.0215})");
  const net::Response priced = bench.call("POST", "/procurement/catalog/105/pricing", R"({"quantity":5})");
  EXPECT_NE(priced.body.find("\"price\":0.085"), std::string::npos) << priced.body;
  for (const char* path : {"/finance/agreements/254/additions?fields=unitPrice,extPrice", "/finance/agreementrecap/",
                           "/finance/agreements/254/recurringParameters/1", "/finance/invoices?fields=total,balance",
                           "/time/entries?fields=actualHours"})
    EXPECT_FALSE(has_exponent(body(path))) << path << ": " << body(path);
  EXPECT_NE(
      body("/time/entries?fields=actualHours&conditions=" + encoded("chargeToId=1007")).find(R"({"actualHours":0.75})"),
      std::string::npos);
}

TEST(Numbers, ThatClientsSendComeBackAsTheyWere) {
  Bench bench;
  const std::string field = R"([{"op":"replace","path":"customFields","value":[{"id":5,"value":0.75}]}])";
  const net::Response changed = bench.call("PATCH", "/company/companies/252", field);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.body.find("\"value\":0.75"), std::string::npos) << changed.body;
  const net::Response named =
      bench.call("PATCH", "/company/contacts/2520", R"([{"op":"replace","path":"title","value":0.75}])");
  EXPECT_EQ(json::parse(named.body).at("title"), "0.75");
  const net::Response bundle =
      bench.call("POST", "/system/bundles",
                 R"({"requests":[{"SequenceNumber":1,"ResourceType":"CatalogItem","ApiRequest":{"Id":105}}]})");
  EXPECT_EQ(bundle.status, 200) << bundle.body;
  EXPECT_FALSE(has_exponent(bundle.body)) << bundle.body;
}

TEST_P(Scenario, NoSeededNumberHasAnExponent) {
  const Tenant& tenant = *world_of(GetParam()).world.tenant("sandbox");
  const Wire wire(tenant, "https://psa.example.com/");
  for (const Resource& resource : Catalogue::instance().resources()) {
    tenant.table(resource.number).each([&](const Row& row) {
      const std::string text = wire.text(resource, row);
      EXPECT_FALSE(has_exponent(text)) << text;
      return true;
    });
  }
}

TEST(SmallAgreements, HaveAmountsOfTheirOwn) {
  std::vector<std::int64_t> amounts;
  bool cents = false;
  for (const json::object& each : all("small", "finance/agreements")) {
    amounts.push_back(units(each.at("billAmount")));
    cents = cents || amounts.back() % 10'000 != 0;
  }
  EXPECT_EQ(amounts.size(), 18u);
  EXPECT_EQ(std::set<std::int64_t>(amounts.begin(), amounts.end()).size(), amounts.size());
  EXPECT_TRUE(cents);
  std::set<std::int64_t> steps;
  for (std::size_t i = 1; i < amounts.size(); ++i) steps.insert(amounts[i] - amounts[i - 1]);
  EXPECT_EQ(steps.size(), amounts.size() - 1) << "no step comes twice";
}

TEST(SmallOpportunities, BringWhatTheirForecastsSay) {
  std::set<std::int64_t> sums;
  for (const json::object& each : all("small", "sales/opportunities")) {
    const std::string path = "/sales/opportunities/" + std::to_string(each.at("id").as_int64()) + "/forecast";
    const json::value forecast = world_of("small").get(path).at(0);
    std::int64_t sum = 0;
    for (const json::value& item : forecast.at("forecastItems").as_array()) {
      sum += units(item.at("revenue"));
      EXPECT_GT(units(item.at("margin")), 0) << path;
      EXPECT_EQ(item.at("status").at("id"), each.at("status").at("id")) << path;
    }
    EXPECT_EQ(units(forecast.at("forecastRevenueTotals").at("revenue")), sum) << path;
    sums.insert(sum);
  }
  EXPECT_EQ(sums.size(), 5u);
}

TEST(SmallCompanies, HaveAddressesOfTheirOwn) {
  const std::map<std::string, std::string> zips{{"FL", "3"}, {"GA", "31"}, {"AL", "36"}};
  std::set<std::string> streets, cities, phones, mails;
  std::size_t contacts = 0;
  for (const json::object& each : all("small", "company/companies")) {
    if (each.at("id") == 250) continue;  // nobody is at home there
    const std::string line = text_in(each, "addressLine1");
    EXPECT_TRUE(std::regex_match(line, std::regex("[1-9][0-9]{2,3} [A-Z].+"))) << line;
    streets.insert(line.substr(line.find(' ') + 1));
    cities.insert(text_in(each, "city"));
    const std::string zip = text_in(each, "zip");
    EXPECT_EQ(zip.size(), 5u);
    EXPECT_TRUE(zip.starts_with(zips.at(text_in(each, "state")))) << zip;
    phones.insert(text_in(each, "phoneNumber"));
    const json::value site = world_of("small").get("/company/companies/" + std::to_string(each.at("id").as_int64()) +
                                                   "/sites/" + std::to_string(10 * each.at("id").as_int64()));
    for (const char* field : {"addressLine1", "city", "zip"}) EXPECT_EQ(site.at(field), each.at(field)) << field;
  }
  for (const json::object& each : all("small", "company/contacts")) {
    ++contacts;
    phones.insert(text_in(each, "defaultPhoneNbr"));
    mails.emplace(each.at("communicationItems").at(0).at("value").as_string());
  }
  EXPECT_GE(streets.size(), 8u);
  EXPECT_GE(cities.size(), 5u);
  EXPECT_EQ(phones.size(), 19 + contacts);
  EXPECT_EQ(mails.size(), contacts);
  for (const std::string& phone : phones)
    EXPECT_TRUE(std::regex_match(phone, std::regex("[2-9][0-9]{2}55501[0-9]{2}"))) << phone;
  for (const std::string& mail : mails)
    EXPECT_TRUE(std::regex_match(mail, std::regex("[a-z]+\\.[a-z]+@[a-z0-9]+\\.example"))) << mail;
}

TEST(SmallDevices, HaveShortNamesAndTheirMakersSerialNumbers) {
  const std::map<std::string, std::string> forms{{"Dell", "[0-9A-Z]{7}"},
                                                 {"HP", "5CD[0-9]{3}[0-9A-Z]{4}"},
                                                 {"Lenovo", "(PF|MJ|J3)[0-9A-Z]{6}"},
                                                 {"Microsoft", "[0-9]{12}"},
                                                 {"Hewlett Packard Enterprise", "MXQ[0-9]{3}[0-9A-Z]{4}"},
                                                 {"Fortinet", "FG(T60F|100F)TK[0-9]{8}"},
                                                 {"SonicWall", "2CB8ED[0-9A-F]{6}"}};
  std::set<std::string> names, serials;
  const auto devices = all("small", "company/configurations");
  for (const json::object& each : devices) {
    const std::string name = text_in(each, "name"), serial = text_in(each, "serialNumber");
    EXPECT_TRUE(std::regex_match(name, std::regex("[A-Z]+-(WS|LT|SRV|FW)01"))) << name;
    EXPECT_LE(name.size(), 15u) << name;
    const std::string maker(each.at("manufacturer").at("name").as_string());
    const auto form = forms.find(maker);
    const std::string pattern = form == forms.end() ? "[0-9A-Z]{7,16}" : form->second;
    EXPECT_TRUE(std::regex_match(serial, std::regex(pattern))) << maker << " " << serial;
    names.insert(name);
    serials.insert(serial);
  }
  EXPECT_EQ(names.size(), devices.size());
  EXPECT_EQ(serials.size(), devices.size());
}

TEST_P(Scenario, TheMspItselfIsNoCustomer) {
  Bench& bench = world_of(GetParam());
  const json::value own = bench.get("/company/companies/251");
  EXPECT_EQ(own.at("types").as_array().size(), 1u);
  EXPECT_EQ(own.at("types").at(0).at("name"), "Owner");
  EXPECT_EQ(own.at("status").at("name"), "Active");
  EXPECT_EQ(own.at("city"), "Tampa");
  for (const char* path : {"/finance/agreements/count", "/finance/invoices/count"})
    EXPECT_EQ(bench.get(std::string(path) + "?conditions=company/id=251").at("count"), 0) << path;
  for (const json::object& each : list("company/configurations")) {
    const bool in_use = each.at("status").at("name") == "Active" || GetParam() == std::string_view("small");
    EXPECT_EQ(each.at("billFlag"), in_use && id_in(each, "company") != 251) << each.at("name");
  }
  for (const json::object& each : list("time/entries")) {
    if (id_in(each, "company") == 251) {
      EXPECT_EQ(each.at("billableOption"), "DoNotBill");
    }
  }
}

TEST(SmallTickets, AreEnteredByWhoeverHasWrittenOrCalled) {
  Bench& small = world_of("small");
  std::map<std::string, int> found;
  for (const json::object& ticket : all("small", "service/tickets")) {
    const std::string source(ticket.at("source").at("name").as_string());
    const std::string by(ticket.at("_info").at("enteredBy").as_string());
    ++found[source];
    if (source == "RMM Alert") {
      EXPECT_EQ(by, "APIuser");
    } else if (source == "Call") {
      EXPECT_TRUE(by == "lgreen" || by == "jsmith") << by;
    } else {
      EXPECT_EQ(by, text_in(ticket, "contactEmailAddress")) << source;
      const std::string notes = "/service/tickets/" + std::to_string(ticket.at("id").as_int64()) + "/notes";
      const json::value first = small.get(notes + "?conditions=issueFlag=true").at(0);
      EXPECT_EQ(first.at("contact").at("id"), ticket.at("contact").at("id"));
      EXPECT_FALSE(first.as_object().contains("member"));
    }
  }
  EXPECT_EQ(found, (std::map<std::string, int>{{"Call", 3}, {"Email Connector", 2}, {"Portal", 1}, {"RMM Alert", 4}}));
}

TEST(SmallTickets, HaveSeveritiesThatFitTheirPriorities) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (const json::object& ticket : all("small", "service/tickets")) {
    const std::string severity = text_in(ticket, "severity"), impact = text_in(ticket, "impact");
    const std::int64_t priority = id_in(ticket, "priority");
    pairs.insert({severity, impact});
    EXPECT_EQ(priority == 1, severity == "High" && impact == "High") << ticket.at("summary");
    EXPECT_EQ(priority == 4, severity == "Low" && impact == "Low") << ticket.at("summary");
    EXPECT_TRUE(priority != 2 || severity == "High") << ticket.at("summary");
  }
  EXPECT_GE(pairs.size(), 4u);
}

TEST_P(Scenario, AgreementsBillFromWhenTheyBegin) {
  std::map<std::int64_t, std::string> billed_from;
  for (const json::object& each : list("finance/agreements")) {
    const std::string start = text_in(each, "startDate"), bills = text_in(each, "billStartDate");
    if (bills.empty()) continue;  // was given up before anything was billed here
    EXPECT_LE(start, bills) << each.at("name");
    const auto from = parse_timestamp(start), first = parse_timestamp(bills);
    EXPECT_LE(*first - *from, std::chrono::days(31)) << each.at("name");
    EXPECT_LE(bills, text_in(each, "nextInvoiceDate")) << each.at("name");
    billed_from[each.at("id").as_int64()] = bills;
  }
  EXPECT_GE(billed_from.size(), 15u);
  std::size_t from_the_first_day = 0;
  for (const json::object& each : list("finance/agreements/additions")) {
    const std::string& bills = billed_from.at(each.at("agreementId").as_int64());
    EXPECT_GE(text_in(each, "effectiveDate"), bills);
    from_the_first_day += text_in(each, "effectiveDate") == bills;
  }
  EXPECT_GE(from_the_first_day, 40u);
}

TEST_P(Scenario, MembersHaveRolesThatFitTheirTitles) {
  std::map<std::string, std::set<std::string>> by_role;
  for (const json::object& each : list("system/members")) {
    if (each.at("inactiveFlag") == true || each.at("licenseClass") == "A") continue;
    const std::string role(each.at("securityRole").at("name").as_string());
    by_role[role].insert(text_in(each, "identifier"));
    EXPECT_EQ(role == "Dispatcher", text_in(each, "title") == "Dispatcher") << each.at("identifier");
  }
  std::map<std::string, std::set<std::string>> expected{{"Admin", {"jsmith"}},
                                                        {"Dispatcher", {"lgreen"}},
                                                        {"Finance", {"hbrooks"}},
                                                        {"Technician", {"apatel", "kchen", "mlopez"}}};
  if (GetParam() == std::string_view("mid")) {
    expected["Dispatcher"].insert("tbaker");
    expected["Technician"].insert("dwolf");
  }
  EXPECT_EQ(by_role, expected);
}

TEST(SmallTickets, HaveNotesThatSpeakOfThem) {
  const std::map<std::int64_t, const char*> subjects{
      {1000, "outlook"}, {1001, "new start"}, {1002, "printer"},        {1003, "vpn"},     {1004, "mail"},
      {1005, "backup"},  {1006, "disk c:"},   {1007, "shared mailbox"}, {1008, "sign-in"}, {1009, "switch"}};
  for (const auto& [ticket, subject] : subjects) {
    const json::value notes =
        world_of("small").get("/service/tickets/" + std::to_string(ticket) + "/allNotes?pageSize=100");
    EXPECT_GE(notes.as_array().size(), 1u) << ticket;
    for (const json::value& note : notes.as_array()) {
      EXPECT_TRUE(contains_ignoring_case(note.at("text").as_string(), subject)) << ticket << ": " << note.at("text");
    }
  }
}

TEST_P(Scenario, TicketsHaveOwnersAndResourcesAsSuitsTheirStatus) {
  std::set<std::int64_t> defaults;
  for (const json::object& status : list("service/boards/statuses")) {
    if (status.at("defaultFlag") == true) defaults.insert(status.at("id").as_int64());
  }
  std::map<std::int64_t, std::set<std::string>> scheduled;
  for (const json::object& entry : list("schedule/entries"))
    scheduled[entry.at("objectId").as_int64()].insert(std::string(entry.at("member").at("identifier").as_string()));
  EXPECT_GE(scheduled.size(), 4u);
  for (const json::object& ticket : list("service/tickets")) {
    const bool fresh = defaults.contains(id_in(ticket, "status")), owned = ticket.contains("owner");
    if (fresh || ticket.at("closedFlag") == false) {
      EXPECT_NE(fresh, owned) << json::serialize(ticket);
    }
    const auto found = scheduled.find(ticket.at("id").as_int64());
    EXPECT_EQ(ticket.contains("resources"), found != scheduled.end());
    if (found == scheduled.end()) continue;
    EXPECT_EQ(text_in(ticket, "resources"), *found->second.begin());
  }
}

TEST_P(Scenario, HoursOfEntriesAddUpToThoseOfTicketsAndSheets) {
  std::map<std::int64_t, std::int64_t> of_ticket, of_sheet;
  std::set<std::string> weeks;
  for (const json::object& entry : list("time/entries")) {
    const std::int64_t hours = units(entry.at("actualHours"));
    EXPECT_GT(hours, 0);
    EXPECT_LE(text_in(entry, "timeEnd"), kNow);
    if (text_in(entry, "chargeToType") == "ServiceTicket") of_ticket[entry.at("chargeToId").as_int64()] += hours;
    of_sheet[id_in(entry, "timeSheet")] += hours;
  }
  int with_hours = 0;
  for (const json::object& ticket : list("service/tickets")) {
    const json::value* hours = ticket.if_contains("actualHours");
    EXPECT_EQ(hours == nullptr ? 0 : units(*hours), of_ticket[ticket.at("id").as_int64()]) << ticket.at("id");
    with_hours += hours != nullptr;
  }
  EXPECT_GE(with_hours, 4);
  const auto sheets = list("time/sheets");
  EXPECT_EQ(sheets.size(), of_sheet.size());
  std::set<std::string> statuses;
  for (const json::object& sheet : sheets) {
    EXPECT_EQ(units(sheet.at("hours")), of_sheet[sheet.at("id").as_int64()]) << json::serialize(sheet);
    weeks.insert(text_in(sheet, "dateStart"));
    statuses.insert(text_in(sheet, "status"));
  }
  EXPECT_GE(weeks.size(), 4u);
  EXPECT_TRUE(statuses.contains("PendingApproval"));
  EXPECT_TRUE(statuses.contains("ApprovedByTierOne"));
}

TEST_P(Scenario, InvoicesComeToTheSumOfTheirLinesAndWhatIsPaidIsNoLongerOwed) {
  std::map<std::int64_t, std::int64_t> lines, paid;
  for (const json::object& line : list("procurement/products"))
    lines[id_in(line, "invoice")] += units(line.at("extPrice"));
  for (const json::object& payment : list("finance/invoices/payments"))
    paid[id_in(payment, "invoice")] += units(payment.at("amount"));
  std::set<std::string> statuses;
  const auto invoices = list("finance/invoices");
  EXPECT_GE(invoices.size(), 50u);
  for (const json::object& invoice : invoices) {
    const std::int64_t id = invoice.at("id").as_int64(), total = units(invoice.at("total"));
    EXPECT_EQ(units(invoice.at("productTotal")), lines[id]) << id;
    EXPECT_EQ(total, units(invoice.at("agreementAmount")) + lines[id] + units(invoice.at("salesTax"))) << id;
    EXPECT_EQ(units(invoice.at("balance")), total - paid[id]) << id;
    EXPECT_EQ(invoice.at("status").at("name") == "Closed", paid[id] == total) << id;
    EXPECT_LT(text_in(invoice, "date"), "2026-03-01T00:00:00Z") << "this month is not invoiced yet";
    statuses.insert(std::string(invoice.at("status").at("name").as_string()));
  }
  EXPECT_EQ(statuses, (std::set<std::string>{"Closed", "Sent"}));
}

TEST_P(Scenario, ManagedClientsAreBilledByTheMonthWithAdditions) {
  std::map<std::int64_t, int> additions, invoices;
  for (const json::object& each : list("finance/agreements/additions")) ++additions[each.at("agreementId").as_int64()];
  for (const json::object& each : list("finance/invoices")) ++invoices[id_in(each, "agreement")];
  int managed = 0, with_additions = 0;
  for (const json::object& agreement : list("finance/agreements")) {
    const std::int64_t id = agreement.at("id").as_int64();
    if (agreement.at("agreementStatus") != "Active" || agreement.at("type").at("name") != "Managed Services") continue;
    ++managed;
    with_additions += additions[id] > 0;
    EXPECT_GE(invoices[id], 3) << id;
    EXPECT_EQ(text_in(agreement, "nextInvoiceDate"), "2026-03-01T00:00:00Z") << id;
  }
  EXPECT_GE(managed, 15);
  EXPECT_GE(with_additions * 10, managed * 9);
}

TEST_P(Scenario, SalesAndProjectsAreUnderWay) {
  std::set<std::string> outcomes;
  std::set<std::int64_t> opportunities, projects;
  for (const json::object& each : list("sales/opportunities")) {
    opportunities.insert(each.at("id").as_int64());
    outcomes.insert(std::string(each.at("status").at("name").as_string()));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"Lost", "Open", "Won"}));
  int of_opportunities = 0;
  for (const json::object& each : list("sales/activities"))
    of_opportunities += opportunities.contains(id_in(each, "opportunity"));
  EXPECT_GE(of_opportunities, 4);
  for (const json::object& each : list("project/projects")) {
    EXPECT_EQ(each.at("board").at("name"), "Projects");
    EXPECT_LT(text_in(each, "estimatedStart"), text_in(each, "estimatedEnd"));
    projects.insert(each.at("id").as_int64());
  }
  EXPECT_GE(projects.size(), 2u);
  const auto tickets = list("project/tickets");
  EXPECT_GE(tickets.size(), 2 * projects.size());
  for (const json::object& each : tickets) EXPECT_TRUE(projects.contains(id_in(each, "project")));
}

TEST(Town, HasFieldsOfItsOwnWithValues) {
  Bench& mid = world_of("mid");
  const auto found = [&](const std::string& path, const char* conditions) {
    return mid.get(path + "/count?customFieldConditions=" + encoded(conditions)).at("count").as_int64();
  };
  EXPECT_EQ(mid.get("/system/userDefinedFields").as_array().size(), 5u);
  EXPECT_GT(found("/company/companies", R"(caption="Client Tier" and value="Gold")"), 1);
  EXPECT_GT(found("/service/tickets", R"(caption="Root Cause" and value="Software")"), 10);
  EXPECT_GT(found("/company/configurations", R"(caption="Disk Encryption" and value!=null)"), 50);
}

TEST(Seeds, OfTheSmallScenarioFollowFromTheirNumber) {
  const auto drawn = [](std::uint64_t seed) {
    Bench bench(WorldOptions{.seed = seed});
    return json::serialize(bench.world.save());
  };
  EXPECT_TRUE(drawn(5) == drawn(5));
  EXPECT_FALSE(drawn(5) == drawn(6));
}

}  // namespace
}  // namespace crosswalk::sandbox

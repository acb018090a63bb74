// Ten MSPs that differ as real ones do, and what an administrator of each would choose.
#include "sandbox/msps.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "helpers.h"
#include "sandbox/control.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

/// All ten in one world.
Bench& all_ten() {
  static Bench bench(WorldOptions{.tenants = msp_tenants("Admin")});
  return bench;
}

json::value control_says(World& world, std::string_view target, int status = 200) {
  net::Request request;
  request.method = "GET";
  request.target = target;
  const net::Response response = control(world, request);
  EXPECT_EQ(response.status, status) << response.body;
  return json::parse(response.body);
}

/// One of the ten, as a client of it sees it.
class Client {
 public:
  explicit Client(std::string_view name) : company_("msp-" + std::string(name)) {
    net::Request request;
    request.method = "GET";
    request.target = "/login/companyinfo/" + company_;
    info_ = json::parse(all_ten().world.handle(request).body).as_object();
  }

  net::Response call(std::string_view method, std::string_view path, std::string body = {}) {
    net::Request request = all_ten().request(method, path, std::move(body));
    request.target = "/" + std::string(info_.at("Codebase").as_string()) + "apis/3.0" + std::string(path);
    const std::string keys = company_ + "+" + company_ + "-public:" + company_ + "-private";
    request.headers.set("Authorization", "Basic " + base64_encode(keys));
    net::Response response = all_ten().world.handle(request);
    expect_described(method, path, response);
    return response;
  }
  json::value get(std::string_view path) { return json::parse(call("GET", path).body); }
  std::vector<json::object> list(std::string_view collection) const {
    return all_ten().world.list(company_, collection);
  }
  std::optional<json::object> find(std::string_view collection, std::int64_t id) const {
    return all_ten().world.find(company_, collection, id);
  }
  json::object labels() const {
    return control_says(all_ten().world, "/sandbox/labels?tenant=" + company_).as_object();
  }
  const Tenant& tenant() const { return *all_ten().world.tenant(company_); }
  const json::object& info() const { return info_; }
  const std::string& company() const { return company_; }

 private:
  std::string company_;
  json::object info_;
};

std::set<std::int64_t> ids_in(const json::value& label) {
  std::set<std::int64_t> ids;
  const char* list = label.as_object().contains("all_of") ? "all_of" : "any_of";
  for (const json::value& each : label.at(list).as_array()) ids.insert(each.at("id").as_int64());
  return ids;
}

/// One that the label names.
std::int64_t first_of(const json::value& label) { return label.at("any_of").at(0).at("id").as_int64(); }

class Msps : public ::testing::TestWithParam<std::string> {
 protected:
  /// What a label names is there by that name, and in use.
  void expect_there(const json::value& label, std::string_view collection, std::int64_t board = 0) {
    EXPECT_FALSE(label.at("why").as_string().empty()) << collection;
    const char* list = label.as_object().contains("all_of") ? "all_of" : "any_of";
    for (const json::value& each : label.at(list).as_array()) {
      const auto found = client_.find(collection, each.at("id").as_int64());
      ASSERT_TRUE(found.has_value()) << collection << " " << each;
      const char* name = each.as_object().contains("identifier") ? "identifier" : "name";
      EXPECT_EQ(found->at(name), each.at(name)) << collection;
      for (const char* flag : {"inactive", "inactiveFlag"}) {
        const json::value* inactive = found->if_contains(flag);
        EXPECT_TRUE(inactive == nullptr || *inactive == false) << collection << " " << each;
      }
      EXPECT_TRUE(board == 0 || found->at("board").at("id") == board) << collection << " " << each;
    }
  }

  json::value move(std::int64_t ticket, std::int64_t status) {
    const net::Response moved =
        client_.call("PATCH", "/service/tickets/" + std::to_string(ticket),
                     R"([{"op":"replace","path":"status","value":{"id":)" + std::to_string(status) + "}}]");
    EXPECT_EQ(moved.status, 200) << moved.body;
    return json::parse(moved.body);
  }

  Client client_{GetParam()};
};

std::vector<std::string> names() { return {msp_names().begin(), msp_names().end()}; }

INSTANTIATE_TEST_SUITE_P(Ten, Msps, ::testing::ValuesIn(names()), [](const auto& each) { return each.param; });

TEST_P(Msps, StartAndAnswer) {
  EXPECT_EQ(client_.info().at("CompanyID").as_string(), client_.company());
  const json::value info = client_.get("/system/info");
  EXPECT_EQ(client_.info().at("IsCloud"), info.at("isCloud").as_bool() ? "True" : "False");
  EXPECT_FALSE(client_.get("/service/boards").as_array().empty());
  EXPECT_GE(client_.get("/company/companies").as_array().size(), 8u);
  EXPECT_GE(client_.get("/company/configurations").as_array().size(), 8u);
  EXPECT_EQ(client_.get("/service/tickets").as_array().size(), 3u);
  for (const json::object& member : client_.list("system/members")) EXPECT_TRUE(member.contains("timeZone"));
}

TEST_P(Msps, LabelsNameWhatIsThere) {
  const json::object labels = client_.labels();
  EXPECT_EQ(labels.at("tenant").as_string(), client_.company());
  EXPECT_EQ(labels.at("scenario").as_string(), "msp:" + GetParam());
  const json::object& alerts = labels.at("alerts").as_object();
  expect_there(alerts.at("board"), "service/boards");
  for (const json::value& of_board : alerts.at("statuses").as_array()) {
    for (const char* state : {"opened", "updated", "acknowledged", "resolved", "reopened", "closed"})
      expect_there(of_board.at(state), "service/boards/statuses", of_board.at("board").at("id").as_int64());
  }
  for (const char* severity : {"critical", "high", "medium", "low", "info"}) {
    EXPECT_FALSE(ids_in(alerts.at("priorities").at(severity)).empty()) << severity;
    expect_there(alerts.at("priorities").at(severity), "service/priorities");
  }
  expect_there(labels.at("companies").at("managed_types"), "company/companies/types");
  expect_there(labels.at("companies").at("managed_statuses"), "company/companies/statuses");
  for (const char* kind : {"workstation", "server", "firewall"})
    expect_there(labels.at("configurations").at(kind), "company/configurations/types");
  expect_there(labels.at("billing").at("managed_services"), "finance/agreements/types");
  for (const auto& [usage, label] : labels.at("billing").at("products").as_object())
    expect_there(label, "procurement/catalog");
  for (const char* usage : {"endpoint_protection_seat", "backup_gigabyte"})
    EXPECT_TRUE(labels.at("billing").at("products").as_object().contains(usage)) << usage;
}

/// Each board that is named has its statuses, and no other has any.
TEST_P(Msps, LabelledBoardsHaveLabelledStatuses) {
  const json::object alerts = client_.labels().at("alerts").as_object();
  std::set<std::int64_t> with_statuses;
  for (const json::value& of_board : alerts.at("statuses").as_array())
    with_statuses.insert(of_board.at("board").at("id").as_int64());
  EXPECT_EQ(with_statuses, ids_in(alerts.at("board")));
}

TEST_P(Msps, ATicketGoesThroughTheLabelledStatuses) {
  const json::object alerts = client_.labels().at("alerts").as_object();
  for (const json::value& of_board : alerts.at("statuses").as_array()) {
    const json::object body{{"summary", "Disk full"},
                            {"company", {{"id", 252}}},
                            {"board", {{"id", of_board.at("board").at("id")}}},
                            {"priority", {{"id", first_of(alerts.at("priorities").at("critical"))}}},
                            {"status", {{"id", first_of(of_board.at("opened"))}}}};
    const net::Response made = client_.call("POST", "/service/tickets", json::serialize(body));
    ASSERT_EQ(made.status, 201) << made.body;
    const std::int64_t ticket = json::parse(made.body).at("id").as_int64();
    EXPECT_EQ(json::parse(made.body).at("closedFlag"), false);
    for (const char* state : {"opened", "acknowledged", "reopened"}) {
      for (const std::int64_t status : ids_in(of_board.at(state)))
        EXPECT_EQ(move(ticket, status).at("closedFlag"), false) << state << " " << status;
    }
    for (const char* state : {"resolved", "closed"}) {
      for (const std::int64_t status : ids_in(of_board.at(state))) {
        EXPECT_EQ(move(ticket, status).at("closedFlag"), true) << state << " " << status;
        EXPECT_EQ(move(ticket, first_of(of_board.at("reopened"))).at("closedFlag"), false) << status;
      }
    }
    client_.call("DELETE", "/service/tickets/" + std::to_string(ticket));
  }
}

/// The ids of an agreement's company and of the company's types.
std::set<std::int64_t> types_of(const Tenant& tenant, std::int64_t company) {
  const Table& companies = tenant.table("company/companies");
  const json::value* types = companies.find(company)->get(companies.resource().field("types"));
  std::set<std::int64_t> ids;
  if (types == nullptr) return ids;
  for (const json::value& id : types->as_array()) ids.insert(id.as_int64());
  return ids;
}

bool share_one(const std::set<std::int64_t>& a, const std::set<std::int64_t>& b) {
  return std::ranges::any_of(a, [&](std::int64_t id) { return b.contains(id); });
}

TEST_P(Msps, ManagedCustomersAreThoseWithAnAgreementOfManagedServices) {
  const json::object labels = client_.labels();
  const std::set<std::int64_t> managed = ids_in(labels.at("companies").at("managed_types"));
  const std::set<std::int64_t> statuses = ids_in(labels.at("companies").at("managed_statuses"));
  const std::set<std::int64_t> agreement_types = ids_in(labels.at("billing").at("managed_services"));
  std::set<std::int64_t> with_agreement;
  for (const json::object& agreement : client_.list("finance/agreements")) {
    const std::int64_t company = agreement.at("company").at("id").as_int64();
    EXPECT_EQ(agreement.at("agreementStatus"), "Active") << agreement.at("name");
    if (agreement_types.contains(agreement.at("type").at("id").as_int64())) with_agreement.insert(company);
  }
  EXPECT_GE(with_agreement.size(), 2u);
  std::size_t others = 0;
  for (const json::object& company : client_.list("company/companies")) {
    const std::int64_t id = company.at("id").as_int64();
    const bool is_managed = share_one(types_of(client_.tenant(), id), managed);
    const bool looked_after = is_managed && statuses.contains(company.at("status").at("id").as_int64());
    EXPECT_TRUE(is_managed || !with_agreement.contains(id)) << company.at("name");
    EXPECT_TRUE(with_agreement.contains(id) || !looked_after) << company.at("name");
    others += !is_managed;
  }
  EXPECT_GE(others, 4u);
}

TEST_P(Msps, WhatIsLabelledIsInUse) {
  const json::object labels = client_.labels();
  std::set<std::int64_t> products, devices;
  for (const json::object& each : client_.list("finance/agreements/additions"))
    products.insert(each.at("product").at("id").as_int64());
  for (const json::object& each : client_.list("company/configurations"))
    devices.insert(each.at("type").at("id").as_int64());
  for (const auto& [usage, label] : labels.at("billing").at("products").as_object())
    EXPECT_TRUE(ids_in(label).empty() || share_one(ids_in(label), products)) << usage;
  for (const auto& [kind, label] : labels.at("configurations").as_object())
    EXPECT_TRUE(share_one(ids_in(label), devices)) << kind;
}

TEST_P(Msps, PrioritiesOfLabelsHaveTheLevelOfTheirSeverity) {
  const json::object labels = client_.labels();
  for (const auto& [severity, level] :
       {std::pair("critical", "Critical"), {"high", "High"}, {"medium", "Medium"}, {"low", "Low"}, {"info", "Low"}}) {
    for (const std::int64_t id : ids_in(labels.at("alerts").at("priorities").at(severity)))
      EXPECT_EQ(client_.find("service/priorities", id)->at("level"), level) << severity;
  }
}

std::string text_in(const json::object& object, const char* member) {
  const json::value* text = object.if_contains(member);
  return text == nullptr ? std::string() : std::string(text->as_string());
}

TEST_P(Msps, PhonesAreOfTheirCountryAndNobodys) {
  constexpr const char* kNorthAmerica = "[2-9][0-9]{2}55501[0-9]{2}";
  // What the countries keep for fiction, else what no number can begin with.
  const std::map<std::string, std::string> forms{{"german", R"(\+49 89 99998 \d{3}|\+41 61 000 \d\d \d\d)"},
                                                 {"french", R"(04 65 71 \d\d \d\d)"},
                                                 {"spanish", R"(81 0\d{3} \d{4}|844 0\d\d \d{4})"},
                                                 {"workshop", R"(0113 496 0\d{3}|01632 960\d{3})"},
                                                 {"locations", R"(\(0[28]\) 5550 \d{4}|\+64 [49] 000 \d{4})"}};
  const auto form = forms.find(GetParam());
  const std::regex expected(form == forms.end() ? kNorthAmerica : form->second);
  std::set<std::string> phones;
  std::size_t found = 0;
  for (const auto& [collection, field] :
       {std::pair("company/companies", "phoneNumber"), {"company/contacts", "defaultPhoneNbr"}}) {
    for (const json::object& each : client_.list(collection)) {
      const std::string phone = text_in(each, field);
      if (each.at("id") == 250) continue;  // nobody is called where unknown customers are kept
      EXPECT_TRUE(std::regex_match(phone, expected)) << phone;
      phones.insert(phone);
      ++found;
    }
  }
  EXPECT_EQ(phones.size(), found);
  EXPECT_GE(found, 14u);
}

TEST_P(Msps, CompaniesHaveAddressesAndLocationsHaveNames) {
  for (const json::object& each : client_.list("company/companies")) {
    EXPECT_EQ(each.contains("city"), each.contains("addressLine1")) << each.at("name");
    EXPECT_EQ(each.contains("city"), each.contains("zip")) << each.at("name");
    EXPECT_EQ(text_in(each, "addressLine1").find('{'), std::string::npos);
  }
  for (const json::object& each : client_.list("system/locations")) EXPECT_NE(each.at("name"), "Main Office");
}

TEST_P(Msps, TheMspItselfIsNoCustomer) {
  const json::object labels = client_.labels();
  const std::int64_t own = client_.list("company/companies").at(1).at("id").as_int64();
  EXPECT_FALSE(share_one(types_of(client_.tenant(), own), ids_in(labels.at("companies").at("managed_types"))));
  for (const json::object& each : client_.list("finance/agreements")) EXPECT_NE(each.at("company").at("id"), own);
  std::size_t alike = 0;
  for (const json::object& each : client_.list("company/companies")) {
    const auto types = types_of(client_.tenant(), each.at("id").as_int64());
    alike += share_one(types, types_of(client_.tenant(), own)) && each.at("id") != 250;
  }
  EXPECT_EQ(alike, 1u) << "no customer has its type";
}

TEST_P(Msps, DevicesHaveShortNamesAndSerialNumbersOfTheirOwn) {
  std::set<std::string> names, serials;
  const auto devices = client_.list("company/configurations");
  for (const json::object& each : devices) {
    const std::string name = text_in(each, "name"), serial = text_in(each, "serialNumber");
    EXPECT_TRUE(std::regex_match(name, std::regex("[A-Z][A-Z0-9]*-[A-Z]{2,3}[0-9]{2}"))) << name;
    EXPECT_LE(name.size(), 15u) << name;
    EXPECT_TRUE(std::regex_match(serial, std::regex("[0-9A-Z]{7,16}"))) << serial;
    names.insert(name);
    serials.insert(serial);
  }
  EXPECT_EQ(names.size(), devices.size());
  EXPECT_EQ(serials.size(), devices.size());
  // What a ticket says of a device is true of one.
  for (const json::object& ticket : client_.list("service/tickets")) {
    std::smatch named;
    const std::string summary = text_in(ticket, "summary");
    if (std::regex_search(summary, named, std::regex("[A-Z][A-Z0-9]*-[A-Z]{2,3}[0-9]{2}"))) {
      EXPECT_TRUE(names.contains(named.str())) << summary;
    }
  }
}

TEST_P(Msps, AgreementsBillFromWhenTheyBeginAndNextThisMonth) {
  std::set<std::string> starts;
  for (const json::object& each : client_.list("finance/agreements")) {
    EXPECT_EQ(each.at("startDate"), each.at("billStartDate")) << each.at("name");
    if (each.contains("billingCycle")) {
      EXPECT_EQ(each.at("nextInvoiceDate"), "2026-03-01T00:00:00Z") << each.at("name");
    }
    starts.insert(text_in(each, "startDate"));
  }
  EXPECT_GE(starts.size(), 2u);
  EXPECT_TRUE(client_.list("finance/invoices").empty());
}

TEST_P(Msps, HaveOneAdministrator) {
  std::size_t administrators = 0;
  for (const json::object& each : client_.list("system/members"))
    administrators += each.at("licenseClass") != "A" && each.at("securityRole").at("name") == "Admin";
  EXPECT_EQ(administrators, 1u);
}

TEST(Ten, ATicketByMailIsEnteredByItsContact) {
  const auto written = Client("workshop").get("/service/tickets?conditions=" + encoded("source/id=2"));
  ASSERT_EQ(written.as_array().size(), 1u);
  const json::object& ticket = written.at(0).as_object();
  EXPECT_EQ(ticket.at("_info").at("enteredBy"), ticket.at("contactEmailAddress"));
}

TEST(Ten, WhatLabelsSayOfDevicesIsSeenOnThem) {
  Client workshop("workshop");
  for (const auto& [kind, mark] : {std::pair("server", "-SRV"), {"firewall", "-FW"}, {"workstation", "-WS"}}) {
    const std::int64_t type = first_of(workshop.labels().at("configurations").at(kind));
    std::size_t found = 0;
    for (const json::object& each : workshop.list("company/configurations")) {
      if (text_in(each, "name").find(mark) == std::string::npos) continue;
      ++found;
      EXPECT_EQ(each.at("type").at("id"), type) << each.at("name");
    }
    EXPECT_GE(found, 1u) << kind;
  }
  const std::set<std::int64_t> managed{3};
  EXPECT_EQ(ids_in(Client("crowded").labels().at("configurations").at("workstation")), managed);
}

TEST(Ten, MoneyIsTaxedWhereItIsEarned) {
  for (const std::string& name : names()) {
    const Client client(name);
    for (const json::object& each : client.list("finance/taxCodes"))
      EXPECT_TRUE(name == "plain" || each.at("identifier") != "FL") << name;
  }
}

/// The names in a collection, in order.
std::string names_in(const Client& client, std::string_view collection, const char* name = "name") {
  std::string names;
  for (const json::object& each : client.list(collection)) names.append(each.at(name).as_string()).append("|");
  return names;
}

TEST(Ten, NoTwoAreAlike) {
  std::map<std::string, std::set<std::string>> different;
  for (const std::string& name : names()) {
    Client client(name);
    different["time zone"].emplace(client.get("/system/info").at("serverTimeZone").as_string());
    for (const char* collection :
         {"service/boards", "service/boards/statuses", "service/priorities", "company/companies/types",
          "company/configurations/types", "finance/agreements/types", "company/companies", "system/timeZoneSetups"})
      different[collection].insert(names_in(client, collection));
    different["procurement/catalog"].insert(names_in(client, "procurement/catalog", "identifier"));
    const json::object labels = client.labels();
    different["about"].emplace(labels.at("about").as_string());
    for (const char* topic : {"alerts", "companies", "configurations", "billing"})
      different[topic].insert(json::serialize(labels.at(topic)));
  }
  for (const auto& [aspect, values] : different) EXPECT_EQ(values.size(), msp_names().size()) << aspect;
}

TEST(Ten, DifferInHowTheyHaveMadeConnectWiseTheirOwn) {
  const auto count = [](const char* name, std::string_view collection, const auto& counts) {
    std::size_t found = 0;
    for (const json::object& each : Client(name).list(collection)) found += counts(each);
    return found;
  };
  const auto each = [](const json::object&) { return true; };
  const auto flagged = [](const char* flag) {
    return [flag](const json::object& object) {
      const json::value* value = object.if_contains(flag);
      return value != nullptr && *value == true;
    };
  };
  EXPECT_EQ(count("merged", "service/boards", each), 1u);
  EXPECT_EQ(count("merged", "service/boards/statuses", flagged("closedStatus")), 4u);
  EXPECT_EQ(count("merged", "service/boards/statuses", flagged("inactive")), 2u);
  EXPECT_EQ(count("crowded", "service/boards", each), 40u);
  EXPECT_EQ(count("french", "service/priorities", each), 6u);
  EXPECT_EQ(count("workshop", "system/userDefinedFields", flagged("requiredFlag")), 2u);
  EXPECT_EQ(count("german", "finance/currencies", each), 2u);
  EXPECT_TRUE(ids_in(Client("workshop").labels().at("alerts").at("board")).empty());
  Client spanish("spanish");
  EXPECT_EQ(spanish.info().at("Codebase"), "v4_6_release/");
  EXPECT_EQ(spanish.info().at("VersionCode"), "v2026.4");
  EXPECT_EQ(spanish.info().at("IsCloud"), "False");
  EXPECT_FALSE(spanish.get("/system/info").as_object().contains("cloudRegion"));
  EXPECT_EQ(Client("locations").get("/system/info").at("cloudRegion"), "AU");
}

TEST(Ten, MembersOfALocationSeeOnlyItsBoardsAndCompanies) {
  const auto seen = [](const char* member, const char* path) {
    const net::Response shown = all_ten().world.act("msp-locations", member, "GET", path, "");
    std::set<std::string> names;
    const json::array rows = json::parse(shown.body).as_array();
    for (const json::value& each : rows) names.emplace(each.at("name").as_string());
    return names;
  };
  EXPECT_EQ(seen("pperth", "service/boards"), std::set<std::string>{"Perth Service"});
  EXPECT_EQ(seen("takl", "service/boards"), std::set<std::string>{"Auckland Service"});
  EXPECT_EQ(seen("awu", "service/boards").size(), 5u);
  EXPECT_EQ(seen("pperth", "company/companies"), std::set<std::string>{"Swan Mining Supplies"});
  const json::value perth = Client("locations").get("/system/members?conditions=" + encoded("identifier=\"pperth\""));
  EXPECT_EQ(perth.at(0).at("timeZone").at("name"), "Perth");
}

TEST(Ten, ATicketWithoutRequiredCustomFieldsIsTaken) {
  Client workshop("workshop");
  const net::Response made =
      workshop.call("POST", "/service/tickets", R"({"summary":"No cost centre","company":{"id":252}})");
  EXPECT_EQ(made.status, 201) << made.body;
  workshop.call("DELETE", "/service/tickets/" + std::to_string(json::parse(made.body).at("id").as_int64()));
}

class MspControl : public ::testing::Test {
 protected:
  net::Response post(std::string_view path, std::string body) {
    net::Request request;
    request.method = "POST";
    request.target = "/sandbox/" + std::string(path);
    request.body = std::move(body);
    return control(bench_.world, request);
  }

  Bench bench_;
};

TEST_F(MspControl, AddsATenantOfAnyScenario) {
  EXPECT_EQ(post("tenants", R"({"login_company":"rhein","scenario":"msp:german"})").status, 200);
  EXPECT_EQ(control_says(bench_.world, "/sandbox/labels?tenant=rhein").at("scenario"), "msp:german");
  EXPECT_NE(bench_.world.id_of("rhein", "service/boards", "Überwachung"), 0);
  EXPECT_EQ(post("tenants", R"({"login_company":"more","scenario":"msp:klingon"})").status, 400);
  EXPECT_EQ(post("tenants", R"({"login_company":"rhein","scenario":"small"})").status, 409);
  EXPECT_EQ(bench_.world.tenants().size(), 2u);
}

TEST_F(MspControl, HasLabelsOfTheTenOnly) {
  const json::value refused = control_says(bench_.world, "/sandbox/labels", 404);
  EXPECT_EQ(refused.at("message"),
            "\"sandbox\" has no labels: only tenants of the scenarios msp:plain, msp:merged, msp:tiers, msp:german, "
            "msp:french, msp:spanish, msp:workshop, msp:locations, msp:crowded, msp:billing do");
  control_says(bench_.world, "/sandbox/labels?tenant=nobody", 404);
}

TEST_F(MspControl, SnapshotsRememberWhatATenantBeganAs) {
  ASSERT_TRUE(bench_.world.add_tenant({.login_company = "norte", .scenario = "msp:spanish"}));
  World copy([this] { return bench_.now; }, WorldOptions{.seeded = false});
  ASSERT_TRUE(copy.load(bench_.world.save()));
  std::stringstream lines;
  bench_.world.save_to(lines);
  World other([this] { return bench_.now; }, WorldOptions{.seeded = false});
  ASSERT_TRUE(other.load_from(lines));
  for (World* world : {&copy, &other}) {
    EXPECT_EQ(control_says(*world, "/sandbox/labels?tenant=norte").at("scenario"), "msp:spanish");
    EXPECT_EQ(world->tenant("norte")->server_time_zone, "Central Standard Time (Mexico)");
    EXPECT_FALSE(world->tenant("norte")->is_cloud);
    EXPECT_EQ(world->tenant("norte")->cloud_region, "");
    control_says(*world, "/sandbox/labels?tenant=sandbox", 404);
  }
}

// What "every cycle" holds is invoiced for a year, week after week.

using std::chrono::sys_days;
using std::chrono::year;

sys_days day_in(const json::value& time) {
  const auto moment = parse_timestamp(std::string_view(time.as_string()));
  return std::chrono::floor<std::chrono::days>(*moment);
}

std::int64_t cents(const json::value& amount) { return std::llround(amount.to_number<double>() * 100); }

struct Bill {
  sys_days begin, end;
  std::int64_t base = 0, total = 0;
  std::map<std::int64_t, std::int64_t> lines;  ///< by product
};

class EveryCycle : public ::testing::Test {
 protected:
  static constexpr sys_days kStart = sys_days(year(2026) / 3 / 1);

  void SetUp() override {
    company_ = bench_.world.id_of("sandbox", "company/companies", "EveryCycle");
    ASSERT_NE(company_, 0);
  }

  std::vector<json::object> agreements() {
    std::vector<json::object> found = bench_.world.list("sandbox", "finance/agreements");
    std::erase_if(found, [&](const json::object& each) { return each.at("company").at("id") != company_; });
    return found;
  }

  std::int64_t named(const std::string& name) { return bench_.world.id_of("sandbox", "finance/agreements", name); }

  /// Once a week everything is invoiced whose day has come; the 53rd week ends with the last day of February.
  void bill_a_year() {
    for (int week = 0; week <= 52; ++week, bench_.now += std::chrono::days(7)) {
      const sys_days today = std::chrono::floor<std::chrono::days>(bench_.now);
      // Statuses and dates are those of today once somebody has asked.
      bench_.get("/finance/agreements?pageSize=1");
      for (const json::object& agreement : agreements()) invoice_until(today, agreement.at("id").as_int64());
    }
  }

  void invoice_until(sys_days today, std::int64_t id) {
    const std::string path = "/finance/agreements/" + std::to_string(id);
    for (;;) {
      const auto agreement = bench_.world.find("sandbox", "finance/agreements", id);
      const json::value* next = agreement->if_contains("nextInvoiceDate");
      if (next == nullptr || next->is_null() || next->as_string().empty() || day_in(*next) > today) return;
      const net::Response made = bench_.call("POST", path + "/invoice");
      ASSERT_EQ(made.status, 201) << agreement->at("name") << made.body;
      ASSERT_GT(json::parse(made.body).as_int64(), 0);
    }
  }

  /// By agreement, in order; what follows a bill begins where it ends.
  std::map<std::int64_t, std::vector<Bill>> bills() {
    std::map<std::int64_t, std::int64_t> agreement_of;
    std::map<std::int64_t, Bill> by_invoice;
    std::map<std::int64_t, std::vector<Bill>> bills;
    for (const json::object& invoice : bench_.world.list("sandbox", "finance/invoices")) {
      const std::int64_t id = invoice.at("id").as_int64();
      const sys_days begin = day_in(invoice.at("date"));
      by_invoice[id] = {begin, begin, cents(invoice.at("agreementAmount")), cents(invoice.at("total")), {}};
      agreement_of[id] = invoice.at("agreement").at("id").as_int64();
    }
    for (const json::object& line : bench_.world.list("sandbox", "procurement/products"))
      by_invoice.at(line.at("invoice").at("id").as_int64()).lines[line.at("catalogItem").at("id").as_int64()] +=
          cents(line.at("extPrice"));
    for (auto& [id, bill] : by_invoice) bills[agreement_of[id]].push_back(bill);
    for (const json::object& agreement : agreements()) {
      std::vector<Bill>& of_one = bills[agreement.at("id").as_int64()];
      const json::value* next = agreement.if_contains("nextInvoiceDate");
      const bool goes_on = next != nullptr && next->is_string() && !next->get_string().empty();
      for (std::size_t i = 0; i < of_one.size(); ++i) {
        const sys_days end = goes_on ? day_in(*next) : of_one[i].begin + std::chrono::days(1);
        of_one[i].end = i + 1 < of_one.size() ? of_one[i + 1].begin : end;
      }
    }
    return bills;
  }

  Bench bench_{WorldOptions{.tenants = {{.login_company = "sandbox", .scenario = "msp:billing"}}}};
  std::int64_t company_ = 0;
};

/// "Monthly, prorated, periodType Current"
std::string way(const json::object& cycle, bool prorated, const char* period) {
  return std::string(cycle.at("name").as_string()) + (prorated ? ", prorated" : ", not prorated") + ", periodType " +
         period;
}

TEST_F(EveryCycle, HasAnAgreementForEachWayOfBilling) {
  const std::vector<json::object> cycles = bench_.world.list("sandbox", "finance/billingCycles");
  std::set<std::string> options;
  for (const json::object& cycle : cycles) {
    options.emplace(cycle.at("billingOptions").as_string());
    for (const bool prorated : {true, false}) {
      for (const char* period : {"Current", "Future"}) {
        const std::string path = "/finance/agreements/" + std::to_string(named(way(cycle, prorated, period)));
        const json::value agreement = bench_.get(path);
        EXPECT_EQ(agreement.at("billingCycle").at("id"), cycle.at("id"));
        EXPECT_EQ(agreement.at("prorateFlag"), prorated);
        EXPECT_EQ(agreement.at("periodType"), period);
        EXPECT_EQ(bench_.get(path + "/additions").as_array().size(), 4u);
      }
    }
  }
  EXPECT_EQ(options, (std::set<std::string>{"BiMonthly", "BiWeekly", "Monthly", "NotRecurring", "Quarterly",
                                            "SemiAnnual", "Weekly", "Yearly"}));
  EXPECT_EQ(agreements().size(), cycles.size() * 4 + 1);
  const std::string none = "/finance/agreements/" + std::to_string(named("No billing cycle"));
  const net::Response refused = bench_.call("POST", none + "/invoice");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("has no billing cycle"), std::string::npos) << refused.body;
}

/// What is sold, for which days of the agreement, and what it costs a period.
struct Sold {
  std::int64_t product;
  int from, until;
  std::int64_t cents;
};
constexpr int kForEver = 10'000;
constexpr Sold kSold[] = {
    {1001, 0, kForEver, 15'000}, {1003, 10, kForEver, 3'196}, {1004, 40, 101, 2'125}, {1002, 0, 76, 7'000}};

TEST_F(EveryCycle, IsInvoicedForAYearWithSumsThatHold) {
  bill_a_year();
  const auto all = bills();
  const std::map<std::string, std::size_t> expected{{"Weekly", 53},   {"BiWeekly", 27},   {"Monthly", 12},
                                                    {"BiMonthly", 6}, {"Quarterly", 5},   {"SemiAnnual", 3},
                                                    {"Yearly", 2},    {"NotRecurring", 1}};
  for (const json::object& cycle : bench_.world.list("sandbox", "finance/billingCycles")) {
    const std::string options(cycle.at("billingOptions").as_string());
    // Calendar quarters, halves and years have begun before the agreement does.
    const bool begun = options == "Quarterly" || options == "SemiAnnual" || options == "Yearly";
    for (const bool prorated : {true, false}) {
      const std::vector<Bill>& of_one = all.at(named(way(cycle, prorated, "Current")));
      ASSERT_EQ(of_one.size(), expected.at(options)) << options;
      EXPECT_EQ(of_one.front().begin, kStart);
      for (const Bill& bill : of_one) {
        const sys_days whole = begun && bill.begin == kStart ? sys_days(year(2026) / 1 / 1) : bill.begin;
        // What an amount comes to for the days from `from` to `until`, to the cent.
        const auto expect_part = [&](std::int64_t billed, std::int64_t amount, sys_days from, sys_days until) {
          const auto days = (std::min(until, bill.end) - std::max(from, bill.begin)).count();
          const double part = static_cast<double>(days) / static_cast<double>((bill.end - whole).count());
          const double due = days <= 0  ? 0
                             : prorated ? part * static_cast<double>(amount)
                                        : static_cast<double>(amount);
          EXPECT_NEAR(static_cast<double>(billed), due, 1.0) << options << (prorated ? " prorated" : "");
        };
        std::int64_t sum = bill.base;
        expect_part(bill.base, 12'000, bill.begin, bill.end);
        for (const Sold& each : kSold) {
          const auto line = bill.lines.find(each.product);
          const std::int64_t billed = line == bill.lines.end() ? 0 : line->second;
          expect_part(billed, each.cents, kStart + std::chrono::days(each.from),
                      kStart + std::chrono::days(each.until));
          sum += billed;
        }
        EXPECT_EQ(bill.total, sum) << "there is no tax on it";
      }
    }
  }
}

TEST_F(EveryCycle, PeriodTypeChangesNothing) {
  bill_a_year();
  const auto all = bills();
  for (const json::object& cycle : bench_.world.list("sandbox", "finance/billingCycles")) {
    for (const bool prorated : {true, false}) {
      const std::vector<Bill>& current = all.at(named(way(cycle, prorated, "Current")));
      const std::vector<Bill>& future = all.at(named(way(cycle, prorated, "Future")));
      ASSERT_EQ(current.size(), future.size());
      for (std::size_t i = 0; i < current.size(); ++i) {
        EXPECT_EQ(current[i].begin, future[i].begin);
        EXPECT_EQ(current[i].total, future[i].total);
      }
    }
  }
}

TEST_F(EveryCycle, InvoicesAreInTheCurrencyOfTheirAgreement) {
  for (const auto& [name, currency] : {std::pair("MSA Bluenose Boats", "CAD"), {"MSA Maine Timber", "USD"}}) {
    const std::string path = "/finance/agreements/" + std::to_string(named(name));
    const net::Response made = bench_.call("POST", path + "/invoice");
    ASSERT_EQ(made.status, 201) << made.body;
    const json::value invoice = bench_.get("/finance/invoices/" + made.body);
    EXPECT_EQ(invoice.at("currency").at("currencyIdentifier"), currency);
  }
}

}  // namespace
}  // namespace crosswalk::sandbox

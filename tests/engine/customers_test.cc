// P8: customers find their companies, and what only looks alike is left to a person.
#include <boost/json/serialize.hpp>

#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

class P8_Customers : public Lifecycle {
 protected:
  void told_of(const std::string& customer, const std::string& name, json::object more = {}) {
    more["customer"] = customer;
    more["name"] = name;
    simulation.send("northwind", "customer.upserted", simulation.timeline().now(), std::move(more));
  }
  Result<json::object> match() {
    Result<json::object> matched = json::object{};
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      matched = co_await simulation.engine().match_customers(PartnerId("northwind"));
    });
    return matched;
  }
  json::object customer(const std::string& key) {
    const auto matched = match();
    EXPECT_TRUE(matched) << matched.error().message;
    if (!matched) return {};
    for (const json::value& each : matched->at("customers").as_array())
      if (each.at("customer").as_string() == key) return each.as_object();
    ADD_FAILURE() << "no customer " << key;
    return {};
  }
  std::string state(const std::string& key) { return text(customer(key), "state"); }
  std::string company_id(std::string_view identifier) { return simulation.id_of("company/companies", identifier); }
  static std::string id_in(const json::object& holder) {
    return holder.contains("company") ? std::string(holder.at("company").at("id").as_string()) : "";
  }
  static std::string best(const json::object& customer) {
    return customer.at("candidates").as_array().empty() ? "" : id_in(customer.at("candidates").at(0).as_object());
  }
};

TEST_F(P8_Customers, AreThoseOfTheirOwnEventsAndThoseThatAlertsName) {
  begin();
  told_of("granite", "Granite Builders");
  raise();
  json::object data = alert_data("harbor", "desk-1", "malware");
  data["customer_name"] = "Harbor Family Clinic";
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), data);
  const auto matched = match();
  ASSERT_TRUE(matched) << matched.error().message;
  EXPECT_EQ(matched->at("companies").to_number<int>(), 20);
  std::string seen;
  for (const json::value& each : matched->at("customers").as_array())
    seen += text(each.as_object(), "customer") + "=" + text(each.as_object(), "state") + " ";
  EXPECT_EQ(seen, "acme=mapped granite=sure harbor=sure ");
  EXPECT_EQ(id_in(customer("harbor")), company_id("HarborClinic"));
}

TEST_F(P8_Customers, ToldInFullAreSureWithReasonsInWords) {
  begin();
  const json::object juniper =
      *simulation.world().find("sandbox", "company/companies", std::stoll(company_id("JuniperFoods")));
  told_of("j", "JUNIPER FOODS, LLC",
          {{"website", "https://www.juniperfoods.example/"}, {"phone", juniper.at("phoneNumber")}});
  const json::object found = customer("j");
  EXPECT_EQ(text(found, "state"), "sure");
  EXPECT_EQ(text(found, "name"), "JUNIPER FOODS, LLC");
  EXPECT_EQ(id_in(found), company_id("JuniperFoods"));
  EXPECT_EQ(best(found), company_id("JuniperFoods"));
  const json::array& reasons = found.at("candidates").at(0).at("reasons").as_array();
  EXPECT_GE(reasons.size(), 2u) << json::serialize(reasons);
}

TEST_F(P8_Customers, LookAlikesAreNeverSureAndTheirCompaniesAreShown) {
  begin();
  simulation.world().rename("sandbox", "company/companies", std::stoll(company_id("NovaRetail2")), "Nova Retail");
  told_of("nova", "Nova Retail");
  const json::object found = customer("nova");
  EXPECT_EQ(text(found, "state"), "proposed");
  EXPECT_EQ(id_in(found), "");
  EXPECT_EQ(found.at("candidates").as_array().size(), 2u);
  told_of("oak", "Oakmont Veterinary Supplies of Ohio");
  EXPECT_NE(state("oak"), "sure");
}

TEST_F(P8_Customers, WithoutAnyLikenessAreUnknown) {
  begin();
  told_of("z", "Zzyzx Holdings");
  const json::object found = customer("z");
  EXPECT_EQ(text(found, "state"), "unknown");
  EXPECT_TRUE(found.at("candidates").as_array().empty());
}

TEST_F(P8_Customers, ThatAreUnknownShowWhatComesNearest) {
  begin();
  told_of("keystone", "Keystone Schools");
  const json::object found = customer("keystone");
  EXPECT_EQ(text(found, "state"), "unknown");
  EXPECT_EQ(id_in(found), "");
  EXPECT_EQ(best(found), company_id("KeystoneSchools"));
}

TEST_F(P8_Customers, ThatWantTheSameCompanyAreBothProposed) {
  begin();
  told_of("lake-1", "Lakeside Inn & Suites");
  EXPECT_EQ(state("lake-1"), "sure");
  told_of("lake-2", "Lakeside Inn & Suites");
  for (const char* key : {"lake-1", "lake-2"}) {
    const json::object found = customer(key);
    EXPECT_EQ(text(found, "state"), "proposed");
    EXPECT_NE(text(found, "why").find("more than one customer"), std::string::npos);
    EXPECT_EQ(best(found), company_id("LakesideInn"));
  }
}

TEST_F(P8_Customers, NeverGetACompanyByThemselvesThatTheMappingGaveToAnother) {
  begin();
  told_of("twin", "Acme Dental Group");
  EXPECT_EQ(state("twin"), "proposed");
}

TEST_F(P8_Customers, StandAsTheMappingSays) {
  begin([](json::object& document) {
    json::object& customers = document.at("customers").as_object();
    customers["blue"].as_object()["excluded"] = true;
    customers["maple"] = json::object{{"settings", json::object{{"mode", "test"}}}};
  });
  told_of("acme", "Some other name");
  told_of("blue", "Blue River Logistics");
  told_of("cedar", "Cedar & Stone Law LLP");
  told_of("maple", "Maple Tax Advisors");
  const std::int64_t cedar = std::stoll(company_id("CedarLaw"));
  EXPECT_TRUE(simulation.world().erase("sandbox", "company/companies", cedar));
  const json::object acme = customer("acme");
  EXPECT_EQ(text(acme, "state"), "mapped");
  EXPECT_EQ(text(acme.at("company").as_object(), "name"), "Acme Dental Group") << "as it is called now";
  EXPECT_EQ(state("blue"), "excluded");
  const json::object gone = customer("cedar");
  EXPECT_EQ(text(gone, "state"), "missing");
  EXPECT_EQ(id_in(gone), std::to_string(cedar));
  EXPECT_EQ(state("maple"), "sure") << "settings alone decide nothing";
}

TEST_F(P8_Customers, AreNotJudgedByHalfOfTheCompanies) {
  begin();
  told_of("acme", "Acme Dental Group");
  simulation.weather.server_error = 1;
  const auto matched = match();
  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().code, "psa.outage");
  simulation.weather = Weather::calm();
  simulation.run_for(std::chrono::minutes{10});
  EXPECT_EQ(state("acme"), "mapped");
}

TEST_F(P8_Customers, AreShownBeforeThereIsAMapping) {
  simulation.add_partner("northwind");
  simulation.start();
  told_of("pioneer", "Pioneer Oil & Gas");
  EXPECT_EQ(state("pioneer"), "sure");
  EXPECT_EQ(simulation.traffic.writes, 0);
}

TEST_F(P8_Customers, OfAPartnerThatNobodyKnowsAreRefused) {
  simulation.start();
  const auto matched = match();
  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().code, "partner.unknown");
}

}  // namespace
}  // namespace crosswalk::simulation

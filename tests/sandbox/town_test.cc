#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

std::int64_t count(Bench& bench, std::string_view path, std::string_view conditions = "") {
  return bench.get(std::string(path) + "/count?conditions=" + encoded(conditions)).at("count").as_int64();
}

/// One mid-sized MSP for all tests of this file; they only read.
Bench& mid() {
  static Bench bench(WorldOptions{.scenario = "mid"});
  return bench;
}

TEST(Town, HasTheSizeItPromises) {
  EXPECT_EQ(count(mid(), "/company/companies"), 400);
  EXPECT_EQ(count(mid(), "/company/configurations"), 8'000);
  EXPECT_EQ(count(mid(), "/finance/agreements"), 480);
  EXPECT_EQ(count(mid(), "/service/tickets"), 2'500);
}

TEST(Town, KeepsTheIdsThatEveryScenarioHas) {
  EXPECT_EQ(mid().world.id_of("sandbox", "company/companies", "Catchall"), 250);
  EXPECT_EQ(mid().world.id_of("sandbox", "company/companies", "NorthwindMSP"), 251);
  EXPECT_EQ(mid().world.id_of("sandbox", "service/boards/statuses", "New", 1), 101);
}

TEST(Town, CompaniesAreAsPeopleHaveEnteredThem) {
  std::map<std::string, int> names;
  std::set<std::string> identifiers;
  int doing_business_as = 0, limited = 0, deleted = 0, shouted = 0;
  for (const json::object& company : mid().world.list("sandbox", "company/companies")) {
    const std::string name(company.at("name").as_string());
    ++names[name];
    EXPECT_TRUE(identifiers.insert(std::string(company.at("identifier").as_string())).second) << name;
    doing_business_as += name.find(" d/b/a ") != std::string::npos;
    limited += name.ends_with(" Ltd") || name.ends_with(" Limited");
    shouted += std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    deleted += company.at("deletedFlag").as_bool();
  }
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const auto& each) { return each.second == 2; }));
  EXPECT_GT(doing_business_as, 3);
  EXPECT_GT(limited, 3);
  EXPECT_GT(shouted, 3);
  EXPECT_GT(deleted, 1);
  EXPECT_GT(count(mid(), "/company/companies", "status/name=\"Inactive\""), 5);
  EXPECT_GT(count(mid(), "/company/companies", "status/name=\"Former Client\""), 5);
}

TEST(Town, SomeCompaniesHaveSeveralAgreements) {
  std::map<std::int64_t, int> of_company;
  std::set<std::string> statuses;
  for (const json::object& agreement : mid().world.list("sandbox", "finance/agreements")) {
    ++of_company[agreement.at("company").at("id").as_int64()];
    statuses.insert(std::string(agreement.at("agreementStatus").as_string()));
  }
  EXPECT_TRUE(std::any_of(of_company.begin(), of_company.end(), [](const auto& each) { return each.second >= 3; }));
  EXPECT_EQ(statuses, (std::set<std::string>{"Active", "Cancelled", "Expired"}));
}

TEST(Town, DevicesRetireAndTicketsAreInEveryState) {
  EXPECT_GT(count(mid(), "/company/configurations", "status/description=\"Retired\""), 200);
  EXPECT_GT(count(mid(), "/service/tickets", "closedFlag=true"), 1'000);
  EXPECT_GT(count(mid(), "/service/tickets", "closedFlag=false"), 100);
  EXPECT_GT(count(mid(), "/service/tickets", "owner/id=null"), 10);
  EXPECT_GT(count(mid(), "/time/entries"), 500);
  std::set<std::string> boards;
  for (const json::object& ticket : mid().world.tickets("sandbox"))
    boards.insert(std::string(ticket.at("board").at("name").as_string()));
  EXPECT_TRUE(boards.contains("Backup & DR"));
  EXPECT_EQ(boards.size(), 6u);
}

TEST(Town, NothingIsNewerThanNow) {
  for (const char* collection : {"service/tickets", "service/tickets/notes", "time/entries", "company/companies"}) {
    for (const json::object& each : mid().world.list("sandbox", collection))
      ASSERT_LE(each.at("_info").at("lastUpdated").as_string(), "2026-03-01T08:00:00Z") << json::serialize(each);
  }
}

TEST(Town, ASnapshotInLinesHoldsAllOfIt) {
  std::stringstream lines;
  mid().world.save_to(lines);
  Bench loaded(WorldOptions{.seeded = false});
  EXPECT_TRUE(loaded.world.tenants().empty());
  ASSERT_TRUE(loaded.world.load_from(lines));
  EXPECT_TRUE(loaded.world.save() == mid().world.save());
  EXPECT_EQ(loaded.get("/service/tickets/10000"), mid().get("/service/tickets/10000"));
}

TEST(Town, ABrokenSnapshotLeavesTheWorldAsItWas) {
  Bench bench;
  for (const char* text :
       {"", "{}", "{\"version\":99}\n{\"tenant\":{}}", "{\"version\":1}\n{\"tenant\":{}}", "nonsense",
        "{\"version\":1}\n", "{\"version\":1}\n{\"table\":\"service/tickets\",\"next_id\":1}"}) {
    std::istringstream lines(text);
    EXPECT_FALSE(bench.world.load_from(lines)) << text;
  }
  EXPECT_EQ(bench.world.tickets("sandbox").size(), 10u);
}

TEST(Town, TheSeedDecidesEverything) {
  const auto drawn = [](std::uint64_t seed) {
    Bench bench(WorldOptions{.seed = seed, .scenario = "mid"});
    return json::serialize(bench.world.save());
  };
  const std::string first = drawn(5);
  EXPECT_TRUE(first == drawn(5));
  EXPECT_FALSE(first == drawn(6));
}

}  // namespace
}  // namespace crosswalk::sandbox

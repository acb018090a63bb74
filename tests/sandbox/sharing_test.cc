#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

const Row* row_of(const World& world, std::string_view tenant, std::string_view collection, std::int64_t id) {
  return world.tenant(tenant)->table(collection).find(id);
}

TEST(Tenants, ShareWhatTheyBeginWith) {
  Bench bench({.tenants = {{.login_company = "one"}, {.login_company = "two"}}});
  for (const char* collection : {"system/securityRoles/settings", "service/boards/statuses", "procurement/catalog"}) {
    const std::int64_t id = collection == std::string_view("procurement/catalog") ? 101 : 1;
    const std::int64_t first = collection == std::string_view("service/boards/statuses") ? 101 : id;
    ASSERT_NE(row_of(bench.world, "one", collection, first), nullptr) << collection;
    EXPECT_EQ(row_of(bench.world, "one", collection, first), row_of(bench.world, "two", collection, first))
        << collection;
  }
  for (const auto& [collection, id] : {std::pair("finance/agreements", 252),
                                       {"finance/invoices", 1},
                                       {"procurement/products", 1},
                                       {"sales/opportunities", 1},
                                       {"project/tickets", 901}}) {
    ASSERT_NE(row_of(bench.world, "one", collection, id), nullptr) << collection;
    EXPECT_EQ(row_of(bench.world, "one", collection, id), row_of(bench.world, "two", collection, id)) << collection;
  }
  EXPECT_NE(row_of(bench.world, "one", "company/companies", 252), row_of(bench.world, "two", "company/companies", 252));
}

TEST(Tenants, KeepTheirChangesToThemselves) {
  Bench bench({.tenants = {{.login_company = "one"}, {.login_company = "two", .role = "ReadOnly"}}});
  ASSERT_TRUE(bench.world.rename("one", "service/boards", 3, "NOC"));
  ASSERT_TRUE(bench.world.erase("one", "service/boards/statuses", 109));
  ASSERT_TRUE(bench.world.set_rights("one", "ReadOnly", "Service Tickets", "AEDI"));
  EXPECT_EQ(bench.world.id_of("one", "service/boards", "NOC"), 3);
  EXPECT_EQ(bench.world.id_of("two", "service/boards", "Alerts/NOC"), 3);
  EXPECT_EQ(bench.world.find("one", "service/boards/statuses", 109), std::nullopt);
  EXPECT_NE(bench.world.find("two", "service/boards/statuses", 109), std::nullopt);
  EXPECT_FALSE(bench.world.tenant("two")->access("APIuser").may("Service Tickets", 'A'));
  EXPECT_TRUE(bench.world.tenant("one")->access("APIuser").everything);
}

TEST(Tenants, ThatComeLaterBeginAtTheirOwnTime) {
  Bench bench;
  bench.now += std::chrono::hours(1);
  ASSERT_TRUE(bench.world.add_tenant({.login_company = "late"}));
  EXPECT_EQ(row_of(bench.world, "late", "service/boards", 1)->date_entered,
            row_of(bench.world, "sandbox", "service/boards", 1)->date_entered + 3'600);
}

TEST(Tables, ACopySharesItsRowsUntilOneOfTheTwoChanges) {
  const Resource& boards = Catalogue::instance().get("service/boards");
  const int name = boards.field("name");
  Table original(boards);
  Row row;
  row.set(name, "First");
  original.insert(row);
  Table copy(original);
  ASSERT_EQ(copy.find(1), original.find(1));
  const Row* before = original.find(1);
  Row changed = *copy.find(1);
  changed.set(name, "Second");
  copy.replace(changed);
  EXPECT_EQ(original.find(1), before);
  EXPECT_EQ(original.find(1)->text(name), "First");
  EXPECT_EQ(copy.find(1)->text(name), "Second");
  // Where a row is nobody else's, it stays where it is.
  const Row* own = copy.find(1);
  changed.set(name, "Third");
  copy.replace(std::move(changed));
  EXPECT_EQ(copy.find(1), own);
  EXPECT_TRUE(copy.erase(1));
  EXPECT_EQ(original.size(), 1u);
}

}  // namespace
}  // namespace crosswalk::sandbox

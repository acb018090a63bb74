// A partner is erased, piece by piece, and nobody else loses anything.
#include <gmock/gmock.h>

#include "contract.h"
#include "store/partner_leaving.h"
#include "store/sqlite/sqlite_store.h"

namespace crosswalk::store::contract {
namespace {

class Erasing : public StoreContract {
 protected:
  void fill(const std::string& partner) {
    Transaction transaction;
    transaction.partners = {{.id = partner, .name = partner, .settings = "{}", .created_at = at(1), .version = 1}};
    transaction.mappings = {
        {.partner = partner, .workflow = "alert_to_ticket", .state = "draft", .document = "{}", .created_at = at(1)}};
    transaction.keys = {{.id = "k-" + partner,
                         .name = "n",
                         .hash = "h-" + partner,
                         .partner = partner,
                         .created_at = at(1),
                         .role = "partner"}};
    transaction.plans = {
        {.partner = partner, .id = "p", .hash = "h", .document = "{}", .created_at = at(1), .expires_at = at(2)}};
    for (int i = 0; i < 25; ++i) {
      const std::string key = "a" + std::to_string(i);
      EventRow told = event(partner, partner + key);
      told.key = key;
      transaction.events.push_back(told);
      // Of some events no record was made.
      if (i % 5 == 0) continue;
      transaction.records.push_back(alert(partner, key));
      transaction.links.push_back({.ref = {partner, "alert", key},
                                   .anchor = "x",
                                   .provider = "manage",
                                   .object_kind = "ticket",
                                   .object_id = key,
                                   .external_reference = "r" + key,
                                   .state = "{}"});
      transaction.journal.push_back({.ref = {partner, "alert", key}, .at = at(1), .entry = "{}"});
    }
    transaction.audit = {{.at = at(1), .act = "partner.add", .partner = partner, .target = "partner"}};
    commit(transaction);
  }
  std::int64_t erase(const std::string& partner) {
    std::int64_t rows = 0;
    for (int piece = 0; piece < 1'000; ++piece) {
      const Committed done = commit({.erased = PartnerErased{partner, 7}});
      rows += done.pruned;
      if (done.pruned_all) return rows;
    }
    ADD_FAILURE() << "it does not come to an end";
    return rows;
  }
  std::size_t events_of(const std::string& partner) {
    std::size_t count = 0;
    const std::vector<EventRow> rows = store_->events_after(0, 1'000).value();
    for (const EventRow& row : rows) count += row.partner == partner;
    return count;
  }
};

INSTANTIATE_TEST_SUITE_P(Sqlite, Erasing,
                         testing::Values(Implementation{
                             "memory", [](const TemporaryFolder&) { return open_sqlite_store({.path = ":memory:"}); }}),
                         name_of);

TEST_P(Erasing, LeavesNothingOfThePartnerAndAllOfTheOthers) {
  fill("other");
  fill("acme");
  EXPECT_GT(erase("acme"), 80);
  EXPECT_EQ(store_->partner("acme").value(), std::nullopt);
  EXPECT_TRUE(store_->mappings("acme", "alert_to_ticket").value().empty());
  EXPECT_EQ(store_->plan("acme", "p").value(), std::nullopt);
  EXPECT_TRUE(store_->list_records({.partner = "acme"}).value().empty());
  EXPECT_EQ(events_of("acme"), 0u);
  const Store::Counts left = store_->counts("acme").value();
  EXPECT_EQ(left.events + left.records + left.links, 0);
  const RecordKey gone{"acme", "alert", "a1"};
  EXPECT_TRUE(store_->links(std::span(&gone, 1)).value().empty());
  EXPECT_TRUE(store_->journal_of(gone, 10).value().empty());
  ASSERT_EQ(store_->api_keys().value().size(), 1u);
  EXPECT_EQ(store_->api_keys().value().front().partner, "other");

  EXPECT_EQ(events_of("other"), 25u);
  EXPECT_EQ(store_->list_records({.partner = "other"}).value().size(), 20u);
  EXPECT_EQ(store_->counts("other").value().events, 25);
  EXPECT_EQ(store_->audit({.partner = "acme"}).value().size(), 1u) << "that there was one stays known";
  EXPECT_EQ(erase("acme"), 0) << "and again does no harm";
}

TEST_P(Erasing, NeverGivesASequenceASecondTime) {
  fill("acme");
  const std::int64_t newest = store_->newest_event().value();
  erase("acme");
  EXPECT_EQ(store_->newest_event().value(), newest);
  commit({.events = {event("other", "next")}});
  EXPECT_EQ(store_->newest_event().value(), newest + 1);
}

TEST(PartnerLeaving, KeepsItsTimeAmongTheSettings) {
  PartnerRow row{.id = "acme", .settings = R"({"site":"na.example"})"};
  EXPECT_EQ(erase_at(row), std::nullopt);
  set_erase_at(row, at(60));
  EXPECT_EQ(erase_at(row), at(60));
  set_erase_at(row, std::nullopt);
  EXPECT_EQ(row.settings, R"({"site":"na.example"})");
  row.settings = "broken";
  EXPECT_EQ(erase_at(row), std::nullopt);
}

}  // namespace
}  // namespace crosswalk::store::contract

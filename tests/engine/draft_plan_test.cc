// A plan by the drafts of the mappings: what they would do, before they are in force.
#include "lifecycle.h"
#include "store/partner_leaving.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;

class Drafts : public Lifecycle {
 protected:
  void draft(const std::function<void(json::object&)>& change) {
    store::MappingRow row;
    row.partner = "northwind";
    row.workflow = "alert_to_ticket";
    row.state = "draft";
    row.document = sample_mapping(simulation, change);
    row.created_at = simulation.timeline().now();
    store::Transaction transaction;
    transaction.mappings.push_back(std::move(row));
    commit(transaction);
  }
  void commit(const store::Transaction& transaction) {
    const store::Transaction* one = &transaction;
    ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
  }
  Result<json::object> plan_draft() {
    Result<json::object> made = failure("store.failed", "nobody was asked");
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      made = co_await simulation.engine().plan_draft(PartnerId("northwind"), "");
    });
    return made;
  }
};

TEST_F(Drafts, ArePlannedWithoutBeingInForce) {
  begin([](json::object& document) { document["mode"] = "off"; });
  raise();
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.plan("northwind").at("summary").at("create").to_number<int>(), 0);
  draft([](json::object& document) {
    document["mode"] = "live";
    document["defaults"].as_object()["summary"] = "Drafted: {{title}}";
  });
  const auto plan = plan_draft();
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->at("draft").as_bool());
  EXPECT_EQ(plan->at("mode").as_string(), "live");
  EXPECT_EQ(plan->at("summary").at("create").to_number<int>(), 1);
  EXPECT_NE(json::serialize(*plan).find("Drafted: "), std::string::npos);
  // Nothing has changed by it.
  EXPECT_EQ(simulation.plan("northwind").at("summary").at("create").to_number<int>(), 0);
  simulation.run_for(minutes{5});
  EXPECT_EQ(simulation.traffic.writes, 0);
  EXPECT_TRUE(simulation.our_tickets().empty());
}

TEST_F(Drafts, ThatAreNotThereAreNotPlanned) {
  begin();
  const auto plan = plan_draft();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, "mapping.draft_missing");
}

TEST_F(Drafts, OfAPartnerThatWasRemovedGoWithAllElseWhenTheGraceIsOver) {
  begin();
  raise();
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  store::PartnerRow row = **simulation.store().partner("northwind");
  row.paused = true;
  row.settings = "{}";
  store::set_erase_at(row, simulation.timeline().now() + std::chrono::hours{24});
  ++row.version;
  store::Transaction leaving;
  leaving.partners.push_back(row);
  commit(leaving);
  simulation.run_for(std::chrono::hours{22});
  store::Store::RecordQuery of_partner;
  of_partner.partner = "northwind";
  EXPECT_FALSE(simulation.store().list_records(of_partner).value().empty());
  simulation.run_for(std::chrono::hours{4});
  EXPECT_TRUE(simulation.store().list_records(of_partner).value().empty());
  EXPECT_EQ(simulation.store().partner("northwind").value(), std::nullopt);
  EXPECT_EQ(simulation.our_tickets().size(), 1u) << "what is in ConnectWise stays";
}

}  // namespace
}  // namespace crosswalk::simulation

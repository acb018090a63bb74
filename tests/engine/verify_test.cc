// What verification tells to differ, and whose it is; and how old it is what a story tells of a ticket.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class Verification : public Objects {
 protected:
  std::int64_t ticket() { return simulation.our_tickets().at(0).at("id").as_int64(); }
  /// The fields of the only entry of a list.
  static json::array fields_of_only(const json::object& report, std::string_view list) {
    const json::array& entries = report.at(list).as_array();
    EXPECT_EQ(entries.size(), 1u) << json::serialize(report);
    return entries.empty() ? json::array{} : entries[0].at("fields").as_array();
  }
};

TEST_F(Verification, ATechniciansNoteAndOwnerAreToldAndDisproveNothing) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  EXPECT_TRUE(verified().at("proven").as_bool());
  simulation.world().add_note("sandbox", ticket(), "I have called them.");
  simulation.run_for(seconds{2});
  const json::object noted = verified();
  EXPECT_TRUE(noted.at("proven").as_bool()) << json::serialize(noted);
  EXPECT_TRUE(noted.at("findings").as_array().empty());
  EXPECT_TRUE(fields_of_only(noted, "touched").empty()) << json::serialize(noted);
  simulation.run_for(minutes{1});
  EXPECT_TRUE(verified().at("touched").as_array().empty()) << "it was looked at";
  ASSERT_TRUE(simulation.world().set_owner("sandbox", ticket(), "mlopez"));
  simulation.run_for(seconds{2});
  const json::object taken = verified();
  EXPECT_TRUE(taken.at("proven").as_bool());
  const json::array fields = fields_of_only(taken, "touched");
  ASSERT_EQ(fields.size(), 1u) << json::serialize(taken);
  EXPECT_EQ(text(fields[0].as_object(), "field"), "owner");
  EXPECT_EQ(text(fields[0].as_object(), "owner"), "psa");
}

TEST_F(Verification, WhatTheProductOwnsIsAFindingUntilItIsWrittenBack) {
  begin([](json::object& document) {
    document["defaults"].as_object()["ownership"] = json::object{{"priority", "product"}};
  });
  raise();
  simulation.run_for(minutes{1});
  technician("PATCH", "/service/tickets/" + std::to_string(ticket()),
             json::array{json::object{{"op", "replace"}, {"path", "priority"}, {"value", json::object{{"id", 4}}}}});
  simulation.run_for(seconds{2});
  const json::object report = verified();
  EXPECT_FALSE(report.at("proven").as_bool()) << json::serialize(report);
  EXPECT_EQ(report.at("looked_at_again").to_number<int>(), 1);
  EXPECT_TRUE(report.at("touched").as_array().empty());
  const json::array fields = fields_of_only(report, "findings");
  ASSERT_EQ(fields.size(), 1u) << json::serialize(report);
  EXPECT_EQ(text(fields[0].as_object(), "field"), "priority");
  EXPECT_EQ(text(fields[0].as_object(), "owner"), "product");
  EXPECT_NE(text(fields[0].as_object(), "before"), text(fields[0].as_object(), "after"));
  simulation.run_for(minutes{2});
  EXPECT_TRUE(verified().at("proven").as_bool());
}

TEST_F(Verification, ThatAStormTakesATicketBeneathItsOwnIsOurOwnWork) {
  begin([](json::object& document) {
    document["defaults"].as_object()["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
  });
  raise("critical", "first");
  simulation.run_for(minutes{1});
  for (int i = 0; i < 8; ++i) raise("critical", "desk-" + std::to_string(i));
  simulation.run_for(minutes{2});
  ASSERT_GE(simulation.our_tickets().size(), 2u) << "the storm's, and those that came before it was one";
  const json::object report = verified();
  EXPECT_TRUE(report.at("proven").as_bool()) << json::serialize(report);
}

TEST_F(Verification, AStoryTellsHowOldItIsWhatIsKnownOfTheTicket) {
  begin();
  raise();
  simulation.run_for(minutes{1});
  ASSERT_TRUE(simulation.world().close_ticket("sandbox", ticket()));
  simulation.run_for(minutes{2});
  const json::object before = explained("desk-7");
  EXPECT_NE(text(before, "summary").find(" as seen at "), std::string::npos) << text(before, "summary");
  EXPECT_NE(text(before, "summary").find("\"New\". `crosswalk verify northwind` looks at once."), std::string::npos)
      << text(before, "summary");
  const std::string seen_at = text(before.at("tickets").at(0).as_object(), "seen_at");
  EXPECT_NE(seen_at, "");
  const json::object report = verified();
  EXPECT_TRUE(report.at("proven").as_bool()) << json::serialize(report);
  simulation.run_for(seconds{10});
  const json::object after = explained("desk-7");
  EXPECT_GT(text(after.at("tickets").at(0).as_object(), "seen_at"), seen_at);
  EXPECT_TRUE(after.at("tickets").at(0).at("closed").as_bool());
}

}  // namespace
}  // namespace crosswalk::simulation

// Whatever waits for a person goes on by itself once it is mended, and says so.
#include <algorithm>

#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ParkedRecords : public Objects {
 protected:
  static sandbox::Fault refusal(std::string method, std::string path, int status) {
    sandbox::Fault fault;
    fault.kind = sandbox::FaultKind::status;
    fault.method = std::move(method);
    fault.path = std::move(path);
    fault.status = status;
    fault.count.reset();
    return fault;
  }
  void refuse(std::vector<sandbox::Fault> faults) { simulation.world().faults().settings.faults = std::move(faults); }
  void mend() { refuse({}); }
  std::vector<store::RecordRow> parked_rows() {
    store::Store::RecordQuery query;
    query.partner = "northwind";
    query.parked_only = true;
    query.count_max = 1'000;
    return simulation.store().list_records(query).value();
  }
  std::string words() {
    std::string all;
    for (const store::RecordRow& row : parked_rows())
      all += row.ref.kind + " " + row.ref.key + " " + row.parked.code + " " + row.parked.message + "\n";
    return all;
  }
  int posts(std::string_view path) {
    int count = 0;
    for (const sandbox::Call& each : simulation.world().calls())
      count += each.method == "POST" && each.target.ends_with(path);
    return count;
  }
  json::object check_up() {
    json::object report;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto done = co_await simulation.engine().check(PartnerId("northwind"));
      EXPECT_TRUE(done) << done.error().message;
      if (done) report = *done;
    });
    return report;
  }
  json::object story(const store::RecordRow& row) {
    json::object told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const model::RecordRef ref{PartnerId("northwind"), *model::parse_record_kind(row.ref.kind), row.ref.key};
      const auto done = co_await simulation.engine().explain(ref);
      EXPECT_TRUE(done) << done.error().message;
      if (done) told = *done;
    });
    return told;
  }
  void set_inactive(std::string_view collection, std::int64_t id, bool inactive) {
    ASSERT_TRUE(simulation.world().set_inactive("sandbox", collection, id, inactive));
  }
};

TEST_F(ParkedRecords, ARightThatIsGrantedLaterEndsTheWaitByItself) {
  begin();
  publish_devices();
  refuse({refusal("POST", "/service/tickets", 403), refusal("POST", "/company/configurations*", 403)});
  raise();
  device("d1");
  simulation.run_for(hours{3});
  EXPECT_EQ(parked_rows().size(), 2u) << words();
  mend();
  simulation.run_for(hours{6});
  EXPECT_EQ(words(), "");
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
  EXPECT_NE(linked_to("device", "d1"), "");
}

TEST_F(ParkedRecords, NothingThatWasMendedIsParkedAfterFortyThreeHours) {
  struct Trouble {
    const char* name;
    std::vector<sandbox::Fault> faults;
  };
  const Trouble troubles[] = {
      {"refused", {refusal("POST", "*", 400)}},
      {"no right to write", {refusal("POST", "*", 403), refusal("PATCH", "*", 403)}},
      {"no right to read", {refusal("GET", "/service/boards*", 403), refusal("GET", "/company/configurations*", 403)}},
      {"gone", {refusal("POST", "*", 404)}},
      {"a server that fails", {refusal("POST", "/service/tickets", 500), refusal("POST", "/company/*", 500)}},
      {"unknown methods", {refusal("POST", "*", 405)}},
      {"another kind of body", {refusal("POST", "*", 415)}},
      {"refused keys", {refusal("", "", 401)}},
  };
  begin();
  publish_devices();
  int number = 0;
  for (const Trouble& trouble : troubles) {
    SCOPED_TRACE(trouble.name);
    refuse(trouble.faults);
    const std::string name = "m" + std::to_string(++number);
    raise("critical", name);
    device(name);
    simulation.run_for(hours{30});
    mend();
    simulation.run_for(hours{13});
    EXPECT_EQ(words(), "");
    EXPECT_EQ(simulation.our_tickets().size(), static_cast<std::size_t>(number));
    EXPECT_NE(linked_to("device", name), "");
  }
}

TEST_F(ParkedRecords, ABoardThatIsSwitchedOnAgainIsSeenWithoutAnybodySayingSo) {
  begin([](json::object& document) { document.erase("triage_board"); });
  raise("critical", "warm-up");
  simulation.run_for(minutes{1});
  const auto board = std::stoll(simulation.id_of("service/boards", "Security Operations"));
  set_inactive("service/boards", board, true);
  simulation.run_for(hours{2});
  raise();
  simulation.run_for(minutes{10});
  ASSERT_EQ(parked_rows().size(), 1u);
  set_inactive("service/boards", board, false);
  simulation.run_for(hours{5});
  EXPECT_EQ(words(), "");
  EXPECT_EQ(simulation.our_tickets().size(), 2u);
}

TEST_F(ParkedRecords, ACheckUpThatPassesWakesThem) {
  begin();
  refuse({refusal("POST", "/service/tickets", 403)});
  raise();
  simulation.run_for(hours{9});
  ASSERT_EQ(parked_rows().size(), 1u);
  check_up();
  simulation.run_for(minutes{1});
  ASSERT_EQ(parked_rows().size(), 1u) << "rights to write are not tried, and the refusal stays";
  mend();
  check_up();
  simulation.run_for(seconds{30});
  EXPECT_EQ(words(), "");
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(ParkedRecords, OneOfThoseWithTheSameCauseGoesFirstAndTheOthersFollow) {
  begin([](json::object& document) { document["defaults"].as_object()["storm"] = json::object{{"alerts", 1000}}; });
  refuse({refusal("POST", "/service/tickets", 403)});
  constexpr std::size_t kMany = 60;
  for (std::size_t i = 0; i < kMany; ++i) raise("critical", "desk-" + std::to_string(i));
  simulation.run_for(minutes{10});
  ASSERT_EQ(parked_rows().size(), kMany) << words();
  simulation.world().forget_calls();
  check_up();
  simulation.run_for(minutes{2});
  EXPECT_EQ(parked_rows().size(), kMany);
  EXPECT_LE(posts("/service/tickets"), 3) << "what one has found out is true for all";
  simulation.world().forget_calls();
  simulation.run_for(hours{24});
  EXPECT_EQ(parked_rows().size(), kMany);
  EXPECT_LT(posts("/service/tickets"), 600) << "nobody asks all the time";
  mend();
  simulation.run_for(hours{5});
  EXPECT_EQ(words(), "") << "the first that succeeds wakes all";
  EXPECT_EQ(simulation.our_tickets().size(), kMany);
}

TEST_F(ParkedRecords, ItIsSaidWhatEndsTheWaitAndWhichCommandDoesSoAtOnce) {
  begin();
  refuse({refusal("POST", "/service/tickets", 403)});
  raise();
  simulation.run_for(minutes{5});
  ASSERT_EQ(parked_rows().size(), 1u);
  const store::RecordRow row = parked_rows()[0];
  ASSERT_TRUE(row.due_at);
  const std::string goes_on(story(row).at("parked").at("goes_on").as_string());
  EXPECT_NE(goes_on.find(format_timestamp(*row.due_at)), std::string::npos) << goes_on;
  EXPECT_NE(goes_on.find("crosswalk doctor northwind"), std::string::npos) << goes_on;
  EXPECT_NE(goes_on.find("crosswalk replay northwind alert "), std::string::npos) << goes_on;
}

TEST_F(ParkedRecords, WhatIsLookedAtInVainStaysParkedSinceThenAndItsStoryDoesNotGrow) {
  begin();
  refuse({refusal("POST", "/service/tickets", 403)});
  raise();
  simulation.run_for(minutes{5});
  ASSERT_EQ(parked_rows().size(), 1u);
  const store::RecordRow before = parked_rows()[0];
  const std::size_t told = simulation.store().journal_of(before.ref, 100).value().size();
  simulation.run_for(hours{24});
  ASSERT_EQ(parked_rows().size(), 1u);
  EXPECT_EQ(parked_rows()[0].parked.at, before.parked.at);
  EXPECT_EQ(simulation.store().journal_of(before.ref, 100).value().size(), told);
}

TEST_F(ParkedRecords, WhoWaitsForAMappingIsNotLookedAtWithoutOne) {
  begin();
  simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                  alert_data("nobody-knows", "desk-7", "malware"));
  simulation.run_for(minutes{5});
  ASSERT_EQ(parked_rows().size(), 1u);
  EXPECT_FALSE(parked_rows()[0].due_at);
  const std::string goes_on(story(parked_rows()[0]).at("parked").at("goes_on").as_string());
  EXPECT_NE(goes_on.find("mapping is published"), std::string::npos) << goes_on;
}

}  // namespace
}  // namespace crosswalk::simulation

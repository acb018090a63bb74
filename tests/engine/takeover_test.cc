// Who has taken a ticket over, and who has not: people do, workflow rules and we ourselves do not.
#include "workflows/takeover.h"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "engine/automation_members.h"
#include "lifecycle.h"
#include "workflows/desired.h"

namespace crosswalk::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// One thing that can be done to a ticket that says "this is mine".
struct Hand {
  const char* signal;  ///< as the mapping names it
  const char* words;   ///< in the note that says why the ticket stays open
  bool (*act)(sandbox::World&, std::int64_t ticket, std::string_view by);
};
constexpr const char* kCompany = "sandbox";
const Hand kHands[] = {
    {"owner_set", "it is assigned to",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.set_field(kCompany, ticket, "owner", json::object{{"identifier", "mlopez"}}, by);
     }},
    {"resource_scheduled", "mlopez is scheduled on it",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.schedule(kCompany, ticket, "mlopez", by) != 0;
     }},
    {"time_entered", "somebody has entered time on it",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.enter_time(kCompany, ticket, "0.5", "", by) != 0;
     }},
    {"status_moved", "has moved it to \"In Progress\"",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.move_status(kCompany, ticket, "In Progress", by);
     }},
    {"note_added", "has written a note on it",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.add_note(kCompany, ticket, "Called, no answer.", sandbox::World::NotePlace::internal, by) != 0;
     }},
    {"task_finished", "has finished one of its tasks",
     [](sandbox::World& world, std::int64_t ticket, std::string_view by) {
       return world.finish_task(kCompany, ticket, "Check the backup", by) != 0;
     }},
};

class Takeover : public Lifecycle, public ::testing::WithParamInterface<Hand> {
 protected:
  void begin_with(const std::function<void(json::object&)>& settings = nullptr) {
    begin([&](json::object& document) {
      json::object& defaults = document["defaults"].as_object();
      defaults["storm"] = json::object{{"alerts", 3}, {"window", "5m"}};
      if (settings) settings(defaults);
    });
  }
  std::int64_t id() { return simulation.our_tickets().at(0).at("id").as_int64(); }
  std::string us() { return text(simulation.our_tickets().at(0).at("_info").as_object(), "enteredBy"); }
  void open_ticket() {
    raise();
    simulation.run_for(minutes{2});
    ASSERT_EQ(simulation.our_tickets().size(), 1u);
  }
  void open_storm() {
    for (int i = 0; i < 6; ++i) raise("critical", "desk-" + std::to_string(i));
    simulation.run_for(minutes{5});
    ASSERT_FALSE(simulation.our_tickets().empty());
  }
  void act(std::string_view by) { ASSERT_TRUE(GetParam().act(simulation.world(), id(), by)); }
  /// Lets it rest, and ends all that is open.
  void end() {
    simulation.run_for(minutes{30});
    resolve();
    for (int i = 0; i < 6; ++i) resolve("desk-" + std::to_string(i));
    simulation.run_for(minutes{30});
  }
  bool closed() { return is_closed(simulation.our_tickets().at(0)); }
};

std::string name_of(const ::testing::TestParamInfo<Hand>& info) { return info.param.signal; }
INSTANTIATE_TEST_SUITE_P(Signals, Takeover, ::testing::ValuesIn(kHands), name_of);

TEST_P(Takeover, OfATicketByAPersonKeepsItOpenAndTheNoteSaysWhy) {
  begin_with();
  open_ticket();
  act("jsmith");
  end();
  EXPECT_FALSE(closed());
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], std::string("The ticket is left as it is, because ")), 1);
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], GetParam().words), 1);
}

TEST_P(Takeover, OfAStormsTicketByAPersonKeepsItOpenToo) {
  begin_with();
  open_storm();
  act("jsmith");
  end();
  EXPECT_FALSE(closed());
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], GetParam().words), 1);
}

TEST_P(Takeover, DoesNotCountWhereTheMappingSaysSo) {
  begin_with([&](json::object& defaults) { defaults["takeover"] = json::object{{GetParam().signal, false}}; });
  open_ticket();
  act("jsmith");
  end();
  EXPECT_TRUE(closed());
}

TEST_P(Takeover, IsNoneWhenAMemberThatIsAutomationDoesIt) {
  if (std::string_view(GetParam().signal) == "time_entered") return;  // time is time, whoever has entered it
  begin_with([](json::object& defaults) { defaults["automation_members"] = json::array{"KChen", "mlopez"}; });
  open_ticket();
  act("kchen");
  end();
  EXPECT_TRUE(closed());
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "left as it is"), 0);
}

TEST_P(Takeover, IsNoneWhenARuleDoesItInOurName) {
  const std::string_view signal = GetParam().signal;
  if (signal == "time_entered" || signal == "resource_scheduled") return;  // who has done it, the PSA does not tell
  begin_with();
  open_ticket();
  simulation.run_for(seconds{5});
  act(us());
  end();
  EXPECT_TRUE(closed());
}

TEST_P(Takeover, ByAPersonStaysOneThoughARuleTouchesTheTicketAfterwards) {
  begin_with([](json::object& defaults) { defaults["automation_members"] = json::array{"kchen"}; });
  simulation.switch_callbacks_on();
  open_ticket();
  act("jsmith");
  raise();
  simulation.run_for(minutes{20});
  ASSERT_TRUE(simulation.world().set_field(kCompany, id(), "severity", "High", "kchen"));
  end();
  EXPECT_FALSE(closed());
}

using TakeoverOfPeople = Takeover;

sandbox::Fault refusal(const char* path, int status) {
  sandbox::Fault fault;
  fault.kind = sandbox::FaultKind::status;
  fault.method = "GET";
  fault.path = path;
  fault.status = status;
  fault.count.reset();
  return fault;
}

TEST_F(TakeoverOfPeople, CostsTwoReadsForACloseAndNoneWhereTheMappingDoesNotAsk) {
  const auto reads = [&] {
    int count = 0;
    for (const sandbox::Call& each : simulation.world().calls())
      count += each.method == "GET" &&
               (each.target.find("/notes") != std::string::npos || each.target.find("/tasks") != std::string::npos);
    return count;
  };
  begin_with();
  open_ticket();
  simulation.world().forget_calls();
  end();
  ASSERT_TRUE(closed());
  EXPECT_EQ(reads(), 2);
  simulation.publish(
      "northwind", sample_mapping(simulation, [](json::object& document) {
        document["defaults"].as_object()["takeover"] = json::object{{"note_added", false}, {"task_finished", false}};
      }));
  simulation.send("northwind", "alert.raised", simulation.timeline().now(), alert_data("acme", "desk-7", "another"));
  simulation.run_for(minutes{2});
  simulation.world().forget_calls();
  simulation.send("northwind", "alert.resolved", simulation.timeline().now(), alert_data("acme", "desk-7", "another"));
  simulation.run_for(minutes{5});
  ASSERT_EQ(simulation.our_tickets().size(), 2u);
  EXPECT_TRUE(is_closed(simulation.our_tickets()[1]));
  EXPECT_EQ(reads(), 0);
}

TEST_F(TakeoverOfPeople, ByAProjectIsOneUnlessTheMappingSaysOtherwise) {
  workflows::Link link;
  link.observed.emplace();
  link.observed->progress.emplace().of_project = true;
  mapping::TicketSettings settings;
  EXPECT_EQ(workflows::taken_over(link, settings, nullptr), "it belongs to a project now");
  settings.takeover.emplace().project_linked = false;
  EXPECT_EQ(workflows::taken_over(link, settings, nullptr), "");
}

TEST_F(TakeoverOfPeople, ThatWeMayNotReadKeepsNoTicketOpen) {
  begin_with();
  open_ticket();
  simulation.world().faults().settings.faults = {refusal("/service/tickets/*/notes", 403),
                                                 refusal("/service/tickets/*/tasks", 403)};
  end();
  EXPECT_TRUE(closed());
}

TEST_F(TakeoverOfPeople, ThatCannotBeReadJustNowIsWaitedFor) {
  begin_with();
  open_ticket();
  ASSERT_NE(simulation.world().add_note(kCompany, id(), "Called."), 0);
  simulation.world().faults().settings.faults = {refusal("/service/tickets/*/notes", 503)};
  end();
  EXPECT_FALSE(closed()) << "nobody knows yet";
  simulation.world().faults().settings.faults.clear();
  simulation.run_for(minutes{30});
  EXPECT_FALSE(closed()) << "a person has written on it";
  EXPECT_EQ(count_notes(simulation.our_tickets()[0], "has written a note on it"), 1);
}

TEST_F(TakeoverOfPeople, MembersWhoTouchEveryNewTicketAtOnceAreSuggestedAsAutomationAndPeopleAreNot) {
  begin_with();
  for (int i = 0; i < 6; ++i) {
    const std::string subject = "server-" + std::to_string(i);
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", subject, "rule-" + std::to_string(i)));
    simulation.run_for(seconds{5});
    const std::int64_t ticket = simulation.our_tickets().back().at("id").as_int64();
    ASSERT_TRUE(simulation.world().move_status(kCompany, ticket, "Triage", "kchen"));
    raise("critical", subject);
    simulation.run_for(minutes{20});
    ASSERT_TRUE(simulation.world().move_status(kCompany, ticket, "In Progress", "jsmith"));
    simulation.run_for(minutes{20});
  }
  const auto found = engine::likely_automation(simulation.store(), "northwind",
                                               mapping::parse_document(sample_mapping(simulation)).document->settings);
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, ::testing::ElementsAre("kchen"));
}

TEST_F(TakeoverOfPeople, TicketsOfBeforeTracesWereKeptCountAsTouchedWhereTheyDifferFromWhatWeWrote) {
  const auto read = workflows::parse_link(PartnerId("p"), psa::ObjectKind::ticket, R"({"anchor":"a","anchored_at":0,
      "external_reference":"CW-1","provider":"manage","partner":"p","ticket":"100","created_at":0,"created_sequence":0,
      "written":[["status","21","New"]],"member":"APIuser",
      "observed":{"fields":[["status","22","In Progress"],["owner","5","Jo Smith"]],"closed":false,"updated_by":"jsmith"},
      "observed_at":0,"observed_sequence":0})");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->touched.at(workflows::Trace::status), ::testing::ElementsAre("jsmith"));
  EXPECT_THAT(read->touched.at(workflows::Trace::owner), ::testing::ElementsAre("jsmith"));
}

}  // namespace
}  // namespace crosswalk::simulation

// What the command line takes, the same for all verbs, and what it answers to words that it does not know.
#include <boost/json/serialize.hpp>

#include "app_fixture.h"

namespace crosswalk::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST_F(App, AsksWhichVerbWasMeant) {
  EXPECT_EQ(run_with({"recrods", "northwind"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("There is no verb `crosswalk recrods`. Did you mean \"records\"?"),
                                HasSubstr("crosswalk --help")));
  EXPECT_EQ(run_with({"--json", "--data", "records", "partner"}), 2) << "a folder's name is no verb";
  EXPECT_THAT(err_.str(), HasSubstr("`crosswalk partner`. Did you mean \"partners\"?"));
  EXPECT_EQ(run_with({"mapping", "publsh", "northwind"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("`crosswalk mapping publsh`. Did you mean \"publish\"?"),
                                HasSubstr("There are: show, edit,")));
  EXPECT_EQ(run_with({"sing"}), 2);
  EXPECT_THAT(err_.str(), Not(HasSubstr("Did you mean")));
}

TEST_F(App, AsksWhichOptionAndWhichValueWasMeant) {
  EXPECT_EQ(run_with({"records", "northwind", "--sate", "parked"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("`crosswalk records` has no option --sate. Did you mean \"--state\"?"));
  EXPECT_EQ(run_with({"records", "northwind", "--state=setled"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("\"setled\" is none of: parked, due, waiting, settled, open. Did you mean "
                                    "\"settled\"?"));
  EXPECT_EQ(run_with({"records", "northwind", "--kind", "alerts"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"alert\"?"));
  EXPECT_EQ(run_with({"events", "send", "northwind", "--type", "alert.rased.v1", "--title", "x"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"alert.raised\"?"));
  EXPECT_TRUE(script_.requests.empty());
}

TEST_F(App, TakesThePartnerAsAWordOrAsAnOptionForEveryVerb) {
  pretend_to_serve();
  const std::vector<std::vector<std::string>> verbs{{"plan"},
                                                    {"records"},
                                                    {"verify"},
                                                    {"drift"},
                                                    {"callbacks"},
                                                    {"mapping", "history"},
                                                    {"mapping", "diff"},
                                                    {"partners", "show"},
                                                    {"boards"},
                                                    {"statuses"},
                                                    {"priorities"},
                                                    {"customers"},
                                                    {"audit"},
                                                    {"replay"}};
  for (const std::vector<std::string>& verb : verbs) {
    const auto asked = [&](const std::vector<std::string>& named) {
      script_.requests.clear();
      script_.replies.clear();
      for (int i = 0; i < 3; ++i) reply(200, "{}");
      std::vector<std::string> words = verb;
      words.insert(words.end(), named.begin(), named.end());
      EXPECT_NE(client(words), 2) << verb.back() << ": " << err_.str();
      return script_.requests.empty() ? std::string() : script_.requests.front().target;
    };
    const std::string word = asked({"northwind"});
    EXPECT_THAT(word, HasSubstr("northwind")) << verb.back();
    EXPECT_EQ(asked({"--partner", "northwind"}), word) << verb.back();
    EXPECT_EQ(asked({"--json", "--partner=northwind"}), word) << verb.back();
  }
}

TEST_F(App, WordsBesideANamedPartnerAreTheOtherThings) {
  pretend_to_serve();
  reply(200, R"({"rows":1})");
  EXPECT_EQ(client({"forget", "c-1001", "--partner", "northwind"}), 0);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind/records/contact/c-1001/forget"));
  reply(200, R"({"plan_id":"P","refused":0,"unknown":0})");
  EXPECT_EQ(client({"apply", "7Q2M9K", "--partner", "northwind"}), 0);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind/plans/7Q2M9K/apply"));
}

TEST_F(App, NamesARecordAlikeWhereverOneIsNamed) {
  pretend_to_serve();
  const std::vector<std::vector<std::string>> ways{{"northwind", "device", "srv-01"},
                                                   {"northwind", "srv-01", "--kind", "device"},
                                                   {"srv-01", "--kind", "device", "--partner", "northwind"},
                                                   {"--partner", "northwind", "device", "srv-01"}};
  for (const std::vector<std::string>& words : ways) {
    std::vector<std::string> explain{"explain"}, replay{"replay"};
    explain.insert(explain.end(), words.begin(), words.end());
    replay.insert(replay.end(), words.begin(), words.end());
    reply(200, R"({"title":"t","story":[]})");
    EXPECT_EQ(client(explain), 0) << err_.str();
    EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind/records/device/srv-01/explain"));
    reply(200, R"({"records":1})");
    EXPECT_EQ(client(replay), 0) << err_.str();
    EXPECT_EQ(script_.requests.back().body, R"({"kind":"device","key":"srv-01"})");
  }
  reply(200, R"({"records":9})");
  EXPECT_EQ(client({"replay", "northwind"}), 0);
  EXPECT_EQ(script_.requests.back().body, "{}");
  EXPECT_EQ(client({"explain", "a", "b", "c", "--kind", "device"}), 2);
}

TEST_F(App, PlansByTheDraft) {
  pretend_to_serve();
  reply(200, R"({"partner":"northwind","summary":{},"records":[],"problems":[]})");
  EXPECT_EQ(client({"plan", "northwind", "--draft", "--customer", "c 7"}), 0);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/plan?draft=true&customer=c%207"));
}

constexpr const char* kReference = R"({"read_at":"2026-03-01T08:00:00Z","boards":[
  {"id":1,"name":"Help Desk","statuses":[{"id":101,"name":"New","default":true},{"id":103,"name":"Completed","closed":true}],
   "types":[{"id":7,"name":"Server"}],"teams":[]},
  {"id":2,"name":"Alerts/NOC","statuses":[{"id":201,"name":"New"}],"types":[],"teams":[]}],
  "priorities":[{"id":6,"name":"Priority 1"}],"sources":[],"locations":[]})";

TEST_F(App, ShowsBoardsStatusesAndPriorities) {
  pretend_to_serve();
  reply(200, kReference);
  EXPECT_EQ(client({"boards", "northwind"}), 0);
  EXPECT_EQ(out_.str(),
            "ID  BOARD       STATUSES  TYPES  TEAMS\n"
            " 1  Help Desk          2      1      0\n"
            " 2  Alerts/NOC         1      0      0\n");
  reply(200, kReference);
  EXPECT_EQ(client({"boards", "northwind", "help desk"}), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("Help Desk (1)"), HasSubstr("103  Completed  closes the ticket"), HasSubstr("Server")));
  reply(200, kReference);
  EXPECT_EQ(client({"statuses", "northwind", "--board", "2"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("Alerts/NOC  201  New"), Not(HasSubstr("Completed"))));
  reply(200, kReference);
  EXPECT_EQ(client({"priorities", "northwind"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr(" 6  Priority 1"));
  reply(200, kReference);
  EXPECT_EQ(client({"statuses", "northwind", "--board", "Helpdesk"}), 5);
  EXPECT_THAT(err_.str(), HasSubstr("There is no board \"Helpdesk\""));
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"Help Desk\"?"));
}

class MappingChanges : public App {
 protected:
  static constexpr const char* kMapping = R"({"live":{"version":2,"state":"live","document":
    {"workflow":"alert_to_ticket","mode":"test","defaults":{"board":{"id":1,"name":"Help Desk"},"hold_down":{"high":"2m"}}}},
    "draft":null,"history":[{"version":2,"state":"live","published_at":"2026-03-02T08:00:00Z"},
    {"version":1,"state":"superseded","published_at":"2026-03-01T08:00:00Z"}]})";
  json::object sent() { return json::parse(script_.requests.back().body).as_object(); }
};

TEST_F(MappingChanges, AreMadeByTheirNamesInTheDraft) {
  pretend_to_serve();
  reply(200, kMapping);
  reply(200, R"({"version":3,"problems":[]})");
  EXPECT_EQ(client({"mapping", "set", "northwind", "mode=live", "defaults.hold_down.high=5m",
                    "/customers/a.b/excluded=true", "defaults.close="}),
            0)
      << err_.str();
  EXPECT_EQ(script_.requests.back().method, "PUT");
  EXPECT_EQ(json::serialize(sent()),
            R"({"workflow":"alert_to_ticket","mode":"live","defaults":{"board":{"id":1,"name":"Help Desk"},)"
            R"("hold_down":{"high":"5m"}},"customers":{"a.b":{"excluded":true}}})");
  EXPECT_EQ(out_.str().substr(0, out_.str().find("Version")),
            "~ mode\n    was test\n    now live\n"
            "~ defaults.hold_down.high\n    was 2m\n    now 5m\n"
            "+ customers.\"a.b\".excluded\n    true\n\n");
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk mapping publish northwind"));
}

TEST_F(MappingChanges, FindBoardsStatusesAndPrioritiesByName) {
  pretend_to_serve();
  reply(200, kMapping);
  reply(200, kReference);
  reply(200, R"({"version":3,"problems":[]})");
  EXPECT_EQ(client({"mapping", "set", "northwind", "defaults.statuses.resolved=completed",
                    "defaults.priority.by_severity.critical=6", "rules=[{\"name\":\"NOC\",\"set\":{}}]",
                    "rules.0.set.board=Alerts/NOC", "rules.0.set.statuses.opened=New", "customers.c-7.company=12"}),
            0)
      << err_.str();
  const json::object document = sent();
  EXPECT_EQ(json::serialize(document.at("defaults").at("statuses")), R"({"resolved":{"id":103,"name":"Completed"}})");
  EXPECT_EQ(json::serialize(document.at("defaults").at("priority")),
            R"({"by_severity":{"critical":{"id":6,"name":"Priority 1"}}})");
  EXPECT_EQ(json::serialize(document.at("rules").at(0).at("set")),
            R"({"board":{"id":2,"name":"Alerts/NOC"},"statuses":{"opened":{"id":201,"name":"New"}}})");
  EXPECT_EQ(json::serialize(document.at("customers").at("c-7")), R"({"company":{"id":12}})");
}

TEST_F(MappingChanges, AskWhichNameWasMeantAndKeepNothing) {
  pretend_to_serve();
  reply(200, kMapping);
  reply(200, kReference);
  EXPECT_EQ(client({"mapping", "set", "northwind", "defaults.statuses.resolved=Complete"}), 5);
  EXPECT_THAT(err_.str(), HasSubstr("There is no status of the board Help Desk \"Complete\""));
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"Completed\"?"));
  EXPECT_EQ(script_.requests.size(), 2u);
  EXPECT_EQ(client({"mapping", "set", "northwind", "mode"}), 2);
  reply(200, kMapping);
  EXPECT_EQ(client({"mapping", "set", "northwind", "mode.more=1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("mode is test"));
}

TEST_F(MappingChanges, AreShownBetweenAnyTwoVersions) {
  pretend_to_serve();
  reply(200, kMapping);
  EXPECT_EQ(client({"mapping", "diff", "northwind"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("has no draft"));
  reply(200, kMapping);
  reply(200, R"({"version":1,"state":"superseded","document":{"workflow":"alert_to_ticket","mode":"test",
                "defaults":{"board":{"id":2,"name":"Alerts/NOC"}}}})");
  reply(200, R"({"version":2,"state":"live","document":{"workflow":"alert_to_ticket",
                "defaults":{"board":{"id":1,"name":"Help Desk"}},"rules":[]}})");
  EXPECT_EQ(client({"mapping", "diff", "northwind", "--from", "1", "--to", "2"}), 0);
  EXPECT_EQ(out_.str(),
            "version 1 (superseded) against version 2 (in force)\n"
            "- mode\n    was test\n"
            "~ defaults.board\n    was Alerts/NOC (2)\n    now Help Desk (1)\n"
            "+ rules\n    []\n");
}

TEST_F(MappingChanges, AreTakenBackByPuttingAnEarlierVersionInForceAgain) {
  pretend_to_serve();
  reply(200, kMapping);
  reply(200, R"({"version":1,"state":"superseded","document":{"workflow":"alert_to_ticket","mode":"off"}})");
  reply(200, R"({"version":3,"problems":[]})");
  reply(200, R"({"version":3,"problems":[]})");
  EXPECT_EQ(client({"mapping", "rollback", "northwind"}), 0) << err_.str();
  EXPECT_THAT(script_.requests[1].target, EndsWith("/versions/1"));
  EXPECT_THAT(script_.requests[2].target, EndsWith("/draft?comment=back%20to%20version%201"));
  EXPECT_EQ(script_.requests[2].body, R"({"workflow":"alert_to_ticket","mode":"off"})");
  EXPECT_THAT(script_.requests[3].target, EndsWith("/publish"));
  EXPECT_THAT(out_.str(), HasSubstr("Version 3 is in force"));
  reply(200, R"({"live":{"version":1},"draft":{"version":4},"history":[]})");
  EXPECT_EQ(client({"mapping", "rollback", "northwind"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("--replace-draft"));
}

TEST_F(App, ListsDeliveriesOfEveryStateAndTellsWhyAWebhookFails) {
  pretend_to_serve();
  reply(200, R"({"deliveries":[{"event":"evt_1","state":"waiting","type":"ticket.closed","partner":"northwind"}]})");
  EXPECT_EQ(client({"webhooks", "deliveries", "wh_1", "--state", "waiting"}), 0);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/deliveries?limit=100&state=waiting"));
  EXPECT_THAT(out_.str(), HasSubstr("waiting"));
  EXPECT_EQ(client({"webhooks", "deliveries", "wh_1", "--state", "died"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("none of: waiting, delivered, dead"));
  reply(200, R"({"webhooks":[{"id":"wh_1","url":"https://h.example/","enabled":true,"waiting":1,"dead":0,
    "circuit":"closed","failure":{"event":"evt_1","attempts":3,"at":"2026-03-01T08:00:00Z","status":401,
    "error":"The receiver answered 401."}}]})");
  EXPECT_EQ(client({"webhooks", "list"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("failing"), Not(HasSubstr("well")),
                                HasSubstr("3 tries, last at 2026-03-01 08:00:00: The receiver answered 401.")));
}

TEST_F(App, TellsWhatRemovingAPartnerDoesAndAsksFirst) {
  pretend_to_serve();
  const std::string effects = R"({"partner":"northwind","name":"Northwind IT","events":40,"records":12,"links":7,
    "keys":[{"id":"k1","name":"portal"}],"grace":"30 days","erase_at":"2026-03-31T08:00:00Z","problem":null})";
  reply(200, effects);
  EXPECT_EQ(client({"partners", "remove", "northwind"}), 2);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind/removal"));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("7 objects in its ConnectWise, tickets among them, stay as they are"),
                                HasSubstr("1 API key of its own stops"),
                                HasSubstr("12 records and 40 events are erased "
                                          "after 30 days")));
  EXPECT_THAT(err_.str(), HasSubstr("Add --yes"));
  reply(202, effects);
  EXPECT_EQ(client({"partners", "remove", "northwind", "--grace", "7d", "--yes"}), 0);
  EXPECT_EQ(script_.requests.back().method, "DELETE");
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind?grace=7d"));
  EXPECT_THAT(out_.str(), HasSubstr("erased at 2026-03-31 08:00:00"));
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk partners keep northwind"));
  reply(200, R"({"id":"northwind","paused":true})");
  EXPECT_EQ(client({"partners", "keep", "northwind"}), 0);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/partners/northwind/keep"));
}

}  // namespace
}  // namespace crosswalk::cli

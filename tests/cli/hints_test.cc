// What somebody is told who has not read anything yet: help that fits, what comes next, and what was probably meant.
#include <boost/json/serialize.hpp>

#include "app_fixture.h"
#include "cli/help.h"
#include "cli/render.h"

namespace crosswalk::cli {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST_F(App, HelpOfEveryVerbFitsIntoATerminal) {
  const std::vector<std::vector<std::string>> verbs{{},
                                                    {"serve"},
                                                    {"config"},
                                                    {"partners"},
                                                    {"partners", "add"},
                                                    {"partners", "list"},
                                                    {"partners", "remove"},
                                                    {"mapping"},
                                                    {"mapping", "show"},
                                                    {"mapping", "set"},
                                                    {"mapping", "edit"},
                                                    {"mapping", "diff"},
                                                    {"mapping", "publish"},
                                                    {"mapping", "rollback"},
                                                    {"boards"},
                                                    {"statuses"},
                                                    {"customers"},
                                                    {"plan"},
                                                    {"apply"},
                                                    {"events", "send"},
                                                    {"records"},
                                                    {"explain"},
                                                    {"replay"},
                                                    {"snooze"},
                                                    {"keys"},
                                                    {"keys", "create"},
                                                    {"keys", "revoke"},
                                                    {"verify"},
                                                    {"callbacks"},
                                                    {"forget"},
                                                    {"webhooks"},
                                                    {"webhooks", "add"},
                                                    {"webhooks", "edit"},
                                                    {"webhooks", "replay"},
                                                    {"audit"},
                                                    {"doctor"},
                                                    {"backup"},
                                                    {"restore"}};
  for (std::vector<std::string> words : verbs) {
    const std::string verb = words.empty() ? "crosswalk" : words.back();
    words.emplace_back("--help");
    EXPECT_EQ(run_with(words), 0) << verb;
    std::istringstream lines(out_.str());
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(display_width(line), kHelpWidth) << verb << ": " << line;
  }
  EXPECT_EQ(run_with({"keys", "--help"}), 0);
  EXPECT_THAT(out_.str(), Not(HasSubstr("Begin:"))) << "that is the program's, not the verb's";
}

TEST(FoldHelp, BreaksParagraphsAnewAndLeavesExamples) {
  EXPECT_EQ(fold_help("\nOne two\nthree.\n\n  an example that is longer than the width\nEnd", 10),
            "\nOne two\nthree.\n\n  an example that is longer than the width\nEnd\n");
}

TEST_F(App, APartnerAloneNamesNoRecord) {
  pretend_to_serve();
  for (const char* partners :
       {R"({"partners":[{"id":"northwind"}]})", R"({"partners":[{"id":"northwind"},{"id":"contoso"}]})"}) {
    reply(200, partners);
    EXPECT_EQ(client({"explain", "northwind"}), 2);
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("Nothing says which record"), HasSubstr("\"#1010\""),
                                  HasSubstr("without quotation marks"), Not(HasSubstr("--partner ID"))));
  }
}

constexpr const char* kUnknown = R"({"title":"There is no such record","code":"record.unknown"})";

TEST_F(App, TheKindThatWasSaidIsTheKindThatIsFound) {
  pretend_to_serve();
  reply(404, kUnknown);
  reply(200, R"({"records":[{"kind":"customer","key":"c-7"}]})");
  EXPECT_EQ(client({"explain", "northwind", "contact", "c-7"}), 5);
  EXPECT_EQ(script_.requests.size(), 2u) << "the customer's story is not what was asked for";
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("There is no contact c-7"), HasSubstr("There is the customer c-7.")));
  EXPECT_EQ(client({"explain", "northwind", "Disk", "full"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("no records of the kind \"Disk\""), HasSubstr("quotation marks")));
}

TEST_F(App, ATicketsNumberNamesARecordForExplainReplayAndSnooze) {
  pretend_to_serve();
  const char* found = R"({"records":[{"kind":"alert","key":"v1/edr/c-7/srv-01/disk"}]})";
  reply(404, kUnknown);
  reply(200, found);
  reply(200, R"({"title":"t","story":[]})");
  EXPECT_EQ(client({"explain", "northwind", "#1018"}), 0) << err_.str();
  EXPECT_THAT(script_.requests[1].target, EndsWith("/v1/partners/northwind/records?find=%231018"));
  EXPECT_THAT(script_.requests[2].target, EndsWith("/records/alert/v1%2Fedr%2Fc-7%2Fsrv-01%2Fdisk/explain"));
  reply(404, kUnknown);
  reply(200, found);
  reply(200, R"({"records":1})");
  EXPECT_EQ(client({"replay", "northwind", "#1018"}), 0) << err_.str();
  EXPECT_EQ(script_.requests.back().body, R"({"kind":"alert","key":"v1/edr/c-7/srv-01/disk"})");
  reply(404, kUnknown);
  reply(200, found);
  reply(202, R"({"accepted":1,"rejected":0})");
  EXPECT_EQ(client({"snooze", "northwind", "#1018", "--for", "2d", "--reason", "x", "--by", "ann"}), 0) << err_.str();
  EXPECT_THAT(script_.requests.back().body, HasSubstr(R"("subject":"srv-01")"));
  // What only resembles an alert is not muted.
  reply(404, kUnknown);
  EXPECT_EQ(client({"snooze", "northwind", "srv-0", "--for", "2d", "--reason", "x", "--by", "ann"}), 5);
  EXPECT_THAT(script_.requests.back().target, EndsWith("/records/alert/srv-0"));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"explain", "northwind", "#9999"}, {"replay", "northwind", "#9999"}}) {
    reply(404, kUnknown);
    reply(200, R"({"records":[]})");
    EXPECT_EQ(client(words), 5);
    EXPECT_THAT(err_.str(), AllOf(HasSubstr("Nothing of northwind has the number #9999"), HasSubstr("its ticket"),
                                  Not(HasSubstr("forget"))));
  }
}

TEST_F(App, AKeyIsRevokedByItsNameWhenOnlyOneHasIt) {
  pretend_to_serve();
  const char* keys = R"({"keys":[{"id":"k1","name":"portal","revoked_at":"2026-03-01T08:00:00Z"},
    {"id":"k2","name":"portal"},{"id":"k3","name":"edr"},{"id":"k4","name":"edr"}]})";
  const std::string unknown = R"({"title":"There is no such thing","code":"store.not_found"})";
  reply(404, unknown);
  reply(200, keys);
  script_.replies.emplace_back(answer(204, ""));
  EXPECT_EQ(client({"keys", "revoke", "portal"}), 0) << err_.str();
  EXPECT_THAT(script_.requests.back().target, EndsWith("/v1/keys/k2"));
  EXPECT_THAT(err_.str(), HasSubstr("Key k2 (\"portal\") is revoked."));
  reply(404, unknown);
  reply(200, keys);
  EXPECT_EQ(client({"keys", "revoke", "edr"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("Their ids: k3, k4"));
  reply(404, unknown);
  reply(200, keys);
  EXPECT_EQ(client({"keys", "revoke", "portl"}), 5);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("Did you mean \"portal\"?"), HasSubstr("crosswalk keys list")));
}

TEST_F(App, SpeaksOfTheOptionsThatWereGiven) {
  EXPECT_EQ(client({"snooze", "northwind", "k", "--for", "tomorow", "--reason", "x", "--by", "ann"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--for 7d"), Not(HasSubstr("--expires"))));
  EXPECT_EQ(client({"keys", "create", "--name", "x"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--role intake"), HasSubstr("--partner ID")));
  EXPECT_EQ(client({"keys", "create", "--name", "x", "--offline"}), 2) << "the same without a server";
  EXPECT_EQ(client({"keys", "create", "--name", "x", "--role", "partner"}), 2);
  EXPECT_EQ(client({"keys", "create", "--name", "x", "--role", "administration", "--partner", "northwind"}), 2);
  EXPECT_TRUE(script_.requests.empty());

  pretend_to_serve();
  const char* refused = R"({"title":"t","code":"event.schema","pointer":"/data/customer_name","detail":"d"})";
  reply(422, refused);
  EXPECT_EQ(client({"events", "send", "northwind", "--title", "x"}), 6);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("At --customer-name"), Not(HasSubstr("/data"))));
  reply(422, refused);
  EXPECT_EQ(client({"events", "send", "northwind", "--title", "x", "--json"}), 6);
  EXPECT_THAT(err_.str(), HasSubstr("/data/customer_name")) << "for programs it is the API's";
}

TEST_F(App, AsksWhichPartnerActAndSeverityWereMeant) {
  pretend_to_serve();
  reply(422, R"({"title":"t","code":"event.partner_unknown","pointer":"/partner","detail":"There is none."})");
  reply(200, R"({"partners":[{"id":"northwind"},{"id":"contoso"}]})");
  EXPECT_EQ(client({"events", "send", "northwnd", "--title", "x"}), 6);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("There is none. Did you mean \"northwind\"?"), HasSubstr("At --partner")));
  EXPECT_EQ(client({"audit", "--act", "mapping.publsh"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"mapping.publish\"?"));
  EXPECT_EQ(client({"events", "send", "northwind", "--title", "x", "--severity", "hgh"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Did you mean \"high\"?"));
}

TEST_F(App, SaysThatAnotherProgramIsNoCrosswalk) {
  pretend_to_serve();
  reply(404, R"({"code":"ConnectWiseApi","message":"No"})");
  EXPECT_EQ(client({"partners", "list"}), 1);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("This is no Crosswalk server"), HasSubstr("http://127.0.0.1:8700")));
}

TEST_F(App, ADraftIsFollowedByWhatItStillLacks) {
  pretend_to_serve();
  reply(200, R"({"document":{"mode":"test"},"choices":[]})");
  reply(200, R"({"version":1,"state":"draft","problems":[]})");
  EXPECT_EQ(client({"mapping", "edit", "acme", "--suggest"}), 0);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("\n  crosswalk customers acme --accept\n"),
                                HasSubstr("\n  crosswalk mapping set acme mode=live\n"),
                                HasSubstr("\n  crosswalk plan acme --draft\n  crosswalk mapping publish acme\n")));
  reply(200, R"({"version":2,"state":"draft","problems":[]})");
  EXPECT_EQ(
      client({"mapping", "edit", "acme", "--file", "-"}, R"({"mode":"live","customers":{"c":{"company":{"id":1}}}})"),
      0);
  EXPECT_THAT(err_.str(), AllOf(Not(HasSubstr("customers")), Not(HasSubstr("mode=live")), HasSubstr("publish acme")));
  reply(201, R"({"id":"acme"})");
  EXPECT_EQ(client({"partners", "add", "acme"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk mapping edit acme --suggest"));
  reply(409, R"({"title":"There is no draft to publish","code":"mapping.draft_missing","action":"Save one."})");
  EXPECT_EQ(client({"mapping", "publish", "acme"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk mapping edit acme --suggest"));
}

TEST_F(App, TheFirstDraftIsShownAsWhatItSets) {
  pretend_to_serve();
  reply(200, R"({"live":null,"draft":{"version":1,"state":"draft","document":{"mode":"test",
    "defaults":{"board":{"id":3,"name":"Alerts"},"hold_down":{"high":"2m"}},"rules":[]}},"history":[]})");
  EXPECT_EQ(client({"mapping", "diff", "acme"}), 0);
  EXPECT_EQ(out_.str(),
            "Nothing is in force; version 1 (draft) sets:\n"
            "  mode = test\n"
            "  defaults.board = Alerts (3)\n"
            "  defaults.hold_down.high = 2m\n"
            "  rules = []\n");
}

TEST_F(App, ListsAndEmptyTextsAreSetAsTheyAreWritten) {
  pretend_to_serve();
  const char* mapping = R"({"live":null,"draft":{"version":1,"document":{"mode":"test"}},"history":[]})";
  const auto set = [&](const std::string& setting) {
    reply(200, mapping);
    reply(200, R"({"version":2,"problems":[]})");
    EXPECT_EQ(client({"mapping", "set", "acme", setting}), 0) << err_.str();
    return script_.requests.back().body;
  };
  EXPECT_EQ(set("defaults.automation_members=jsmith"),
            R"({"mode":"test","defaults":{"automation_members":["jsmith"]}})");
  EXPECT_EQ(set("defaults.automation_members=jsmith, apatel"),
            R"({"mode":"test","defaults":{"automation_members":["jsmith","apatel"]}})");
  EXPECT_EQ(set(R"(defaults.automation_members=["jsmith"])"),
            R"({"mode":"test","defaults":{"automation_members":["jsmith"]}})");
  EXPECT_EQ(set(R"(defaults.notes.repeated="")"), R"({"mode":"test","defaults":{"notes":{"repeated":""}}})");
}

TEST_F(App, TellsWhatARestoreAndACopyAre) {
  const json::object done{{"folder", folder_}, {"partners", 1}, {"records", 2}, {"events", 3}};
  hooks_.restore = [&](const Config&, const RestoreOptions&) -> Outcome<json::object> { return done; };
  EXPECT_EQ(client({"restore", "--mark"}), 0);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("Nothing was copied."), Not(HasSubstr("is restored"))));
  hooks_.back_up = [&](const Config&, const std::string& target) -> Outcome<json::object> {
    return json::object{{"folder", target}, {"of", "data"}, {"made_at", "now"}, {"bytes", 1}};
  };
  EXPECT_EQ(client({"backup", folder_}), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("administration key")));
  ASSERT_TRUE(write_private_file(path_in(folder_, "admin.key"), "cw_x"));
  EXPECT_EQ(client({"backup", folder_}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("administration key"));
}

TEST(RenderPartners, ARemovedPartnerIsShownAsRemovedWithTheDay) {
  const Terminal terminal{.is_terminal = true, .colours = false, .width = 80};
  const json::object partner{{"id", "northwind"},
                             {"name", "Northwind IT Services"},
                             {"provider", "manage"},
                             {"site", "http://127.0.0.1:8600"},
                             {"company", "sandbox"},
                             {"has_credentials", true},
                             {"paused", true},
                             {"erase_at", "2026-03-31T08:00:00.000Z"},
                             {"connection", {{"state", "paused"}}}};
  const std::string list = render_partners(terminal, json::array{partner});
  EXPECT_THAT(list, AllOf(HasSubstr("removed, erased 2026-03-31"), HasSubstr("http://127.0.0.1:8600")));
  EXPECT_THAT(render_partner(terminal, partner),
              AllOf(HasSubstr("erased at 2026-03-31 08:00:00"), HasSubstr("crosswalk partners keep northwind")));
}

}  // namespace
}  // namespace crosswalk::cli

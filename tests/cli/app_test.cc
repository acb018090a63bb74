#include "cli/app.h"

#include <sys/stat.h>

#include <boost/json/serialize.hpp>
#include <fstream>

#include "app_fixture.h"

namespace crosswalk::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(App, PrintsHelpWithExamplesForEveryVerb) {
  EXPECT_EQ(run_with({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Exit codes: 0 ok"));
  for (const auto& verb : std::vector<std::vector<std::string>>{{"serve"},
                                                                {"partners", "add"},
                                                                {"mapping", "edit"},
                                                                {"plan"},
                                                                {"apply"},
                                                                {"events", "send"},
                                                                {"records"},
                                                                {"explain"},
                                                                {"replay"},
                                                                {"snooze"},
                                                                {"customers"},
                                                                {"keys", "create"},
                                                                {"audit"},
                                                                {"webhooks", "add"},
                                                                {"webhooks", "replay"},
                                                                {"doctor"}}) {
    std::vector<std::string> arguments = verb;
    arguments.emplace_back("--help");
    EXPECT_EQ(run_with(arguments), 0);
    EXPECT_THAT(out_.str(), HasSubstr("Examples:\n  ")) << verb[0];
  }
}

TEST(ProgressBar, FillsWithTheShareDoneAndMovesWhereNobodyKnowsIt) {
  EXPECT_EQ(progress_bar(0, 5), "........................");
  EXPECT_EQ(progress_bar(0.5, 0), "############............");
  EXPECT_EQ(progress_bar(7, 0), "########################");
  EXPECT_EQ(progress_bar(-1, 0), "####....................");
  EXPECT_EQ(progress_bar(-1, 20), "....................####");
  EXPECT_EQ(progress_bar(-1, 39), ".####...................");
}

TEST_F(App, SnoozesOneAlertByItsKeyWithReasonAndEnd) {
  pretend_to_serve();
  reply(200, R"({"kind":"alert","key":"v1/edr/a%2Fb/srv/disk"})");
  reply(202, R"({"accepted":1,"duplicates":0,"conflicts":0,"rejected":0})");
  EXPECT_EQ(client({"snooze", "acme", "v1/edr/a%2Fb/srv/disk", "--for", "2030-01-01T00:00:00Z", "--reason",
                    "disk is on order", "--by", "M. Lopez"}),
            0);
  EXPECT_THAT(out_.str(), HasSubstr("1 alert snoozed until 2030-01-01T00:00:00Z"));
  const json::object event = json::parse(script_.requests.back().body).as_object();
  EXPECT_EQ(event.at("type").as_string(), "alert.snoozed.v1");
  EXPECT_EQ(event.at("data"), (json::value{{"product", "edr"},
                                           {"customer", "a/b"},
                                           {"subject", "srv"},
                                           {"condition", "disk"},
                                           {"until", "2030-01-01T00:00:00Z"},
                                           {"reason", "disk is on order"},
                                           {"by", "M. Lopez"}}));
}

TEST_F(App, SnoozesAllOpenAlertsOfACustomerAndOfNoOther) {
  pretend_to_serve();
  reply(200, R"({"records":[{"key":"v1/edr/a/s1/c","customer":"a"},{"key":"v1/edr/b/s2/c","customer":"b"},
                            {"key":"v1/edr/a/s3/c","customer":"a"}]})");
  reply(202, R"({"accepted":2,"duplicates":0,"conflicts":0,"rejected":0})");
  EXPECT_EQ(client({"snooze", "acme", "--customer", "a", "--for", "2d", "--reason", "onboarding", "--by", "ann"}), 0);
  const json::array events = json::parse(script_.requests.back().body).as_array();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].at("data").at("subject").as_string(), "s3");
}

TEST_F(App, SnoozeAsksForWhatForHowLongAndWhy) {
  EXPECT_EQ(run_with({"snooze", "acme", "--for", "2d", "--reason", "x", "--by", "ann"}), 2);
  EXPECT_EQ(run_with({"snooze", "acme", "v1/a/b/c/d", "--for", "2d", "--reason", "x"}), 2) << "nobody says so";
  EXPECT_EQ(run_with({"snooze", "acme", "v1/a/b/c/d"}), 2);
  EXPECT_EQ(run_with({"snooze", "acme", "v1/a/b/c/d", "--for", "2d"}), 2);
  EXPECT_EQ(run_with({"snooze", "acme", "v1/a/b/c/d", "--for", "2d", "--reason", "x", "--by", "ann", "--end"}), 2);
}

TEST_F(App, Answers2ToAWrongCommandLine) {
  EXPECT_EQ(run_with({}), 2);
  EXPECT_EQ(run_with({"serv"}), 2);
  EXPECT_EQ(run_with({"plan"}), 2);
  EXPECT_EQ(run_with({"plan", "a", "--frobnicate"}), 2);
  EXPECT_EQ(run_with({"records", "a", "--state", "happy"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--help"));
}

TEST_F(App, FindsServerAndKeyInTheDataFolder) {
  pretend_to_serve();
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(client({"partners", "list"}), 0);
  EXPECT_EQ(reached_, "http://127.0.0.1:8700");
  ASSERT_EQ(script_.requests.size(), 1u);
  EXPECT_EQ(script_.requests[0].method, "GET");
  EXPECT_EQ(script_.requests[0].target, "http://127.0.0.1:8700/v1/partners");
  EXPECT_EQ(*script_.requests[0].headers.find("authorization"), "Bearer cw_admin");
}

TEST_F(App, FindsTheDataFolderByTheEnvironment) {
  pretend_to_serve();
  environment_["CROSSWALK_DATA"] = folder_;
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(run_with({"partners", "list"}), 0);
}

TEST_F(App, PrefersServerAndKeyOfFlagsAndEnvironment) {
  pretend_to_serve();
  environment_["CROSSWALK_SERVER"] = "https://one.example/";
  environment_["CROSSWALK_KEY"] = "cw_one";
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(client({"partners", "list"}), 0);
  EXPECT_EQ(script_.requests[0].target, "https://one.example/v1/partners");
  EXPECT_EQ(*script_.requests[0].headers.find("authorization"), "Bearer cw_one");
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(client({"partners", "list", "--server", "two.example:8700", "--key", "cw_two"}), 0);
  EXPECT_EQ(script_.requests[1].target, "http://two.example:8700/v1/partners");
  EXPECT_EQ(*script_.requests[1].headers.find("authorization"), "Bearer cw_two");
}

TEST_F(App, AKeyIsTakenWithoutTheByteOrderMarkOfItsFile) {
  const std::string file = path_in(folder_, "pasted.key"), marked =
                                                               "\xEF\xBB\xBF"
                                                               "cw_pasted\r\n";
  ASSERT_TRUE(write_private_file(file, marked));
  for (const std::string& given : {"@" + file, marked}) {
    reply(200, R"({"partners":[]})");
    EXPECT_EQ(client({"partners", "list", "--server", "https://one.example", "--key", given}), 0);
    EXPECT_EQ(*script_.requests.back().headers.find("authorization"), "Bearer cw_pasted");
  }
}

TEST_F(App, NeverSendsTheFoldersKeyToAnotherServer) {
  pretend_to_serve();
  EXPECT_EQ(client({"partners", "list", "--server", "https://elsewhere.example"}), 4);
  EXPECT_TRUE(script_.requests.empty());
  EXPECT_THAT(err_.str(), HasSubstr("No API key was given"));
}

TEST_F(App, SendsNothingToWhoeverHasThePortOfAServerThatWasKilled) {
  pretend_to_serve();
  lock_.reset();  // as the kernel does; serve.json and admin.key stay
  EXPECT_EQ(client({"partners", "list"}), 3);
  EXPECT_TRUE(script_.requests.empty());
  EXPECT_EQ(client({"partners", "list", "--server", "http://127.0.0.1:8700"}), 4) << "nor when it is named";
  EXPECT_TRUE(script_.requests.empty());
}

TEST_F(App, SendsTheFoldersKeyToNoOtherPortOfThisMachine) {
  pretend_to_serve();
  for (const std::string server : {"http://127.0.0.1:8701", "http://localhost:8700", "http://[::1]:8700"}) {
    EXPECT_EQ(client({"partners", "list", "--server", server}), 4) << server;
    EXPECT_TRUE(script_.requests.empty()) << server;
  }
  reply(200, R"({"partners":[]})");
  EXPECT_EQ(client({"partners", "list", "--server", "127.0.0.1:8700"}), 0) << "the server itself";
}

TEST_F(App, Answers3WhenNoServerRuns) {
  EXPECT_EQ(client({"partners", "list"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("Do this: Start one with `crosswalk serve --data " + folder_));
  // A process that has ended is not asked; a pid that large does not exist.
  ASSERT_TRUE(write_serve_file(folder_, {"http://127.0.0.1:8700", 0x7ffffff0}));
  EXPECT_EQ(client({"partners", "list"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("has ended"));
}

TEST_F(App, Answers3WhenTheServerDoesNotAnswer) {
  pretend_to_serve();
  script_.replies.push_back(tl::unexpected(
      net::TransportError{net::TransportError::Kind::not_sent, "net.connection_refused", "connection refused"}));
  EXPECT_EQ(client({"plan", "acme"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("connection refused"));
  EXPECT_THAT(err_.str(), HasSubstr("(net.connection_refused)"));
}

struct Status {
  int status, exit;
};

class AppStatus : public App, public testing::WithParamInterface<Status> {};

TEST_P(AppStatus, BecomesAnExitCode) {
  pretend_to_serve();
  reply(GetParam().status, R"({"title":"No","detail":"Why.","action":"Act.","code":"some.code","status":0})");
  EXPECT_EQ(client({"plan", "acme"}), GetParam().exit);
  EXPECT_EQ(err_.str(), "No\n  Why.\n  Do this: Act.\n  (some.code)\n");
  EXPECT_EQ(out_.str(), "");
}

INSTANTIATE_TEST_SUITE_P(App, AppStatus,
                         testing::Values(Status{400, 6}, Status{401, 4}, Status{403, 4}, Status{404, 5}, Status{409, 1},
                                         Status{413, 6}, Status{422, 6}, Status{500, 1}, Status{503, 1}),
                         [](const auto& each) { return std::to_string(each.param.status); });

TEST_F(App, SurvivesAnswersThatAreNotItsOwn) {
  pretend_to_serve();
  reply(502, "<html>Bad gateway</html>");
  EXPECT_EQ(client({"plan", "acme"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("answered 502"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("<html>")));
  reply(200, "<html>Welcome</html>");
  EXPECT_EQ(client({"plan", "acme"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("is not JSON"));
}

TEST_F(App, PrintsTheApisJsonOnEveryReadCommand) {
  pretend_to_serve();
  const std::string body = R"({"partner":"acme","unknown_to_us":[1,{"a":null}]})";
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"partners", "list"},
                                                                     {"partners", "show", "acme"},
                                                                     {"plan", "acme"},
                                                                     {"mapping", "history", "acme"},
                                                                     {"explain", "acme", "k"},
                                                                     {"webhooks", "list"},
                                                                     {"webhooks", "show", "wh_1"},
                                                                     {"webhooks", "failed", "wh_1"},
                                                                     {"keys", "list"}}) {
    reply(200, body);
    std::vector<std::string> words = arguments;
    words.emplace_back("--json");
    EXPECT_EQ(client(words), 0);
    EXPECT_EQ(boost::json::serialize(boost::json::parse(out_.str())), body) << arguments[0];
    EXPECT_EQ(err_.str(), "");
  }
}

TEST_F(App, PrintsProblemsAsJsonToo) {
  pretend_to_serve();
  reply(404, R"({"title":"No","code":"partner.unknown"})");
  EXPECT_EQ(client({"partners", "show", "acme", "--json"}), 5);
  EXPECT_EQ(boost::json::parse(err_.str()).at("code"), "partner.unknown");
}

TEST_F(App, AddsAPartnerWithoutShowingItsKey) {
  pretend_to_serve();
  reply(201, R"({"id":"acme","name":"Acme IT","has_credentials":true})");
  EXPECT_EQ(client({"partners", "add", "acme", "--name", "Acme IT", "--site", "na.myconnectwise.net", "--company",
                    "acme", "--public-key", "pub", "--private-key-file", "-"},
                   "secret-of-acme\n"),
            0);
  EXPECT_EQ(script_.requests[0].method, "POST");
  const auto body = boost::json::parse(script_.requests[0].body).as_object();
  EXPECT_EQ(body.at("id"), "acme");
  EXPECT_EQ(body.at("private_key"), "secret-of-acme");
  EXPECT_EQ(body.at("provider"), "manage");
  EXPECT_THAT(out_.str() + err_.str(), Not(HasSubstr("secret-of-acme")));
}

TEST_F(App, RefusesAPublicKeyWithoutItsPrivateOne) {
  pretend_to_serve();
  EXPECT_EQ(client({"partners", "add", "acme", "--public-key", "pub"}), 2);
  EXPECT_TRUE(script_.requests.empty());
}

TEST_F(App, PausesResumesAndEditsByPatch) {
  pretend_to_serve();
  for (int i = 0; i < 3; ++i) reply(200, R"({"id":"acme"})");
  EXPECT_EQ(client({"partners", "pause", "acme"}), 0);
  EXPECT_EQ(client({"partners", "resume", "acme"}), 0);
  EXPECT_EQ(client({"partners", "edit", "acme", "--site", "eu.myconnectwise.net"}), 0);
  EXPECT_EQ(client({"partners", "edit", "acme"}), 2);
  ASSERT_EQ(script_.requests.size(), 3u);
  EXPECT_EQ(script_.requests[0].method, "PATCH");
  EXPECT_EQ(script_.requests[0].body, R"({"paused":true})");
  EXPECT_EQ(script_.requests[1].body, R"({"paused":false})");
  EXPECT_EQ(script_.requests[2].body, R"({"site":"eu.myconnectwise.net"})");
}

TEST_F(App, PlansSavesShowsAndApplies) {
  pretend_to_serve();
  reply(200, R"({"partner":"acme","summary":{},"records":[],"problems":[]})");
  EXPECT_EQ(client({"plan", "acme", "--customer", "a b"}), 0);
  reply(201, R"({"partner":"acme","id":"P1","summary":{},"records":[],"problems":[]})");
  EXPECT_EQ(client({"plan", "acme", "--save"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("crosswalk apply acme P1"));
  reply(200, R"({"partner":"acme","problems":[{"level":"error","message":"bad"}]})");
  EXPECT_EQ(client({"plan", "acme", "--show", "P1"}), 6);
  reply(200, R"({"plan_id":"P1","applied":1,"refused":0,"unknown":0,"operations":[]})");
  EXPECT_EQ(client({"apply", "acme", "P1"}), 0);
  reply(200, R"({"plan_id":"P1","applied":0,"refused":1,"unknown":0,"operations":[]})");
  EXPECT_EQ(client({"apply", "acme", "P1"}), 1);
  std::vector<std::string> asked;
  for (const net::Request& request : script_.requests) asked.push_back(request.method + request.target.substr(21));
  EXPECT_THAT(asked, ElementsAre("GET/v1/partners/acme/plan?customer=a%20b", "POST/v1/partners/acme/plans",
                                 "GET/v1/partners/acme/plans/P1", "POST/v1/partners/acme/plans/P1/apply",
                                 "POST/v1/partners/acme/plans/P1/apply"));
}

TEST_F(App, FollowsThePagesOfRecords) {
  pretend_to_serve();
  reply(200, R"({"records":[{"kind":"alert","key":"a"}],"next":"alert/a"})");
  reply(200, R"({"records":[{"kind":"alert","key":"b"}]})");
  EXPECT_EQ(client({"records", "acme", "--kind", "alert", "--state", "parked", "--all", "--json"}), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("records").as_array().size(), 2u);
  EXPECT_THAT(script_.requests[1].target, HasSubstr("limit=1000&kind=alert&state=parked&after=alert%2Fa"));
}

TEST_F(App, StopsAtTheLimitAndSaysThatThereIsMore) {
  pretend_to_serve();
  reply(200, R"({"records":[]})");
  reply(200, R"({"records":[{"kind":"alert","key":"a"}],"next":"x"})");
  EXPECT_EQ(client({"records", "acme", "--limit", "1"}), 0);
  EXPECT_EQ(script_.requests.size(), 2u);
  EXPECT_THAT(err_.str(), HasSubstr("There are more"));
}

TEST_F(App, ListsRecordsThatWaitForAPersonFirst) {
  pretend_to_serve();
  reply(200, R"({"records":[{"kind":"device","key":"z","state":"parked"}]})");
  reply(200, R"({"records":[{"kind":"alert","key":"a","state":"settled"},{"kind":"alert","key":"b","state":"due"},
                            {"kind":"device","key":"z","state":"parked"}]})");
  EXPECT_EQ(client({"records", "acme", "--limit", "2"}), 0);
  const std::string text = out_.str();
  EXPECT_LT(text.find("parked"), text.find("settled"));
  EXPECT_EQ(text.find("due"), std::string::npos);
  EXPECT_THAT(err_.str(), HasSubstr("There are more"));
}

TEST_F(App, ExplainsByKeyByPartnerAndKeyAndByKind) {
  pretend_to_serve();
  reply(200, R"({"partners":[{"id":"acme"}]})");
  reply(200, R"({"title":"t","story":[]})");
  EXPECT_EQ(client({"explain", "v1/edr/contoso/srv-01/disk%20full"}), 0);
  reply(200, R"({"title":"t","story":[]})");
  EXPECT_EQ(client({"explain", "acme", "k"}), 0);
  reply(200, R"({"title":"t","story":[]})");
  EXPECT_EQ(client({"explain", "acme", "device", "k"}), 0);
  EXPECT_THAT(script_.requests[1].target,
              testing::EndsWith("/v1/partners/acme/records/alert/v1%2Fedr%2Fcontoso%2Fsrv-01%2Fdisk%2520full/explain"));
  EXPECT_THAT(script_.requests[2].target, testing::EndsWith("/records/alert/k/explain"));
  EXPECT_THAT(script_.requests[3].target, testing::EndsWith("/records/device/k/explain"));
  reply(200, R"({"partners":[{"id":"acme"},{"id":"other"}]})");
  EXPECT_EQ(client({"explain", "k"}), 2);
}

TEST_F(App, SendsAnEventBuiltFromOptions) {
  pretend_to_serve();
  reply(202, R"({"accepted":1,"duplicates":0,"conflicts":0,"rejected":0})");
  EXPECT_EQ(client({"events",      "send",       "--partner",   "acme",    "--type",    "alert.raised",
                    "--product",   "edr",        "--customer",  "contoso", "--subject", "srv-01",
                    "--condition", "disk.full",  "--severity",  "high",    "--title",   "Disk full",
                    "--attribute", "free_mb=12", "--attribute", "drive=C:"}),
            0);
  EXPECT_EQ(*script_.requests[0].headers.find("content-type"), "application/cloudevents+json");
  const auto event = boost::json::parse(script_.requests[0].body).as_object();
  EXPECT_EQ(event.at("specversion"), "1.0");
  EXPECT_EQ(event.at("partner"), "acme");
  EXPECT_FALSE(event.at("id").as_string().empty());
  EXPECT_EQ(
      boost::json::serialize(event.at("data")),
      R"({"product":"edr","customer":"contoso","subject":"srv-01","condition":"disk.full","severity":"high","title":"Disk full","attributes":{"free_mb":12,"drive":"C:"}})");
}

TEST_F(App, ShowsAnEventInsteadOfSendingIt) {
  EXPECT_EQ(client({"events", "send", "--dry-run", "--partner", "acme", "--title", "t", "--id", "e-1"}), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("id"), "e-1");
  EXPECT_TRUE(script_.requests.empty());
}

TEST_F(App, SendsLinesInBatchesAndAddsTheReportsUp) {
  pretend_to_serve();
  std::string lines;
  for (int i = 0; i < 1'001; ++i) lines += "{\"id\":\"" + std::to_string(i) + "\",\"source\":\"s\",\"data\":{}}\n\n";
  reply(202, R"({"accepted":999,"duplicates":1,"conflicts":0,"rejected":0,"events":[]})");
  reply(
      422,
      R"({"title":"none taken","code":"event.invalid","events":[{"index":0,"status":"rejected","problem":{"code":"c","detail":"d"}}]})");
  EXPECT_EQ(client({"events", "send", "--file", "-", "--partner", "acme", "--json"}, lines), 6);
  ASSERT_EQ(script_.requests.size(), 2u);
  EXPECT_EQ(*script_.requests[0].headers.find("content-type"), "application/cloudevents-batch+json");
  const auto first = boost::json::parse(script_.requests[0].body).as_array();
  EXPECT_EQ(first.size(), 1'000u);
  EXPECT_EQ(first[7].at("partner"), "acme");
  const auto report = boost::json::parse(out_.str()).as_object();
  EXPECT_EQ(report.at("accepted").as_int64(), 999);
  EXPECT_EQ(report.at("rejected").as_int64(), 1);
  EXPECT_EQ(report.at("events").at(0).at("index").as_int64(), 1'000);
}

TEST_F(App, TakesOneEventAnArrayOrLinesFromTheStandardInput) {
  EXPECT_EQ(read_events("{\"id\": 1,\n \"partner\": \"own\"}", "f", "acme")->at(0).at("partner"), "own");
  EXPECT_EQ(read_events("[{\"id\": 1}, {\"id\": 2}]", "f", "")->size(), 2u);
  EXPECT_EQ(read_events("{\"id\": 1}\n{\"id\": 2}\n", "f", "")->size(), 2u);
  EXPECT_EQ(read_events("[]", "f", "").error().exit, ExitCode::problems);
  const auto bad_line = read_events("{\"id\": 1}\n{\"id\": }\n", "f", "");
  ASSERT_FALSE(bad_line);
  EXPECT_THAT(boost::json::serialize(bad_line.error().problem), HasSubstr("f, line 2:1:"));
  const auto bad_text = read_events("{\n \"id\": oops\n}", "f", "");
  ASSERT_FALSE(bad_text);
  EXPECT_THAT(boost::json::serialize(bad_text.error().problem), HasSubstr("f:2:"));
}

TEST_F(App, PrintsANewKeyAloneOnItsLine) {
  pretend_to_serve();
  reply(201, R"({"id":"k1","name":"ci","role":"intake","key":"cw_secret","created_at":"2026-03-01T08:00:00Z"})");
  EXPECT_EQ(client({"keys", "create", "--name", "ci", "--role", "intake", "--expires", "2030-01-01T00:00:00Z"}), 0);
  EXPECT_EQ(out_.str(), "cw_secret\n");
  EXPECT_THAT(err_.str(), HasSubstr("to send events of all partners"));
  EXPECT_EQ(script_.requests[0].body, R"({"name":"ci","role":"intake","expires_at":"2030-01-01T00:00:00Z"})");
  EXPECT_EQ(client({"keys", "create", "--name", "ci", "--role", "owner"}), 2);
  EXPECT_EQ(client({"keys", "create", "--name", "ci", "--expires", "soon"}), 2);
  script_.replies.emplace_back(answer(204, ""));
  EXPECT_EQ(client({"keys", "revoke", "k1"}), 0);
}

TEST_F(App, ShowsWhatWasDone) {
  pretend_to_serve();
  reply(200, R"({"entries":[{"sequence":7,"at":"2026-03-01T08:00:00.000Z","act":"partner.pause","partner":"acme",
    "target":"partner","by":{"key":"k1","name":"ann"},"before":{"paused":false,"version":1},
    "after":{"paused":true,"version":2},"request_id":"r-1"}],"next":7})");
  EXPECT_EQ(client({"audit", "--partner", "acme", "--act", "partner.pause", "--limit", "1"}), 0);
  EXPECT_THAT(script_.requests[0].target, testing::EndsWith("/v1/audit?limit=1&partner=acme&act=partner.pause"));
  EXPECT_THAT(out_.str(), HasSubstr("2026-03-01 08:00:00"));
  EXPECT_THAT(out_.str(), HasSubstr("ann"));
  EXPECT_THAT(out_.str(), HasSubstr("paused false -> true"));
  EXPECT_THAT(err_.str(), HasSubstr("--before 7"));
}

TEST_F(App, MakesAKeyWithoutAServer) {
  std::string used_folder;
  hooks_.create_key_offline = [&](const Config& config, const KeyOptions& options) -> Outcome<json::object> {
    used_folder = config.data.directory;
    return json::object{{"id", "k"}, {"name", options.name}, {"key", "cw_new"}};
  };
  EXPECT_EQ(client({"keys", "create", "--name", "admin", "--role", "administration", "--offline"}), 0);
  EXPECT_EQ(used_folder, folder_);
  EXPECT_EQ(out_.str(), "cw_new\n");
}

TEST_F(App, ServesWithTheConfigurationOfAllSources) {
  const std::string file = folder_ + "/crosswalk.toml";
  std::ofstream(file) << "[server]\nport = 1\nthreads = 7\n";
  environment_["CROSSWALK_LOGGING_LEVEL"] = "debug";
  Config served;
  hooks_.serve = [&](Session&, const Config& config) {
    served = config;
    return ExitCode::ok;
  };
  EXPECT_EQ(client({"serve", "--config", file, "--port", "0", "--set", "engine.settle=400ms", "--set",
                    "connectwise.allow_private_hosts=true"}),
            0);
  EXPECT_EQ(served.server.port, 0);
  EXPECT_EQ(served.server.threads, 7);
  EXPECT_EQ(served.logging.level, "debug");
  EXPECT_EQ(served.engine.settle, Duration{400});
  EXPECT_TRUE(served.connectwise.allow_private_hosts);
  EXPECT_EQ(served.data.directory, folder_);
}

TEST_F(App, Answers7ToAWrongConfiguration) {
  hooks_.serve = [](Session&, const Config&) { return ExitCode::ok; };
  const std::string file = folder_ + "/crosswalk.toml";
  std::ofstream(file) << "[server]\nport = 8700\nprot = 1\n\n[engine]\nsettle = \"soon\"\n";
  EXPECT_EQ(client({"serve", "--config", file}), 7);
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk.toml:3:1"));
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk.toml:6:10"));
  EXPECT_THAT(err_.str(), HasSubstr("\"30s\""));
  EXPECT_EQ(client({"serve", "--config", folder_ + "/absent.toml"}), 7);
  EXPECT_EQ(client({"serve", "--set", "nonsense"}), 7);
  EXPECT_EQ(client({"config", "check", "--config", file}), 7);
}

TEST_F(App, ChecksTheInstallationAndThePartner) {
  pretend_to_serve();
  ASSERT_TRUE(write_private_file(path_in(folder_, "secret.key"), "x"));
  ASSERT_EQ(::chmod(folder_.c_str(), S_IRWXU), 0);
  const auto all_well = [this](bool healthy) {
    reply(200, R"({"status":"ready"})");
    reply(200, R"({"partners":[{"id":"acme"}]})");
    reply(200, R"({"webhooks":[]})");
    reply(200, boost::json::serialize(
                   boost::json::value{{"partner", "acme"}, {"healthy", healthy}, {"checks", boost::json::array{}}}));
  };
  all_well(true);
  EXPECT_EQ(client({"doctor", "acme"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("All is well."));
  all_well(false);
  EXPECT_EQ(client({"doctor", "acme", "--json"}), 6);
  EXPECT_EQ(boost::json::parse(out_.str()).at("healthy"), false);
  ASSERT_EQ(::chmod(folder_.c_str(), S_IRWXU | S_IROTH | S_IXOTH), 0);
  all_well(true);
  EXPECT_EQ(client({"doctor", "acme"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("Do this: chmod 700"));
  ASSERT_EQ(::chmod(folder_.c_str(), S_IRWXU), 0);
  ASSERT_EQ(::chmod(path_in(folder_, "admin.key").c_str(), S_IRUSR | S_IWUSR | S_IRGRP), 0);
  all_well(true);
  EXPECT_EQ(client({"doctor", "acme"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("chmod 600 " + path_in(folder_, "admin.key")));
}

TEST_F(App, ChecksAllPartnersAndWebhooksWhenNobodyIsNamed) {
  pretend_to_serve();
  ASSERT_TRUE(write_private_file(path_in(folder_, "secret.key"), "x"));
  ASSERT_EQ(::chmod(folder_.c_str(), S_IRWXU), 0);
  const auto answers = [this](const char* webhooks, bool second_is_healthy) {
    reply(200, R"({"status":"ready"})");
    reply(200, R"({"partners":[{"id":"acme"},{"id":"blue"}]})");
    reply(200, webhooks);
    reply(200, R"({"partners":[{"id":"acme"},{"id":"blue"}]})");
    for (const auto& [id, healthy] : {std::pair{"acme", true}, {"blue", second_is_healthy}})
      reply(200, boost::json::serialize(
                     boost::json::value{{"partner", id}, {"healthy", healthy}, {"checks", boost::json::array{}}}));
  };
  answers(R"({"webhooks":[{"id":"wh_1","url":"https://x","enabled":true,"circuit":"closed","waiting":0,"dead":0}]})",
          true);
  EXPECT_EQ(client({"doctor"}), 0) << out_.str();
  EXPECT_THAT(out_.str(), HasSubstr("blue"));
  answers(R"({"webhooks":[]})", false);
  EXPECT_EQ(client({"doctor"}), 6) << "the second partner is not well";
  answers(R"({"webhooks":[{"id":"wh_1","url":"https://x","enabled":true,"circuit":"closed","waiting":3,"dead":0,
    "failure":{"event":"evt_1","attempts":3,"error":"The receiver answered 401.","since":"2026-03-01T08:00:00Z"}}]})",
          true);
  EXPECT_EQ(client({"doctor"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("FAIL  Webhook wh_1"));
  EXPECT_THAT(out_.str(), HasSubstr("answered 401"));
}

TEST_F(App, DiagnosesAStoppedServer) {
  EXPECT_EQ(client({"doctor"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("FAIL  Server"));
}

class AppMapping : public App {
 protected:
  AppMapping() {
    const std::string version = R"({"version":2,"state":"live","document":{"mode":"test"}})";
    mapping_ = R"({"partner":"acme","workflow":"alert_to_ticket","draft":null,"live":)" + version + R"(,"history":[]})";
  }
  std::string mapping_;
};

TEST_F(AppMapping, ShowsTheDocumentThatIsInForce) {
  pretend_to_serve();
  reply(200, mapping_);
  EXPECT_EQ(client({"mapping", "show", "acme"}), 0);
  EXPECT_EQ(out_.str(), "{\n  \"mode\": \"test\"\n}\n");
  reply(200, mapping_);
  EXPECT_EQ(client({"mapping", "show", "acme", "--draft"}), 5);
}

TEST_F(AppMapping, AnEditReplacesWhatItBeganWithAndLosesNothingOtherwise) {
  pretend_to_serve();
  environment_["EDITOR"] = "sed -i s/test/live/";
  net::Response shown = answer(200, mapping_);
  shown.headers.add("ETag", "\"0-2\"");
  script_.replies.emplace_back(std::move(shown));
  reply(409, R"({"title":"Somebody else has changed this meanwhile","code":"store.changed_meanwhile"})");
  EXPECT_EQ(client({"mapping", "edit", "acme"}), 1);
  EXPECT_EQ(*script_.requests[1].headers.find("if-match"), "\"0-2\"");
  const std::string said = err_.str(), words = "What you have written is in ";
  ASSERT_THAT(said, HasSubstr(words));
  const std::string file =
      said.substr(said.find(words) + words.size(), said.rfind('\n') - said.find(words) - words.size());
  EXPECT_THAT(read_text_file(file).value_or(""), HasSubstr("live"));
  std::filesystem::remove(file);
}

TEST_F(AppMapping, IsEditedInTheEditor) {
  pretend_to_serve();
  environment_["EDITOR"] = "sed -i s/test/live/";
  reply(200, mapping_);
  reply(200, R"({"version":3,"state":"draft","problems":[]})");
  EXPECT_EQ(client({"mapping", "edit", "acme", "--comment", "go"}), 0);
  ASSERT_EQ(script_.requests.size(), 2u);
  EXPECT_EQ(script_.requests[1].method, "PUT");
  EXPECT_THAT(script_.requests[1].target,
              testing::EndsWith("/v1/partners/acme/mappings/alert_to_ticket/draft?comment=go"));
  EXPECT_EQ(script_.requests[1].body, R"({"mode":"live"})");
}

TEST_F(AppMapping, IsLeftAloneWhenTheEditorChangesNothingOrFails) {
  pretend_to_serve();
  environment_["EDITOR"] = "true";
  reply(200, mapping_);
  EXPECT_EQ(client({"mapping", "edit", "acme"}), 0);
  environment_["EDITOR"] = "false";
  reply(200, mapping_);
  EXPECT_EQ(client({"mapping", "edit", "acme"}), 1);
  EXPECT_EQ(script_.requests.size(), 2u);
}

TEST_F(AppMapping, IsTakenFromTheStandardInput) {
  pretend_to_serve();
  reply(
      422,
      R"({"title":"The document has errors","code":"mapping.invalid","problems":[{"level":"error","code":"mapping.schema","pointer":"/mode","message":"expected off, test or live"}]})");
  EXPECT_EQ(client({"mapping", "edit", "acme", "--file", "-"}, "{\"mode\":\"on\"}"), 6);
  EXPECT_THAT(err_.str(), HasSubstr("error at /mode (mapping.schema)\n    expected off, test or live"));
  EXPECT_EQ(client({"mapping", "edit", "acme", "--file", "-"}, "{'mode'}"), 6);
  EXPECT_THAT(err_.str(), HasSubstr("standard input:1:2"));
}

TEST_F(AppMapping, IsSuggestedAndKeptAsTheDraftUnlessJsonIsWanted) {
  pretend_to_serve();
  const std::string suggestion =
      R"({"document":{"mode":"test"},"choices":[{"setting":"board","value":{"id":"3","name":"Alerts"},"reason":"its name says so"}]})";
  reply(200, suggestion);
  reply(200, R"({"version":1,"state":"draft","problems":[]})");
  EXPECT_EQ(client({"mapping", "edit", "acme", "--suggest"}), 0);
  ASSERT_EQ(script_.requests.size(), 2u);
  EXPECT_THAT(script_.requests[0].target, testing::EndsWith("/v1/partners/acme/mappings/alert_to_ticket/suggestion"));
  EXPECT_EQ(script_.requests[1].method, "PUT");
  EXPECT_THAT(script_.requests[1].target, HasSubstr("/mappings/alert_to_ticket/draft?comment=suggested"));
  EXPECT_EQ(script_.requests[1].body, R"({"mode":"test"})");
  EXPECT_THAT(out_.str(), testing::ContainsRegex("board +3 +Alerts +its name says so"));
  EXPECT_THAT(out_.str(), HasSubstr("Version 1 is the draft of acme"));

  reply(200, suggestion);
  EXPECT_EQ(client({"mapping", "edit", "acme", "--suggest", "--json"}), 0);
  EXPECT_EQ(script_.requests.size(), 3u);
  EXPECT_EQ(boost::json::parse(out_.str()), boost::json::parse(suggestion));
  EXPECT_EQ(client({"mapping", "edit", "acme", "--suggest", "--file", "-"}), 2);
}

TEST_F(AppMapping, OfDevicesIsSuggestedAndNamedInTheNextStep) {
  pretend_to_serve();
  reply(200, R"({"document":{"mode":"test"},"choices":[]})");
  reply(200, R"({"version":1,"state":"draft","problems":[]})");
  EXPECT_EQ(client({"mapping", "edit", "acme", "--suggest", "--workflow", "device_to_configuration"}), 0);
  EXPECT_THAT(script_.requests[0].target, testing::EndsWith("/mappings/device_to_configuration/suggestion"));
  EXPECT_THAT(script_.requests[1].target, HasSubstr("/mappings/device_to_configuration/draft"));
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk mapping publish acme --workflow device_to_configuration"));
}

TEST_F(AppMapping, IsNotKeptWhenThePsaCannotBeReadForASuggestion) {
  pretend_to_serve();
  reply(502, R"({"title":"The PSA is down","code":"psa.outage"})");
  EXPECT_NE(client({"mapping", "edit", "acme", "--suggest"}), 0);
  EXPECT_EQ(script_.requests.size(), 1u);
}

TEST_F(AppMapping, IsValidatedAndPublished) {
  pretend_to_serve();
  reply(
      200,
      R"({"valid":false,"references_checked":true,"problems":[{"level":"error","code":"c","pointer":"/a","message":"m"}]})");
  EXPECT_EQ(client({"mapping", "validate", "acme"}), 6);
  EXPECT_THAT(out_.str(), HasSubstr("The mapping has errors."));
  reply(200, R"({"valid":true,"references_checked":false,"problems":[]})");
  EXPECT_EQ(client({"mapping", "validate", "acme"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("its ids were not checked"));
  reply(200, R"({"version":3,"problems":[]})");
  EXPECT_EQ(client({"mapping", "publish", "acme", "--comment", "go live", "--skip-reference-check"}), 0);
  EXPECT_EQ(script_.requests[2].body, R"({"comment":"go live","check_references":false})");
}

TEST_F(AppMapping, AsksAtATerminalWhatBecomesOfAlertsThatAreOpenBeforeGoingLive) {
  pretend_to_serve();
  const std::string refusal = R"({"status":409,"title":"t","code":"mapping.backlog","detail":"30 alerts are open.",)";
  const auto publish = [&](const std::string& typed, bool skippable) {
    script_.requests.clear();
    reply(409, refusal + (skippable ? R"("skippable":true})" : R"("skippable":false})"));
    reply(200, R"({"version":3,"problems":[],"backlog":{"tickets":30,"opened":false}})");
    const int exit = client({"mapping", "publish", "acme"}, typed);
    script_.replies.clear();
    return exit;
  };
  at_terminal_ = true;
  EXPECT_EQ(publish("y\n", true), 0);
  EXPECT_EQ(script_.requests.at(0).body, R"({"backlog":"ask"})");
  EXPECT_EQ(script_.requests.at(1).body, R"({"backlog":"open"})");
  EXPECT_THAT(err_.str(), HasSubstr("30 alerts are open."));
  EXPECT_EQ(publish("\n", true), 0);
  EXPECT_EQ(script_.requests.at(1).body, R"({"backlog":"skip"})");
  EXPECT_THAT(out_.str(), HasSubstr("30 alerts that were open before get no tickets"));
  EXPECT_EQ(publish("", false), 1) << "no cannot leave them out here, so nothing is published";
  EXPECT_EQ(script_.requests.size(), 1u);
  at_terminal_ = false;
  reply(200, R"({"version":3,"problems":[],"backlog":{"tickets":1,"opened":true}})");
  EXPECT_EQ(client({"mapping", "publish", "acme", "--backlog", "open"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("1 open alert gets its ticket now."));
}

}  // namespace
}  // namespace crosswalk::cli

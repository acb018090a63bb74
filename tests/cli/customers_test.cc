#include <fstream>

#include "app_fixture.h"

namespace crosswalk::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMatches =
    R"json({"partner":"acme","companies":20,"customers":[
    {"customer":"c-1","name":"Acme Dental","state":"mapped","company":{"id":"252","name":"Acme Dental Group"},
     "why":"The mapping says so.","candidates":[]},
    {"customer":"c-2","name":"Granite Builders","state":"sure","company":{"id":"258","name":"Granite Builders"},
     "why":"Granite Builders scores 95 of 100, and nothing else comes near.",
     "candidates":[{"company":{"id":"258","name":"Granite Builders"},"score":95,
                    "reasons":[{"text":"the names are the same","points":70},{"text":"the city is the same","points":25}]}]},
    {"customer":"c-3","name":"Nova Retail","state":"proposed","why":"Two are too close to tell.",
     "candidates":[{"company":{"id":"265","name":"Nova Retail"},"score":90,"reasons":[{"text":"the names are the same","points":90}]},
                   {"company":{"id":"266","name":"Nova Retail (Warehouse)"},"score":88,"reasons":[]}]},
    {"customer":"c-4","name":"=cmd()","state":"unknown","why":"No company resembles it.","candidates":[]},
    {"customer":"c-5","name":"Test, Inc.","state":"excluded","why":"The mapping excludes it.","candidates":[]},
    {"customer":"c-6","name":"Gone","state":"missing","company":{"id":"9","name":"Gone"},"why":"It is deleted.","candidates":[]}]})json";

class Customers : public App {
 protected:
  Customers() { pretend_to_serve(); }

  /// What the server answers for the mapping, with this draft and no live version.
  void reply_draft(const std::string& customers) {
    reply(200, R"({"draft":{"version":3,"document":{"workflow":"alert_to_ticket","mode":"test","customers":)" +
                   customers + R"(}},"live":null,"history":[]})");
  }
  void reply_kept() { reply(200, R"({"version":4,"state":"draft","problems":[]})"); }
  int import(const std::string& table, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"customers", "acme", "--import", "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return client(arguments, table);
  }
  /// The customers of the document that was sent last.
  json::object sent() {
    const net::Request& request = script_.requests.back();
    EXPECT_EQ(request.method, "PUT");
    return json::parse(request.body).at("customers").as_object();
  }
};

TEST_F(Customers, AreShownWithWhatSpeaksForTheirCompanies) {
  reply(200, kMatches);
  EXPECT_EQ(client({"customers", "acme"}), 0);
  EXPECT_THAT(script_.requests[0].target, testing::EndsWith("/v1/partners/acme/customers"));
  EXPECT_THAT(out_.str(), ContainsRegex("c-1 +Acme Dental +mapped +252 Acme Dental Group +The mapping"));
  EXPECT_THAT(out_.str(), ContainsRegex("c-2 .*sure +258 Granite Builders +95 +the names are the same; the city"));
  EXPECT_THAT(out_.str(), ContainsRegex("c-3 +Nova Retail +proposed +Two are too close"));
  EXPECT_THAT(out_.str(), ContainsRegex("\n +265 Nova Retail +90 +the names are the same\n"));
  EXPECT_THAT(out_.str(), HasSubstr("6 customers: 1 mapped, 1 excluded, 1 missing, 1 sure, 1 proposed, 1 unknown.\n"));
  EXPECT_THAT(err_.str(), HasSubstr("crosswalk customers acme --accept"));
}

TEST_F(Customers, AreShownWithWhatTellsNamesakesApart) {
  const std::string namesakes =
      R"json({"partner":"acme","companies":20,"customers":[
      {"customer":"c-3","name":"Nova Retail","state":"proposed","why":"Two are too close to tell.",
       "candidates":[{"company":{"id":"265","name":"Nova Retail"},"identifier":"NovaRetail","city":"Troy","types":"Client",
                      "status":"Active","website":"nova.example","score":90,
                      "reasons":[{"text":"the names are the same","points":90}]},
                     {"company":{"id":"266","name":"Nova Retail"},"identifier":"NovaRetail2","city":"","types":"Prospect",
                      "status":"Inactive","website":"","score":88,"reasons":[]}]}]})json";
  reply(200, namesakes);
  EXPECT_EQ(client({"customers", "acme", "--csv", "-"}), 0);
  EXPECT_THAT(
      out_.str(),
      HasSubstr("265 Nova Retail (NovaRetail, Troy, Client, Active, nova.example), 90: the names are the same"));
  EXPECT_THAT(out_.str(), HasSubstr("266 Nova Retail (NovaRetail2, Prospect, Inactive), 88"));
  reply(200, namesakes);
  EXPECT_EQ(client({"customers", "acme"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("NovaRetail2, Prospect, Inactive"));
}

TEST_F(Customers, AreFilteredByStateInTablesAndInJson) {
  reply(200, kMatches);
  EXPECT_EQ(client({"customers", "acme", "--state", "unknown"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("c-4"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("c-3")));
  reply(200, kMatches);
  EXPECT_EQ(client({"customers", "acme", "--state", "sure", "--json"}), 0);
  const json::value answer = json::parse(out_.str());
  ASSERT_EQ(answer.at("customers").as_array().size(), 1u);
  EXPECT_EQ(answer.at("companies"), 20);
  EXPECT_EQ(client({"customers", "acme", "--state", "happy"}), 2);
}

TEST_F(Customers, AreThereOnceTheProductHasToldOfThem) {
  reply(200, R"({"partner":"acme","companies":20,"customers":[]})");
  EXPECT_EQ(client({"customers", "acme"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("No customers yet"));
}

TEST_F(Customers, BecomeATableInWhichNothingProposedHasACompanyYet) {
  reply(200, kMatches);
  EXPECT_EQ(client({"customers", "acme", "--csv", "-"}), 0);
  EXPECT_EQ(out_.str(),
            "customer,name,state,company_id,company_name,score,why\r\n"
            "c-1,Acme Dental,mapped,252,Acme Dental Group,,The mapping says so.\r\n"
            "c-2,Granite Builders,sure,258,Granite Builders,95,\"the names are the same; the city is the same\"\r\n"
            "c-3,Nova Retail,proposed,,,90,\"Two are too close to tell. | 265 Nova Retail, 90: the names are the "
            "same | 266 Nova Retail (Warehouse), 88: \"\r\n"
            "c-4,'=cmd(),unknown,,,,No company resembles it.\r\n"
            "c-5,\"Test, Inc.\",excluded,,,,The mapping excludes it.\r\n"
            "c-6,Gone,missing,9,Gone,,It is deleted.\r\n");
  reply(200, kMatches);
  const std::string file = folder_ + "/customers.csv";
  EXPECT_EQ(client({"customers", "acme", "--csv", file, "--state", "sure"}), 0);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(*read_text_file(file), HasSubstr("c-2,"));
  EXPECT_THAT(*read_text_file(file), Not(HasSubstr("c-1,")));
}

TEST_F(Customers, OfWhichItIsSureAreAcceptedIntoTheDraftAndNoneThatIsDecidedThere) {
  reply(200, kMatches);
  reply_draft(R"({"c-1":{"company":{"id":1}},"c-2":{"settings":{"mode":"off"}}})");
  reply_kept();
  EXPECT_EQ(client({"customers", "acme", "--accept"}), 0);
  EXPECT_EQ(json::value(sent()), json::parse(R"({"c-1":{"company":{"id":1}},
                            "c-2":{"settings":{"mode":"off"},"company":{"id":"258","name":"Granite Builders"}}})"));
  EXPECT_THAT(out_.str(), ContainsRegex("added +c-2 +258 Granite Builders"));
  EXPECT_THAT(out_.str(), HasSubstr("Version 4 is the draft of acme"));
  for (const char* decided : {R"({"c-2":{"company":{"id":7}}})", R"({"c-2":{"excluded":true}})"}) {
    const std::size_t asked = script_.requests.size();
    reply(200, kMatches);
    reply_draft(decided);
    EXPECT_EQ(client({"customers", "acme", "--accept"}), 0);
    EXPECT_EQ(script_.requests.size(), asked + 2) << "nothing to write";
  }
}

TEST_F(Customers, AreNotAcceptedWhenTheDraftGaveTheirCompanyToAnother) {
  reply(200, kMatches);
  reply_draft(R"({"other":{"company":{"id":258}}})");
  EXPECT_EQ(client({"customers", "acme", "--accept"}), 0);
  EXPECT_EQ(script_.requests.size(), 2u);
  EXPECT_THAT(err_.str(), HasSubstr("c-2 is left alone: the draft gives 258 Granite Builders to other."));
}

TEST_F(Customers, AreAcceptedIntoAFirstDraft) {
  reply(200, kMatches);
  reply(200, R"({"draft":null,"live":null,"history":[]})");
  reply_kept();
  EXPECT_EQ(client({"customers", "acme", "--accept", "--json"}), 0);
  EXPECT_EQ(sent().size(), 1u);
  const json::value report = json::parse(out_.str());
  EXPECT_EQ(report.at("changes").at(0).at("change"), "added");
  EXPECT_EQ(report.at("draft").at("version"), 4);
}

TEST_F(Customers, AreImportedByTheNamesOfTheColumns) {
  reply_draft(R"({"new":{"settings":{"mode":"off"}},"moved":{"company":{"id":1,"name":"Old"}},
                  "same":{"company":{"id":3,"name":"Same"}},"off":{"company":{"id":4,"name":"Off"}},
                  "back":{"company":{"id":5},"excluded":true}})");
  reply_kept();
  EXPECT_EQ(import("\xEF\xBB\xBFwhatever,Company_ID,company_name,customer,State\r\n"
                   "x,10,Ten,new,proposed\r\n"
                   "x,11,Eleven,moved,\r\n"
                   "x,3,Renamed,same,mapped\r\n"
                   "x,,,off,exclude\r\n"
                   "x,12,Twelve,back,\r\n"
                   "x,exclude,,never,\r\n"
                   "x,,,later,unknown\r\n"),
            0);
  EXPECT_EQ(json::value(sent()), json::parse(R"({"new":{"settings":{"mode":"off"},"company":{"id":"10","name":"Ten"}},
                 "moved":{"company":{"id":"11","name":"Eleven"}},"same":{"company":{"id":3,"name":"Same"}},
                 "off":{"company":{"id":4,"name":"Off"},"excluded":true},
                 "back":{"company":{"id":"12","name":"Twelve"}},"never":{"excluded":true}})"));
  EXPECT_THAT(out_.str(), ContainsRegex("changed +moved +1 Old +11 Eleven"));
  EXPECT_THAT(out_.str(), HasSubstr("7 customers: 1 added, 2 changed, 2 excluded, 1 unchanged, 1 left alone.\n"));
}

TEST_F(Customers, AreShownByADryRunThatWritesNothing) {
  reply_draft(R"({"moved":{"company":{"id":1,"name":"Old"}}})");
  EXPECT_EQ(import("customer,company_id,company_name\nmoved,2,New\nfresh,3,Fresh\n", {"--dry-run"}), 0);
  EXPECT_THAT(out_.str(), ContainsRegex("changed +moved +1 Old +2 New"));
  EXPECT_THAT(out_.str(), ContainsRegex("added +fresh +3 Fresh"));
  EXPECT_THAT(out_.str(), HasSubstr("Nothing was written."));
  EXPECT_EQ(script_.requests.size(), 1u);
  reply_draft("{}");
  EXPECT_EQ(import("customer,company_id,company_name\nc,2,New\n", {"--dry-run", "--json"}), 0);
  EXPECT_EQ(json::parse(out_.str()).at("draft"), json::value(nullptr));
}

TEST_F(Customers, GetTheNamesOfTheirCompaniesWhereTheTableHasNone) {
  reply_draft("{}");
  reply(200, kMatches);
  reply_kept();
  EXPECT_EQ(import("customer,company_id\nc-3,266\nc-4,77\n"), 0);
  EXPECT_EQ(json::value(sent()), json::parse(R"json({"c-3":{"company":{"id":"266","name":"Nova Retail (Warehouse)"}},
                                                     "c-4":{"company":{"id":"77"}}})json"));
}

TEST_F(Customers, AreImportedAsTheyWereWrittenWithoutAnyChange) {
  reply(200, kMatches);
  ASSERT_EQ(client({"customers", "acme", "--csv", "-"}), 0);
  const std::string table = out_.str();
  reply_draft(R"({"c-1":{"company":{"id":252}},"c-2":{"company":{"id":258}},"c-5":{"excluded":true},
                  "c-6":{"company":{"id":9}}})");
  EXPECT_EQ(import(table), 0);
  EXPECT_THAT(out_.str(), HasSubstr("6 customers: 4 unchanged, 2 left alone.\nThe mapping is left as it is.\n"));
  EXPECT_EQ(script_.requests.back().method, "GET");
}

TEST_F(Customers, AreKeptOutByOneErrorOfTheTableAndAllErrorsAreTold) {
  reply_draft(R"({"owner":{"company":{"id":50}}})");
  EXPECT_EQ(import("customer,state,company_id\n"
                   "good,,1\n"
                   "text,,Acme\n"
                   "negative,,-5\n"
                   "good,,2\n"
                   "second,,1\n"
                   "taker,,50\n"
                   "torn,excluded,7\n"
                   ",,8\n"
                   "bad\xff,,9\n"
                   "open,,\"3\n"),
            6);
  for (const char* part :
       {"error at line 3 (csv.line)\n    The company_id \"Acme\" is not an id", "error at line 4 (csv.line)",
        "error at line 5 (csv.line)\n    The customer good stands in line 2 already.",
        "error at line 6 (csv.company_shared)", "error at line 7 (csv.company_shared)",
        "error at line 8 (csv.line)\n    The state says that torn is excluded",
        "error at line 9 (csv.line)\n    The line names no customer.",
        "error at line 10 (csv.unreadable)\n    The line is not UTF-8",
        "error at line 11 (csv.unreadable)\n    A quote is opened here"})
    EXPECT_THAT(err_.str(), HasSubstr(part));
  EXPECT_THAT(err_.str(), HasSubstr("which good in line 2 has"));
  EXPECT_THAT(err_.str(), HasSubstr("which the customer owner of the mapping has"));
  EXPECT_EQ(script_.requests.size(), 1u) << "nothing written";
  EXPECT_EQ(out_.str(), "");
}

TEST_F(Customers, AreNotImportedFromATableWithoutItsColumns) {
  reply_draft("{}");
  EXPECT_EQ(import("Kunde;Firma\na;1\n"), 6);
  EXPECT_THAT(err_.str(), HasSubstr("There is no column \"customer\"."));
  EXPECT_THAT(err_.str(), HasSubstr("There is no column \"company_id\"."));
  reply_draft("{}");
  EXPECT_EQ(import(""), 6);
  EXPECT_THAT(err_.str(), HasSubstr("The file is empty"));
}

TEST_F(Customers, MayShareACompanyWhenThatIsSaidOrWasBefore) {
  const std::string table = "customer,company_id,company_name\na,1,One\nb,1,One\n";
  reply_draft("{}");
  EXPECT_EQ(import(table), 6);
  reply_draft("{}");
  reply_kept();
  EXPECT_EQ(import(table, {"--allow-shared"}), 0);
  EXPECT_EQ(sent().size(), 2u);
  reply_draft(R"({"a":{"company":{"id":1}},"b":{"company":{"id":1}}})");
  EXPECT_EQ(import(table), 0);
  reply_draft(R"({"a":{"company":{"id":1}}})");
  reply_kept();
  EXPECT_EQ(import("customer,company_id,company_name\na,2,Two\nb,1,One\n"), 0) << "a moves out, b moves in";
}

TEST_F(Customers, TakeOneWayAtATime) {
  EXPECT_EQ(client({"customers", "acme", "--accept", "--csv", "-"}), 2);
  EXPECT_EQ(client({"customers", "acme", "--accept", "--import", "-"}), 2);
  EXPECT_EQ(client({"customers", "acme", "--import", "-", "--state", "sure"}), 2);
  EXPECT_EQ(client({"customers", "acme", "--dry-run"}), 2);
  EXPECT_EQ(client({"customers", "acme", "--allow-shared"}), 2);
  EXPECT_TRUE(script_.requests.empty());
}

}  // namespace
}  // namespace crosswalk::cli

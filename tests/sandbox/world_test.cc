#include "sandbox/world.h"

#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

std::string message_of(const net::Response& response) {
  const json::value body = json::parse(response.body);
  const json::value* errors = body.as_object().if_contains("errors");
  return std::string(errors != nullptr ? errors->at(0).at("message").as_string() : body.at("message").as_string());
}

TEST(Tickets, TakesDefaultsFromItsBoard) {
  Bench bench;
  const net::Response made =
      bench.call("POST", "/service/tickets", R"({"summary":"Disk full","company":{"identifier":"AcmeDental"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const json::value ticket = json::parse(made.body);
  EXPECT_EQ(ticket.at("board").at("name"), "Help Desk");
  EXPECT_EQ(ticket.at("status").at("name"), "New");
  EXPECT_EQ(ticket.at("priority").at("name"), "Priority 3 - Medium");
  EXPECT_EQ(ticket.at("recordType"), "ServiceTicket");
  EXPECT_EQ(ticket.at("closedFlag"), false);
  EXPECT_EQ(ticket.at("company").at("id"), 252);
  EXPECT_EQ(ticket.at("company").at("_info").at("company_href"),
            "http://psa.example.com/v2025_1/apis/3.0/company/companies/252");
  EXPECT_EQ(ticket.at("status").at("_info").at("status_href"),
            "http://psa.example.com/v2025_1/apis/3.0/service/boards/1/statuses/101");
  EXPECT_EQ(ticket.at("_info").at("dateEntered"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(ticket.at("_info").at("enteredBy"), "APIuser");
}

TEST(Tickets, InitialTextsBecomeNotesAndAreNotReturned) {
  Bench bench;
  const std::int64_t id =
      bench.make_ticket(R"(,"initialDescription":"It is\nfull","initialInternalAnalysis":"Look at logs")");
  const json::value ticket = bench.get("/service/tickets/" + std::to_string(id));
  EXPECT_FALSE(ticket.as_object().contains("initialDescription"));
  const auto notes = bench.world.notes("sandbox", id);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].at("text"), "It is\nfull");
  EXPECT_EQ(notes[0].at("detailDescriptionFlag"), true);
  EXPECT_EQ(notes[1].at("internalAnalysisFlag"), true);
}

TEST(Tickets, ClosesAndReopensWithItsStatus) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  const json::value closed = json::parse(
      bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"name":"Auto-Resolved"}}])").body);
  EXPECT_EQ(closed.at("closedFlag"), true);
  EXPECT_EQ(closed.at("closedDate"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(closed.at("closedBy"), "APIuser");
  const json::value open =
      json::parse(bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"id":305}}])").body);
  EXPECT_EQ(open.at("closedFlag"), false);
  EXPECT_FALSE(open.as_object().contains("closedDate"));
}

TEST(Tickets, ABoardMoveNeedsAStatusOfTheNewBoard) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  const net::Response alone = bench.call("PATCH", path, R"([{"op":"replace","path":"board","value":{"id":1}}])");
  EXPECT_EQ(alone.status, 400);
  EXPECT_EQ(message_of(alone), "Service Status 301 not found for Service Board 1");
  const net::Response together = bench.call(
      "PATCH", path,
      R"([{"op":"replace","path":"status","value":{"id":101}},{"op":"replace","path":"board","value":{"id":1}},
          {"op":"replace","path":"type","value":{"id":101}},{"op":"replace","path":"team","value":{"id":1}}])");
  EXPECT_EQ(together.status, 200) << together.body;
}

TEST(Tickets, InactiveBoardsAndStatusesCannotBeSet) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  EXPECT_EQ(bench.call("POST", "/service/tickets", R"({"summary":"x","company":{"id":252},"board":{"id":9}})").status,
            400);
  ASSERT_TRUE(bench.world.set_inactive("sandbox", "service/boards/statuses", 303, true));
  const net::Response refused = bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"id":303}}])");
  EXPECT_EQ(message_of(refused), "Service Status 303 not found for Service Board 3");
}

TEST(Tickets, AttachesChildrenAndMerges) {
  Bench bench;
  const std::int64_t parent = bench.make_ticket(), child = bench.make_ticket(), twin = bench.make_ticket();
  const std::string path = "/service/tickets/" + std::to_string(parent);
  EXPECT_EQ(
      bench.call("POST", path + "/attachChildren", json::serialize(json::object{{"childTicketIds", {child}}})).status,
      200);
  EXPECT_EQ(bench.world.find("sandbox", "service/tickets", child)->at("parentTicketId"), parent);
  EXPECT_EQ(bench.world.find("sandbox", "service/tickets", parent)->at("hasChildTicket"), true);
  const net::Response merged = bench.call(
      "POST", path + "/merge", json::serialize(json::object{{"mergeTicketIds", {twin}}, {"status", {{"id", 307}}}}));
  EXPECT_EQ(merged.status, 200) << merged.body;
  const auto gone = bench.world.find("sandbox", "service/tickets", twin);
  EXPECT_EQ(gone->at("mergedParentTicket").at("id"), parent);
  EXPECT_EQ(gone->at("closedFlag"), true);
  EXPECT_EQ(bench.call("POST", path + "/merge", "{}").status, 400);
}

TEST(Tickets, HoldsConfigurations) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  EXPECT_EQ(bench.call("POST", path + "/configurations", R"({"id":2520})").status, 201);
  EXPECT_EQ(bench.call("POST", path + "/configurations", R"({"deviceIdentifier":"dev-2521"})").status, 201);
  EXPECT_EQ(bench.get(path + "/configurations").as_array().size(), 2u);
  EXPECT_EQ(bench.get("/service/tickets/count?conditions=" + encoded("configuration/id=2520")).at("count"), 1);
  EXPECT_EQ(bench.call("DELETE", path + "/configurations/2520").status, 204);
  EXPECT_EQ(bench.get(path + "/configurations/count").at("count"), 1);
}

TEST(Tickets, SearchTakesConditionsInTheBody) {
  Bench bench;
  const net::Response found = bench.call("POST", "/service/tickets/search", R"({"Conditions":"summary like '%VPN%'"})");
  EXPECT_EQ(found.status, 200);
  ASSERT_EQ(json::parse(found.body).as_array().size(), 1u);
}

TEST(Notes, NeedAPlaceAndEchoFlagsOnlyOnce) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket()) + "/notes";
  EXPECT_EQ(message_of(bench.call("POST", path, R"({"text":"hello"})")),
            "Please choose where to display the notes in order to save this record.");
  bench.now += Duration(60'000);
  const net::Response made = bench.call("POST", path, R"({"text":"hello","internalAnalysisFlag":true})");
  ASSERT_EQ(made.status, 201) << made.body;
  const json::value note = json::parse(made.body);
  EXPECT_EQ(note.at("internalFlag"), true);
  EXPECT_EQ(note.at("externalFlag"), true);
  EXPECT_EQ(note.at("member").at("identifier"), "APIuser");
  const std::int64_t ticket = note.at("ticketId").as_int64();
  EXPECT_EQ(bench.world.find("sandbox", "service/tickets", ticket)->at("_info").at("lastUpdated"),
            "2026-03-01T08:01:00Z");
  EXPECT_NE(bench.get(path + "/" + std::to_string(note.at("id").as_int64())).at("internalFlag"), true);
}

TEST(TimeEntries, RaiseTheHoursOfTheirTicketAndShowAsNotes) {
  Bench bench;
  const std::int64_t id = bench.make_ticket();
  const std::string body =
      R"({"chargeToId":)" + std::to_string(id) +
      R"(,"chargeToType":"ServiceTicket","timeStart":"2026-03-01T07:00:00Z","timeEnd":"2026-03-01T07:45:00Z","notes":"Cleaned up"})";
  ASSERT_EQ(bench.call("POST", "/time/entries", body).status, 201);
  ASSERT_NE(bench.world.enter_time("sandbox", id, "0.5", "More"), 0);
  const std::string path = "/service/tickets/" + std::to_string(id);
  EXPECT_EQ(json::serialize(bench.get(path).at("actualHours")), "1.25E0");
  EXPECT_EQ(bench.get(path + "/timeentries").as_array().size(), 2u);
  const json::value all = bench.get(path + "/allNotes");
  ASSERT_EQ(all.as_array().size(), 2u);
  EXPECT_EQ(all.at(0).at("noteType"), "TimeEntryNote");
  EXPECT_EQ(all.at(0).at("text"), "Cleaned up");
}

TEST(Patch, KeepsToTheRules) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  EXPECT_EQ(message_of(bench.call("PATCH", path, R"({"op":"replace"})")), "expected array format");
  EXPECT_EQ(message_of(bench.call("PATCH", path, R"([{"op":"replace","path":"Summary","value":"x"}])")),
            "path Summary is not valid");
  EXPECT_EQ(
      json::parse(bench.call("PATCH", path, R"([{"op":"replace","path":"/summary","value":"x"}])").body).at("summary"),
      "x");
  EXPECT_EQ(json::parse(bench.call("PATCH", path, R"([{"op":"replace","path":"closedFlag","value":true}])").body)
                .at("closedFlag"),
            false);
  const json::value lied = json::parse(
      bench.call("PATCH", path, R"([{"op":"replace","path":"company/identifier","value":"BlueRiver"}])").body);
  EXPECT_EQ(lied.at("company").at("identifier"), "AcmeDental");
  EXPECT_EQ(
      json::parse(
          bench.call("PATCH", path, R"([{"op":"replace","path":"company","value":{"identifier":"BlueRiver"}}])").body)
          .at("company")
          .at("id"),
      253);
  EXPECT_EQ(bench.call("PATCH", path, R"([{"op":"remove","path":"summary"}])").status, 400);
  EXPECT_EQ(bench.call("PATCH", path, R"([{"op":"replace","path":"requiredDate","value":"2026-03-01T08:00:00+01:00"}])")
                .status,
            400);
  EXPECT_EQ(bench.call("PATCH", path, R"([{"op":"replace","path":"automaticEmailCcFlag","value":"perhaps"}])").status,
            500);
}

TEST(Patch, ChangesElementsOfLists) {
  Bench bench;
  const net::Response changed =
      bench.call("PATCH", "/company/contacts/2520",
                 R"([{"op":"replace","path":"/communicationItems/1/value","value":"5550001111"},
          {"op":"add","path":"/communicationItems/2","value":{"type":{"id":4},"value":"5552223333","communicationType":"Phone"}},
          {"op":"remove","path":"/communicationItems/0"}])");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const json::array items = json::parse(changed.body).at("communicationItems").as_array();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].at("value"), "5550001111");
  EXPECT_EQ(bench.call("PATCH", "/company/contacts/2520", R"([{"op":"remove","path":"/communicationItems/9"}])").status,
            400);
}

TEST(Patch, ANewDefaultTakesTheOldOnesPlace) {
  Bench bench;
  const net::Response changed = bench.call(
      "PATCH", "/company/contacts/2520",
      R"([{"op":"add","path":"/communicationItems/2","value":{"type":{"id":4},"value":"5552223333","communicationType":"Phone","defaultFlag":true}}])");
  ASSERT_EQ(changed.status, 200) << changed.body;
  const json::array items = json::parse(changed.body).at("communicationItems").as_array();
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[0].at("defaultFlag"), true);
  EXPECT_EQ(items[1].at("defaultFlag"), false);
  EXPECT_EQ(items[2].at("defaultFlag"), true);
}

TEST(Put, ReplacesEverything) {
  Bench bench;
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket(R"(,"poNumber":"4711")"));
  const net::Response changed =
      bench.call("PUT", path, R"({"summary":"New","company":{"id":252},"board":{"id":3},"status":{"id":302}})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_FALSE(json::parse(changed.body).as_object().contains("poNumber"));
  EXPECT_EQ(bench.call("PUT", path, R"({"summary":"New"})").status, 400);
}

TEST(Paging, LinksForwardAndBack) {
  Bench bench;
  const net::Response first = bench.call("GET", "/company/companies?pageSize=8&conditions=" + encoded("id > 0"));
  EXPECT_EQ(json::parse(first.body).as_array().size(), 8u);
  const std::string base =
      "<http://psa.example.com/v2025_1/apis/3.0/company/companies?conditions=id%20%3E%200&pageSize=8&page=";
  EXPECT_EQ(*first.headers.find("Link"), base + "2>; rel=\"next\", " + base + "3>; rel=\"last\"");
  const net::Response last = bench.call("GET", "/company/companies?pageSize=8&page=3");
  EXPECT_EQ(json::parse(last.body).as_array().size(), 4u);
  EXPECT_NE(last.headers.find("Link")->find("rel=\"prev\""), std::string::npos);
  EXPECT_EQ(last.headers.find("Link")->find("rel=\"next\""), std::string::npos);
  const net::Response beyond = bench.call("GET", "/company/companies?page=99");
  EXPECT_EQ(beyond.status, 200);
  EXPECT_EQ(beyond.body, "[]");
  EXPECT_EQ(bench.get("/company/configurations").as_array().size(), 25u);
  EXPECT_EQ(bench.get("/company/configurations?pageSize=5000").as_array().size(), 76u);
}

TEST(Paging, GoesForwardById) {
  Bench bench;
  net::Request request = bench.request("GET", "/company/companies?pageSize=8");
  request.headers.set("pagination-type", "forward-only");
  std::vector<std::int64_t> ids;
  for (int page = 0; page < 10; ++page) {
    const net::Response response = bench.world.handle(request);
    const json::value companies = json::parse(response.body);
    for (const json::value& company : companies.as_array()) ids.push_back(company.at("id").as_int64());
    const std::string* link = response.headers.find("Link");
    ASSERT_NE(link, nullptr);
    if (link->empty()) break;
    request.target = link->substr(1, link->find('>') - 1);
  }
  EXPECT_EQ(ids.size(), 20u);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST(Lists, AreOrderedAndProjected) {
  Bench bench;
  const json::array names =
      bench.get("/company/companies?orderBy=" + encoded("status/name desc, name asc") + "&fields=id,name,status/name")
          .as_array();
  ASSERT_EQ(names.size(), 20u);
  EXPECT_EQ(names[0].at("status").at("name"), "Credit Hold");
  EXPECT_EQ(names[0].as_object().size(), 3u);
  EXPECT_EQ(names[1].at("name"), "Acme Dental Group");
  EXPECT_EQ(bench.call("GET", "/company/companies?orderBy=nonsense").status, 400);
}

TEST(Auth, IsAskedOfEveryCall) {
  Bench bench;
  const auto with = [&](std::string_view name, std::string value) {
    net::Request request = bench.request("GET", "/service/tickets");
    request.headers.set(name, std::move(value));
    return bench.world.handle(request);
  };
  EXPECT_EQ(with("clientId", "").status, 401);
  const net::Response wrong = with("Authorization", "Basic " + base64_encode("sandbox+sandbox-public:wrong"));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, R"({"code":"ConnectWiseApi","message":"UserNotAuthenticated"})");
  const net::Response stranger = with("Authorization", "Basic " + base64_encode("nobody+a:b"));
  EXPECT_EQ(stranger.status, 400);
  EXPECT_EQ(stranger.body, "Cannot route. Codebase/company is invalid");
  EXPECT_EQ(with("Authorization", "Bearer x").status, 401);
  EXPECT_EQ(with("Authorization", "Basic !!!!").status, 401);
}

TEST(Auth, FollowsTheSecurityRole) {
  Bench bench;
  ASSERT_TRUE(bench.world.set_role("sandbox", "ReadOnly"));
  EXPECT_EQ(bench.call("GET", "/service/tickets").status, 200);
  const net::Response refused = bench.call("POST", "/service/tickets", R"({"summary":"x","company":{"id":252}})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body,
            R"({"code":"Security","message":"You do not have security permission to perform this action."})");
  ASSERT_TRUE(bench.world.set_role("sandbox", "NoClose"));
  const std::string path = "/service/tickets/" + std::to_string(bench.make_ticket());
  EXPECT_EQ(bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"id":302}}])").status, 200);
  EXPECT_EQ(bench.call("PATCH", path, R"([{"op":"replace","path":"status","value":{"id":307}}])").status, 403);
}

TEST(Discovery, SaysWhereTheCompanyLives) {
  Bench bench;
  net::Request request;
  request.target = "https://psa.example.com/login/companyinfo/SANDBOX";
  const json::value info = json::parse(bench.world.handle(request).body);
  EXPECT_EQ(info.at("Codebase"), "v2025_1/");
  EXPECT_EQ(info.at("IsCloud"), "True");
  ASSERT_TRUE(bench.world.set_codebase("sandbox", "v2026_3"));
  EXPECT_EQ(bench.call("GET", "/service/boards").body, "Cannot route. Codebase/company is invalid");
  EXPECT_EQ(json::parse(bench.world.handle(request).body).at("VersionCode"), "v2026.3");
  request.target = "/login/companyinfo/nobody";
  EXPECT_EQ(bench.world.handle(request).status, 404);
}

TEST(People, WorkOnTicketsByHand) {
  Bench bench;
  const std::int64_t id = bench.make_ticket();
  EXPECT_TRUE(bench.world.set_owner("sandbox", id, "mlopez"));
  EXPECT_TRUE(bench.world.move_status("sandbox", id, "In Progress"));
  EXPECT_FALSE(bench.world.move_status("sandbox", id, "Waiting Customer"));
  EXPECT_NE(bench.world.add_note("sandbox", id, "Looking", World::NotePlace::internal), 0);
  EXPECT_TRUE(bench.world.close_ticket("sandbox", id));
  const json::object ticket = *bench.world.find("sandbox", "service/tickets", id);
  EXPECT_EQ(ticket.at("owner").at("identifier"), "mlopez");
  EXPECT_EQ(ticket.at("closedBy"), "jsmith");
  EXPECT_EQ(ticket.at("status").at("id"), 307) << "people do not close as monitoring does";
  EXPECT_TRUE(bench.world.delete_ticket("sandbox", id));
  EXPECT_FALSE(bench.world.delete_ticket("sandbox", id));
  EXPECT_TRUE(bench.world.notes("sandbox", id).empty());
  EXPECT_EQ(bench.world.id_of("sandbox", "service/boards/statuses", "auto-resolved", 3), 306);
}

TEST(World, ReplaysFromItsSeed) {
  const auto transcript = [](std::uint64_t seed) {
    Bench bench(WorldOptions{.seed = seed});
    bench.world.faults().settings.faults.push_back(
        {.kind = FaultKind::status, .count = std::nullopt, .probability = 0.3});
    bench.world.faults().settings.latency_random = Duration(100);
    std::string text;
    for (int i = 0; i < 60; ++i) {
      const Outcome outcome = bench.world.serve(bench.request(
          i % 3 == 0 ? "POST" : "GET", i % 3 == 0 ? "/service/tickets" : "/company/contacts?page=" + std::to_string(i),
          R"({"summary":"Disk full","company":{"id":252}})"));
      text += std::to_string(outcome.response.status) + outcome.response.body + std::to_string(outcome.delay.count());
      bench.now += Duration(1000);
    }
    return text;
  };
  EXPECT_EQ(transcript(7), transcript(7));
  EXPECT_NE(transcript(7), transcript(8));
}

TEST(World, SavesAndLoads) {
  Bench bench;
  const std::int64_t id = bench.make_ticket(R"(,"initialDescription":"It is full")");
  const json::value snapshot = json::parse(json::serialize(bench.world.save()));
  Bench other(WorldOptions{.scenario = "empty"});
  ASSERT_TRUE(other.world.load(snapshot.as_object()));
  EXPECT_EQ(other.world.tickets("sandbox"), bench.world.tickets("sandbox"));
  EXPECT_EQ(other.world.notes("sandbox", id).size(), 1u);
  EXPECT_EQ(other.make_ticket(), id + 1);
  EXPECT_FALSE(other.world.load({{"version", 1}, {"tenants", "none"}}));
  EXPECT_EQ(other.world.tickets("sandbox").size(), 12u);
}

}  // namespace
}  // namespace crosswalk::sandbox

#include "harness.h"
#include "mapping/document.h"
#include "model/alert.h"
#include "service/partner_settings.h"
#include "workflows/desired.h"

namespace crosswalk::service {
namespace {

class Administration : public ServiceTest {
 protected:
  const std::string mapping_ = "/v1/partners/northwind/mappings/alert_to_ticket";

  /// A record as the engine would leave it.
  void put_record(std::string kind, std::string key, std::function<void(store::RecordRow&)> change = {}) {
    store::RecordRow row;
    row.ref = {"northwind", std::move(kind), std::move(key)};
    row.version = 1;
    row.state = "{}";
    if (change) change(row);
    store::Transaction transaction;
    transaction.records.push_back(std::move(row));
    commit(transaction);
  }
};

TEST_F(Administration, AddsAPartnerAndNeverShowsItsKeys) {
  const net::Response added =
      ask("POST", "/v1/partners",
          R"({"id":"contoso-it","name":"Contoso IT","site":"na.myconnectwise.net","company":"contoso",)"
          R"("client_id":"c-1","public_key":"pub-secret","private_key":"priv-secret"})");
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(at(parsed(added), "/has_credentials"), "true");
  EXPECT_EQ(added.body.find("secret"), std::string::npos);
  EXPECT_EQ(ask("GET", "/v1/partners/contoso-it").body.find("secret"), std::string::npos);
  const store::PartnerRow row = **store->partner("contoso-it");
  EXPECT_EQ(row.sealed_credentials.find("secret"), std::string::npos);
  EXPECT_EQ(row.settings.find("secret"), std::string::npos);
  const Result<PartnerKeys> keys = unseal_keys(row, *secrets);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->public_key, "pub-secret");
  EXPECT_EQ(keys->private_key, "priv-secret");
  EXPECT_EQ(parse_settings(row.settings).site, "na.myconnectwise.net");
  json::object event = raised("e-1");
  event["partner"] = "contoso-it";
  EXPECT_EQ(post(json::serialize(event)).status, 202);
}

TEST_F(Administration, RefusesBadPartners) {
  EXPECT_EQ(ask("POST", "/v1/partners", R"({"id":"northwind"})").status, 409);
  for (const std::string body :
       {R"({})", R"({"id":"UPPER"})", R"({"id":"-x"})", R"({"id":"a b"})", R"({"id":"x","colour":"blue"})",
        R"({"id":"x","name":""})", R"({"id":"x","paused":"yes"})", R"({"id":"x","provider":"other"})",
        R"({"id":"x","public_key":"only"})", R"({"id":7})", "[]", "{"}) {
    const net::Response response = ask("POST", "/v1/partners", body);
    EXPECT_EQ(response.status, 422) << body;
  }
  EXPECT_EQ(store->partners()->size(), 2u);
}

TEST_F(Administration, ChangesOnlyWhatIsGivenAndWakesWhatWaits) {
  ASSERT_EQ(
      ask("PATCH", "/v1/partners/northwind", R"({"site":"eu.myconnectwise.net","public_key":"p","private_key":"q"})")
          .status,
      200);
  put_record("alert", "k", [](store::RecordRow& row) { row.parked.code = "partner.refused_credentials"; });
  const int before = engine.wakes;
  const net::Response response = ask("PATCH", "/v1/partners/northwind", R"({"paused":true})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(at(parsed(response), "/site"), "eu.myconnectwise.net");
  EXPECT_EQ(at(parsed(response), "/paused"), "true");
  EXPECT_EQ(at(parsed(response), "/has_credentials"), "true");
  EXPECT_EQ(at(parsed(response), "/version"), "3");
  EXPECT_GT(engine.wakes, before);
  EXPECT_EQ(store->due("northwind", clock.now(), 10)->size(), 1u);
  EXPECT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"id":"other"})").status, 422);
  EXPECT_EQ(ask("PATCH", "/v1/partners/nobody", R"({})").status, 404);
}

TEST_F(Administration, TakesAddressesAndKeysAsPeoplePasteThem) {
  const net::Response added =
      ask("POST", "/v1/partners",
          R"({"id":"pasted","site":" https://api-na.myconnectwise.net/v4_6_release/apis/3.0\n",)"
          R"("company":" acme ","client_id":"\tc-1","public_key":"acme+pub\n","private_key":" priv "})");
  ASSERT_EQ(added.status, 201) << added.body;
  const json::object body = parsed(added);
  EXPECT_EQ(at(body, "/site"), "https://na.myconnectwise.net");
  EXPECT_EQ(at(body, "/company"), "acme");
  EXPECT_EQ(at(body, "/client_id"), "c-1");
  const auto keys = unseal_keys(**store->partner("pasted"), *secrets);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->public_key, "pub");
  EXPECT_EQ(keys->private_key, "priv");
  const std::pair<const char*, const char*> refused[] = {
      {R"({"site":"connectwise"})", "/site"},
      {R"({"site":"https://user:pw@na.myconnectwise.net"})", "/site"},
      {R"({"public_key":"ab cd","private_key":"x"})", "/public_key"},
      {R"({"public_key":"ab","private_key":"x\ny"})", "/private_key"},
  };
  for (const auto& [change, pointer] : refused) {
    const net::Response response = ask("PATCH", "/v1/partners/pasted", change);
    EXPECT_EQ(response.status, 422) << change;
    EXPECT_EQ(at(parsed(response), "/pointer"), pointer);
    EXPECT_NE(at(parsed(response), "/detail"), "(absent)");
  }
}

TEST_F(Administration, SaysOfAPartnerWhetherItWasReached) {
  const auto state = [&](std::string_view member) {
    const json::object listed = parsed(ask("GET", "/v1/partners"));
    for (const json::value& each : listed.at("partners").as_array())
      if (each.at("id") == "northwind") return at(each.as_object(), "/connection/" + std::string(member));
    return std::string();
  };
  EXPECT_EQ(state("state"), "never_reached");
  store::Transaction transaction;
  transaction.connections.push_back({"northwind", "refused", clock.now(), "partner.refused_credentials", "401", {}});
  commit(transaction);
  EXPECT_EQ(state("state"), "refused");
  EXPECT_EQ(state("since"), format_timestamp(clock.now()));
  EXPECT_EQ(state("code"), "partner.refused_credentials");
  EXPECT_NE(state("action"), "(absent)");
  transaction = {};
  transaction.connections.push_back({"northwind", "in_order", clock.now(), "", "", clock.now()});
  commit(transaction);
  EXPECT_EQ(state("state"), "in_order");
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":true})").status, 200);
  EXPECT_EQ(state("state"), "paused");
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":false})").status, 200);
  EXPECT_EQ(state("state"), "in_order");
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"site":"eu.myconnectwise.net"})").status, 200);
  EXPECT_EQ(state("state"), "never_reached") << "another address was not reached";
}

TEST_F(Administration, TellsTheProductThatAPartnerIsPaused) {
  store::WebhookRow webhook;
  webhook.id = "one";
  webhook.types = webhook.partners = "[]";
  store::Transaction transaction;
  transaction.outbound.webhooks.push_back(webhook);
  commit(transaction);
  const int before = sender.wakes;
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":true})").status, 200);
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"name":"Northwind"})").status, 200);
  ASSERT_EQ(ask("PATCH", "/v1/partners/northwind", R"({"paused":false})").status, 200);
  std::vector<std::string> types;
  const std::vector<store::OutboundRow> told = store->outbound().outbound_after(0, 10).value();
  for (const store::OutboundRow& row : told) types.push_back(row.type);
  EXPECT_EQ(types, (std::vector<std::string>{"partner.paused", "partner.resumed"}));
  EXPECT_GT(sender.wakes, before);
}

TEST_F(Administration, SaysWhatARecordWaitsForAndNotThatItWaits) {
  const auto text = [&] { return at(parsed(ask("GET", "/v1/partners/northwind/records/alert/k")), "/text"); };
  const auto journal = [&](const char* entry) {
    store::Transaction transaction;
    transaction.journal.push_back({0, {"northwind", "alert", "k"}, clock.now(), entry});
    commit(transaction);
  };
  put_record("alert", "k", [&](store::RecordRow& row) {
    row.open = true;
    row.attempts = 1;
    row.due_at = clock.now() + Duration{5'000};
  });
  journal(R"({"kind":"operation","text":"Create","result":"failed",)"
          R"("error":{"code":"psa.server_error","message":"ConnectWise answered 500: oops"}})");
  EXPECT_NE(text().find("ConnectWise had an internal error"), std::string::npos) << text();
  EXPECT_NE(text().find("oops"), std::string::npos) << text();
  store::Transaction transaction;
  transaction.connections.push_back({"northwind", "refused", clock.now(), "partner.refused_credentials", "401", {}});
  commit(transaction);
  EXPECT_TRUE(text().starts_with("Waits for the connection")) << text();
  EXPECT_NE(text().find("does not accept the API keys"), std::string::npos) << text();
}

TEST_F(Administration, AReasonEndsWithTheAlertThatItWasAbout) {
  const auto text = [&] { return at(parsed(ask("GET", "/v1/partners/northwind/records/alert/k")), "/text"); };
  put_record("alert", "k", [&](store::RecordRow& row) {
    row.open = true;
    row.due_at = clock.now() + Duration{60'000};
  });
  store::Transaction transaction;
  transaction.journal.push_back({0,
                                 {"northwind", "alert", "k"},
                                 clock.now(),
                                 R"({"kind":"decision","code":"alert.held_down","text":"It must last 1 minute."})"});
  commit(transaction);
  EXPECT_EQ(text(), "It must last 1 minute.");
  put_record("alert", "k", [&](store::RecordRow& row) { row.version = 2; });
  EXPECT_EQ(text(), "It ended before it became a ticket.");
}

TEST_F(Administration, ListsOnlyThePartnerOfThePartnersKey) {
  EXPECT_EQ(parsed(ask("GET", "/v1/partners")).at("partners").as_array().size(), 2u);
  const json::object own = parsed(ask("GET", "/v1/partners", "", northwind_key));
  ASSERT_EQ(own.at("partners").as_array().size(), 1u);
  EXPECT_EQ(at(own, "/partners/0/id"), "northwind");
}

TEST_F(Administration, AsksTheEngineOnTheEnginesThread) {
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/plan?customer=con%20toso").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/plan?customer=c&draft=true").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/plan?draft=perhaps").status, 422);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/plans", R"({"customer":"c"})").status, 201);
  EXPECT_EQ(ask("POST", "/v1/partners/northwind/plans/p-1/apply").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/records/alert/v1%2Fedr%2Fa%252Fb/explain").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/check").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/customers").status, 200);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/status").status, 200);
  const net::Response replayed = ask("POST", "/v1/partners/northwind/replay", R"({"kind":"alert","key":"k"})");
  EXPECT_EQ(at(parsed(replayed), "/records"), "7");
  EXPECT_EQ(engine.asked,
            (std::vector<std::string>{"plan northwind con toso", "plan_draft northwind c", "save_plan northwind c",
                                      "apply northwind p-1", "explain alert v1/edr/a%2Fb", "check northwind",
                                      "match_customers northwind", "replay northwind k"}));
}

TEST_F(Administration, RendersTheEnginesRefusalsAsProblems) {
  const std::pair<std::string, int> cases[] = {
      {"plan.expired", 409}, {"plan.stale", 409},  {"plan.applied", 409},     {"plan.unknown", 404},
      {"psa.outage", 502},   {"net.timeout", 502}, {"psa.circuit_open", 503}, {"engine.stopping", 503}};
  for (const auto& [code, status] : cases) {
    engine.answer = tl::unexpected(Error{code, "Because.", {}});
    const net::Response response = ask("POST", "/v1/partners/northwind/plans/p-1/apply");
    EXPECT_EQ(response.status, status) << code;
    EXPECT_EQ(at(parsed(response), "/code"), code);
    EXPECT_EQ(at(parsed(response), "/detail"), "Because.");
  }
}

TEST_F(Administration, ShowsASavedPlan) {
  store::Transaction transaction;
  transaction.plans.push_back({"northwind", "p-1", "h", R"({"hash":"h"})", clock.now(), clock.now(), clock.now()});
  commit(transaction);
  const json::object plan = parsed(ask("GET", "/v1/partners/northwind/plans/p-1"));
  EXPECT_EQ(at(plan, "/id"), "p-1");
  EXPECT_EQ(at(plan, "/hash"), "h");
  EXPECT_EQ(at(plan, "/applied_at"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/plans/p-2").status, 404);
  EXPECT_EQ(ask("GET", "/v1/partners/fabrikam/plans/p-1").status, 404);
}

TEST_F(Administration, KeepsPublishesAndRemembersMappings) {
  const std::string document = json::serialize(mapping::to_json(mapping::vendor_defaults()));
  EXPECT_EQ(at(parsed(ask("GET", mapping_)), "/live"), "null");
  EXPECT_EQ(ask("POST", mapping_ + "/publish").status, 409);
  EXPECT_EQ(ask("POST", mapping_ + "/validate").status, 409);
  const net::Response draft = ask("PUT", mapping_ + "/draft?comment=First%20try", document);
  ASSERT_EQ(draft.status, 200) << draft.body;
  EXPECT_EQ(at(parsed(draft), "/version"), "1");
  EXPECT_EQ(at(parsed(draft), "/author"), "admin");
  EXPECT_EQ(at(parsed(draft), "/comment"), "First try");
  put_record("alert", "open", [](store::RecordRow& row) { row.open = true; });
  put_record("alert", "parked", [](store::RecordRow& row) { row.parked.code = "mapping.missing"; });
  put_record("alert", "done");
  const net::Response live = ask("POST", mapping_ + "/publish");
  ASSERT_EQ(live.status, 200) << live.body;
  EXPECT_EQ(at(parsed(live), "/state"), "live");
  EXPECT_EQ(store->due("northwind", clock.now(), 10)->size(), 2u);
  EXPECT_EQ(ask("PUT", mapping_ + "/draft", document).status, 200);
  EXPECT_EQ(ask("POST", mapping_ + "/publish", R"({"check_references":false})").status, 200);
  const json::object all = parsed(ask("GET", mapping_));
  EXPECT_EQ(at(all, "/live/version"), "2");
  EXPECT_EQ(at(all, "/draft"), "null");
  EXPECT_EQ(at(all, "/history/0/state"), "live");
  EXPECT_EQ(at(all, "/history/1/state"), "superseded");
  EXPECT_EQ(at(parsed(ask("GET", mapping_ + "/versions/1")), "/document/workflow"), "alert_to_ticket");
  EXPECT_EQ(ask("GET", mapping_ + "/versions/9").status, 404);
  EXPECT_EQ(ask("GET", mapping_ + "/versions/one").status, 404);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/mappings/other").status, 404);
}

TEST_F(Administration, RefusesABadDocumentWithPointers) {
  const net::Response response = ask("PUT", mapping_ + "/draft", R"({"workflow":"alert_to_ticket","colour":"blue"})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(*response.headers.find("Content-Type"), "application/problem+json");
  const json::object body = parsed(response);
  EXPECT_EQ(at(body, "/status"), "422");
  EXPECT_FALSE(body.at("problems").as_array().empty());
  EXPECT_EQ(at(body, "/problems/0/level"), "error");
  EXPECT_EQ(ask("PUT", mapping_ + "/draft", "{").status, 422);
  EXPECT_TRUE(store->mappings("northwind", "alert_to_ticket")->empty());
}

TEST_F(Administration, RefusesToPublishWhatThePsaDoesNotHave) {
  mapping::Document document = mapping::vendor_defaults();
  document.settings.fields[psa::TicketField::board] = {"99", "Gone"};
  const std::string text = json::serialize(mapping::to_json(document));
  engine.reference = json::object{
      {"boards", json::array{json::object{{"id", "1"}, {"name", "Service"}, {"statuses", json::array{}}}}}};
  const json::object validation = parsed(ask("POST", mapping_ + "/validate", text));
  EXPECT_EQ(at(validation, "/valid"), "false");
  EXPECT_EQ(at(validation, "/references_checked"), "true");
  ASSERT_EQ(ask("PUT", mapping_ + "/draft", text).status, 200);
  const net::Response refused = ask("POST", mapping_ + "/publish");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(at(parsed(refused), "/code"), "mapping.reference_missing");
  engine.reference = tl::unexpected(Error{"psa.outage", "Down.", {}});
  const net::Response published = ask("POST", mapping_ + "/publish");
  EXPECT_EQ(published.status, 200);
  EXPECT_NE(published.body.find("mapping.references_unchecked"), std::string::npos);
}

TEST_F(Administration, LooksUpTheCompaniesThatADraftNamesBeforeItIsInForce) {
  mapping::Document document = mapping::vendor_defaults();
  for (const char* id : {"252", "253", "999"}) document.customers[id].company = {id, ""};
  engine.reference = json::object{{"boards", json::array{}}};
  engine.ticket_reference->companies = {{{"252", "Acme"}, false, ""}, {{"253", "Blue"}, true, ""}};
  ASSERT_EQ(ask("PUT", mapping_ + "/draft", json::serialize(mapping::to_json(document))).status, 200);
  const net::Response refused = ask("POST", mapping_ + "/publish");
  EXPECT_EQ(refused.status, 422) << refused.body;
  const json::object body = parsed(refused);
  ASSERT_EQ(body.at("problems").as_array().size(), 2u) << refused.body;
  EXPECT_EQ(at(body, "/problems/0/pointer"), "/customers/253/company");
  EXPECT_EQ(at(body, "/problems/0/code"), "mapping.reference_inactive");
  EXPECT_EQ(at(body, "/problems/1/pointer"), "/customers/999/company");
  EXPECT_EQ(at(body, "/problems/1/code"), "mapping.reference_missing");
  engine.ticket_reference = tl::unexpected(Error{"psa.outage", "Down.", {}});
  const net::Response published = ask("POST", mapping_ + "/publish");
  EXPECT_EQ(published.status, 200) << published.body;
  EXPECT_NE(published.body.find("mapping.references_unchecked"), std::string::npos);
}

TEST_F(Administration, AlertsThatWereOpenBeforeGoingLiveGetTicketsOnlyWhenThatIsAskedFor) {
  mapping::Document document = mapping::vendor_defaults();
  document.customers["contoso"].company = {"12", "Contoso"};
  engine.ticket_reference->companies = {{{"12", "Contoso"}, false, ""}};
  const auto put = [&](mapping::Mode mode) {
    document.settings.mode = mode;
    ASSERT_EQ(ask("PUT", mapping_ + "/draft", json::serialize(mapping::to_json(document))).status, 200);
  };
  put(mapping::Mode::test);
  ASSERT_EQ(ask("POST", mapping_ + "/publish").status, 200);
  store::Transaction stored;
  for (int i = 0; i < 30; ++i) {
    model::Event event;
    event.source = "s";
    event.id = std::to_string(i);
    event.type = model::EventType::alert_raised;
    event.time = clock.now() - std::chrono::hours{1};
    event.data = {{"product", "edr"},    {"customer", "contoso"},  {"subject", std::to_string(i)},
                  {"condition", "disk"}, {"severity", "critical"}, {"title", "Disk"}};
    model::Alert alert;
    alert.ref = model::record_of(PartnerId("northwind"), event.type, event.data);
    model::fold(alert, event);
    store::RecordRow row;
    row.ref = {"northwind", "alert", alert.ref.key};
    row.version = 1;
    row.open = true;
    row.state = model::serialize(alert);
    stored.records.push_back(row);
  }
  commit(std::move(stored));
  put(mapping::Mode::live);
  const net::Response asked = ask("POST", mapping_ + "/publish", R"({"backlog":"ask"})");
  EXPECT_EQ(asked.status, 409) << asked.body;
  EXPECT_EQ(at(parsed(asked), "/code"), "mapping.backlog");
  EXPECT_NE(asked.body.find("30 alerts"), std::string::npos) << asked.body;
  const json::object skipped = parsed(ask("POST", mapping_ + "/publish"));
  EXPECT_EQ(at(skipped, "/backlog/tickets"), "30");
  EXPECT_EQ(at(skipped, "/backlog/opened"), "false");
  EXPECT_EQ(at(skipped, "/document/go_live_at"), format_timestamp(clock.now()));
  put(mapping::Mode::live);
  const net::Response anew = ask("POST", mapping_ + "/publish", R"({"backlog":"ask"})");
  EXPECT_EQ(at(parsed(anew), "/code"), "mapping.backlog") << "the draft has lost the date";
  EXPECT_EQ(at(parsed(anew), "/skippable"), "true");
  EXPECT_EQ(at(parsed(ask("POST", mapping_ + "/publish")), "/document/go_live_at"), format_timestamp(clock.now()))
      << "it stays, though the next draft does not name it";
  put(mapping::Mode::test);
  ASSERT_EQ(ask("POST", mapping_ + "/publish").status, 200);
  put(mapping::Mode::live);
  const json::object opened = parsed(ask("POST", mapping_ + "/publish", R"({"backlog":"open"})"));
  EXPECT_EQ(at(opened, "/backlog/tickets"), "30");
  EXPECT_EQ(at(opened, "/backlog/opened"), "true");
  EXPECT_EQ(at(opened, "/document/go_live_at"), "(absent)");
}

TEST_F(Administration, SuggestsAFirstMappingThatCanBePublished) {
  const auto entry = [](std::string id, std::string name) { return json::object{{"id", id}, {"name", name}}; };
  json::object opened = entry("31", "New");
  opened["default"] = true;
  json::object resolved = entry("32", "Resolved");
  resolved["closed"] = true;
  json::object alerts = entry("3", "Alerts");
  alerts["statuses"] = json::array{opened, resolved};
  engine.reference = json::object{{"boards", json::array{entry("1", "Sales"), alerts}},
                                  {"priorities", json::array{entry("7", "Priority 1 - Critical")}}};
  const net::Response response = ask("GET", mapping_ + "/suggestion", "", northwind_key);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::object suggestion = parsed(response);
  EXPECT_EQ(at(suggestion, "/document/mode"), "test");
  EXPECT_EQ(at(suggestion, "/document/defaults/board/name"), "Alerts");
  EXPECT_EQ(at(suggestion, "/choices/0/setting"), "board");
  EXPECT_EQ(at(suggestion, "/choices/0/value/id"), "3");
  EXPECT_NE(at(suggestion, "/choices/0/reason").find("alert"), std::string::npos);
  EXPECT_TRUE(store->mappings("northwind", "alert_to_ticket")->empty());

  ASSERT_EQ(ask("PUT", mapping_ + "/draft", json::serialize(suggestion.at("document"))).status, 200);
  const net::Response published = ask("POST", mapping_ + "/publish");
  EXPECT_EQ(published.status, 200) << published.body;

  engine.reference = tl::unexpected(Error{"psa.outage", "Down.", {}});
  const net::Response refused = ask("GET", mapping_ + "/suggestion");
  EXPECT_GE(refused.status, 400);
  EXPECT_EQ(at(parsed(refused), "/code"), "psa.outage");
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/mappings/other/suggestion").status, 404);
  EXPECT_EQ(ask("GET", "/v1/partners/fabrikam/mappings/alert_to_ticket/suggestion", "", northwind_key).status, 403);
}

TEST_F(Administration, HoldsMappingsOfObjectsAgainstThePsa) {
  const std::string path = "/v1/partners/northwind/mappings/device_to_configuration";
  const std::string text =
      R"({"workflow":"device_to_configuration","default_type":{"id":99},"fields":{"question:7":{"value":"{{os}}"}}})";
  const auto types = [](const char* id) {
    return json::object{{"configuration_types", json::array{json::object{{"id", id}, {"name", "PC"}}}}};
  };
  engine.object_reference = types("21");
  const json::object validation = parsed(ask("POST", path + "/validate", text));
  EXPECT_EQ(at(validation, "/valid"), "false");
  EXPECT_EQ(at(validation, "/references_checked"), "true");
  EXPECT_EQ(at(validation, "/problems/0/pointer"), "/default_type");
  EXPECT_EQ(at(validation, "/problems/0/code"), "mapping.reference_missing");
  EXPECT_EQ(engine.asked.back(), "questions of 99");
  ASSERT_EQ(ask("PUT", path + "/draft", text).status, 200);
  const net::Response refused = ask("POST", path + "/publish");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(at(parsed(refused), "/code"), "mapping.reference_missing");
  engine.object_reference = tl::unexpected(Error{"psa.outage", "Down.", {}});
  const net::Response unchecked = ask("POST", path + "/publish");
  EXPECT_EQ(unchecked.status, 200);
  EXPECT_NE(unchecked.body.find("mapping.references_unchecked"), std::string::npos);
  engine.object_reference = types("99");
  EXPECT_EQ(at(parsed(ask("POST", path + "/validate", text)), "/valid"), "true");
}

TEST_F(Administration, SuggestsMappingsOfObjectsByNames) {
  engine.object_reference =
      json::object{{"configuration_types", json::array{json::object{{"id", "25"}, {"name", "Managed Server"}}}}};
  const std::string path = "/v1/partners/northwind/mappings/device_to_configuration";
  const json::object suggestion = parsed(ask("GET", path + "/suggestion"));
  EXPECT_EQ(at(suggestion, "/document/mode"), "test");
  EXPECT_EQ(at(suggestion, "/document/classes/server/id"), "25");
  EXPECT_EQ(at(suggestion, "/choices/0/setting"), "classes.server");
  ASSERT_EQ(ask("PUT", path + "/draft", json::serialize(suggestion.at("document"))).status, 200);
  EXPECT_EQ(ask("POST", path + "/publish").status, 200);
  engine.object_reference = tl::unexpected(Error{"psa.outage", "Down.", {}});
  EXPECT_EQ(at(parsed(ask("GET", path + "/suggestion")), "/code"), "psa.outage");
}

TEST_F(Administration, ShowsReferenceDataOfTicketsWhereThatOfObjectsIsHidden) {
  const std::string path = "/v1/partners/northwind/reference-data";
  engine.object_reference = json::object{{"company_types", json::array{}}};
  EXPECT_EQ(at(parsed(ask("GET", path)), "/objects/company_types"), "[]");
  engine.object_reference = tl::unexpected(Error{"psa.permission_missing", "Not allowed.", {}});
  const net::Response hidden = ask("GET", path);
  EXPECT_EQ(hidden.status, 200);
  EXPECT_EQ(at(parsed(hidden), "/objects_unread"), "Not allowed.");
  EXPECT_EQ(at(parsed(hidden), "/objects"), "(absent)");
}

TEST_F(Administration, ListsRecordsInPagesWithTheirStateInWords) {
  put_record("alert", "a", [&](store::RecordRow& row) { row.due_at = clock.now(); });
  put_record("alert", "b", [&](store::RecordRow& row) {
    row.due_at = clock.now() + std::chrono::minutes{3};
    row.open = true;
  });
  put_record("alert", "c", [](store::RecordRow& row) { row.parked = {"mapping.customer_unknown", "contoso"}; });
  put_record("device", "d");
  store::Transaction transaction;
  transaction.links.push_back({{"northwind", "alert", "b"}, "x", "manage", "ticket", "4711", "ref", "{}"});
  commit(transaction);
  const std::string path = "/v1/partners/northwind/records";
  const json::object first = parsed(ask("GET", path + "?limit=3"));
  ASSERT_EQ(first.at("records").as_array().size(), 3u);
  EXPECT_EQ(at(first, "/records/0/state"), "due");
  EXPECT_EQ(at(first, "/records/1/state"), "waiting");
  EXPECT_EQ(at(first, "/records/1/text"), "Will be looked at again in 3 minutes");
  EXPECT_EQ(at(first, "/records/1/tickets/0/id"), "4711");
  EXPECT_EQ(at(first, "/records/2/state"), "parked");
  EXPECT_EQ(at(first, "/records/2/parked/code"), "mapping.customer_unknown");
  EXPECT_EQ(at(first, "/records/2/parked/detail"), "contoso");
  EXPECT_NE(at(first, "/records/2/text").find(". contoso"), std::string::npos) << at(first, "/records/2/text");
  EXPECT_NE(at(first, "/records/2/parked/action"), "(absent)");
  const json::object second = parsed(ask("GET", path + "?limit=3&after=" + net::percent_encode(at(first, "/next"))));
  ASSERT_EQ(second.at("records").as_array().size(), 1u);
  EXPECT_EQ(at(second, "/records/0/kind"), "device");
  EXPECT_EQ(at(second, "/next"), "(absent)");
  EXPECT_EQ(parsed(ask("GET", path + "?state=parked")).at("records").as_array().size(), 1u);
  EXPECT_EQ(parsed(ask("GET", path + "?state=open&kind=alert")).at("records").as_array().size(), 1u);
  for (const std::string bad : {"?kind=ticket", "?state=odd", "?limit=0", "?limit=1001", "?limit=ten"})
    EXPECT_EQ(ask("GET", path + bad).status, 422) << bad;
}

TEST_F(Administration, AsksWhichPartnerWasMeant) {
  const json::object unknown = parsed(ask("GET", "/v1/partners/nortwind/plan"));
  EXPECT_EQ(at(unknown, "/code"), "partner.unknown");
  EXPECT_EQ(at(unknown, "/detail"), "There is no partner \"nortwind\". Did you mean \"northwind\"?");
  // A key for one partner learns nothing of the others.
  EXPECT_EQ(ask("GET", "/v1/partners/fabrikan/plan", "", northwind_key).body.find("fabrikam"), std::string::npos);
}

TEST_F(Administration, ListsRecordsOfEveryStateThatItShows) {
  put_record("alert", "due", [&](store::RecordRow& row) { row.due_at = clock.now(); });
  put_record("alert", "waiting", [&](store::RecordRow& row) { row.due_at = clock.now() + std::chrono::minutes{3}; });
  put_record("alert", "parked", [&](store::RecordRow& row) {
    row.parked.code = "mapping.customer_unknown";
    row.due_at = clock.now() + std::chrono::minutes{3};
  });
  put_record("alert", "settled");
  for (const std::string state : {"waiting", "parked", "settled"}) {
    const json::object page = parsed(ask("GET", "/v1/partners/northwind/records?state=" + state));
    ASSERT_EQ(page.at("records").as_array().size(), 1u) << state;
    EXPECT_EQ(at(page, "/records/0/key"), state);
    EXPECT_EQ(at(page, "/records/0/state"), state);
  }
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/records?state=idle").status, 422);
}

TEST_F(Administration, DoesNotSayThatAllIsWellWithAnAlertWhoseTicketPeopleHaveClosed) {
  put_record("alert", "v1/edr/contoso/srv-01/disk", [](store::RecordRow& row) { row.open = true; });
  workflows::Link link;
  link.anchor = "a";
  link.object = {"manage", PartnerId("northwind"), psa::ObjectKind::ticket, "1010"};
  link.member = "APIuser";
  link.observed.emplace();
  link.observed->progress.emplace().closed = true;
  link.observed->progress->closed_by = "jsmith";
  store::Transaction transaction;
  store::LinkRow row;
  row.ref = {"northwind", "alert", "v1/edr/contoso/srv-01/disk"};
  row.anchor = "a";
  row.provider = "manage";
  row.object_kind = "ticket";
  row.object_id = "1010";
  row.state = workflows::serialize(link);
  transaction.links.push_back(row);
  store::MappingRow live;
  live.partner = "northwind";
  live.workflow = "alert_to_ticket";
  live.state = "live";
  live.document = R"({"workflow":"alert_to_ticket","mode":"live"})";
  transaction.mappings.push_back(live);
  commit(transaction);
  const json::object body =
      parsed(ask("GET", "/v1/partners/northwind/records/alert/v1%2Fedr%2Fcontoso%2Fsrv-01%2Fdisk"));
  EXPECT_NE(at(body, "/text").find("people have closed"), std::string::npos) << at(body, "/text");
}

TEST_F(Administration, FindsRecordsByATicketsNumberAKeyOrWordsThatPeopleSee) {
  const auto alert = [&](const std::string& subject, const std::string& title) {
    model::Alert made;
    made.ref = {PartnerId{"northwind"}, model::RecordKind::alert, "v1/edr/c-7/" + subject + "/disk"};
    made.content.title = title;
    made.content.newest.identity = "digest1010";
    put_record("alert", made.ref.key, [&](store::RecordRow& row) { row.state = model::serialize(made); });
    return made.ref.key;
  };
  const std::string first = alert("srv-01", "Disk almost full"), second = alert("srv-02", "Backup failed");
  store::Transaction transaction;
  store::LinkRow link;
  link.ref = {"northwind", "alert", second};
  link.anchor = "a";
  link.provider = "manage";
  link.object_kind = "ticket";
  link.object_id = "1010";
  link.state = "{}";
  transaction.links.push_back(link);
  commit(transaction);
  const auto keys = [&](std::string_view words) {
    const json::object found = parsed(ask("GET", "/v1/partners/northwind/records?find=" + net::percent_encode(words)));
    std::string all;
    for (const json::value& each : found.at("records").as_array()) all += std::string(each.at("key").as_string()) + " ";
    return all;
  };
  EXPECT_EQ(keys("#1010"), second + " ") << "and not the one whose state has these figures in it";
  EXPECT_EQ(keys("1010"), second + " ");
  EXPECT_EQ(keys("1011"), "");
  EXPECT_EQ(keys(first), first + " ");
  EXPECT_EQ(keys("FULL disk"), first + " ");
  EXPECT_EQ(keys("digest1010"), "") << "nobody sees it";
  EXPECT_EQ(keys("%"), "");
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/records?find=" + std::string(500, 'a')).status, 422);
}

TEST_F(Administration, ShowsOneRecordWithItsContent) {
  model::Alert alert;
  alert.ref = {PartnerId{"northwind"}, model::RecordKind::alert, "v1/edr/contoso/a%2Fb/c"};
  alert.content.title = "Ransomware";
  alert.content.customer = "contoso";
  alert.content.severity = model::Severity::critical;
  alert.content.severity_known = true;
  put_record("alert", alert.ref.key, [&](store::RecordRow& row) {
    row.state = model::serialize(alert);
    row.open = true;
  });
  store::Transaction transaction;
  transaction.journal.push_back({0,
                                 {"northwind", "alert", alert.ref.key},
                                 clock.now(),
                                 R"({"kind":"decision","text":"It was raised before going live."})"});
  commit(transaction);
  const net::Response response =
      ask("GET", "/v1/partners/northwind/records/alert/" + net::percent_encode(alert.ref.key));
  ASSERT_EQ(response.status, 200) << response.body;
  const json::object body = parsed(response);
  EXPECT_EQ(at(body, "/key"), alert.ref.key);
  EXPECT_EQ(at(body, "/title"), "Ransomware");
  EXPECT_EQ(at(body, "/customer"), "contoso");
  EXPECT_EQ(at(body, "/severity"), "critical");
  EXPECT_EQ(at(body, "/state"), "settled");
  EXPECT_EQ(at(body, "/text"), "It was raised before going live.");
  EXPECT_TRUE(body.at("data").is_object());
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/records/alert/none").status, 404);
  EXPECT_EQ(ask("GET", "/v1/partners/northwind/records/ticket/none").status, 404);
}

TEST_F(Administration, KnowsNeitherOtherPartnersNorOtherPaths) {
  const net::Response unknown = ask("GET", "/v1/partners/nobody/records");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(at(parsed(unknown), "/code"), "partner.unknown");
  EXPECT_EQ(at(parsed(ask("GET", "/v1/nothing")), "/code"), "request.not_found");
  const net::Response wrong = ask("DELETE", "/v1/partners");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(*wrong.headers.find("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(*ask("GET", "/v1/events").headers.find("Allow"), "POST");
  EXPECT_EQ(*ask("POST", "/healthz").headers.find("Allow"), "GET, HEAD");
  for (const char* path : {"/", "/healthz", "/readyz", "/metrics", "/v1/partners", "/v1/partners/northwind"}) {
    EXPECT_EQ(ask("HEAD", path).status, 200) << path;
  }
  EXPECT_EQ(ask("HEAD", "/v1/events").status, 405);
}

TEST_F(Administration, ListsTheCatalogue) {
  const json::object body = parsed(ask("GET", "/v1/errors"));
  EXPECT_GT(body.at("errors").as_array().size(), 50u);
  EXPECT_NE(at(body, "/errors/0/action"), "(absent)");
}

}  // namespace
}  // namespace crosswalk::service

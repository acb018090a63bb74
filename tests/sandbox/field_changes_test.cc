// A later version of the API: fields renamed, removed and new.
#include "sandbox/field_changes.h"

#include <gtest/gtest.h>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

class FieldChanges : public testing::Test {
 protected:
  void play(std::vector<FieldChange> changes) { bench.world.faults().settings.field_changes = std::move(changes); }
  json::value get(const std::string& target) {
    const net::Response response = bench.world.handle(bench.request("GET", target));
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }
  net::Response send(std::string_view method, const std::string& target, std::string body = "") {
    return bench.world.handle(bench.request(method, target, std::move(body)));
  }
  Bench bench;
};

TEST_F(FieldChanges, AreSeenInObjectsListsAndConditions) {
  play({{"service/tickets", "summary", "title"},
        {"service/tickets", "closedFlag", ""},
        {"service/tickets", "", "urgencyScore"}});
  const json::object ticket = get("/service/tickets/1000").as_object();
  EXPECT_TRUE(ticket.contains("title") && ticket.contains("urgencyScore"));
  EXPECT_FALSE(ticket.contains("summary") || ticket.contains("closedFlag"));
  const json::value list = get("/service/tickets?fields=id,title,summary,closedFlag&pageSize=1");
  EXPECT_EQ(list.at(0).as_object().size(), 2u) << json::serialize(list);
  EXPECT_TRUE(list.at(0).as_object().contains("title"));
  EXPECT_EQ(get("/service/tickets?conditions=title%20like%20%22%25summary%25%22").as_array().size(), 0u);
  EXPECT_EQ(get("/service/tickets?conditions=title!=null&orderBy=title%20asc").as_array().size(), 10u);
  const net::Response refused = send("GET", "/service/tickets?conditions=closedFlag=true");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("closedFlag is not a recognized name."), std::string::npos) << refused.body;
  EXPECT_TRUE(get("/company/companies/252").as_object().contains("name")) << "no other collection has changed";
}

TEST_F(FieldChanges, AreSeenInWhatIsWritten) {
  play({{"service/tickets", "summary", "title"}});
  const net::Response made = send("POST", "/service/tickets", R"({"title":"New","company":{"id":252}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json::parse(made.body).at("title").as_string(), "New");
  EXPECT_EQ(send("POST", "/service/tickets", R"({"summary":"Old","company":{"id":252}})").status, 400)
      << "the summary is unknown, and ignored, so the required one is missing";
  EXPECT_EQ(send("PATCH", "/service/tickets/1000", R"([{"op":"replace","path":"title","value":"T"}])").status, 200);
  const net::Response refused =
      send("PATCH", "/service/tickets/1000", R"([{"op":"replace","path":"/summary","value":"T"}])");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("path /summary is not valid"), std::string::npos) << refused.body;
}

TEST_F(FieldChanges, ComeAndGoByTheControlApi) {
  FaultSettings settings;
  const auto apply = [&](std::string_view text) {
    auto changed = apply_json(settings, json::parse(text).as_object());
    if (changed) settings = *changed;
    return changed.has_value();
  };
  EXPECT_TRUE(apply(R"({"field_changes":"next"})"));
  EXPECT_EQ(settings.field_changes.size(), next_version_changes().size());
  EXPECT_EQ(to_json(settings).at("field_changes").as_array().size(), settings.field_changes.size());
  EXPECT_TRUE(apply(R"({"field_changes":[{"collection":"service/tickets","field":"summary","becomes":"title"}]})"));
  EXPECT_EQ(settings.field_changes.size(), 1u);
  for (const char* wrong : {R"({"field_changes":5})", R"({"field_changes":"last"})", R"({"field_changes":[1]})",
                            R"({"field_changes":[{"field":"x"}]})", R"({"field_changes":[{"collection":"x"}]})",
                            R"({"field_changes":[{"collection":"x","field":1}]})"})
    EXPECT_FALSE(apply(wrong)) << wrong;
  EXPECT_TRUE(apply(R"({"field_changes":null})"));
  EXPECT_TRUE(settings.field_changes.empty());
}

TEST_F(FieldChanges, VersionsThatAreKnownAreTakenAndOthersRefused) {
  const auto asked = [&](std::string_view version) {
    net::Request request = bench.request("GET", "/system/info");
    request.headers.set("Accept", "application/vnd.connectwise.com+json; version=" + std::string(version));
    return bench.world.handle(request);
  };
  const net::Response current = asked(kCurrentVersion);
  EXPECT_EQ(current.status, 200);
  EXPECT_EQ(*current.headers.find("api-current-version"), kCurrentVersion);
  EXPECT_EQ(asked("2025.1").status, 200);
  for (const char* none : {"2099.1", "newest", "2026"}) EXPECT_EQ(asked(none).status, 400) << none;
  play(next_version_changes());
  EXPECT_EQ(*asked(kNextVersion).headers.find("api-current-version"), kNextVersion);
  bench.world.switches().unknown_versions_refused = false;
  EXPECT_EQ(asked("2099.1").status, 200);
}

}  // namespace
}  // namespace crosswalk::sandbox

// Behaviours on which sources disagree: read and set over the control API.
#include "sandbox/switches.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "helpers.h"
#include "sandbox/control.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

class SwitchesTest : public ::testing::Test {
 protected:
  net::Response ask(std::string_view method, std::string_view path, std::string body = {}) {
    net::Request request;
    request.method = method;
    request.target = "/sandbox/" + std::string(path);
    request.body = std::move(body);
    return control(bench_.world, request);
  }
  json::object switches(std::string_view method = "GET", std::string body = {}) {
    const net::Response response = ask(method, "switches", std::move(body));
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body).as_object();
  }
  /// One switch is set to something else than it has.
  json::object turn(std::string_view name, const json::value& value) {
    return switches("POST", json::serialize(json::object{{name, value}}));
  }

  Bench bench_;
};

/// Something else that the switch may be.
json::value another(const SwitchLine& line, const json::value& now) {
  if (now.is_bool()) return !now.get_bool();
  if (now.is_array()) return json::array{"6f1c7c1e-0000-4000-8000-000000000001"};
  const auto other =
      std::find_if(line.values.begin(), line.values.end(), [&](std::int64_t each) { return now != each; });
  return *other;
}

TEST_F(SwitchesTest, EachComesBackAsItWasSetAndLeavesTheOthers) {
  const json::object before = switches();
  ASSERT_EQ(before.size(), switch_lines().size());
  for (const SwitchLine& line : switch_lines()) {
    json::object expected = before;
    expected[line.name] = another(line, before.at(line.name));
    EXPECT_EQ(turn(line.name, expected.at(line.name)), expected) << line.name;
    EXPECT_EQ(switches(), expected) << line.name;
    EXPECT_EQ(switches("POST", json::serialize(before)), before) << line.name;
  }
}

TEST_F(SwitchesTest, AllAreThereWithDifferentNamesAndMeanings) {
  std::set<std::string_view> names, meanings;
  for (const SwitchLine& line : switch_lines()) {
    names.insert(line.name);
    meanings.insert(line.meaning);
    EXPECT_EQ(std::holds_alternative<int Switches::*>(line.member), !line.values.empty()) << line.name;
  }
  EXPECT_EQ(names.size(), switch_lines().size());
  EXPECT_EQ(meanings.size(), switch_lines().size());
  const json::value told = json::parse(ask("GET", "switches/meanings").body);
  EXPECT_EQ(told.as_object().size(), names.size());
  EXPECT_EQ(told.at("system_info_open"), "/system/info answers without credentials");
}

TEST_F(SwitchesTest, GoBackToHowTheWorldWasMade) {
  WorldOptions options;
  options.switches.notes_touch_ticket = false;
  World world([this] { return bench_.now; }, options);
  net::Request request;
  request.target = "/sandbox/switches";
  for (const char* how : {"/sandbox/switches", "/sandbox/reset"}) {
    world.switches().notes_touch_ticket = true;
    world.switches().client_id_missing_status = 403;
    request.method = how == std::string_view("/sandbox/reset") ? "POST" : "DELETE";
    request.target = how;
    EXPECT_EQ(control(world, request).status, 200);
    EXPECT_FALSE(world.switches().notes_touch_ticket) << how;
    EXPECT_EQ(world.switches().client_id_missing_status, 401) << how;
  }
}

TEST_F(SwitchesTest, RefuseNonsenseAndStayAsTheyWere) {
  const json::object before = switches();
  for (const auto& [body, part] :
       {std::pair("[]", "the body must be a JSON object"),
        {R"({"system_info_opne":true})", R"("system_info_opne" means nothing here; what is taken: client_id_required)"},
        {R"({"system_info_open":"true"})", "system_info_open must be true or false"},
        {R"({"system_info_open":1})", "system_info_open must be true or false"},
        {R"({"client_id_missing_status":404})", "client_id_missing_status must be one of 400, 401, 403"},
        {R"({"client_id_missing_status":"401"})", "client_id_missing_status must be one of 400, 401, 403"},
        {R"({"client_ids":"x"})", "client_ids must be a list of texts"},
        {R"({"client_ids":["x",7]})", "client_ids must be a list of texts"},
        {R"({"client_ids":["x"," "]})", "client_ids must be a list of texts"},
        {R"({"system_info_open":true,"https_required":"yes"})", "https_required must be true or false"}}) {
    const net::Response refused = ask("POST", "switches", body);
    EXPECT_EQ(refused.status, 400) << body;
    EXPECT_NE(std::string(json::parse(refused.body).at("message").as_string()).find(part), std::string::npos)
        << refused.body;
  }
  EXPECT_EQ(ask("PUT", "switches").status, 405);
  EXPECT_EQ(switches(), before);
}

TEST_F(SwitchesTest, AreDescribedInTheReadme) {
  std::ifstream file(std::string(CROSSWALK_SOURCE_DIR) + "/sandbox/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json::object defaults = to_json(Switches{});
  for (const SwitchLine& line : switch_lines()) {
    const std::string row =
        fmt::format("| `{}` | {} | {} |", line.name, json::serialize(defaults.at(line.name)), line.meaning);
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace crosswalk::sandbox

#include "sandbox/sign_in.h"

#include <gtest/gtest.h>

#include "helpers.h"
#include "sandbox/control.h"
#include "sandbox/field_changes.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;

class SignInTest : public ::testing::Test {
 protected:
  net::Response log_in(std::string body, std::string_view type = "application/x-www-form-urlencoded",
                       std::string_view codebase = "v2025_1") {
    net::Request request;
    request.method = "POST";
    request.target = "/" + std::string(codebase) + "/login/login.aspx?response=json";
    request.headers.set("Content-Type", std::string(type));
    request.body = std::move(body);
    return bench_.world.handle(request);
  }
  std::string hash_of(std::string_view user) {
    const net::Response answer =
        log_in("CompanyName=sandbox&UserName=" + std::string(user) + "&Password=sandbox-password");
    const json::value body = json::parse(answer.body);
    return body.at("Success").as_bool() ? std::string(body.at("Hash").as_string()) : std::string();
  }
  net::Response with_cookies(std::string cookies, std::string_view path = "/system/myMembers/info") {
    net::Request request = bench_.request("GET", path);
    std::erase_if(request.headers.items, [](const auto& header) { return header.first == "Authorization"; });
    request.headers.set("Cookie", std::move(cookies));
    return bench_.world.handle(request);
  }
  static std::string cookies(std::string_view member, std::string_view hash) {
    return "companyName=sandbox; memberHash=" + std::string(hash) + "; memberId=" + std::string(member) +
           "; memberContext=web";
  }
  net::Response hosted(std::string body) {
    net::Request request;
    request.method = "POST";
    request.target = "/sandbox/hosted";
    request.headers.set("Host", "psa.example.com");
    request.body = std::move(body);
    return control(bench_.world, request);
  }

  Bench bench_;
};

TEST_F(SignInTest, APasswordBecomesAHashForFourHours) {
  const std::string hash = hash_of("JSmith");
  ASSERT_FALSE(hash.empty());
  const net::Response own = with_cookies(cookies("jsmith", hash));
  ASSERT_EQ(own.status, 200) << own.body;
  EXPECT_EQ(json::parse(own.body).at("identifier"), "jsmith");
  // Names of cookies come in any case, and each in a header of its own.
  EXPECT_EQ(with_cookies("CompanyName=sandbox;MemberHash=" + hash + ";MemberID=JSMITH;MemberContext=web").status, 200);
  net::Request basic = bench_.request("GET", "/system/myMembers");
  basic.headers.set("Authorization", "Basic " + base64_encode("sandbox+jsmith:" + hash));
  EXPECT_EQ(json::parse(bench_.world.handle(basic).body).at("id"), 101);
  bench_.now += std::chrono::hours(4);
  EXPECT_EQ(with_cookies(cookies("jsmith", hash)).status, 401);
  EXPECT_EQ(bench_.world.handle(basic).status, 401);
}

TEST_F(SignInTest, AHashIsOneMembersAndNeedsAllFourCookies) {
  const std::string hash = hash_of("jsmith");
  EXPECT_EQ(with_cookies(cookies("mlopez", hash)).status, 401);
  EXPECT_EQ(with_cookies(cookies("nobody", hash)).status, 401);
  EXPECT_EQ(with_cookies(cookies("jsmith", "guessed")).status, 401);
  EXPECT_EQ(with_cookies("companyName=sandbox; memberId=jsmith; memberHash=" + hash).status, 401);
  EXPECT_EQ(with_cookies("companyName=other; memberContext=web; memberId=jsmith; memberHash=" + hash).status, 401);
  EXPECT_EQ(with_cookies("nonsense").status, 401);
  EXPECT_NE(hash_of("jsmith"), hash);
}

TEST_F(SignInTest, OnlyMembersWhoMaySignInGetOne) {
  for (const char* user : {"rold", "APIuser", "nobody", ""}) EXPECT_EQ(hash_of(user), "") << user;
  const net::Response wrong = log_in("CompanyName=sandbox&UserName=jsmith&Password=guessed");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_EQ(wrong.body, R"({"Success":false,"Hash":null})");
  EXPECT_EQ(log_in("CompanyName=other&UserName=jsmith&Password=other-password").body, wrong.body);
  EXPECT_EQ(log_in("CompanyName=sandbox&UserName=jsmith&Password=sandbox-password", "", "v2019_1").status, 400);
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"companyname\"\r\n\r\nsandbox\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\njsmith\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nsandbox-password\r\n--b--\r\n";
  const net::Response multipart = log_in(form, "multipart/form-data; boundary=b", "v4_6_release");
  EXPECT_EQ(json::parse(multipart.body).at("Success"), true);
  for (const Call& call : bench_.world.calls()) {
    EXPECT_EQ(call.request_body.find("password"), std::string::npos);
    EXPECT_EQ(call.answer_body.find("Hash"), std::string::npos);
  }
}

TEST_F(SignInTest, CallsAreInTheMembersOwnNameAndRights) {
  ASSERT_TRUE(bench_.world.set_rights("sandbox", "ReadOnly", "Service Tickets", ""));
  const json::value roles = bench_.get("/system/securityroles?conditions=" + encoded("name=\"ReadOnly\""));
  ASSERT_EQ(bench_
                .call("PATCH", "/system/members/102",
                      R"([{"op":"replace","path":"securityRole","value":{"id":)" +
                          json::serialize(roles.at(0).at("id")) + "}}]")
                .status,
            200);
  const std::string hash = hash_of("mlopez");
  EXPECT_EQ(with_cookies(cookies("mlopez", hash), "/service/tickets").status, 403);
  EXPECT_EQ(with_cookies(cookies("mlopez", hash), "/company/companies").status, 200);
}

TEST_F(SignInTest, AHostedPageIsOpenedWithItsTokensReplaced) {
  const net::Response made = bench_.call("POST", "/system/connectwisehostedsetups",
                                         R"({"screenId":1,"description":"Pod","type":"Pod","podHeight":300,
      "url":"https://vendor.example/[cw_screen]/[cw_id]?id=[cw_id]","origin":"https://vendor.example"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string setup = json::serialize(json::parse(made.body).at("id"));
  const net::Response answer = hosted(R"({"record":252,"member":"apatel","setup":)" + setup + "}");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::value shown = json::parse(answer.body);
  EXPECT_EQ(shown.at("url"), "https://vendor.example/company/252?id=252");
  EXPECT_EQ(shown.at("height"), 300);
  EXPECT_EQ(json::serialize(shown.at("screenObject")), R"({"screen":"company","id":"252","hostedAs":"Pod"})");
  const json::value& who = shown.at("authentication");
  EXPECT_EQ(who.at("site"), "psa.example.com");
  EXPECT_EQ(who.at("companyid"), "sandbox");
  EXPECT_EQ(who.at("codeBase"), "v2025_1");
  EXPECT_EQ(who.at("memberEmail"), "apatel@northwind-msp.example");
  EXPECT_EQ(with_cookies(cookies("apatel", std::string_view(who.at("memberHash").as_string()))).status, 200);
  EXPECT_EQ(hosted(R"({"setup":999})").status, 404);
  EXPECT_EQ(hosted(R"({"member":"rold","setup":)" + setup + "}").status, 409);
  EXPECT_EQ(hosted("no JSON").status, 400);
  bench_.call("PATCH", "/system/connectwisehostedsetups/" + setup,
              R"([{"op":"replace","path":"disabledFlag","value":true}])");
  EXPECT_EQ(hosted(R"({"setup":)" + setup + "}").status, 409);
}

TEST_F(SignInTest, HostedSetupsNameAScreenAndButtonsATextOfTheirOwn) {
  const auto made = [&](const std::string& more) {
    return bench_.call("POST", "/system/connectwisehostedsetups",
                       R"({"description":"Ours","url":"https://vendor.example")" + more + "}");
  };
  const net::Response unknown = made(R"(,"screenId":99,"type":"Tab")");
  ASSERT_EQ(unknown.status, 400);
  EXPECT_EQ(json::parse(unknown.body).at("errors").at(0).at("field"), "screenId");
  EXPECT_EQ(made(R"(,"screenId":3,"type":"Tab")").status, 201);
  const net::Response silent = made(R"(,"screenId":4,"type":"ToolbarButton")");
  ASSERT_EQ(silent.status, 400);
  EXPECT_EQ(json::parse(silent.body).at("errors").at(0).at("field"), "toolbarButtonText");
  EXPECT_EQ(made(R"(,"screenId":4,"type":"ToolbarButton","toolbarButtonText":"Open")").status, 201);
}

TEST_F(SignInTest, DocumentsShowThePrivacyThatWasAskedFor) {
  const auto part = [](const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  const auto upload = [&](const std::string& path, const std::string& more) {
    net::Request request = bench_.request("POST", path,
                                          part("recordType", "Ticket") + part("recordId", "1002") +
                                              part("url", "https://vendor.example/log") + more + "--b--\r\n");
    request.headers.set("Content-Type", "multipart/form-data; boundary=b");
    return json::parse(bench_.world.handle(request).body);
  };
  const json::value open = upload("/system/documents", "");
  EXPECT_EQ(open.at("publicFlag"), true);
  EXPECT_EQ(open.at("readOnlyFlag"), false);
  const json::value closed = upload("/system/documents", part("privateFlag", "true") + part("readOnlyFlay", "true"));
  EXPECT_EQ(closed.at("publicFlag"), false);
  EXPECT_EQ(closed.at("readOnlyFlag"), true);
  // What a later upload does not speak of stays as it was.
  const std::string path = "/system/documents/" + json::serialize(closed.at("id"));
  EXPECT_EQ(upload(path, part("title", "Log")).at("publicFlag"), false);
  EXPECT_EQ(upload(path, part("privateFlag", "false")).at("publicFlag"), true);
  EXPECT_EQ(bench_.get(path).at("readOnlyFlag"), true);
}

TEST_F(SignInTest, EveryAnswerOfTheApiTellsItsVersion) {
  const auto version = [](const net::Response& response) {
    const std::string* told = response.headers.find("api-current-version");
    return told == nullptr ? std::string() : *told;
  };
  const std::string current(kCurrentVersion);
  EXPECT_EQ(version(bench_.call("GET", "/service/boards")), current);
  EXPECT_EQ(version(bench_.call("GET", "/service/boards/999")), current);
  EXPECT_EQ(version(bench_.call("GET", "/nonsense")), current);
  EXPECT_EQ(version(bench_.call("POST", "/system/standardreport/1", "{}")), current);
  EXPECT_EQ(version(with_cookies("nonsense")), current);
  net::Request stranger = bench_.request("GET", "/service/boards");
  stranger.headers.set("clientId", "");
  EXPECT_EQ(version(bench_.world.handle(stranger)), current);
  net::Request lost = bench_.request("GET", "/service/boards");
  lost.target = "/v2019_1/apis/3.0/service/boards";
  EXPECT_EQ(version(bench_.world.handle(lost)), "") << "the gateway does not know";
  auto& settings = bench_.world.faults().settings;
  settings.faults.push_back({.kind = FaultKind::status, .status = 429});
  EXPECT_EQ(version(bench_.call("GET", "/service/boards")), current);
  settings.faults.push_back({.kind = FaultKind::html});
  EXPECT_EQ(version(bench_.call("GET", "/service/boards")), "") << "a proxy's page";
  settings.field_changes = next_version_changes();
  EXPECT_EQ(version(bench_.world.handle(bench_.request("GET", "/service/boards"))), kNextVersion);
}

}  // namespace
}  // namespace crosswalk::sandbox

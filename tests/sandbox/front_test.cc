#include "sandbox/front.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "helpers.h"

namespace crosswalk::sandbox {
namespace {

namespace json = boost::json;
using boost::asio::ip::tcp;

/// One request on a connection of its own; everything that came back, as it came.
std::string exchange(std::uint16_t port, const net::Request& request, const std::string& version = "HTTP/1.1") {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  std::string text = request.method + " " + request.target + " " + version + "\r\n";
  for (const auto& [name, value] : request.headers.items) text += name + ": " + value + "\r\n";
  text += "Connection: close\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
  boost::asio::write(socket, boost::asio::buffer(text));
  std::string answer;
  boost::system::error_code error;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  return answer;
}

json::value body_of(const std::string& answer) { return json::parse(answer.substr(answer.find("\r\n\r\n") + 4)); }

class FrontTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(front_.start({})); }
  void TearDown() override { front_.stop(); }

  std::string control(std::string_view method, std::string_view path, std::string body = {}) {
    net::Request request;
    request.method = method;
    request.target = path;
    request.headers.set("Host", "localhost");
    request.body = std::move(body);
    return exchange(front_.port(), request);
  }

  Bench bench_;
  Front front_{bench_.world};
};

TEST_F(FrontTest, ServesTheApiOverHttp) {
  const std::string made = exchange(
      front_.port(), bench_.request("POST", "/service/tickets", R"({"summary":"Over HTTP","company":{"id":252}})"));
  EXPECT_TRUE(made.starts_with("HTTP/1.1 201")) << made;
  EXPECT_EQ(body_of(made).at("summary"), "Over HTTP");
  EXPECT_TRUE(exchange(front_.port(), bench_.request("GET", "/nonsense")).starts_with("HTTP/1.1 404"));
}

TEST_F(FrontTest, LinksOfARequestWithoutAHostLeadToWhereItListens) {
  const std::string here = "\"http://127.0.0.1:" + std::to_string(front_.port()) + "/v2025_1/apis/3.0/";
  net::Request request;
  request.method = "GET";
  request.target = "/sandbox/list?collection=company/companies&limit=1";
  EXPECT_NE(exchange(front_.port(), request, "HTTP/1.0").find(here), std::string::npos);
  request.headers.set("Host", "psa.example:8600");
  const std::string answer = exchange(front_.port(), request);
  EXPECT_EQ(answer.find(here), std::string::npos);
  EXPECT_NE(answer.find("\"http://psa.example:8600/v2025_1/apis/3.0/"), std::string::npos);
}

TEST_F(FrontTest, ServesThePageThatHostsOthers) {
  const std::string page = control("GET", "/sandbox/hosted?setup=1&record=2");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200")) << page;
  EXPECT_NE(page.find("frame-src http: https:"), std::string::npos);
  EXPECT_EQ(control("GET", "/").find("frame-src"), std::string::npos);
  for (const char* file : {"/hosted.js", "/page.js", "/people.js", "/details.js"})
    EXPECT_TRUE(control("GET", file).starts_with("HTTP/1.1 200")) << file;
  EXPECT_TRUE(control("POST", "/sandbox/hosted", R"({"setup":999})").starts_with("HTTP/1.1 404"));
}

TEST_F(FrontTest, DropsAndDelaysOnCommand) {
  EXPECT_TRUE(control("POST", "/sandbox/faults", R"({"faults":[{"kind":"drop_after"},{"kind":"slow","delay_ms":30}]})")
                  .starts_with("HTTP/1.1 200"));
  EXPECT_EQ(exchange(front_.port(), bench_.request("GET", "/service/boards")), "");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(exchange(front_.port(), bench_.request("GET", "/service/boards")).starts_with("HTTP/1.1 200"));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(30));
  EXPECT_TRUE(control("POST", "/sandbox/faults", R"({"nonsense":1})").starts_with("HTTP/1.1 400"));
  EXPECT_EQ(body_of(control("DELETE", "/sandbox/faults")).at("latency_ms"), 0);
}

TEST_F(FrontTest, BodiesDripAndBreakOffOnTheWire) {
  control("POST", "/sandbox/faults", R"({"seed":3,"faults":[{"kind":"drip","delay_ms":60},{"kind":"cut_body"}]})");
  const auto before = std::chrono::steady_clock::now();
  const std::string whole = exchange(front_.port(), bench_.request("GET", "/service/boards"));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(50));
  EXPECT_EQ(body_of(whole).as_array().size(), 5u);
  const std::string cut = exchange(front_.port(), bench_.request("GET", "/service/boards"));
  EXPECT_TRUE(cut.starts_with("HTTP/1.1 200"));
  EXPECT_LT(cut.size(), whole.size());
  EXPECT_NE(cut.find("\r\n\r\n["), std::string::npos);
}

TEST_F(FrontTest, ControlsPeopleAndShowsWhatHappened) {
  const json::value moved = body_of(control(
      "POST", "/sandbox/technician", R"({"action":"move","ticket":1002,"status":"In Progress","member":"mlopez"})"));
  EXPECT_EQ(moved.at("status").at("name"), "In Progress");
  EXPECT_EQ(moved.at("_info").at("updatedBy"), "mlopez");
  EXPECT_TRUE(control("POST", "/sandbox/technician", R"({"action":"move","ticket":1002,"status":"Nowhere"})")
                  .starts_with("HTTP/1.1 409"));
  EXPECT_TRUE(control("POST", "/sandbox/technician", R"({"action":"note","ticket":1002,"text":"On it"})")
                  .starts_with("HTTP/1.1 200"));
  EXPECT_EQ(body_of(control("GET", "/sandbox/notes?ticket=1002")).as_array().size(), 2u);
  EXPECT_EQ(body_of(control("GET", "/sandbox/tickets?limit=3")).at("tickets").as_array().size(), 3u);
  EXPECT_TRUE(control("POST", "/sandbox/reference",
                      R"({"collection":"service/boards/statuses","action":"rename","id":301,"name":"Fresh"})")
                  .starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(control("POST", "/sandbox/tenants", R"({"login_company":"second"})").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(body_of(control("GET", "/sandbox/state")).at("tenants").as_array().size(), 2u);
  exchange(front_.port(), bench_.request("GET", "/service/boards"));
  const json::value calls = body_of(control("GET", "/sandbox/calls?limit=1"));
  EXPECT_EQ(calls.at(0).at("status"), 200);
  EXPECT_TRUE(control("POST", "/sandbox/reset").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(body_of(control("GET", "/sandbox/calls")).as_array().size(), 0u);
  EXPECT_TRUE(control("GET", "/sandbox/nonsense").starts_with("HTTP/1.1 404"));
}

TEST_F(FrontTest, SwitchesChangeWhatTheApiDoes) {
  const auto turn = [&](std::string body) {
    EXPECT_TRUE(control("POST", "/sandbox/switches", std::move(body)).starts_with("HTTP/1.1 200"));
  };
  const auto status = [&](const net::Request& request) { return exchange(front_.port(), request).substr(9, 3); };
  net::Request info = bench_.request("GET", "/system/info");
  std::erase_if(info.headers.items, [](const auto& header) { return header.first == "Authorization"; });
  EXPECT_EQ(status(info), "401");
  turn(R"({"system_info_open":true})");
  EXPECT_EQ(status(info), "200");

  net::Request nameless = bench_.request("GET", "/service/boards");
  std::erase_if(nameless.headers.items, [](const auto& header) { return header.first == "clientId"; });
  EXPECT_EQ(status(nameless), "401");
  turn(R"({"client_id_missing_status":403})");
  EXPECT_EQ(status(nameless), "403");
  turn(R"({"client_id_required":false})");
  EXPECT_EQ(status(nameless), "200");
  turn(R"({"client_id_required":true,"client_ids":["00000000-0000-4000-8000-000000000000"]})");
  EXPECT_EQ(status(bench_.request("GET", "/service/boards")), "403");
  turn(R"({"client_ids":[]})");

  const auto cloud = [&] { return body_of(control("GET", "/login/companyinfo/sandbox")).at("IsCloud"); };
  EXPECT_EQ(cloud(), "True");
  turn(R"({"is_cloud_as_text":false})");
  EXPECT_EQ(cloud(), true);

  net::Request inactive =
      bench_.request("POST", "/service/tickets", R"({"summary":"Old board","company":{"id":252},"board":{"id":9}})");
  EXPECT_EQ(status(inactive), "400");
  turn(R"({"inactive_refused":false})");
  EXPECT_EQ(status(inactive), "201");

  EXPECT_EQ(status(bench_.request("POST", "/finance/agreements/252/invoice")), "201") << "of this month";
  EXPECT_EQ(status(bench_.request("POST", "/finance/agreements/252/invoice")), "400") << "of the next";
  turn(R"({"agreements_invoiced_ahead":true})");
  EXPECT_EQ(status(bench_.request("POST", "/finance/agreements/252/invoice")), "201");

  turn(R"({"https_required":true})");
  EXPECT_EQ(status(bench_.request("GET", "/service/boards")), "403");
  EXPECT_TRUE(control("DELETE", "/sandbox/switches").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(status(bench_.request("GET", "/service/boards")), "200");
}

TEST_F(FrontTest, TheRobotIsSwitchedByTheControlApi) {
  EXPECT_EQ(body_of(control("GET", "/sandbox/robot")).at("per_minute"), 0);
  EXPECT_EQ(body_of(control("POST", "/sandbox/robot", R"({"per_minute":30})")).at("per_minute"), 30);
  EXPECT_TRUE(control("POST", "/sandbox/robot", R"({"pace":30})").starts_with("HTTP/1.1 400"));
  {
    const auto held = front_.lock();
    bench_.world.robot().step(bench_.world, bench_.now);
    bench_.now += std::chrono::minutes(10);
    bench_.world.robot().step(bench_.world, bench_.now);
  }
  EXPECT_GT(body_of(control("GET", "/sandbox/robot")).at("actions").as_int64(), 100);
  EXPECT_EQ(body_of(control("DELETE", "/sandbox/robot")).at("per_minute"), 0);
}

TEST_F(FrontTest, ShowsAPage) {
  const std::string page = control("GET", "/");
  EXPECT_TRUE(page.starts_with("HTTP/1.1 200"));
  EXPECT_NE(page.find("<title>ConnectWise sandbox</title>"), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);
}

TEST_F(FrontTest, ConnectWisesAddressOfATicketLeadsToThePage) {
  const std::string answer =
      control("GET", "/v4_6_release/services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=1002");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 302")) << answer;
  EXPECT_NE(answer.find("Location: /#view=tickets&tenant=sandbox&id=1002\r\n"), std::string::npos) << answer;
  const auto held = front_.lock();
  EXPECT_TRUE(bench_.world.calls().empty());
}

}  // namespace
}  // namespace crosswalk::sandbox

// The PSA tells of changes by itself: registered and kept alive by us, believed only when proven, never relied upon.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "objects_world.h"
#include "sandbox/deliveries.h"

namespace crosswalk::simulation {
namespace {

constexpr const char* kCallbacks = "system/callbacks";
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Callbacks : public Objects {
 protected:
  void begin_told(const std::function<void(json::object&)>& change = nullptr) {
    simulation.switch_callbacks_on();
    begin(change);
    settle();
  }
  std::vector<json::object> registrations() { return simulation.world().list("sandbox", kCallbacks); }
  json::object registration(std::string_view type) {
    for (json::object& each : registrations())
      if (text(each, "type") == type) return each;
    ADD_FAILURE() << "no callback for " << type;
    return {};
  }
  json::object state(std::string_view kind) {
    json::object found;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto told = co_await simulation.engine().callbacks(PartnerId("northwind"));
      EXPECT_TRUE(told);
      if (!told) co_return;
      for (const json::value& each : told->at("kinds").as_array())
        if (each.at("kind").as_string() == kind) found = each.as_object();
    });
    return found;
  }
  Result<json::object> checked() {
    Result<json::object> told = json::object{};
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      told = co_await simulation.engine().ensure_callbacks(PartnerId("northwind"));
    });
    return told;
  }
  void rename(const std::string& configuration_id, const std::string& serial) {
    technician("PATCH", "/company/configurations/" + configuration_id,
               json::array{json::object{{"op", "replace"}, {"path", "serialNumber"}, {"value", serial}}});
  }
  /// A linked device whose serial number the product owns.
  std::string linked_device() {
    publish_devices();
    settle();
    device("d1");
    settle();
    return linked_to("device", "d1");
  }
  const engine::Metrics& metrics() { return simulation.engine().metrics(); }
};

TEST_F(Callbacks, RegistersWhatLiveWorkflowsNeedAndNothingInTestMode) {
  begin_told([](json::object& document) { document["mode"] = "test"; });
  EXPECT_TRUE(registrations().empty()) << "registering is a write";
  EXPECT_EQ(state("ticket").at("state"), "off");
  simulation.publish("northwind", sample_mapping(simulation));
  settle();
  ASSERT_EQ(registrations().size(), 1u);
  const json::object ticket = registration("ticket");
  EXPECT_EQ(text(ticket, "level"), "owner");
  EXPECT_EQ(text(ticket, "url"), Simulation::callback_target("northwind").url);
  EXPECT_FALSE(ticket.at("inactiveFlag").as_bool());
  EXPECT_EQ(state("ticket").at("state"), "quiet");
  publish_devices();
  publish_customers();
  settle();
  EXPECT_EQ(registrations().size(), 3u);
  EXPECT_EQ(state("contact").at("state"), "off");
}

TEST_F(Callbacks, P18_WhatPeopleChangeIsSeenWithinSecondsWithoutASweep) {
  begin_told();
  const std::string id = linked_device();
  EXPECT_EQ(state("configuration").at("state"), "heard") << "our own write came back: a canary that costs nothing";
  const auto sweeps = metrics().sweeps.load();
  (void)calls();
  rename(id, "changed-by-hand");
  simulation.run_for(seconds{10});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77") << "the product owns it";
  EXPECT_EQ(metrics().sweeps.load(), sweeps);
  const auto made = calls();
  int reads = 0, writes = 0;
  for (const auto& [name, count] : made) {
    if (name.find("company/configurations") == std::string::npos) continue;
    (name.starts_with("GET") ? reads : writes) += count;
  }
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(writes, 2) << "the technician's and ours";
}

TEST_F(Callbacks, OurOwnWritesAreNoNews) {
  begin_told();
  raise();
  linked_device();
  resolve();
  settle();
  EXPECT_GT(metrics().callbacks_received.load(), 2u);
  EXPECT_GT(metrics().callbacks_echoes.load(), 0u);
  EXPECT_EQ(metrics().callbacks_news.load(), 0u);
  (void)calls();
  simulation.run_for(minutes{3});
  EXPECT_EQ(count_calls(), 0);
}

TEST_F(Callbacks, RepeatsFloodsAndAnyOrderAreOneRead) {
  begin_told();
  const std::string id = linked_device();
  simulation.world().deliveries().settings.repeated = 1;
  (void)calls();
  for (int i = 0; i < 40; ++i) rename(id, "by-hand-" + std::to_string(i));
  simulation.run_for(seconds{20});
  int reads = 0;
  for (const auto& [name, count] : calls())
    if (name.starts_with("GET") && name.find("company/configurations") != std::string::npos) reads += count;
  EXPECT_GE(reads, 1);
  EXPECT_LE(reads, 2);
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

TEST_F(Callbacks, MoreThanCanWaitIsLeftToTheSweep) {
  begin_told();
  const std::string id = linked_device();
  rename(id, "by-hand");
  for (int i = 0; i < 5'000; ++i) simulation.engine().told(PartnerId("northwind"), {"{}", ""});
  EXPECT_GT(metrics().callbacks_dropped.load(), 0u);
  const auto sweeps = metrics().sweeps.load();
  simulation.run_for(minutes{3});
  EXPECT_EQ(metrics().sweeps.load(), sweeps + 1) << "once, whatever came";
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

TEST_F(Callbacks, WhatIsNotProvenIsNotBelieved) {
  begin_told();
  const std::string id = linked_device();
  (void)calls();
  const auto message = [&](const std::string& key_url) {
    return json::serialize(json::object{{"Type", "configuration"},
                                        {"Action", "deleted"},
                                        {"ID", std::stoll(id)},
                                        {"CompanyId", "sandbox"},
                                        {"Entity", nullptr},
                                        {"Metadata", json::object{{"key_url", key_url}}}});
  };
  const std::string own = "http://sandbox.test/v4_6_release/system/callbackkey/index.rails?companyName=sandbox&id=x";
  for (const std::string& url :
       {own, std::string("http://evil.test/v4_6_release/system/callbackkey/index.rails?companyName=sandbox&id=x"),
        std::string("http://sandbox.test@evil.test/system/callbackkey/index.rails"),
        std::string("https://sandbox.test/system/callbackkey/index.rails"),
        std::string("http://sandbox.test/v4_6_release/apis/3.0/company/companies")})
    simulation.engine().told(PartnerId("northwind"), {message(url), "AAAA"});
  simulation.engine().told(PartnerId("northwind"), {"no JSON", ""});
  simulation.run_for(seconds{30});
  EXPECT_EQ(metrics().callbacks_refused.load(), 6u);
  EXPECT_EQ(metrics().callbacks_news.load(), 0u);
  const auto made = calls();
  int asked = 0;
  for (const auto& [name, count] : made) asked += count;
  EXPECT_LE(asked, 1) << "only the partner's own key page is ever asked";
}

TEST_F(Callbacks, P18_ADayWithoutAnyCallbackIsNoticedAndNothingIsWrong) {
  begin_told();
  publish_devices();
  // Each is changed twice: a field that is changed back three times is left.
  for (int i = 0; i < 12; ++i) device("d" + std::to_string(i));
  settle();
  simulation.weather.callback_lost = 1;
  for (int hour = 0; hour < 24; ++hour) {
    const std::string key = "d" + std::to_string(hour % 12);
    rename(linked_to("device", key), "by-hand-" + std::to_string(hour));
    simulation.run_for(hours{1});
    ASSERT_EQ(text(configuration(key), "serialNumber"), "SN-" + key + "-77") << "hour " << hour;
  }
  const json::object silent = state("configuration");
  EXPECT_EQ(silent.at("state"), "silent");
  EXPECT_TRUE(silent.at("missed_since").is_string());
  simulation.weather.callback_lost = 0;
  device("d99");
  simulation.run_for(minutes{1});
  EXPECT_EQ(state("configuration").at("state"), "heard") << "our own write is heard again";
}

TEST_F(Callbacks, ADisabledMovedOrRemovedRegistrationIsMended) {
  begin_told();
  const json::object first = registration("ticket");
  const std::string path = "/system/callbacks/" + std::to_string(first.at("id").as_int64());
  technician("PATCH", path,
             json::array{json::object{{"op", "replace"}, {"path", "inactiveFlag"}, {"value", true}},
                         json::object{{"op", "replace"},
                                      {"path", "url"},
                                      {"value", "https://old.test" + Simulation::callback_target("northwind").tail}}});
  ASSERT_TRUE(checked());
  EXPECT_FALSE(registration("ticket").at("inactiveFlag").as_bool());
  EXPECT_EQ(text(registration("ticket"), "url"), Simulation::callback_target("northwind").url);
  EXPECT_EQ(registration("ticket").at("id"), first.at("id"));
  technician("DELETE", path, {});
  ASSERT_TRUE(checked());
  EXPECT_EQ(registrations().size(), 1u);
  EXPECT_EQ(state("ticket").at("state"), "quiet");
}

TEST_F(Callbacks, RegistrationIsComparedByItselfAndOthersAreLeftAlone) {
  begin_told();
  const auto foreign = [&](const std::string& url) {
    technician("POST", "/system/callbacks",
               json::object{{"url", url}, {"objectId", 1}, {"type", "company"}, {"level", "owner"}});
  };
  foreign("https://other.test/hook?recordId=");
  foreign("https://crosswalk.test/v1/callbacks/southwind/secret?recordId=");
  technician("DELETE", "/system/callbacks/" + std::to_string(registration("ticket").at("id").as_int64()), {});
  EXPECT_EQ(registrations().size(), 2u);
  simulation.run_for(hours{7});
  EXPECT_EQ(registrations().size(), 3u);
  (void)registration("ticket");
}

TEST_F(Callbacks, LostAnswerDoesNotRegisterTwice) {
  simulation.weather.lost_after = 1;
  begin_told();
  simulation.run_for(seconds{40});
  simulation.weather = Weather::calm();
  simulation.run_for(hours{1});
  EXPECT_EQ(registrations().size(), 1u);
  EXPECT_EQ(state("ticket").at("state"), "quiet");
}

TEST_F(Callbacks, MissingRightIsToldAndNothingStops) {
  simulation.world().switches().callbacks_need_rights = true;
  ASSERT_TRUE(simulation.world().set_role("sandbox", "Integration"));
  begin_told();
  raise();
  settle();
  ASSERT_EQ(simulation.our_tickets().size(), 1u);
  const json::object told = state("ticket");
  EXPECT_EQ(told.at("state"), "problem");
  EXPECT_EQ(told.at("problem").at("code"), "psa.permission_missing");
}

TEST_F(Callbacks, DisconnectingRemovesWhatIsOurs) {
  begin_told();
  publish_devices();
  settle();
  ASSERT_EQ(registrations().size(), 2u);
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto removed = co_await simulation.engine().remove_callbacks(PartnerId("northwind"));
    EXPECT_EQ(removed ? removed->at("removed") : json::value(removed.error().message), 2);
  });
  EXPECT_TRUE(registrations().empty());
}

TEST_F(Callbacks, TakingTheAddressAwayTakesBackWhatWasRegistered) {
  begin_told();
  linked_device();
  ASSERT_EQ(registrations().size(), 2u);
  simulation.switch_callbacks_off();
  simulation.crash();
  simulation.start();
  settle();
  EXPECT_TRUE(registrations().empty());
  EXPECT_EQ(state("ticket").at("state"), "off");
  EXPECT_EQ(checked().error().code, "callback.not_configured");
  raise("critical", "desk-9");
  simulation.run_for(hours{2});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Callbacks, WhatATechnicianDidJustBeforeAWriteOfOursIsNotTakenForOurs) {
  begin_told();
  publish_devices();
  settle();
  device("d1");
  settle();
  const std::string id = linked_to("device", "d1");
  const auto news = metrics().callbacks_news.load();
  rename(id, "by-hand");
  device("d1", {{"os", "Windows 12"}});
  simulation.run_for(minutes{1});
  EXPECT_GT(metrics().callbacks_news.load(), news);
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
}

TEST_F(Callbacks, LinkingWhatATechnicianMadeDoesNotMakeThemUs) {
  begin_told();
  publish_customers();
  settle();
  const std::string company = simulation.id_of(kCompanies, "BlueRiver");
  technician("PATCH", "/company/companies/" + company,
             json::array{json::object{{"op", "replace"}, {"path", "website"}, {"value", "https://blue.example"}}});
  simulation.run_for(minutes{1});
  customer("blue", text(*simulation.world().find("sandbox", kCompanies, std::stoll(company)), "name"));
  settle();
  ASSERT_EQ(linked_to("customer", "blue"), company);
  const auto news = metrics().callbacks_news.load();
  technician("PATCH", "/company/companies/" + company,
             json::array{json::object{{"op", "replace"}, {"path", "website"}, {"value", "https://later.example"}}});
  simulation.run_for(seconds{20});
  EXPECT_EQ(metrics().callbacks_news.load(), news + 1);
}

TEST_F(Callbacks, ComparisonsAtOnceRegisterOnce) {
  begin_told();
  technician("DELETE", "/system/callbacks/" + std::to_string(registration("ticket").at("id").as_int64()), {});
  int done = 0;
  const auto check = [&]() -> boost::asio::awaitable<void> {
    const auto told = co_await simulation.engine().ensure_callbacks(PartnerId("northwind"));
    EXPECT_TRUE(told);
    ++done;
  };
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::co_spawn(executor, check(), boost::asio::detached);
    boost::asio::co_spawn(executor, check(), boost::asio::detached);
    co_await check();
  });
  simulation.run_for(minutes{1});
  EXPECT_EQ(done, 3);
  EXPECT_EQ(registrations().size(), 1u);
  EXPECT_EQ(state("ticket").at("state"), "quiet");
}

TEST_F(Callbacks, AlertsDoNotWaitForACallbackPageThatHangs) {
  begin_told();
  simulation.weather.latency = seconds{8};
  boost::asio::co_spawn(
      simulation.executor(),
      [&]() -> boost::asio::awaitable<void> {
        (void)co_await simulation.engine().ensure_callbacks(PartnerId("northwind"));
      },
      boost::asio::detached);
  simulation.run_for(seconds{1});
  simulation.weather.latency = Duration{50};
  raise();
  simulation.run_for(seconds{3});
  EXPECT_EQ(simulation.our_tickets().size(), 1u);
}

TEST_F(Callbacks, AfterARestartTheAddressIsComparedAndTheBooksAreKept) {
  begin_told();
  const std::string id = linked_device();
  simulation.crash();
  rename(id, "while-nobody-listened");
  simulation.run_for(minutes{1});
  simulation.start();
  simulation.run_for(minutes{20});
  EXPECT_EQ(text(configuration("d1"), "serialNumber"), "SN-d1-77");
  EXPECT_EQ(registrations().size(), 2u);
}

}  // namespace
}  // namespace crosswalk::simulation

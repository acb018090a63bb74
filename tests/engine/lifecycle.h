#pragma once

#include <gtest/gtest.h>

#include "simulation.h"

namespace crosswalk::simulation {

namespace json = boost::json;

inline std::string text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}
inline std::string status_of(const json::object& ticket) {
  return std::string(ticket.at("status").at("name").as_string());
}
inline bool is_closed(const json::object& ticket) { return ticket.at("closedFlag").as_bool(); }

/// One partner with a live mapping in a calm world.
class Lifecycle : public ::testing::Test {
 protected:
  void begin(const std::function<void(json::object&)>& change = nullptr) {
    simulation.add_partner("northwind");
    simulation.publish("northwind", sample_mapping(simulation, change));
    simulation.start();
    simulation.run_for(std::chrono::seconds{1});
  }
  void raise(const std::string& severity = "critical", const std::string& subject = "desk-7") {
    simulation.send("northwind", "alert.raised", simulation.timeline().now(),
                    alert_data("acme", subject, "malware", severity));
  }
  void resolve(const std::string& subject = "desk-7") {
    json::object data = alert_data("acme", subject, "malware");
    data["resolution"] = "Quarantined.";
    simulation.send("northwind", "alert.resolved", simulation.timeline().now(), data);
  }
  /// What people are told of the alert.
  json::object explained(const std::string& subject) {
    const model::RecordRef ref{PartnerId("northwind"), model::RecordKind::alert,
                               model::alert_key("edr", "acme", subject, "malware")};
    json::object told;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto done = co_await simulation.engine().explain(ref);
      EXPECT_TRUE(done);
      if (done) told = *done;
    });
    return told;
  }
  std::vector<json::object> notes(const json::object& ticket) {
    return simulation.world().notes("sandbox", ticket.at("id").as_int64());
  }
  int count_notes(const json::object& ticket, std::string_view part) {
    int count = 0;
    for (const json::object& note : notes(ticket)) count += text(note, "text").find(part) != std::string::npos;
    return count;
  }

  Simulation simulation{7};
};

}  // namespace crosswalk::simulation

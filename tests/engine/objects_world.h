#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lifecycle.h"
#include "sandbox/tenant.h"

namespace crosswalk::simulation {

/// Customers, contacts and devices of one partner, and the people of the MSP.
class Objects : public Lifecycle {
 protected:
  json::object reference(std::string_view collection, std::string_view name) {
    return {{"id", simulation.id_of(collection, name)}, {"name", name}};
  }
  void publish_devices(const std::function<void(json::object&)>& change = nullptr) {
    json::object document{{"workflow", "device_to_configuration"},
                          {"mode", "live"},
                          {"default_type", reference("company/configurations/types", "Managed Workstation")},
                          {"lifecycle", json::object{{"statuses", json::object{{"active", status("Active")},
                                                                               {"inactive", status("Retired")},
                                                                               {"retired", status("Retired")}}}}}};
    if (change) change(document);
    simulation.publish("northwind", json::serialize(document));
  }
  json::object status(std::string_view name) {
    for (const json::object& each : simulation.world().list("sandbox", "company/configurations/statuses"))
      if (text(each, "description") == name) return {{"id", each.at("id")}, {"name", name}};
    ADD_FAILURE() << "no configuration status " << name;
    return {{"id", 1}};
  }
  void publish_customers(const std::function<void(json::object&)>& change = nullptr) {
    json::object document{{"workflow", "customer_to_company"}, {"mode", "live"}};
    if (change) change(document);
    simulation.publish("northwind", json::serialize(document));
  }
  void publish_contacts(const std::function<void(json::object&)>& change = nullptr) {
    json::object types;
    for (const json::object& each : simulation.world().list("sandbox", "company/communicationTypes")) {
      if (each.at("emailFlag").as_bool() && !types.contains("email"))
        types["email"] = json::object{{"id", each.at("id")}};
      if (each.at("phoneFlag").as_bool() && !types.contains("phone"))
        types["phone"] = json::object{{"id", each.at("id")}};
    }
    json::object document{{"workflow", "contact_to_contact"}, {"mode", "live"}, {"communication_types", types}};
    if (change) change(document);
    simulation.publish("northwind", json::serialize(document));
  }

  void device(const std::string& key, json::object more = {}) {
    json::object data{{"device", key},
                      {"customer", "acme"},
                      {"name", "PC-" + key},
                      {"class", "workstation"},
                      {"serial", "SN-" + key + "-77"}};
    for (const auto& member : more) data[member.key()] = member.value();
    simulation.send("northwind", "device.upserted", simulation.timeline().now(), std::move(data));
  }
  void customer(const std::string& key, const std::string& name, json::object more = {}) {
    more["customer"] = key;
    more["name"] = name;
    simulation.send("northwind", "customer.upserted", simulation.timeline().now(), std::move(more));
  }
  void contact(const std::string& key, json::object more = {}) {
    json::object data{{"contact", key},
                      {"customer", "acme"},
                      {"first_name", "Ada"},
                      {"last_name", "Stone"},
                      {"email", key + "@acme.example"}};
    for (const auto& member : more) data[member.key()] = member.value();
    simulation.send("northwind", "contact.upserted", simulation.timeline().now(), std::move(data));
  }
  void settle() { simulation.run_for(std::chrono::minutes{2}); }

  std::vector<json::object> with(std::string_view collection, std::string_view field, std::string_view value) {
    std::vector<json::object> found;
    for (json::object& each : simulation.world().list("sandbox", collection))
      if (text(each, field) == value) found.push_back(std::move(each));
    return found;
  }
  json::object configuration(const std::string& key) {
    const auto found = with(kConfigurations, "deviceIdentifier", key);
    EXPECT_EQ(found.size(), 1u) << key;
    return found.empty() ? json::object{} : found.front();
  }
  store::Parked why_parked(const std::string& kind, const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", kind, key}};
    const auto rows = simulation.store().records(keys);
    return rows && (*rows)[0] ? (*rows)[0]->parked : store::Parked{};
  }
  std::string parked(const std::string& kind, const std::string& key) { return why_parked(kind, key).code; }
  std::string linked_to(const std::string& kind, const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", kind, key}};
    const auto links = simulation.store().links(keys);
    return !links || links->empty() ? "" : links->front().object_id;
  }
  /// Calls since the last time, by method and path without ids; discovery does not count.
  std::map<std::string, int> calls() {
    std::map<std::string, int> counts;
    for (const sandbox::Call& each : simulation.world().calls()) {
      if (each.target.find("/login/") != std::string::npos) continue;
      ++counts[each.method + " " + each.target.substr(0, each.target.find('?'))];
    }
    simulation.world().forget_calls();
    return counts;
  }
  int count_calls() {
    int sum = 0;
    for (const auto& [name, count] : calls()) sum += count;
    return sum;
  }
  /// A member of the MSP changes something by the API, as they would on a page.
  net::Response technician(std::string_view method, const std::string& target, const json::value& body,
                           const std::string& company = "sandbox") {
    simulation.world().add_keys(company, "jsmith", "tech", "tech-private");
    net::Request request;
    request.method = method;
    request.target = "http://sandbox.test/v4_6_release/apis/3.0" + target;
    request.headers.set("Authorization", "Basic " + sandbox::base64_encode(company + "+tech:tech-private"));
    request.headers.set("clientId", "00000000-0000-0000-0000-000000000001");
    request.headers.set("Content-Type", "application/json");
    request.body = json::serialize(body);
    net::Response response = simulation.world().handle(request);
    EXPECT_LT(response.status, 300) << response.body;
    return response;
  }
  /// What is made now is made, and nobody hears of it.
  void lose_the_answer_for(const std::function<void()>& send) {
    // A picture of the PSA that is fresh, so that the first call is the write.
    device("picture");
    simulation.run_for(std::chrono::seconds{5});
    simulation.weather.lost_after = 1;
    send();
    simulation.run_for(std::chrono::seconds{2});
    simulation.weather = Weather::calm();
    simulation.run_for(std::chrono::minutes{10});
  }
  json::object verified() {
    json::object report;
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto done = co_await simulation.engine().verify(PartnerId("northwind"));
      EXPECT_TRUE(done) << done.error().message;
      if (done) report = *done;
    });
    return report;
  }
  void look_again(const std::string& object_kind, const std::string& id) {
    store::Transaction told;
    told.changed.push_back({"northwind", object_kind, id, simulation.timeline().now()});
    const store::Transaction* one = &told;
    ASSERT_TRUE(simulation.store().commit(std::span(&one, 1)));
    simulation.engine().wake();
    settle();
  }
};

}  // namespace crosswalk::simulation

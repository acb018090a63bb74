// What customers, contacts and devices cost in calls, and what their mappings can point at.
#include <boost/json/serialize.hpp>

#include "lifecycle.h"

namespace crosswalk::simulation {
namespace {

class ObjectCalls : public Lifecycle {
 protected:
  void publish_devices(json::object more = {}) {
    json::object document{
        {"workflow", "device_to_configuration"},
        {"mode", "live"},
        {"default_type",
         json::object{{"id", simulation.id_of("company/configurations/types", "Managed Workstation")}}}};
    for (const auto& member : more) document[member.key()] = member.value();
    simulation.publish("northwind", json::serialize(document));
  }
  void devices(int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string key = "d" + std::to_string(i);
      simulation.send("northwind", "device.upserted", simulation.timeline().now(),
                      {{"device", key}, {"customer", "acme"}, {"name", "PC-" + key}, {"serial", "SN-" + key + "-77"}});
    }
  }
  std::string linked_to(const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", "device", key}};
    const auto links = simulation.store().links(keys);
    return !links || links->empty() ? "" : links->front().object_id;
  }
};

TEST_F(ObjectCalls, TheEngineTellsWhatMappingsCanPointAt) {
  begin();
  publish_devices({{"fields", json::object{{"question:7", json::object{{"value", "{{os}}"}}}}}});
  json::object data;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const psa::ObjectReferences none;
    const auto read = co_await simulation.engine().object_reference_data(PartnerId("northwind"), none);
    EXPECT_TRUE(read) << read.error().message;
    if (read) data = *read;
  });
  const auto names = [&](std::string_view list) {
    std::string all;
    for (const json::value& each : data.at(list).as_array()) all += text(each.as_object(), "name") + ";";
    return all;
  };
  EXPECT_NE(names("company_types").find("Client;"), std::string::npos) << names("company_types");
  EXPECT_NE(names("configuration_statuses").find("Retired;"), std::string::npos);
  EXPECT_NE(names("communication_types").find("Email;"), std::string::npos) << names("communication_types");
  // What the mapping in force asks is read of the types that it names, and of no other.
  for (const json::value& each : data.at("configuration_types").as_array())
    EXPECT_EQ(each.as_object().contains("questions"), each.at("name").as_string() == "Managed Workstation");
}

TEST_F(ObjectCalls, EveryCallIsCountedOnce) {
  begin();
  publish_devices();
  raise();
  devices(0, 120);
  simulation.run_for(std::chrono::minutes{20});
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto proof = co_await simulation.engine().verify(PartnerId("northwind"));
    EXPECT_TRUE(proof);
  });
  EXPECT_EQ(simulation.engine().metrics().calls, simulation.world().calls().size());
  // One refusal of a call for many records is one; it never reaches the world.
  simulation.weather.throttled = 1;
  devices(120, 150);
  simulation.run_for(std::chrono::seconds{2});
  simulation.weather = Weather::calm();
  simulation.run_for(std::chrono::minutes{2});
  EXPECT_NE(linked_to("d149"), "");
  EXPECT_EQ(simulation.engine().metrics().calls_throttled, 1u);
  EXPECT_EQ(simulation.engine().metrics().calls, simulation.world().calls().size() + 1);
  EXPECT_EQ(simulation.engine().metrics().in_flight, 0);
}

}  // namespace
}  // namespace crosswalk::simulation

// What a record waits for or tells of is a column, so that it is woken by it.
#include "engine/wakes.h"
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

using model::RecordKind;

class RefersTo : public Objects {
 protected:
  store::RecordRow row(const std::string& kind, const std::string& key) {
    const std::array<store::RecordKey, 1> keys{store::RecordKey{"northwind", kind, key}};
    const auto rows = simulation.store().records(keys);
    return rows && (*rows)[0] ? *(*rows)[0] : store::RecordRow{};
  }
  static std::string alert_key(const std::string& subject) {
    return model::alert_key("edr", "acme", subject, "malware");
  }
  void raise_for(const std::string& subject, const std::string& device) {
    json::object data = alert_data("acme", subject, "malware");
    if (!device.empty()) data["device"] = device;
    simulation.send("northwind", "alert.raised", simulation.timeline().now(), std::move(data));
  }
};

TEST_F(RefersTo, NamesTheCustomerOfContactsAndDevicesAndTheDeviceOfAlerts) {
  begin();
  device("d/1");
  contact("ada");
  customer("acme", "Acme");
  raise_for("desk-7", "");
  raise_for("disk", "d/1");
  settle();
  EXPECT_EQ(row("device", "d/1").refers_to, "customer/acme");
  EXPECT_EQ(row("device", "d/1").group_key, "");
  EXPECT_EQ(row("contact", "ada").refers_to, "customer/acme");
  EXPECT_EQ(row("customer", "acme").refers_to, "");
  EXPECT_EQ(row("alert", alert_key("desk-7")).refers_to, "device/desk-7");
  EXPECT_EQ(row("alert", alert_key("disk")).refers_to, "device/d/1");
  EXPECT_NE(row("alert", alert_key("disk")).group_key, "");
}

TEST_F(RefersTo, FollowsWhatTheProductTells) {
  begin();
  device("d1");
  raise_for("disk", "d1");
  settle();
  device("d1", {{"customer", "contoso"}});
  raise_for("disk", "d2");
  settle();
  EXPECT_EQ(row("device", "d1").refers_to, "customer/contoso");
  EXPECT_EQ(row("alert", alert_key("disk")).refers_to, "device/d2");
}

TEST(RefersToAKey, IsEmptyWithoutOne) {
  EXPECT_EQ(engine::refers_to(RecordKind::device, "a/b"), "device/a/b");
  EXPECT_EQ(engine::refers_to(RecordKind::customer, ""), "");
}

}  // namespace
}  // namespace crosswalk::simulation

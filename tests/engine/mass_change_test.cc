// Many that leave within a time wait for a person, however they come.
#include "objects_world.h"

namespace crosswalk::simulation {
namespace {

class MassChange : public Objects {
 protected:
  void add_devices(int count) {
    for (int i = 0; i < count; ++i) device("d" + std::to_string(i));
    settle();
  }
  void retire(int number) {
    device("d" + std::to_string(number), {{"state", "retired"}});
    simulation.run_for(Duration{1'000});
  }
  int inactive(const char* collection) {
    int count = 0;
    for (const json::object& each : simulation.world().list("sandbox", collection)) {
      const char* flag = collection == std::string_view(kContacts) ? "inactiveFlag" : "activeFlag";
      const bool ours = collection == std::string_view(kContacts) ? text(each, "lastName").starts_with("Guarded")
                                                                  : text(each, "deviceIdentifier").starts_with("d");
      count += ours && each.at(flag).as_bool() == (collection == std::string_view(kContacts));
    }
    return count;
  }
  void add_contacts(int count) {
    for (int i = 0; i < count; ++i) contact("c" + std::to_string(i), {{"last_name", "Guarded" + std::to_string(i)}});
    settle();
  }
  void leave(int number) {
    contact("c" + std::to_string(number), {{"last_name", "Guarded" + std::to_string(number)}, {"state", "retired"}});
  }
  void apply_plan() {
    simulation.complete([&]() -> boost::asio::awaitable<void> {
      const auto saved = co_await simulation.engine().save_plan(PartnerId("northwind"), "");
      EXPECT_TRUE(saved) << saved.error().message;
      if (!saved) co_return;
      const auto applied =
          co_await simulation.engine().apply(PartnerId("northwind"), std::string(saved->at("id").as_string()));
      EXPECT_TRUE(applied) << applied.error().message;
    });
    settle();
  }
};

TEST_F(MassChange, DevicesThatLeaveOneByOneAreCountedOverTheWindow) {
  begin();
  publish_devices();
  add_devices(60);
  for (int i = 0; i < 40; ++i) retire(i);
  settle();
  EXPECT_EQ(inactive(kConfigurations), 6) << "ten per cent of sixty";
  EXPECT_EQ(parked("device", "d39"), "device.mass_change");
  EXPECT_NE(
      why_parked("device", "d39").message.find("34 of 60 devices would become inactive or retired, after 6 within"),
      std::string::npos)
      << why_parked("device", "d39").message;
  simulation.complete([&]() -> boost::asio::awaitable<void> {
    const auto told = co_await simulation.engine().check(PartnerId("northwind"));
    EXPECT_TRUE(told) << told.error().message;
    if (!told) co_return;
    EXPECT_NE(json::serialize(*told).find("6 of 60 left by themselves"), std::string::npos);
  });
  simulation.run_for(std::chrono::hours{30});
  EXPECT_EQ(inactive(kConfigurations), 6) << "those that wait are many still";
  apply_plan();
  EXPECT_EQ(inactive(kConfigurations), 40);
  retire(50);
  settle();
  EXPECT_EQ(inactive(kConfigurations), 41) << "what a person has agreed to does not count";
}

TEST_F(MassChange, TheWindowOutlivesARestart) {
  begin();
  publish_devices();
  add_devices(60);
  for (int i = 0; i < 6; ++i) retire(i);
  settle();
  simulation.crash();
  simulation.start();
  retire(6);
  settle();
  EXPECT_EQ(parked("device", "d6"), "device.mass_change");
  simulation.run_for(std::chrono::hours{30});
  EXPECT_EQ(parked("device", "d6"), "") << "those before it are of yesterday";
  EXPECT_EQ(inactive(kConfigurations), 7);
}

TEST_F(MassChange, ContactsAreGuardedToo) {
  begin();
  publish_contacts();
  add_contacts(60);
  for (int i = 0; i < 60; ++i) leave(i);
  settle();
  EXPECT_LE(inactive(kContacts), 6);
  EXPECT_EQ(parked("contact", "c59"), "contact.mass_change");
  apply_plan();
  EXPECT_EQ(inactive(kContacts), 60);
  EXPECT_EQ(parked("contact", "c59"), "");
}

TEST_F(MassChange, ContactsThatLeaveOneByOneAreCountedOverTheWindow) {
  begin();
  publish_contacts();
  add_contacts(40);
  for (int i = 0; i < 10; ++i) {
    leave(i);
    simulation.run_for(std::chrono::minutes{10});
  }
  EXPECT_EQ(inactive(kContacts), 4);
  EXPECT_EQ(parked("contact", "c9"), "contact.mass_change");
}

TEST_F(MassChange, AHandfulLeavesByItself) {
  begin();
  publish_contacts();
  add_contacts(5);
  for (int i = 0; i < 3; ++i) leave(i);
  settle();
  EXPECT_EQ(inactive(kContacts), 3);
}

}  // namespace
}  // namespace crosswalk::simulation

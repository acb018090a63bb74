#include "matching/devices.h"

#include <gtest/gtest.h>

#include "matching/contacts.h"

namespace crosswalk::matching {
namespace {

using Verdict = ObjectMatch::Verdict;

bool nobody(const std::string&) { return false; }

DeviceFacts device(std::string name, std::string serial = "", std::string mac = "", std::string company = "5") {
  return {.id = "",
          .name = std::move(name),
          .company = std::move(company),
          .identifier = "",
          .serial = std::move(serial),
          .mac = std::move(mac)};
}

DeviceFacts configuration(std::string id, DeviceFacts facts) {
  facts.id = std::move(id);
  return facts;
}

TEST(Serials, AreComparedWithoutTheirDress) {
  EXPECT_EQ(comparable_serial(" 5cg-1234 xy"), "5CG1234XY");
  EXPECT_EQ(comparable_mac("00:1a:2B-3c.4D 5e"), "001A2B3C4D5E");
}

TEST(Serials, OfMakersWhoDidNotFillThemInTellNothing) {
  for (const char* junk : {"To be filled by O.E.M.", "System Serial Number", "0", "None", "00000000", "Default string",
                           "N/A", "xxxxxxx", "123456789", "Not Specified"})
    EXPECT_EQ(comparable_serial(junk), "") << junk;
  for (const char* junk : {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "n/a", "001A2B"})
    EXPECT_EQ(comparable_mac(junk), "") << junk;
}

TEST(Devices, AreFoundBySerialNumberMacAddressAndName) {
  DeviceIndex index;
  index.put(configuration("1", device("A", "SN-1111")));
  index.put(configuration("2", device("B", "", "00:1A:2B:3C:4D:5E")));
  index.put(configuration("3", device("Front desk")));
  EXPECT_EQ(index.find(device("x", "sn1111"), nobody).id, "1");
  EXPECT_EQ(index.find(device("x", "", "001a2b3c4d5e"), nobody).id, "2");
  const ObjectMatch named = index.find(device("FRONT DESK"), nobody);
  EXPECT_EQ(named.id, "3");
  EXPECT_EQ(named.verdict, Verdict::link);
  EXPECT_EQ(index.find(device("other"), nobody).verdict, Verdict::none);
}

TEST(Devices, ThatShareAMacAddressOrANameButNotTheSerialNumberAreNotTheSame) {
  DeviceIndex index;
  index.put(configuration("1", device("PC-1", "SN-1111", "00:1A:2B:3C:4D:5E")));
  EXPECT_EQ(index.find(device("x", "SN-2222", "00:1A:2B:3C:4D:5E"), nobody).verdict, Verdict::none);
  EXPECT_EQ(index.find(device("PC-1", "SN-2222"), nobody).verdict, Verdict::none);
}

TEST(Devices, OfAnotherCompanyOrFoundTwiceAreLeftToAPerson) {
  DeviceIndex index;
  index.put(configuration("1", device("A", "SN-1111", "", "6")));
  EXPECT_EQ(index.find(device("A", "SN-1111"), nobody).verdict, Verdict::propose);
  index.put(configuration("2", device("B", "SN-3333")));
  index.put(configuration("3", device("C", "SN-3333")));
  EXPECT_EQ(index.find(device("x", "SN-3333"), nobody).verdict, Verdict::propose);
  DeviceFacts retired = configuration("3", device("C", "SN-3333"));
  retired.active = false;
  index.put(retired);
  const ObjectMatch match = index.find(device("x", "SN-3333"), nobody);
  EXPECT_EQ(match.verdict, Verdict::link);
  EXPECT_EQ(match.id, "2");
}

TEST(Devices, ThatAreTakenOrGoneAreNotFound) {
  DeviceIndex index;
  index.put(configuration("1", device("A", "SN-1111")));
  EXPECT_EQ(index.find(device("A", "SN-1111"), [](const std::string& id) { return id == "1"; }).verdict, Verdict::none);
  index.erase("1");
  EXPECT_EQ(index.find(device("A", "SN-1111"), nobody).verdict, Verdict::none);
  EXPECT_EQ(index.size(), 0u);
}

TEST(Devices, AreKnownByTheirNewFactsAloneOnceTheyHaveChanged) {
  DeviceIndex index;
  index.put(configuration("1", device("A", "SN-1111")));
  index.put(configuration("1", device("A", "SN-9999")));
  EXPECT_EQ(index.find(device("x", "SN-1111"), nobody).verdict, Verdict::none);
  EXPECT_EQ(index.find(device("x", "SN-9999"), nobody).id, "1");
}

ContactFacts person(std::string first, std::string last, std::string email = "", std::string phone = "",
                    std::string company = "5") {
  return {.id = "",
          .company = std::move(company),
          .first_name = std::move(first),
          .last_name = std::move(last),
          .email = std::move(email),
          .phone = std::move(phone)};
}

ContactFacts kept(std::string id, ContactFacts facts) {
  facts.id = std::move(id);
  return facts;
}

TEST(Contacts, AreFoundByEmailThenTelephoneThenName) {
  ContactIndex index;
  index.put(kept("1", person("Ada", "Stone", "ADA@acme.example")));
  index.put(kept("2", person("Bo", "Reed", "", "(555) 010-7788")));
  index.put(kept("3", person("Cy", "Moss")));
  EXPECT_EQ(index.find(person("A.", "S.", "ada@ACME.example"), nobody).id, "1");
  EXPECT_EQ(index.find(person("Robert", "Reed", "bo@acme.example", "+1 555 010 7788"), nobody).id, "2");
  const ObjectMatch named = index.find(person("cy", "MOSS", "cy@acme.example"), nobody);
  EXPECT_EQ(named.id, "3");
  EXPECT_EQ(named.verdict, Verdict::link);
}

TEST(Contacts, ThatMayBeAnotherPersonAreLeftToAPerson) {
  ContactIndex index;
  index.put(kept("1", person("Ada", "Stone", "ada@acme.example")));
  index.put(kept("2", person("Bo", "Reed", "bo@acme.example", "", "6")));
  EXPECT_EQ(index.find(person("Ada", "Stone", "ada.s@acme.example"), nobody).verdict, Verdict::propose);
  EXPECT_EQ(index.find(person("Bo", "Reed", "bo@acme.example"), nobody).verdict, Verdict::propose) << "elsewhere";
  EXPECT_EQ(index.find(person("Di", "Hall", "di@acme.example"), nobody).verdict, Verdict::none);
}

}  // namespace
}  // namespace crosswalk::matching

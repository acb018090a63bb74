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
  index.put(configuration("4", device("D", "SN-4444")));
  DeviceFacts retired = configuration("5", device("D", "SN-4444"));
  index.put(retired);
  EXPECT_EQ(index.find(device("D", "SN-4444"), nobody).verdict, Verdict::propose);
  retired.active = false;
  index.put(retired);
  const ObjectMatch match = index.find(device("D", "SN-4444"), nobody);
  EXPECT_EQ(match.verdict, Verdict::link);
  EXPECT_EQ(match.id, "4");
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

TEST(Devices, AreNotNamedByASerialNumberThatTheNameContradicts) {
  DeviceIndex index;
  index.put(configuration("1", device("RECEPTION", "MB-1234567890")));
  const ObjectMatch other = index.find(device("ACCOUNTS", "MB-1234567890"), nobody);
  EXPECT_EQ(other.verdict, Verdict::propose);
  EXPECT_NE(other.why.find("its name is RECEPTION"), std::string::npos) << other.why;
  EXPECT_EQ(index.find(device("reception.acme.example", "MB-1234567890"), nobody).verdict, Verdict::link);
  DeviceFacts modelled = configuration("2", device("STORE", "5CG1234XYZ"));
  modelled.model = "EliteBook 840";
  index.put(modelled);
  DeviceFacts renamed = device("WAREHOUSE", "5CG1234XYZ");
  EXPECT_EQ(index.find(renamed, nobody).verdict, Verdict::propose);
  renamed.model = "elitebook 840";
  EXPECT_EQ(index.find(renamed, nobody).verdict, Verdict::link) << "serial number and model are the same";
}

TEST(Devices, AreNotNamedByAMacAddressThatTheNameContradicts) {
  DeviceIndex index;
  index.put(configuration("1", device("RECEPTION", "", "00:50:56:C0:00:08")));
  EXPECT_EQ(index.find(device("ACCOUNTS", "", "00:50:56:C0:00:08"), nobody).verdict, Verdict::propose);
  EXPECT_EQ(index.find(device("RECEPTION", "", "00:50:56:C0:00:08"), nobody).verdict, Verdict::link);
}

TEST(Devices, WhatStandsOnManyMachinesOnEitherSideTellsNothing) {
  DeviceIndex index;
  for (int i = 0; i < 6; ++i)
    index.put(configuration(std::to_string(i), device("PC-" + std::to_string(i), "OEM inject 77")));
  EXPECT_EQ(index.find(device("NEW", "OEM inject 77"), nobody).verdict, Verdict::none)
      << "one of them is as good as another";
  EXPECT_EQ(index.find(device("PC-3", "OEM inject 77"), nobody).id, "3");
  DeviceIndex one;
  one.put(configuration("1", device("RECEPTION", "Filler-1")));
  const auto told = [](std::size_t others) { return [others](const std::string&) { return others; }; };
  EXPECT_EQ(one.find(device("ACCOUNTS", "Filler-1"), nobody, told(1)).verdict, Verdict::propose);
  EXPECT_EQ(one.find(device("ACCOUNTS", "Filler-1"), nobody, told(9)).verdict, Verdict::none);
  DeviceFacts modelled = configuration("2", device("A", "Filler-2"));
  modelled.model = "Beige box";
  one.put(modelled);
  DeviceFacts twin = device("B", "Filler-2");
  twin.model = "Beige box";
  EXPECT_EQ(one.find(twin, nobody, told(2)).verdict, Verdict::propose) << "bought together, and never filled in";
}

TEST(Devices, TheSameMachineIsKnownWhoeverIsLinkedToIt) {
  DeviceIndex index;
  DeviceFacts known = configuration("1", device("PC-1", "5CG1234XYZ"));
  known.model = "EliteBook 840";
  index.put(known);
  DeviceFacts anew = device("DESKTOP-7", "5CG1234XYZ");
  anew.model = "EliteBook 840";
  const auto everybody = [](const std::string&) { return true; };
  EXPECT_EQ(index.find(anew, everybody).verdict, Verdict::none);
  EXPECT_EQ(index.find_same_machine(anew).id, "1");
  EXPECT_EQ(index.find_same_machine(anew).verdict, Verdict::propose) << "the name is another";
  anew.name = "pc-1";
  EXPECT_EQ(index.find_same_machine(anew).verdict, Verdict::link);
  anew.model = "ProBook 450";
  EXPECT_EQ(index.find_same_machine(anew).verdict, Verdict::none);
}

TEST(CarriersOfAValue, AreCountedByWhatTheyAreCalled) {
  Carriers told;
  told.put("d1", "pc-1", {"sX"});
  told.put("d2", "pc-2", {"sX"});
  told.put("d3", "pc-1", {"sX"});
  EXPECT_EQ(told.others("sX", "d1", "pc-1"), 1u) << "d3 is called the same";
  told.put("d2", "pc-2", {"sY"});
  EXPECT_EQ(told.others("sX", "d1", "pc-1"), 0u);
  EXPECT_EQ(told.holders("sX", "d1"), std::vector<std::string>{"d3"});
  told.erase("d3");
  EXPECT_TRUE(told.holders("sX", "d1").empty());
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

TEST(Contacts, WhoShareAMailboxAreToldApartByTheirNames) {
  ContactIndex index;
  index.put(kept("1", person("Bob", "Hill", "info@acme.example")));
  const ObjectMatch ada = index.find(person("Ada", "Stone", "info@acme.example"), nobody);
  EXPECT_EQ(ada.verdict, Verdict::propose);
  EXPECT_EQ(index.find(person("Bob", "Hill", "INFO@acme.example"), nobody).verdict, Verdict::link);
  EXPECT_EQ(index.find(person("B.", "Hill", "info@acme.example"), nobody).verdict, Verdict::link);
  index.put(kept("2", person("Cara", "Lund", "info@acme.example")));
  const ObjectMatch cara = index.find(person("Cara", "Lund", "info@acme.example"), nobody);
  EXPECT_EQ(cara.id, "2") << "of two who read it the name tells which";
  EXPECT_EQ(cara.verdict, Verdict::link);
  for (const char* more : {"3", "4"})
    index.put(kept(more, person("Name" + std::string(more), "X", "info@acme.example")));
  EXPECT_EQ(index.find(person("Ada", "Stone", "info@acme.example"), nobody).verdict, Verdict::none)
      << "what so many read is no reason to ask";
}

TEST(Contacts, WithoutANameAreKnownByAnAddressThatOnlyTheyHave) {
  ContactIndex index;
  index.put(kept("1", person("Bob", "Hill", "bob@acme.example")));
  const auto told = [](std::size_t others) { return [others](const std::string&) { return others; }; };
  EXPECT_EQ(index.find(person("", "", "bob@acme.example"), nobody, told(0)).verdict, Verdict::link);
  EXPECT_EQ(index.find(person("", "", "bob@acme.example"), nobody, told(1)).verdict, Verdict::propose);
}

TEST(Contacts, OfOneFamilyOnOneTelephoneAreNotOnePerson) {
  ContactIndex index;
  index.put(kept("1", person("John", "Smith", "", "(555) 010-7788")));
  EXPECT_EQ(index.find(person("Mary", "Smith", "", "+1 555 010 7788"), nobody).verdict, Verdict::propose);
  EXPECT_EQ(index.find(person("John", "Smith", "j@acme.example", "+1 555 010 7788"), nobody).verdict, Verdict::link);
}

}  // namespace
}  // namespace crosswalk::matching

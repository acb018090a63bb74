// What a mapping of tickets names, held against the PSA: what would make every ticket fail is found before.
#include "mapping/ticket_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crosswalk::mapping {
namespace {

using psa::TicketField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TicketReferences : public ::testing::Test {
 protected:
  TicketReferences() {
    document.settings.fields[TicketField::board] = {"2", "SOC"};
    document.customers["acme"].company = {"252", "Acme"};
    found.companies = {{{"252", "Acme"}, false, ""}};
    found.members = {{{"5", "Jo Smith"}, false, ""}, {{"6", "Ann Left"}, true, ""}};
    found.agreements = {{{"70", "Gold"}, false, "252"}, {{"71", "Other"}, false, "300"}};
    found.contacts = {{{"80", "Ada Stone"}, false, "252"}};
    found.sites = {{{"90", "Main"}, false, "252"}};
    found.triples["2"] = {{"11", "21", "31"}, {"11", "22", ""}};
  }
  std::vector<std::string> codes() {
    std::vector<std::string> list;
    for (const Problem& each : check_ticket_references(document, found)) list.push_back(each.code + " " + each.pointer);
    return list;
  }
  TicketSettings& acme() { return document.customers["acme"].settings; }

  Document document;
  psa::TicketReferencesFound found;
};

TEST_F(TicketReferences, ThatFitAreNoProblem) {
  document.settings.fields[TicketField::owner] = {"5", ""};
  acme().fields = {{TicketField::agreement, {"70", ""}}, {TicketField::contact, {"80", ""}},
                   {TicketField::site, {"90", ""}},      {TicketField::type, {"11", ""}},
                   {TicketField::subtype, {"21", ""}},   {TicketField::item, {"31", ""}}};
  EXPECT_THAT(codes(), IsEmpty());
}

TEST_F(TicketReferences, ACustomFieldThatTicketsMustHaveIsToldAndNoReasonToRefuse) {
  found.required_fields = {{"21", "Cost Centre"}};
  const std::vector<Problem> problems = check_ticket_references(document, found);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].level, Problem::Level::warning);
  EXPECT_EQ(problems[0].code, "mapping.field_required");
  EXPECT_NE(problems[0].message.find("\"Cost Centre\""), std::string::npos);
}

TEST_F(TicketReferences, OfAMemberWhoHasLeftAreRefused) {
  document.settings.fields[TicketField::owner] = {"6", ""};
  EXPECT_THAT(codes(), ElementsAre("mapping.reference_inactive /defaults/owner"));
}

TEST_F(TicketReferences, ThatDoNotExistAreRefusedWhereverTheyStand) {
  document.customers["blue"].company = {"999", ""};
  document.settings.fields[TicketField::owner] = {"7", ""};
  acme().fields[TicketField::contact] = {"81", ""};
  document.rules.push_back({"r", {}, {}});
  document.rules[0].set.fields[TicketField::agreement] = {"72", ""};
  EXPECT_THAT(codes(), ElementsAre("mapping.reference_missing /customers/blue/company",
                                   "mapping.reference_missing /defaults/owner",
                                   "mapping.reference_missing /customers/acme/settings/contact",
                                   "mapping.reference_missing /rules/0/set/agreement"));
}

TEST_F(TicketReferences, OfAnotherCompanyAreRefused) {
  acme().fields[TicketField::agreement] = {"71", ""};
  EXPECT_THAT(codes(), ElementsAre("mapping.reference_other_company /customers/acme/settings/agreement"));
}

TEST_F(TicketReferences, OfATypeThatHasNoSuchSubtypeAreRefused) {
  document.settings.fields[TicketField::type] = {"11", ""};
  acme().fields[TicketField::subtype] = {"23", ""};
  EXPECT_THAT(codes(), ElementsAre("mapping.triple_invalid /customers/acme/settings"));
  acme().fields[TicketField::subtype] = {"22", ""};
  EXPECT_THAT(codes(), IsEmpty());
  acme().fields[TicketField::item] = {"31", ""};
  EXPECT_THAT(codes(), ElementsAre("mapping.triple_invalid /customers/acme/settings"));
}

TEST_F(TicketReferences, ThatCouldNotBeReadAreRemarkedAndNotRefused) {
  document.settings.fields[TicketField::owner] = {"7", ""};
  found.unread["members"] = "The API member may not read members.";
  const std::vector<Problem> problems = check_ticket_references(document, found);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].level, Problem::Level::warning);
  EXPECT_EQ(problems[0].code, "mapping.references_unchecked");
}

TEST_F(TicketReferences, AreAskedForOnceEach) {
  document.settings.fields[TicketField::owner] = {"5", ""};
  acme().fields[TicketField::owner] = {"5", ""};
  acme().fields[TicketField::site] = {"90", ""};
  acme().fields[TicketField::subtype] = {"21", ""};
  const psa::TicketReferences wanted = named_ticket_references(document);
  EXPECT_THAT(wanted.companies, ElementsAre("252"));
  EXPECT_THAT(wanted.members, ElementsAre("5"));
  EXPECT_THAT(wanted.sites, ElementsAre(std::pair<std::string, std::string>{"252", "90"}));
  EXPECT_THAT(wanted.boards, ElementsAre("2"));
}

}  // namespace
}  // namespace crosswalk::mapping

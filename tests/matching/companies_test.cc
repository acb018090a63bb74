#include "matching/companies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "matching/labelled_set.h"

namespace crosswalk::matching {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CompanyNames, LegalFormsCaseAccentsAndPunctuationDoNotTell) {
  const std::vector<std::string> expected{"garcia", "sons", "plumbing"};
  for (const char* name : {"Garcia Sons Plumbing", "GARCÍA SONS PLUMBING, INC.", "The García-Sons Plumbing L.L.C.",
                           "Garcia Sons Plumbing Co., Ltd.", "garcía sons plumbing GmbH"})
    EXPECT_EQ(take_apart(name).core, expected) << name;
}

TEST(CompanyNames, AmpersandIsAndAndInitialsAreOneWord) {
  EXPECT_THAT(take_apart("A. B. C. Supply & Tool").core, ElementsAre("abc", "supply", "and", "tool"));
  EXPECT_THAT(take_apart("O'Brien Electric").core, ElementsAre("obrien", "electric"));
  EXPECT_THAT(take_apart("Miller & Co.").core, ElementsAre("miller"));
}

TEST(CompanyNames, TradingNamesStandBesideTheLegalOne) {
  const CompanyName name = take_apart("Miller Holdings LLC d/b/a Sunrise Bakery");
  EXPECT_THAT(name.cores, ElementsAre(ElementsAre("miller", "holdings"), ElementsAre("sunrise", "bakery")));
  EXPECT_THAT(take_apart("Contoso (formerly Fabrikam Inc.)").cores,
              ElementsAre(ElementsAre("contoso"), ElementsAre("fabrikam")));
}

TEST(CompanyNames, ANameThatIsOnlyAFormStaysAName) {
  EXPECT_THAT(take_apart("The Company").core, ElementsAre("company"));
  EXPECT_THAT(take_apart("AB").core, ElementsAre("ab"));
  EXPECT_TRUE(take_apart(" ,. ").empty());
}

TEST(Domains, OfWebAndMailAddressesBelowPublicSuffixes) {
  EXPECT_EQ(organization_domain("https://www.Contoso.com/about?x=1"), "contoso.com");
  EXPECT_EQ(organization_domain("office@mail.contoso.co.uk"), "contoso.co.uk");
  EXPECT_EQ(organization_domain("contoso.com:8443"), "contoso.com");
  EXPECT_EQ(organization_domain("somebody@gmail.com"), "");
  EXPECT_EQ(organization_domain("contoso.onmicrosoft.com"), "");
  EXPECT_EQ(organization_domain("192.168.1.10"), "");
  EXPECT_EQ(organization_domain("localhost"), "");
  EXPECT_EQ(organization_domain(""), "");
}

TEST(Telephones, TheSameLineHoweverItIsWritten) {
  const std::string line = telephone_line("(813) 555-0142");
  EXPECT_FALSE(line.empty());
  for (const char* text : {"+1 813 555 0142", "813.555.0142 ext. 7", "1-813-555-0142 x99", "001 813 5550142"})
    EXPECT_EQ(telephone_line(text), line) << text;
  EXPECT_EQ(telephone_line("+44 (0)20 7946 0018"), telephone_line("020 7946 0018"));
  EXPECT_NE(telephone_line("(813) 555-0143"), line);
  EXPECT_EQ(telephone_line("142"), "");
  EXPECT_EQ(telephone_line("000000000"), "");
}

TEST(Addresses, AbbreviationsAndRoomsDoNotTell) {
  EXPECT_EQ(street_line("12 N. Main St., Ste 400"), street_line("12 North Main Street"));
  EXPECT_NE(street_line("12 North Main Street"), street_line("14 North Main Street"));
  EXPECT_EQ(postal_code("33602-1234"), "33602");
  EXPECT_EQ(postal_code("SW1A 1AA"), "sw1a1aa");
}

class Companies : public testing::Test {
 protected:
  static CompanyFacts named(std::string id, std::string name) {
    CompanyFacts facts;
    facts.id = std::move(id);
    facts.name = std::move(name);
    return facts;
  }
  Match judge(const CompanyFacts& record, bool taken = false) {
    return decide(CompanyIndex(companies_), record, MatchPolicy{}, [taken](const std::string&) { return taken; });
  }
  std::vector<CompanyFacts> companies_{named("1", "Acme Dental Group, LLC"), named("2", "Acme Plumbing"),
                                       named("3", "Blue River Foods Inc.")};
};

TEST_F(Companies, ALegalNameThatNobodyElseHasIsLinkedByItself) {
  const Match match = judge(named("", "ACME DENTAL GROUP"));
  EXPECT_EQ(match.verdict, Match::Verdict::link);
  EXPECT_EQ(match.candidates.front().id, "1");
  EXPECT_THAT(match.candidates.front().reasons.front().text, HasSubstr("the same"));
}

TEST_F(Companies, P8_NamesakesAreNeverLinkedWithoutWhatTellsThemApart) {
  companies_.push_back(named("4", "Acme Dental Group"));
  companies_[0].city = "Tampa";
  companies_[3].city = "Dayton";
  const Match blind = judge(named("", "Acme Dental Group"));
  EXPECT_EQ(blind.verdict, Match::Verdict::propose);
  EXPECT_EQ(blind.candidates.size(), 2u);
  EXPECT_THAT(blind.why, HasSubstr("too close"));
  CompanyFacts told = named("", "Acme Dental Group");
  told.city = "Dayton";
  const Match match = judge(told);
  EXPECT_EQ(match.verdict, Match::Verdict::link);
  EXPECT_EQ(match.candidates.front().id, "4");
}

TEST_F(Companies, TheSameNameInAnotherCityIsProposedOnly) {
  companies_[2].city = "Tampa";
  CompanyFacts record = named("", "Blue River Foods");
  record.city = "Boise";
  EXPECT_EQ(judge(record).verdict, Match::Verdict::propose);
}

TEST_F(Companies, ASlipOfThePenIsProposedAndLinkedWhenTheDomainAgrees) {
  companies_[2].addresses = {"https://blueriver.example.com"};
  CompanyFacts record = named("", "Blue Rivr Foods");
  EXPECT_EQ(judge(record).verdict, Match::Verdict::propose);
  record.addresses = {"office@mail.example.com"};
  EXPECT_EQ(judge(record).verdict, Match::Verdict::link);
}

TEST_F(Companies, ANameThatIsShortenedIsProposed) {
  const Match match = judge(named("", "Acme Dental"));
  EXPECT_EQ(match.verdict, Match::Verdict::propose);
  EXPECT_EQ(match.candidates.front().id, "1");
}

TEST_F(Companies, OneCommonWordIsNoLikeness) {
  const Match match = judge(named("", "Acme Roofing"));
  EXPECT_NE(match.verdict, Match::Verdict::link);
  for (const Candidate& each : match.candidates) EXPECT_LT(each.score, 90);
}

TEST_F(Companies, AnotherNameIsNeverLinkedWhateverElseAgrees) {
  companies_[1].addresses = {"acmeplumbing.com"};
  companies_[1].phones = {"(813) 555-0142"};
  companies_[1].street = "1 Main Street";
  companies_[1].city = "Tampa";
  CompanyFacts record = companies_[1];
  record.id = "";
  record.name = "Northstar Holdings";
  const Match match = judge(record);
  EXPECT_EQ(match.verdict, Match::Verdict::propose);
  EXPECT_EQ(match.candidates.front().id, "2");
}

TEST_F(Companies, AnIdThatTheProductNamesIsCertain) {
  const Match match = judge(named("3", "Whatever it is called here"));
  EXPECT_EQ(match.verdict, Match::Verdict::link);
  EXPECT_EQ(match.candidates.front().score, 100);
}

TEST_F(Companies, ACompanyThatIsTakenIsProposedToAPerson) {
  const Match match = judge(named("", "Acme Dental Group"), true);
  EXPECT_EQ(match.verdict, Match::Verdict::propose);
  EXPECT_THAT(match.why, HasSubstr("another customer"));
}

TEST_F(Companies, NothingIsMadeOfNothing) {
  EXPECT_EQ(judge(named("", "")).verdict, Match::Verdict::none);
  EXPECT_THAT(judge(named("", "Zzyzx")).candidates, IsEmpty());
  const std::vector<CompanyFacts> none;
  EXPECT_EQ(decide(CompanyIndex(none), named("", "Acme"), {}, [](const std::string&) { return false; }).verdict,
            Match::Verdict::none);
}

/// P8: what is linked by itself is right, whatever people type.
TEST(CompanyMatching, P8_IsPreciseOnLabelledSetsOfPairsAsPeopleTypeThem) {
  Quality all;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Quality quality = measure(make_labelled_set(seed, 1'200, 2'400), MatchPolicy{});
    EXPECT_GE(quality.precision(), 0.995) << "seed " << seed;
    EXPECT_GE(quality.recall(), 0.90) << "seed " << seed;
    EXPECT_GE(quality.found(), 0.97) << "seed " << seed;
    if (quality.precision() < 0.995)
      for (const std::string& each : quality.wrong) ADD_FAILURE() << each;
    all.links += quality.links;
    all.right += quality.right;
    all.known += quality.known;
    all.proposed_right += quality.proposed_right;
    all.missed.insert(all.missed.end(), quality.missed.begin(), quality.missed.end());
  }
  RecordProperty("precision", std::to_string(all.precision()));
  RecordProperty("recall", std::to_string(all.recall()));
  if (all.recall() < 0.90)
    for (std::size_t i = 0; i < all.missed.size() && i < 40; ++i) ADD_FAILURE() << all.missed[i];
}

}  // namespace
}  // namespace crosswalk::matching

// Links as versions before have stored them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflows/link.h"

namespace crosswalk::workflows {
namespace {

using ::testing::ElementsAre;

constexpr const char* kTicket = R"({"anchor":"edr:1","anchored_at":1000,"external_reference":"CW-1",
  "provider":"manage","partner":"p","ticket":"1010","created_at":2000,"created_sequence":3,
  "written":[["summary","","A long summary"],["board","2","SOC"],["status","29","Closed"]],
  "posted":["resolved:x"],"status_step":"resolved:x","member":"APIuser","touched":{"owner":["jsmith"]},
  "quick_hands":["rule"],"reopening":"reopened:y","reopened_at":2500,"children":["7"],"told_notes":["9"],
  "configuration_attached":true,"configuration":"12","closed_by_us":true,
  "observed":{"fields":[["summary","","A long"],["board","2","SOC"],["owner","5","Jo Smith"],["status","29","Closed"]],
    "closed":true,"closed_at":3000,"time_entered":true,"hours":"1.5","scheduled":["kchen"],"updated_at":3000,
    "created_at":2000,"created_by":"APIuser","updated_by":"APIuser","closed_by":"APIuser"},
  "observed_at":3100,"observed_sequence":4})";

constexpr const char* kContact =
    R"({"provider":"manage","id":"77","instance":"https://x/acme","how":"the e-mail is the same",
  "linked_at":2000,"written":{"first_name":"Ada","inactive":"false"},"kept":{"first_name":"ADA"},
  "overruled":{"title":2},"written_at":2100,"state":"active",
  "observed":{"first_name":"ADA","email":"a@b.example","email_item":"44","company":["2","Acme"],"inactive":"false",
    "type":["3","Owner"],"type_ids":"3,4"},"observed_at":2200,"updated_at":2150,"updated_by":"jsmith",
  "theirs":{"title":"Boss"},"named":"abc"})";

TEST(FormerLinks, OfTicketsSayWhatTheySaid) {
  const auto read = parse_link(PartnerId("p"), psa::ObjectKind::ticket, kTicket);
  ASSERT_TRUE(read) << read.error().message;
  const Link& link = *read;
  EXPECT_EQ(link.anchor, "edr:1");
  EXPECT_EQ(link.object, (psa::ObjectId{"manage", PartnerId("p"), psa::ObjectKind::ticket, "1010"}));
  EXPECT_EQ(link.external_reference, "CW-1");
  EXPECT_EQ(link.linked_at, from_milliseconds(2000));
  EXPECT_EQ(link.linked_sequence, 3);
  EXPECT_EQ(link.written_value("board")->id(), "2");
  EXPECT_EQ(link.turn, "resolved:x");
  EXPECT_TRUE(link.closed());
  EXPECT_FALSE(link.closed_by_people());
  EXPECT_EQ(link.seen("owner")->name(), "Jo Smith");
  EXPECT_EQ(link.observed->progress->hours.to_string(), "1.5");
  EXPECT_THAT(link.observed->progress->scheduled, ElementsAre("kchen"));
  EXPECT_EQ(link.observed->progress->closed_by, "APIuser");
  EXPECT_THAT(link.touched.at(Trace::owner), ElementsAre("jsmith"));
  EXPECT_THAT(link.children, ElementsAre("7"));
  EXPECT_EQ(link.reopening, "reopened:y");
  EXPECT_TRUE(link.configuration_attached);
  EXPECT_EQ(link.observed_sequence, 4);
  // What ConnectWise had made of a text is not taken for somebody's change.
  EXPECT_EQ(psa::find(link.kept, "summary")->text(), "A long");
}

TEST(FormerLinks, OfOtherObjectsSayWhatTheySaid) {
  const auto read = parse_link(PartnerId("p"), psa::ObjectKind::contact, kContact);
  ASSERT_TRUE(read) << read.error().message;
  const Link& link = *read;
  EXPECT_EQ(link.anchor, kOnlyLife);
  EXPECT_EQ(link.object, (psa::ObjectId{"manage", PartnerId("p"), psa::ObjectKind::contact, "77"}));
  EXPECT_EQ(link.instance, "https://x/acme");
  EXPECT_EQ(link.how, "the e-mail is the same");
  EXPECT_EQ(link.seen("email")->text(), "a@b.example");
  EXPECT_EQ(link.observed->parts.at("email"), "44") << "the id of the communication item";
  EXPECT_FALSE(link.observed->values.contains("email_item"));
  EXPECT_FALSE(link.observed->values.contains("type_ids"));
  EXPECT_EQ(link.seen("inactive")->flag(), false);
  EXPECT_EQ(link.seen("company")->id(), "2");
  EXPECT_EQ(link.overruled.at("title"), 2);
  EXPECT_EQ(link.turn, "active");
  EXPECT_EQ(link.observed->updated_by, "jsmith");
  EXPECT_EQ(psa::find(link.theirs, "title")->text(), "Boss");
}

TEST(FormerLinks, AreWrittenInThePresentFormAndStayTheSame) {
  for (const auto& [kind, text] : {std::pair{psa::ObjectKind::ticket, kTicket}, {psa::ObjectKind::contact, kContact}}) {
    const auto former = parse_link(PartnerId("p"), kind, text);
    const auto present = parse_link(PartnerId("p"), kind, serialize(*former));
    ASSERT_TRUE(present);
    EXPECT_EQ(serialize(*present), serialize(*former));
    EXPECT_EQ(present->observed->values, former->observed->values);
    EXPECT_EQ(present->observed->parts, former->observed->parts);
    EXPECT_EQ(present->written, former->written);
    EXPECT_EQ(present->how, former->how);
  }
}

TEST(FormerLinks, WhatIsNoLinkIsSaidToBeCorrupt) {
  for (const char* text : {"", "[]", "{}", R"({"form":2,"written":[]})", R"({"provider":"manage","ticket":"1"})"}) {
    const auto read = parse_link(PartnerId("p"), psa::ObjectKind::ticket, text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "store.corrupt");
  }
}

}  // namespace
}  // namespace crosswalk::workflows

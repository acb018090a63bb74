// What the story of a record tells of people.
#include "engine/people_acts.h"

#include <gmock/gmock.h>

namespace crosswalk::engine {
namespace {

using psa::TicketField;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using workflows::TicketLink;
using workflows::Trace;

TicketLink ticket(std::string status, bool closed = false) {
  TicketLink link;
  link.anchor = "a";
  link.ticket = {"manage", PartnerId("p"), psa::ObjectKind::ticket, "1010"};
  link.written = {{TicketField::status, {"1", "New"}}};
  link.observed.emplace();
  link.observed->fields = {{TicketField::status, {status, "Status " + status}}};
  link.observed->closed = closed;
  return link;
}

TEST(PeopleActs, NameWhoMovedAssignedScheduledAndClosed) {
  TicketLink after = ticket("3");
  after.touched[Trace::status] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has moved ticket #1010 to \"Status 3\"."));
  after = ticket("9", true);
  after.touched[Trace::status] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has closed ticket #1010 as \"Status 9\"."));
  after = ticket("1");
  after.observed->fields.push_back({TicketField::owner, {"5", "Jo Smith"}});
  after.observed->scheduled = {"mlopez"};
  after.touched[Trace::owner] = {"kchen"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}),
              ElementsAre("kchen has assigned ticket #1010 to Jo Smith.", "mlopez is scheduled on ticket #1010."));
}

TEST(PeopleActs, TellNotesAndWhatIsGoneOnce) {
  TicketLink after = ticket("1");
  after.touched[Trace::note] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has written a note on ticket #1010."));
  EXPECT_THAT(people_acts({after}, {after}), IsEmpty());
  TicketLink gone = ticket("1");
  gone.gone = "merged into #7";
  EXPECT_THAT(people_acts({ticket("1")}, {gone}), ElementsAre("Ticket #1010 is merged into #7."));
}

TEST(PeopleActs, AreNotWhatWeHaveWritten) {
  TicketLink after = ticket("2");
  after.written = {{TicketField::status, {"2", "Triage"}}};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), IsEmpty());
  EXPECT_THAT(people_acts({}, {after}), IsEmpty()) << "a ticket that is new is ours";
}

}  // namespace
}  // namespace crosswalk::engine

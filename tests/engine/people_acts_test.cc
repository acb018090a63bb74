// What the story of a record tells of people.
#include "engine/people_acts.h"

#include <gmock/gmock.h>

namespace crosswalk::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using workflows::Link;
using workflows::Trace;

Link ticket(std::string status, bool closed = false) {
  Link link;
  link.anchor = "a";
  link.object = {"manage", PartnerId("p"), psa::ObjectKind::ticket, "1010"};
  link.written = {{"status", psa::Reference{"1", "New"}}};
  link.observed.emplace();
  link.observed->values = {{"status", psa::Reference{status, "Status " + status}}};
  link.observed->progress.emplace().closed = closed;
  return link;
}

TEST(PeopleActs, NameWhoMovedAssignedScheduledAndClosed) {
  Link after = ticket("3");
  after.touched[Trace::status] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has moved ticket #1010 to \"Status 3\"."));
  after = ticket("9", true);
  after.touched[Trace::status] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has closed ticket #1010 as \"Status 9\"."));
  after = ticket("1");
  after.observed->values["owner"] = psa::Reference{"5", "Jo Smith"};
  after.observed->progress->scheduled = {"mlopez"};
  after.touched[Trace::owner] = {"kchen"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}),
              ElementsAre("kchen has assigned ticket #1010 to Jo Smith.", "mlopez is scheduled on ticket #1010."));
}

TEST(PeopleActs, TellNotesAndWhatIsGoneOnce) {
  Link after = ticket("1");
  after.touched[Trace::note] = {"jsmith"};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), ElementsAre("jsmith has written a note on ticket #1010."));
  EXPECT_THAT(people_acts({after}, {after}), IsEmpty());
  Link gone = ticket("1");
  gone.gone = "merged into #7";
  EXPECT_THAT(people_acts({ticket("1")}, {gone}), ElementsAre("Ticket #1010 is merged into #7."));
}

TEST(PeopleActs, AreNotWhatWeHaveWritten) {
  Link after = ticket("2");
  after.written = {{"status", psa::Reference{"2", "Triage"}}};
  EXPECT_THAT(people_acts({ticket("1")}, {after}), IsEmpty());
  EXPECT_THAT(people_acts({}, {after}), IsEmpty()) << "a ticket that is new is ours";
}

}  // namespace
}  // namespace crosswalk::engine

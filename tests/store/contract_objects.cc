#include <gmock/gmock.h>

#include "store/contract.h"

namespace crosswalk::store::contract {
namespace {

using testing::SizeIs;

TEST_P(StoreContract, MarksWhatHasChangedStaleUntilItWasLookedAtForTheNewestVersion) {
  RecordRow row = alert("acme", "disk");
  row.due_at.reset();
  LinkRow link{.ref = row.ref,
               .anchor = "1",
               .provider = "manage",
               .object_kind = "ticket",
               .object_id = "7",
               .external_reference = "r",
               .state = "{}"};
  commit({.records = {row}, .links = {link}});
  commit({.changed = {{.partner = "acme", .object_kind = "ticket", .object_id = "7", .at = at(5)},
                      {.partner = "acme", .object_kind = "ticket", .object_id = "8", .at = at(5)}}});
  const std::vector<RecordKey> refs{row.ref};
  EXPECT_TRUE(store_->links(refs).value().at(0).stale);
  const RecordRow woken = record(row.ref).value();
  EXPECT_EQ(woken.due_at, at(5));
  EXPECT_GT(woken.version, row.version);
  link.looked_at_for = row.version;
  commit({.links = {link}});
  EXPECT_TRUE(store_->links(refs).value().at(0).stale) << "it has changed since";
  link.looked_at_for = woken.version;
  commit({.links = {link}});
  EXPECT_FALSE(store_->links(refs).value().at(0).stale);
}

TEST_P(StoreContract, FindsLinksByTheirObjects) {
  LinkRow link{.ref = {"acme", "device", "d1"},
               .anchor = "object",
               .provider = "manage",
               .object_kind = "configuration",
               .object_id = "7",
               .external_reference = "",
               .state = "{}"};
  commit({.links = {link}});
  const std::vector<std::string> ids{"7", "8"};
  ASSERT_THAT(store_->links_to("acme", "configuration", ids).value(), SizeIs(1));
  EXPECT_THAT(store_->links_to("acme", "company", ids).value(), SizeIs(0));
  EXPECT_THAT(store_->links_to("beta", "configuration", ids).value(), SizeIs(0));
  ASSERT_THAT(store_->linked_objects("acme", "configuration").value(), SizeIs(1));
  EXPECT_EQ(store_->linked_objects("acme", "configuration").value().at(0).ref.key, "d1");
  EXPECT_EQ(store_->linked_partners().value(), std::vector<std::string>{"acme"});
}

TEST_P(StoreContract, CountsDevicesThatLeave) {
  const auto device = [&](const std::string& key, bool open, int seen) {
    RecordRow row = alert("acme", key);
    row.ref.kind = "device";
    row.open = open;
    row.raised_at = at(seen);
    return row;
  };
  RecordRow held = device("d", true, 9);
  held.parked = {"device.mass_change", "many"};
  RecordRow other = device("e", true, 9);
  other.parked = {"mapping.missing", "Not for a device.mass_change."};
  commit({.records = {device("a", true, 1), device("b", true, 9), device("c", false, 1), held, other}});
  const Store::Leaving leaving = store_->leaving("acme", "device", at(5), "device.mass_change").value();
  EXPECT_EQ(leaving.about_to, 1);
  EXPECT_EQ(leaving.held, 1);
  EXPECT_EQ(leaving.of, 5);
  EXPECT_EQ(store_->leaving("acme", "contact", at(5), "contact.mass_change").value().of, 0);
}

TEST_P(StoreContract, RemembersHowFarEachKindWasSwept) {
  commit({.sweeps = {{.partner = "acme", .kind = "company", .changed_until = at(1), .compared_at = at(0)}}});
  commit({.sweeps = {{.partner = "acme", .kind = "company", .changed_until = at(2), .compared_at = at(1)}}});
  const std::vector<SweepRow> rows = store_->sweeps("acme").value();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].changed_until, at(2));
  EXPECT_THAT(store_->sweeps("beta").value(), SizeIs(0));
}

TEST_P(StoreContract, KnowsHowItStandsWithEachPartnersPsa) {
  commit({.connections = {{"acme", "in_order", at(1), "", "", at(1)}, {"beta", "never_reached", at(1), "", "", {}}}});
  commit({.connections = {{"acme", "refused", at(2), "partner.refused_credentials", "401", at(1)}}});
  const std::vector<ConnectionRow> rows = store_->connections("acme").value();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].state, "refused");
  EXPECT_EQ(rows[0].since, at(2));
  EXPECT_EQ(rows[0].code, "partner.refused_credentials");
  EXPECT_EQ(rows[0].message, "401");
  EXPECT_EQ(rows[0].reached_at, at(1));
  EXPECT_EQ(rows[0].hidden, "");
  commit({.connections = {{"acme", "in_order", at(3), "", "", at(3), R"({"company":{}})"}}});
  EXPECT_EQ(store_->connections("acme").value().at(0).hidden, R"({"company":{}})");
  EXPECT_THAT(store_->connections("").value(), SizeIs(2));
  EXPECT_THAT(store_->connections("gamma").value(), SizeIs(0));
}

TEST_P(StoreContract, KnowsWhatThePsaIsToTellAndWhetherItDoes) {
  CallbackRow row{.partner = "acme", .kind = "ticket", .entry = "7", .made_at = at(1), .checked_at = at(2)};
  commit({.callbacks = {row, {.partner = "beta", .kind = "ticket", .entry = "8"}}});
  row.heard_at = at(3);
  row.missed_since = at(4);
  row.missed = 2;
  row.problem = R"({"code":"psa.permission_missing"})";
  commit({.callbacks_heard = {row, {.partner = "acme", .kind = "company", .missed = 9}}});
  commit({.callbacks = {row}});
  const std::vector<CallbackRow> rows = store_->callbacks("acme").value();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].entry, "7");
  EXPECT_EQ(rows[0].made_at, at(1));
  EXPECT_EQ(rows[0].checked_at, at(2));
  EXPECT_EQ(rows[0].heard_at, at(3));
  EXPECT_EQ(rows[0].missed_since, at(4));
  EXPECT_EQ(rows[0].missed, 2);
  EXPECT_EQ(rows[0].problem, row.problem);
  EXPECT_THAT(store_->callbacks("").value(), SizeIs(2)) << "only what is registered can be heard";
  row.made_at = at(9);
  commit({.callbacks = {row}});
  EXPECT_FALSE(store_->callbacks("acme").value().at(0).heard_at) << "one that is made anew was never heard";
  EXPECT_EQ(store_->callbacks("acme").value().at(0).missed, 0);
}

TEST_P(StoreContract, KnowsWhatTheProductWasOfferedAndWhoseOffersWereNeverRead) {
  commit({.sweeps = {{.partner = "acme", .kind = kOfferSweep}, {.partner = "beta", .kind = kOfferSweep}},
          .offers = {{"acme", "company", "5", "one"}, {"acme", "company", "6", "one"}}});
  EXPECT_EQ(store_->partners_without_offers().value(), (std::vector<std::string>{"acme", "beta"}));
  commit({.sweeps = {{.partner = "acme", .kind = kOfferSweep, .changed_until = at(1), .compared_at = at(1)}},
          .offers = {{"acme", "company", "5", ""}}});
  EXPECT_EQ(store_->partners_without_offers().value(), std::vector<std::string>{"beta"});
  const std::vector<OfferRow> offers = store_->offers("acme", "company").value();
  ASSERT_THAT(offers, SizeIs(2));
  EXPECT_EQ(offers[0].digest, "");
  EXPECT_EQ(offers[1].object_id, "6");
  EXPECT_THAT(store_->offers("beta", "company").value(), SizeIs(0));
  EXPECT_EQ(store_->linked_partners().value(), (std::vector<std::string>{"acme", "beta"})) << "they are to be swept";
}

TEST_P(StoreContract, ForgetsARecordAndWhatTellsItElsewhere) {
  RecordRow person = alert("acme", "p-1");
  person.ref.kind = "contact";
  person.state = R"({"email":"ada@acme.example"})";
  RecordRow other = alert("acme", "disk");
  other.state = R"({"contact_email":"Ada@ACME.example","and":"ada@acme.example, she said"})";
  other.refers_to = "device/d-1";
  other.parked = {"mapping.missing", "Nobody knows Ada@acme.example.", at(1)};
  RecordRow stranger = alert("beta", "disk");
  stranger.state = other.state;
  commit({.records = {person, other, stranger},
          .journal = {{.ref = person.ref, .entry = "{}"}, {.ref = other.ref, .entry = R"({"t":"ada@acme.example"})"}}});
  const std::vector<std::string> texts{"ada@acme.example", "abc", "15125550142"};
  EventRow raised = event("acme", "e-0");
  raised.kind = other.ref.kind;
  raised.key = other.ref.key;
  raised.data = R"({"by":"ADA@acme.example","at":15125550142})";
  LinkRow link;
  link.ref = other.ref;
  link.anchor = "object";
  link.state = R"({"n":15125550142,"15125550142":["call 15125550142 or ada@acme.EXAMPLE"]})";
  commit({.events = {raised}, .links = {link}});
  EventRow told = event("acme", "e-1");
  told.kind = "contact";
  told.key = "p-1";
  commit({.events = {told}});
  EXPECT_GT(store_->forget(person.ref, texts).value(), 0);
  EXPECT_EQ(store_->events_of(person.ref, 10).value().size(), 0u);
  EXPECT_EQ(commit({.events = {told}}).events.at(0).kind, Appended::Kind::duplicate) << "it does not come back";
  EXPECT_EQ(commit({.events = {event("acme", "e-2")}}).events.at(0).sequence, 3) << "no sequence is given twice";
  EXPECT_FALSE(record(person.ref));
  EXPECT_EQ(record(other.ref).value().state, R"({"contact_email":"[forgotten]","and":"[forgotten], she said"})");
  EXPECT_EQ(record(other.ref).value().parked.message, "Nobody knows [forgotten].");
  EXPECT_EQ(record(other.ref).value().parked.code, "mapping.missing");
  EXPECT_EQ(record(other.ref).value().refers_to, "device/d-1");
  EXPECT_EQ(record(stranger.ref).value().state, stranger.state) << "another partner's";
  EXPECT_THAT(store_->journal_of(person.ref, 10).value(), SizeIs(0));
  EXPECT_EQ(store_->journal_of(other.ref, 10).value().at(0).entry, R"({"t":"[forgotten]"})");
  EXPECT_EQ(store_->events_of(other.ref, 10).value().back().data, R"({"by":"[forgotten]","at":15125550142})");
  EXPECT_EQ(store_->links(std::span(&other.ref, 1)).value().at(0).state,
            R"({"n":15125550142,"15125550142":["call [forgotten] or [forgotten]"]})");
  EXPECT_EQ(store_->counts("acme").value().records, 1);
}

}  // namespace
}  // namespace crosswalk::store::contract

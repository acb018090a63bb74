#include <gmock/gmock.h>

#include "store/contract.h"

namespace crosswalk::store::contract {
namespace {

using testing::ElementsAre;

/// How a transaction that may fail has ended: "" or the error's code.
std::string code_of(Store& store, const Transaction& transaction) {
  const Transaction* alone = &transaction;
  const auto committed = store.commit({&alone, 1});
  return committed ? std::string() : committed.error().code;
}

TEST_P(StoreContract, RefusesAChangeOfAPartnerThatItsAuthorHasNotSeen) {
  commit({.partners = {partner_row("acme")}});
  PartnerRow mine = partner_row("acme"), yours = partner_row("acme");
  mine.version = yours.version = 2;
  mine.paused = true;
  yours.name = "Other";
  EXPECT_EQ(code_of(*store_, {.partners = {mine}}), "");
  EXPECT_EQ(code_of(*store_, {.partners = {yours}, .events = {event("acme", "1")}}), "store.changed_meanwhile");
  EXPECT_EQ(store_->newest_event().value(), 0) << "nothing of it is kept";
  EXPECT_TRUE(store_->partner("acme").value()->paused);
  EXPECT_EQ(store_->partner("acme").value()->name, "Acme");
  EXPECT_EQ(code_of(*store_, {.partners = {partner_row("acme")}}), "store.exists");
  PartnerRow unknown = partner_row("nobody");
  unknown.version = 2;
  EXPECT_EQ(code_of(*store_, {.partners = {unknown}}), "store.changed_meanwhile");
}

TEST_P(StoreContract, PublishesOnlyWhatIsStillTheDraft) {
  commit({.mappings = {mapping("draft", "1")}});
  commit({.mappings = {mapping("draft", "2")}});
  MappingRow checked = mapping("live", "ignored");
  checked.version = 1;
  EXPECT_EQ(code_of(*store_, {.mappings = {checked}}), "store.changed_meanwhile");
  EXPECT_FALSE(store_->live_mapping("acme", "alert-to-ticket").value());
  checked.version = 2;
  EXPECT_EQ(code_of(*store_, {.mappings = {checked}}), "");
  EXPECT_EQ(code_of(*store_, {.mappings = {checked}}), "store.changed_meanwhile") << "it has been published";
}

TEST_P(StoreContract, ReplacesADraftOnlyWhenItIsTheOneThatWasSeen) {
  MappingRow draft = mapping("draft", "1");
  draft.seen = MappingRow::Seen{};
  EXPECT_EQ(code_of(*store_, {.mappings = {draft}}), "");
  EXPECT_EQ(code_of(*store_, {.mappings = {draft}}), "store.changed_meanwhile") << "there is one by now";
  draft.seen->draft = 1;
  EXPECT_EQ(code_of(*store_, {.mappings = {draft}}), "");
  MappingRow live = mapping("live", "ignored");
  live.version = 2;
  commit({.mappings = {live}});
  draft.seen = MappingRow::Seen{};
  EXPECT_EQ(code_of(*store_, {.mappings = {draft}}), "store.changed_meanwhile") << "another is in force";
  draft.seen->live = 2;
  EXPECT_EQ(code_of(*store_, {.mappings = {draft}}), "");
}

TEST_P(StoreContract, WritesEachColumnOfAKeyByItself) {
  ApiKeyRow key{.id = "k1", .name = "ci", .hash = "h", .created_at = at(1)};
  commit({.keys = {key}});
  EXPECT_EQ(code_of(*store_, {.keys = {key}}), "store.exists");
  EXPECT_EQ(code_of(*store_, {.keys_revoked = {{"k1", at(3)}}}), "");
  commit({.keys_used = {{"k1", at(2)}}});
  commit({.keys_used = {{"k1", at(1)}}});
  const ApiKeyRow kept = store_->api_keys().value().front();
  EXPECT_EQ(kept.revoked_at, at(3)) << "a time of use that was on its way does not bring the key back";
  EXPECT_EQ(kept.last_used_at, at(2));
  EXPECT_EQ(code_of(*store_, {.keys_revoked = {{"k1", at(4)}}}), "store.changed_meanwhile");
  EXPECT_EQ(code_of(*store_, {.keys_revoked = {{"k2", at(4)}}}), "store.changed_meanwhile");
}

TEST_P(StoreContract, APlanIsSpentOnce) {
  PlanRow plan{.partner = "acme", .id = "p1", .hash = "h", .document = "{}", .created_at = at(1), .expires_at = at(2)};
  commit({.plans = {plan}});
  plan.applied_at = at(2);
  EXPECT_EQ(code_of(*store_, {.plans = {plan}}), "");
  plan.applied_at = at(3);
  EXPECT_EQ(code_of(*store_, {.plans = {plan}}), "store.changed_meanwhile") << "of two who apply it one does";
  EXPECT_EQ(store_->plan("acme", "p1").value()->applied_at, at(2));
}

TEST_P(StoreContract, KeepsTheInstallationsTexts) {
  EXPECT_FALSE(store_->setting("canary").value());
  commit({.settings = {{"canary", "one"}}});
  commit({.settings = {{"canary", "two"}, {"other", ""}}});
  EXPECT_EQ(store_->setting("canary").value(), "two");
  EXPECT_EQ(store_->setting("other").value(), "");
}

TEST_P(StoreContract, ListsWhatWasDoneNewestFirst) {
  const auto row = [](const std::string& act, const std::string& partner, const std::string& target) {
    return AuditRow{.at = at(7),
                    .key_id = "k1",
                    .key_name = "ann",
                    .act = act,
                    .partner = partner,
                    .target = target,
                    .before = R"({"paused":false})",
                    .after = R"({"paused":true})",
                    .request_id = "r-1"};
  };
  commit({.audit = {row("partner.change", "acme", "partner"), row("webhook.add", "", "webhook w")}});
  commit({.audit = {row("partner.change", "other", "partner"), row("plan.apply", "acme", "plan p")}});
  const auto acts = [&](const Store::AuditQuery& query) {
    std::vector<std::string> found;
    const std::vector<AuditRow> rows = store_->audit(query).value();
    for (const AuditRow& each : rows) found.push_back(each.act + " " + each.partner);
    return found;
  };
  EXPECT_THAT(acts({}), ElementsAre("plan.apply acme", "partner.change other", "webhook.add ", "partner.change acme"));
  EXPECT_THAT(acts({.partner = "acme"}), ElementsAre("plan.apply acme", "partner.change acme"));
  EXPECT_THAT(acts({.act = "partner.change"}), ElementsAre("partner.change other", "partner.change acme"));
  EXPECT_THAT(acts({.target = "webhook w"}), ElementsAre("webhook.add "));
  EXPECT_THAT(acts({.partner = "acme", .target = "partner"}), ElementsAre("partner.change acme"));
  EXPECT_THAT(acts({.count_max = 1}), ElementsAre("plan.apply acme"));
  const AuditRow newest = store_->audit({.count_max = 1}).value().front();
  EXPECT_THAT(acts({.partner = "acme", .before = newest.sequence}), ElementsAre("partner.change acme"));
  EXPECT_EQ(newest.at, at(7));
  EXPECT_EQ(newest.key_id, "k1");
  EXPECT_EQ(newest.key_name, "ann");
  EXPECT_EQ(newest.target, "plan p");
  EXPECT_EQ(newest.before, R"({"paused":false})");
  EXPECT_EQ(newest.after, R"({"paused":true})");
  EXPECT_EQ(newest.request_id, "r-1");
}

TEST_P(StoreContract, KeepsNothingOfAPersonInTheAudit) {
  const RecordKey person{"acme", "contact", "wilhelmina"};
  AuditRow row{.act = "record.replay", .partner = "acme", .target = "record contact wilhelmina"};
  row.after = R"({"comment":"asked by Wilhelmina@acme.example"})";
  commit({.audit = {row}});
  const std::vector<std::string> texts{"wilhelmina@acme.example"};
  EXPECT_EQ(store_->forget(person, texts).value(), 2);
  const AuditRow kept = store_->audit({}).value().front();
  EXPECT_EQ(kept.target, "record contact");
  EXPECT_EQ(kept.after, R"({"comment":"asked by [forgotten]"})");
  EXPECT_EQ(kept.act, "record.replay");
}

}  // namespace
}  // namespace crosswalk::store::contract

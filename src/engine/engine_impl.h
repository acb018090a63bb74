#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/array.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/async.h"
#include "engine/engine.h"
#include "engine/folder.h"
#include "engine/known_update.h"
#include "engine/loader.h"
#include "engine/partner.h"
#include "engine/reconciler.h"
#include "engine/retention.h"

namespace crosswalk::engine {

/// The engine of one share of the partners. One executor with one thread runs all of it; methods that return awaitables
/// must be awaited there.
class EngineImpl final : public Engine {
 public:
  /// Its place among the others. What is to be done once is done by the first.
  struct Seat {
    store::Share share;
    std::function<void()> wake_all;  ///< thread-safe
    [[nodiscard]] bool is_first() const { return share.first == 0; }
  };
  EngineImpl(boost::asio::any_io_executor executor, store::Store& store, store::Writer& writer, Clock& clock,
             PsaFactory& factory, EngineOptions options, Metrics& metrics, Seat seat);

  boost::asio::awaitable<void> run() override;
  void stop() override;
  void wake() override;
  void wake(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> plan(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> plan_draft(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> save_plan(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> apply(PartnerId partner, std::string plan_id) override;
  boost::asio::awaitable<Result<boost::json::object>> explain(model::RecordRef record) override;
  boost::asio::awaitable<Result<boost::json::object>> check(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> reference_data(PartnerId partner) override;
  boost::asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(PartnerId partner,
                                                                               psa::TicketReferences wanted) override;
  boost::asio::awaitable<Result<boost::json::object>> object_reference_data(PartnerId partner,
                                                                            psa::ObjectReferences references) override;
  boost::asio::awaitable<Result<boost::json::object>> match_customers(PartnerId partner) override;
  boost::asio::awaitable<Result<std::int64_t>> replay(PartnerId partner,
                                                      std::optional<model::RecordRef> record) override;
  boost::asio::awaitable<Result<boost::json::object>> verify(PartnerId partner) override;
  void told(PartnerId partner, psa::CallbackMessage message) override;
  boost::asio::awaitable<Result<boost::json::object>> callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> ensure_callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> remove_callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> drift(PartnerId partner) override;
  boost::asio::awaitable<Result<std::int64_t>> forget(model::RecordRef record) override;
  boost::asio::awaitable<boost::json::object> status(PartnerId partner) override;
  const Metrics& metrics() const override { return metrics_; }

 private:
  // engine.cc: when
  boost::asio::awaitable<void> turn();
  /// One batch of events; false when there was none, or it could not be folded.
  boost::asio::awaitable<bool> fold();
  boost::asio::awaitable<bool> fold_batch();
  [[nodiscard]] Result<store::Unfolded> read_unfolded();
  /// Of a batch of events; fails when it could not be stored.
  boost::asio::awaitable<Result<void>> fold_events_of(const store::Unfolded& unfolded);
  /// Keeps how far the log is folded, where only events of others have come since.
  boost::asio::awaitable<void> keep_cursor();
  /// Folding, and whatever else makes versions of records from versions that were read, takes turns.
  boost::asio::awaitable<void> begin_fold();
  void end_fold();
  boost::asio::awaitable<Result<void>> rebuild(const store::RecordKey& key);
  void take_folded(FoldResult& result, Timestamp now);
  [[nodiscard]] bool may_be_done_already(const Folded& each) const;
  /// Storms under way whose alerts have news are due.
  void wake_storms(const FoldResult& result, Timestamp now, store::Transaction& transaction);
  void read_open_groups(PartnerState& partner);
  void find_due_partners();
  void start_due_partners();
  [[nodiscard]] Result<std::vector<store::RecordRow>> next_batch(const PartnerState& partner, int lane_max);
  void start_batches(PartnerState& partner);
  boost::asio::awaitable<void> batch(PartnerState& partner, std::vector<store::RecordRow> rows);
  boost::asio::awaitable<void> reconcile(PartnerState& partner, std::vector<Item>& items, Result<void> ready);
  boost::asio::awaitable<void> finish(PartnerState& partner, Item& item);
  boost::asio::awaitable<void> run_item(PartnerState& partner, const psa::Psa& psa, Item& item,
                                        Reconciler::Purpose purpose);
  boost::asio::awaitable<void> sleep_until(Timestamp at, std::weak_ptr<bool> alive);
  void schedule(std::optional<Timestamp> at);
  void start_pruning();
  boost::asio::awaitable<void> prune();
  /// Says again and again that the engine's thread is there.
  boost::asio::awaitable<void> beat(std::weak_ptr<bool> alive);
  /// Whether the system's clock was set back, and what follows from it.
  boost::asio::awaitable<void> notice_clock();
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  PartnerState& state_of(const std::string& partner);
  Result<void> refresh_settings(PartnerState& partner);
  Result<void> read_mappings(PartnerState& partner);
  /// Whether the partner or its live mapping are newer than what we hold.
  [[nodiscard]] bool settings_changed(const PartnerState& partner);
  static void forget(PartnerState& partner);
  /// Takes hold of the newest settings. "busy": others still hold older ones.
  enum class Hold { taken, busy };
  Result<Hold> hold_settings(PartnerState& partner);
  void release_settings(PartnerState& partner);
  /// Whether one of the items may be written to the PSA.
  [[nodiscard]] bool is_live(const PartnerState& partner, const std::vector<Item>& items) const;
  Result<psa::Psa> session(PartnerState& partner, bool read_only);
  [[nodiscard]] bool is_known(const Item& item) const;
  void mark_doubts(const PartnerState& partner, std::vector<Item>& items) const;
  void give_up(PartnerState& partner, std::vector<Item>& items, const Error& error);
  /// Stores the alerts that belong to another storm by now (Item::regrouped).
  boost::asio::awaitable<Result<void>> store_groups(const PartnerState& partner, std::vector<Item>& items);
  /// Stores them and lays them aside: they are looked at when those beside them have been stored as well.
  boost::asio::awaitable<void> regroup(PartnerState& partner, std::vector<Item>& items);
  /// Stores them and loads them again, with those that are beside them now.
  boost::asio::awaitable<Result<void>> load_regrouped(const PartnerState& partner, std::vector<Item>& items);
  boost::asio::awaitable<void> set_broken_aside(PartnerState& partner, std::vector<Item>& items);

  [[nodiscard]] Result<std::vector<std::string>> personal_texts(const model::RecordRef& ref);
  /// Waits until nothing is under way for the record, for a while; false when something still is.
  boost::asio::awaitable<bool> is_free(const PartnerState& partner, const store::RecordKey& key);

  // connection.cc: how it stands between us and a partner's PSA
  void read_connection(PartnerState& partner);
  void start_telling();
  /// Keeps what has changed, and tells the product.
  boost::asio::awaitable<void> tell_connection(PartnerState& partner);

  // parking.cc: what waits for a person
  /// Journals why a record has no ticket, when that is news.
  void tell_why_held(Item& item);
  /// Journals why nothing could be done for it, when that is news.
  void tell_why_postponed(Item& item);
  /// Of the items that wait for the same, one goes first and the others wait for what it finds out.
  std::vector<Item*> let_one_go_first(PartnerState& partner, std::vector<Item>& items);
  /// Wakes those who wait for what is no longer in the way of the first ones.
  void learn_from(PartnerState& partner, const std::vector<Item*>& first, store::Transaction& transaction);
  /// After those have looked who went first: wakes others, where that may help.
  boost::asio::awaitable<void> look_on(PartnerState& partner, const std::vector<Item*>& first);
  boost::asio::awaitable<void> wake_parked(PartnerState& partner);

  // sweeper.cc: what has changed in the PSA
  void plan_sweeps();
  void start_sweeps();
  /// Before long, but not all the time.
  void sweep_soon(PartnerState& partner);
  /// Offers the product the companies that nobody is linked to, where the mapping says so.
  boost::asio::awaitable<Result<void>> offer_companies(PartnerState& partner, const psa::Psa& psa);
  struct Offers;
  boost::asio::awaitable<Result<void>> read_offers(const psa::Psa& psa, Offers& offers);
  boost::asio::awaitable<Result<void>> write_offers(Offers& offers, bool last);
  Result<std::optional<Offers>> begin_offers(const PartnerState& partner, const psa::Psa& psa);
  /// Whether a customer is about to be linked.
  Result<bool> customers_under_way(const PartnerState& partner);
  /// Of the companies, those that a customer may be who waits for a person to say so.
  boost::asio::awaitable<Result<std::set<std::string>>> candidates_of_held(const PartnerState& partner,
                                                                           const mapping::ObjectDocument& document,
                                                                           const std::vector<psa::Object>& companies);
  boost::asio::awaitable<void> sweep(PartnerState& partner);
  boost::asio::awaitable<Result<void>> sweep_kind(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind);
  /// Of what was read, what is newer than what our books say of it.
  Result<std::vector<std::string>> news_of(const PartnerState& partner, psa::ObjectKind kind,
                                           const std::map<std::string, Seen>& read);
  boost::asio::awaitable<Result<void>> compare_ids(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind,
                                                   const std::vector<store::Store::LinkedObject>& linked,
                                                   store::SweepRow& row, store::Transaction& transaction);

  // verify.cc: whether all is as we believe
  /// What of the linked objects of a kind is there, and what of it is not as our books say.
  struct Verified {
    std::vector<store::Store::LinkedObject> linked;
    std::set<std::string> there;
    std::map<std::string, psa::Object> tickets;  ///< newer than our books
    std::map<std::string, psa::Object> objects;  ///< with another value
  };
  /// In what an object differs from our books.
  struct Difference {
    bool ours = false;  ///< a part of it is the product's
    boost::json::array fields;
  };
  boost::asio::awaitable<Result<Verified>> verify_kind(PartnerState& partner, const psa::Psa& psa,
                                                       psa::ObjectKind kind);
  boost::asio::awaitable<Result<boost::json::object>> verify_held(PartnerState& partner);
  boost::asio::awaitable<Result<Difference>> difference_of(PartnerState& partner,
                                                           const store::Store::LinkedObject& linked,
                                                           const Verified& verified);

  // callbacks.cc: what the PSA tells us by itself
  void plan_callbacks();
  void start_callbacks();
  /// Messages that wait for one partner.
  struct Inbox {
    std::vector<psa::CallbackMessage> messages;
    std::size_t bytes = 0;
    bool overflowed = false;
  };
  [[nodiscard]] Inbox empty_inbox(const std::string& partner);
  boost::asio::awaitable<void> hear(PartnerState& partner);
  /// What messages prove of one object.
  struct Change {
    psa::Change newest;
    std::set<std::string> members;  ///< who has changed it, in lower case
  };
  using Changes = std::map<std::pair<psa::ObjectKind, std::string>, Change>;
  static void add_change(psa::Change change, Changes& changes);
  boost::asio::awaitable<Changes> prove(PartnerState& partner, std::vector<psa::CallbackMessage> messages);
  boost::asio::awaitable<void> take_changes(PartnerState& partner, Changes changes);
  [[nodiscard]] bool is_in_flight(const PartnerState& partner, const Changes& changes);
  [[nodiscard]] bool is_echo(const PartnerState& partner, const Change& change, const store::LinkRow& row);
  [[nodiscard]] bool callbacks_on(const std::string& partner) const;
  [[nodiscard]] std::vector<psa::ObjectKind> wanted_callbacks(const PartnerState& partner) const;
  boost::asio::awaitable<void> keep_callbacks(PartnerState& partner);
  /// Compares what is registered with what is wanted and mends it, or takes all of it back. One at a time.
  boost::asio::awaitable<Result<psa::CallbackReport>> settle_callbacks(PartnerState& partner, bool take_back);
  boost::asio::awaitable<Result<psa::CallbackReport>> settle_callbacks_alone(PartnerState& partner, bool take_back);
  boost::asio::awaitable<Result<void>> write_down_callbacks(const std::string& partner,
                                                            const std::vector<store::CallbackRow>& rows,
                                                            const std::vector<psa::ObjectKind>& kinds,
                                                            const psa::CallbackReport& report);
  Result<boost::json::object> callbacks_in_words(const PartnerState& partner);
  /// Whether the PSA has told of what a sweep has read; if not, that is written down.
  void note_missed(PartnerState& partner, psa::ObjectKind kind, const std::map<std::string, Seen>& read,
                   Timestamp since, Timestamp began, store::Transaction& transaction);

  // reference_data.cc
  /// What the mappings of objects name of that which is read only where it is asked for.
  static void add_named(const PartnerState& partner, psa::ObjectReferences& references);

  // check_up.cc
  struct CheckUp;
  [[nodiscard]] static psa::CheckScope writes_of(const PartnerState& partner);
  [[nodiscard]] Result<std::vector<store::RecordRow>> parked_of(const PartnerState& partner);
  static void infer_rights(const psa::CheckScope& scope, const std::vector<store::RecordRow>& parked, CheckUp& result);
  static void check_parked(const PartnerState& partner, const std::vector<store::RecordRow>& parked, CheckUp& result);
  void check_unmapped(const PartnerState& partner, CheckUp& result);
  boost::asio::awaitable<void> check_decisions(PartnerState& partner, const psa::Psa& psa, CheckUp& result);
  boost::asio::awaitable<void> check_ticket_mapping(PartnerState& partner, const psa::Psa& psa, CheckUp& result);
  void check_masses(const PartnerState& partner, CheckUp& result);
  void check_automation(const PartnerState& partner, CheckUp& result) const;
  boost::asio::awaitable<void> check_object_mappings(PartnerState& partner, const psa::Psa& psa, CheckUp& result);

  // customers.cc: which company a customer is
  boost::asio::awaitable<Result<boost::json::object>> match_held(PartnerState& partner);

  // plans.cc, people.cc: for people
  /// A partner whose row, mapping and sessions are not exchanged while this lives.
  class Use {
   public:
    Use(EngineImpl& engine, PartnerState& partner) : engine_(&engine), partner_(&partner), alive_(engine.alive_) {}
    Use(Use&& other) noexcept
        : engine_(std::exchange(other.engine_, nullptr)), partner_(other.partner_), alive_(std::move(other.alive_)) {}
    Use& operator=(Use&&) = delete;
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      // What waits for a call when the engine goes is destroyed after it.
      if (const auto alive = alive_.lock(); engine_ && alive && *alive) engine_->end_use(*partner_);
    }
    PartnerState& operator*() const { return *partner_; }
    PartnerState* operator->() const { return partner_; }

   private:
    EngineImpl* engine_;
    PartnerState* partner_;
    std::weak_ptr<bool> alive_;
  };
  boost::asio::awaitable<Result<Use>> use(std::string partner);
  /// A question about a partner that takes long, while it is being answered.
  class Turn {
   public:
    Turn(PartnerState& partner, std::weak_ptr<bool> alive) : partner_(&partner), alive_(std::move(alive)) {}
    Turn(Turn&& other) noexcept : partner_(std::exchange(other.partner_, nullptr)), alive_(std::move(other.alive_)) {}
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (const auto alive = alive_.lock(); !partner_ || !alive || !*alive) return;
      partner_->asking = false;
      partner_->asked.set();
    }

   private:
    PartnerState* partner_;
    std::weak_ptr<bool> alive_;
  };
  /// Waits for its turn: of one partner one such question is answered at a time. Fails with "partner.busy".
  boost::asio::awaitable<Result<Turn>> ask(PartnerState& partner);
  void end_use(PartnerState& partner);
  /// Of the records that a plan was made of.
  using Versions = std::map<store::RecordKey, std::int64_t>;
  boost::asio::awaitable<Result<std::vector<store::RecordRow>>> plannable(std::string partner);
  /// Reads what the records need a few at a time, so that others get their turns.
  boost::asio::awaitable<Result<std::vector<Item>>> load_in_slices(const PartnerState& partner,
                                                                   std::vector<store::RecordRow> rows);
  boost::asio::awaitable<Result<std::vector<Item>>> pretend(PartnerState& partner, const psa::Psa& psa,
                                                            std::string customer);
  /// Takes the drafts into the mappings of `partner`, which is no state of the engine's own.
  Result<void> read_drafts(PartnerState& partner);
  boost::asio::awaitable<Result<boost::json::object>> make_plan(PartnerState& partner, std::string customer,
                                                                const std::set<store::RecordKey>* only,
                                                                Versions* versions = nullptr);
  boost::asio::awaitable<Result<boost::json::object>> make_plan_by(PartnerState& partner, const psa::Psa& psa,
                                                                   std::string customer,
                                                                   const std::set<store::RecordKey>* only,
                                                                   Versions* versions = nullptr);
  struct Applying;
  boost::asio::awaitable<Result<void>> apply_rows(PartnerState& partner, const psa::Psa& psa, Applying& applying,
                                                  std::vector<store::RecordRow> rows);
  /// Events and what the journal tells of a record, oldest first.
  Result<boost::json::array> story_of(const store::RecordKey& key);
  boost::asio::awaitable<Result<boost::json::object>> apply_plan(PartnerState& partner, store::PlanRow row);

  boost::asio::any_io_executor executor_, calculations_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  PsaFactory& factory_;
  EngineOptions options_;
  Metrics& metrics_;
  Seat seat_;
  Reconciler reconciler_;
  Loader loader_;
  Retention retention_;
  std::map<std::string, std::unique_ptr<PartnerState>> partners_;
  Crew crew_;
  Signal wake_, fold_ended_;
  std::mutex inbox_mutex_;
  std::map<std::string, Inbox> inboxes_;
  bool inboxes_filled_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::optional<Timestamp> timer_at_;  ///< by the clock that is never set
  std::optional<Timestamp> settings_check_at_, fold_retry_at_, prune_at_, keep_cursor_at_;
  std::optional<Duration> clock_ahead_;   ///< how far the time of day was ahead of the clock that is never set
  std::optional<Timestamp> restored_at_;  ///< when these books were put back from a copy, while it matters
  Timestamp started_at_{};
  std::optional<std::int64_t> cursor_;  ///< up to here the events of our partners are folded; absent: not read yet
  int folds_overtaken_ = 0;             ///< in a row
  std::uint64_t seed_;
  bool folding_ = false, woken_ = false, stopping_ = false, finished_ = false, pruning_ = false;
};

}  // namespace crosswalk::engine

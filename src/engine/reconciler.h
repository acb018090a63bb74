#pragma once

#include <boost/asio/awaitable.hpp>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/item.h"
#include "engine/partner.h"
#include "plan/steps.h"

namespace crosswalk::engine {

/// Takes loaded records from observed to desired. The one path: a plan differs only in that steps are pretended, a test
/// run in that they are not taken.
class Reconciler {
 public:
  enum class Purpose {
    apply,       ///< live mappings are applied, test mappings only thought through
    apply_plan,  ///< a saved plan is applied, whatever the mode
    pretend,     ///< every step is done in memory only
  };

  /// Where no circuit says when to try again: somebody must change the connection, and that wakes what waits.
  static constexpr Duration kCredentialsRetry{std::chrono::minutes{15}};

  Reconciler(store::Store& store, Clock& clock, EngineOptions options, Metrics& metrics, std::uint64_t seed)
      : store_(store), clock_(clock), options_(options), metrics_(metrics), random_(seed) {}

  /// Reads the reference data that the partner's mapping needs, when it is missing, old or does not cover `items`.
  boost::asio::awaitable<Result<void>> refresh_reference_data(PartnerState& partner, const psa::Psa& psa,
                                                              const std::vector<Item>& items, bool force);

  /// What of the PSA the items need to be trusted, read for all of them together: looks up what is in doubt, looks at
  /// what may have changed, finds what is there already, and asks what the next steps depend on.
  boost::asio::awaitable<void> observe(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                       Purpose purpose);

  /// Makes objects of many items in one call, where the PSA can. What remains is for run().
  boost::asio::awaitable<void> create_together(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                               Purpose purpose);

  /// Works out what the record should be, by its workflow, and does nothing.
  void consider(const PartnerState& partner, Item& item) const {
    item.answer = workflow_of(item).desired(view_of(partner, item));
  }

  /// Steps of one item until nothing is left to do, or it must wait.
  boost::asio::awaitable<void> run(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose);

  /// What others have written on its tickets, for the product. Never keeps the record from anything: what could not be
  /// read is read later.
  boost::asio::awaitable<void> hear_notes(PartnerState& partner, const psa::Psa& psa, Item& item);

  // parking.cc
  /// The record waits for a person (or for what ends the wait by itself): nothing more this turn.
  void park(Item& item, const Error& error);
  /// It waits for a person still, or again, and has a time for the next look. `skipped`: nobody looked.
  void keep_parked(Item& item, const Error& error, bool skipped);
  /// Nothing was known of why it waits when it was told of.
  [[nodiscard]] static bool is_told_anew(const Item& item);
  /// It is parked, and nothing but time has made it due.
  [[nodiscard]] static bool is_timed_look(const Item& item);
  /// What the journal says of it.
  [[nodiscard]] static store::JournalRow parked_entry(const store::RecordKey& ref, const Error& error, Timestamp at);

  /// The store's side of what an item has become. `has_news`: events came for it meanwhile.
  void write_down(PartnerState& partner, const Item& item, bool has_news, store::Transaction& transaction) const;

  /// Nothing more this turn: the record waits, for a time or for a person, as the disposition asks.
  void postpone(PartnerState& partner, Item& item, const Error& error, Disposition disposition,
                std::optional<Duration> retry_after);

 private:
  struct Next {
    plan::Step step;
    std::size_t wanted = 0;   ///< of which of Answer::wanted it is
    bool unanswered = false;  ///< something must be asked of the PSA before
  };
  /// What the record should be, and what of it is left as it is in the PSA. Nothing is done while the last answer still
  /// holds.
  void think(const PartnerState& partner, Item& item);
  [[nodiscard]] workflows::RecordView view_of(const PartnerState& partner, const Item& item) const;
  // reconciler_observe.cc
  /// A link whose object is to be read.
  struct Look {
    Item* item;
    std::string anchor, id;
  };
  using Looks = std::map<psa::ObjectKind, std::vector<Look>>;
  [[nodiscard]] static bool is_to_be_looked_at(const Item& item, const workflows::Link& link,
                                               const std::optional<Next>& next, Purpose purpose);
  void choose_looks(Item& item, Purpose purpose, Timestamp began, Looks& looks);
  /// `began`: what was seen since then needs no other look.
  boost::asio::awaitable<void> look_at_links(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items,
                                             Purpose purpose, Timestamp began);
  void take_absence(PartnerState& partner, Item& item, workflows::Link& link);
  void take_view(PartnerState& partner, Item& item, workflows::Link& link, const psa::Object& object);
  void take_view_for_good(const PartnerState& partner, Item& item, workflows::Link& link, const psa::Object& object);
  /// A decision, for the story; nothing when `text` is empty.
  void tell(Item& item, const std::string& text) const;
  static void show(PartnerState& partner, const psa::Object& object);
  boost::asio::awaitable<void> ask_about(PartnerState& partner, const psa::Psa& psa, Item& item);
  // reconciler_objects.cc
  static void tell_left_fields(Item& item);
  // reconciler_leaving.cc
  [[nodiscard]] bool leaves(const PartnerState& partner, const Item& item) const;
  void count_leaving(PartnerState& partner, std::vector<Item>& items) const;
  void note_leaving(PartnerState& partner, const std::vector<Item>& items) const;
  // reconciler_absence.cc
  /// Fails with "psa.rows_hidden" when what is `absent` from a complete answer is more likely hidden than gone.
  boost::asio::awaitable<Result<void>> believe_absent(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind,
                                                      const std::set<std::string>& absent,
                                                      const std::set<std::string>& shown);
  /// One ticket that is shown tells that tickets are; of other kinds only a whole list does.
  void note_shown(PartnerState& partner, psa::ObjectKind kind, const std::set<std::string>& shown) const;
  /// Whether tickets of ours are shown at all, before what was not found is made.
  boost::asio::awaitable<Result<void>> believe_no_ticket(PartnerState& partner, const psa::Psa& psa);
  /// Nothing more this turn: what the record is linked to, or looks for, may be hidden from us.
  void wait_for_rows(PartnerState& partner, Item& item, const Error& error);
  boost::asio::awaitable<void> search_objects(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  [[nodiscard]] Result<bool> any_unsucceeded(const Item& item, const std::set<std::string>& keys);
  [[nodiscard]] Result<void> find_predecessor(const PartnerState& partner, const ObjectIndex& index, Item& item);
  [[nodiscard]] Result<void> find_earlier_attempt(const PartnerState& partner, ObjectIndex& index, Item& item);
  /// The key of another record that is the object which `item` is to be linked to; empty: none is.
  [[nodiscard]] Result<std::string> owner_of(const PartnerState& partner, const psa::Psa& psa, const Item& item);
  [[nodiscard]] static Error taken_error(const Item& item, const std::string& owner);
  [[nodiscard]] static PartnerState::Claim claim_of(const Item& item) {
    return {kind_of(item), item.wanted()->decided.id};
  }
  [[nodiscard]] Result<void> refuse_taken(const PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  boost::asio::awaitable<void> view_decided(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  /// Takes an object that is there already for the record's own, unless it has become another's meanwhile.
  [[nodiscard]] psa::Outcome claim_object(PartnerState& partner, const psa::Psa& psa, Item& item,
                                          const plan::Step& step);
  /// What may be kept of an object as the PSA shows it.
  [[nodiscard]] static psa::Object kept_of(const PartnerState& partner, psa::Object object);
  /// What was linked until now is free, as far as the picture of the PSA goes.
  static void release(PartnerState& partner, const workflows::Link& link);
  /// What the engine itself keeps of a step that was done.
  static void settle_books(PartnerState& partner, const Item& item, const plan::Step& step, const psa::Outcome& outcome,
                           workflows::Link& link);
  /// Journals what of an adopted object is left as it was.
  void tell_theirs(Item& item) const;
  void succeed(const Item& item, store::Transaction& transaction) const;
  void write_down_object(const PartnerState& partner, const Item& item, store::RecordSettled& settled,
                         store::Transaction& transaction) const;
  [[nodiscard]] std::optional<Next> next(Item& item);
  /// Whether what the last answer left open has not been looked for late enough.
  [[nodiscard]] bool must_wait(const Item& item) const;
  void wait_for_doubt(Item& item);
  /// False when the record must wait with this step; why is written on it.
  [[nodiscard]] bool may_take(Item& item, const plan::Step& step, Purpose purpose);
  /// True when nothing is left to do.
  boost::asio::awaitable<bool> take_steps(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose);
  void begin_storm(Item& item);
  void split_storm(const Item& item, store::RecordSettled& settled, store::Transaction& transaction) const;
  static void note_left(Item& item);
  boost::asio::awaitable<void> look_up(PartnerState& partner, const psa::Psa& psa, std::vector<Item>& items);
  boost::asio::awaitable<void> look_up_notes(PartnerState& partner, const psa::Psa& psa, Item& item);
  /// Who the contact of a new ticket is. The ticket is made in any case.
  boost::asio::awaitable<void> find_contact(PartnerState& partner, const psa::Psa& psa, Item& item);
  void close_for_good(Item& item, workflows::Link& link, const plan::Step& step, const std::string& why);
  /// A ticket whose time was invoiced is not re-opened.
  boost::asio::awaitable<void> refuse_invoiced(PartnerState& partner, const psa::Psa& psa, Item& item);
  /// What people have written and finished on tickets that are about to be closed.
  boost::asio::awaitable<void> look_for_people(PartnerState& partner, const psa::Psa& psa, Item& item);
  static void take_notes(const PartnerState& partner, const std::vector<psa::TicketNote>& notes, workflows::Link& link,
                         Item& item);
  void adopt(Item& item, const psa::Object& ticket, const std::string& anchor);
  void pretend(Item& item, const Next& next);
  boost::asio::awaitable<bool> take(PartnerState& partner, const psa::Psa& psa, Item& item, const Next& next);
  void count_latency(PartnerState& partner, const Item& item);
  /// What has become of a step, on the link and in the journal. True: the next one may follow.
  [[nodiscard]] bool settle(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome);
  [[nodiscard]] bool settle_refused(PartnerState& partner, Item& item, const plan::Step& step,
                                    const psa::Outcome& outcome, workflows::Link& link);
  void handle_failure(PartnerState& partner, Item& item, const Next& next, const psa::Outcome& outcome);
  /// Puts off, once, what a person would be asked about.
  void look_again(Item& item, const Error& error);
  void journal(Item& item, const plan::Step& step, const psa::Outcome& outcome, const std::string& number);
  [[nodiscard]] Duration backoff(int attempts);

  store::Store& store_;
  Clock& clock_;
  EngineOptions options_;
  Metrics& metrics_;
  std::mt19937_64 random_;
  std::int64_t planned_count_ = 0;
};

}  // namespace crosswalk::engine

#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "engine/books.h"
#include "engine/doubts.h"
#include "engine/loader.h"
#include "engine/parking.h"
#include "engine/partners.h"
#include "engine/reconciler.h"
#include "engine/reference_reader.h"

namespace crosswalk::engine {

/// What is due of one partner, some records at a time: loaded, reconciled, written down.
class Batches {
 public:
  Batches(Loop& loop, store::Store& store, store::Writer& writer, Clock& clock, const EngineOptions& options,
          Partners& partners, const Doubts& doubts, Waits& waits, ReferenceReader& references, Reconciler& reconciler,
          TicketQuestions& questions, Parking& parking)
      : loop_(loop),
        store_(store),
        writer_(writer),
        clock_(clock),
        options_(options),
        partners_(partners),
        doubts_(doubts),
        waits_(waits),
        references_(references),
        reconciler_(reconciler),
        questions_(questions),
        parking_(parking),
        loader_(store),
        books_(store, clock) {}

  /// As many batches as the partner may have at once.
  void start(PartnerState& partner);

  // What a saved plan is applied with.
  /// Parks what cannot be read, and takes it out of `items`.
  boost::asio::awaitable<void> set_broken_aside(PartnerState& partner, std::vector<Item>& items);
  /// Stores the alerts that belong to another storm by now, and loads them again with those that are beside them.
  boost::asio::awaitable<Result<void>> load_regrouped(const PartnerState& partner, std::vector<Item>& items);
  /// Takes the steps of one item and writes down what has become of it.
  boost::asio::awaitable<void> run_item(PartnerState& partner, const psa::Psa& psa, Item& item, Purpose purpose);

 private:
  [[nodiscard]] Result<std::vector<store::RecordRow>> next_batch(const PartnerState& partner, int lane_max);
  boost::asio::awaitable<void> batch(PartnerState& partner, std::vector<store::RecordRow> rows);
  boost::asio::awaitable<void> reconcile(PartnerState& partner, std::vector<Item>& items, Result<void> ready);
  boost::asio::awaitable<void> finish(PartnerState& partner, Item& item);
  /// Whether one of the items may be written to the PSA.
  [[nodiscard]] static bool is_live(const PartnerState& partner, const std::vector<Item>& items);
  /// Stores the alerts that belong to another storm by now (Item::regrouped).
  boost::asio::awaitable<Result<void>> store_groups(const PartnerState& partner, std::vector<Item>& items);
  /// Stores them and lays them aside: they are looked at when those beside them have been stored as well.
  boost::asio::awaitable<void> regroup(PartnerState& partner, std::vector<Item>& items);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  const EngineOptions& options_;
  Partners& partners_;
  const Doubts& doubts_;
  Waits& waits_;
  ReferenceReader& references_;
  Reconciler& reconciler_;
  TicketQuestions& questions_;
  Parking& parking_;
  Loader loader_;
  Books books_;
};

}  // namespace crosswalk::engine

#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/callbacks.h"
#include "engine/known_update.h"
#include "engine/loop.h"
#include "engine/offers.h"
#include "engine/partners.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Before long, but not all the time.
void sweep_soon(PartnerState& partner, const EngineOptions& options, Timestamp now);

/// The way back: what people change in the PSA is noticed, whether or not anybody tells us.
class Sweeper {
 public:
  Sweeper(Loop& loop, store::Store& store, store::Writer& writer, Clock& clock, const EngineOptions& options,
          Metrics& metrics, store::Share share, Partners& partners, Callbacks& callbacks)
      : loop_(loop),
        store_(store),
        writer_(writer),
        clock_(clock),
        options_(options),
        metrics_(metrics),
        share_(share),
        partners_(partners),
        callbacks_(callbacks),
        offers_(loop, store, writer, clock, options) {}

  /// At the engine's start: all partners have their first sweep within the interval.
  void plan();
  /// Sweeps whose time has come.
  void start();

 private:
  boost::asio::awaitable<void> sweep(PartnerState& partner);
  boost::asio::awaitable<Result<void>> sweep_kind(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind);
  boost::asio::awaitable<Result<void>> compare_ids(PartnerState& partner, const psa::Psa& psa, psa::ObjectKind kind,
                                                   const std::vector<store::Store::LinkedObject>& linked,
                                                   store::SweepRow& row, store::Transaction& transaction);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  const EngineOptions& options_;
  Metrics& metrics_;
  store::Share share_;
  Partners& partners_;
  Callbacks& callbacks_;
  Offers offers_;
};

/// Of what was read of a kind, the ids of what is newer than what our books say of it.
[[nodiscard]] Result<std::vector<std::string>> news_of(store::Store& store, const PartnerState& partner,
                                                       psa::ObjectKind kind, const std::map<std::string, Seen>& read);

}  // namespace crosswalk::engine

#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/batches.h"
#include "engine/doubts.h"
#include "engine/loader.h"
#include "engine/partners.h"
#include "engine/reconciler.h"
#include "engine/reference_reader.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// What would be done, for people to see before it is done, and saved plans as they were agreed to.
class Plans {
 public:
  Plans(store::Store& store, store::Writer& writer, Clock& clock, const EngineOptions& options, Partners& partners,
        const Doubts& doubts, ReferenceReader& references, Reconciler& reconciler, Batches& batches)
      : store_(store),
        writer_(writer),
        clock_(clock),
        options_(options),
        partners_(partners),
        doubts_(doubts),
        references_(references),
        reconciler_(reconciler),
        batches_(batches),
        loader_(store) {}

  // As the methods of Engine say.
  boost::asio::awaitable<Result<boost::json::object>> plan(PartnerId partner, std::string customer);
  boost::asio::awaitable<Result<boost::json::object>> plan_draft(PartnerId partner, std::string customer);
  boost::asio::awaitable<Result<boost::json::object>> save(PartnerId partner, std::string customer);
  boost::asio::awaitable<Result<boost::json::object>> apply(PartnerId partner, std::string plan_id);

 private:
  /// Of the records that a plan was made of.
  using Versions = std::map<store::RecordKey, std::int64_t>;
  struct Applying;
  boost::asio::awaitable<Result<std::vector<store::RecordRow>>> plannable(std::string partner);
  /// Reads what the records need a few at a time, so that others get their turns.
  boost::asio::awaitable<Result<std::vector<Item>>> load_in_slices(const PartnerState& partner,
                                                                   std::vector<store::RecordRow> rows);
  boost::asio::awaitable<Result<std::vector<Item>>> pretend(PartnerState& partner, const psa::Psa& psa,
                                                            std::string customer);
  /// Takes the drafts into the mappings of `partner`, which is no state of the engine's own.
  Result<void> read_drafts(PartnerState& partner);
  boost::asio::awaitable<Result<boost::json::object>> make(PartnerState& partner, std::string customer,
                                                           const std::set<store::RecordKey>* only,
                                                           Versions* versions = nullptr);
  boost::asio::awaitable<Result<boost::json::object>> make_by(PartnerState& partner, const psa::Psa& psa,
                                                              std::string customer,
                                                              const std::set<store::RecordKey>* only,
                                                              Versions* versions = nullptr);
  boost::asio::awaitable<Result<void>> apply_rows(PartnerState& partner, const psa::Psa& psa, Applying& applying,
                                                  std::vector<store::RecordRow> rows);
  boost::asio::awaitable<Result<boost::json::object>> apply_saved(PartnerState& partner, store::PlanRow row);

  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  const EngineOptions& options_;
  Partners& partners_;
  const Doubts& doubts_;
  ReferenceReader& references_;
  Reconciler& reconciler_;
  Batches& batches_;
  Loader loader_;
};

}  // namespace crosswalk::engine

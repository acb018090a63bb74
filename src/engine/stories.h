#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "engine/connection.h"
#include "engine/loader.h"
#include "engine/partners.h"
#include "engine/reconciler.h"

namespace crosswalk::engine {

/// What became of one record and why, and how a partner stands.
class Stories {
 public:
  Stories(store::Store& store, const Clock& clock, const EngineOptions& options, Partners& partners,
          ConnectionNews& connections, Reconciler& reconciler)
      : store_(store),
        clock_(clock),
        options_(options),
        partners_(partners),
        connections_(connections),
        reconciler_(reconciler),
        loader_(store) {}

  // As the methods of Engine say.
  boost::asio::awaitable<Result<boost::json::object>> explain(model::RecordRef record);
  boost::asio::awaitable<boost::json::object> status(PartnerId partner);

 private:
  /// Events and what the journal tells of a record, oldest first.
  Result<boost::json::array> story_of(const store::RecordKey& key);

  store::Store& store_;
  const Clock& clock_;
  const EngineOptions& options_;
  Partners& partners_;
  ConnectionNews& connections_;
  Reconciler& reconciler_;
  Loader loader_;
};

}  // namespace crosswalk::engine

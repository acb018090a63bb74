#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "engine/folding.h"
#include "engine/loader.h"
#include "engine/partners.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Where linked objects differ from what the product says.
class Drift {
 public:
  Drift(store::Store& store, const Clock& clock, Partners& partners)
      : store_(store), clock_(clock), partners_(partners), loader_(store) {}

  /// As Engine::drift says.
  boost::asio::awaitable<Result<boost::json::object>> drift(PartnerId partner);

 private:
  store::Store& store_;
  const Clock& clock_;
  Partners& partners_;
  Loader loader_;
};

/// Erases all that is kept of one record, and of the person whom it tells of.
class Forgetting {
 public:
  Forgetting(store::Store& store, store::Writer& writer, Clock& clock, Partners& partners, Folding& folding)
      : store_(store), writer_(writer), clock_(clock), partners_(partners), folding_(folding) {}

  /// As Engine::forget says.
  boost::asio::awaitable<Result<std::int64_t>> forget(model::RecordRef record);

 private:
  [[nodiscard]] Result<std::vector<std::string>> personal_texts(const model::RecordRef& ref);
  /// Waits until nothing is under way for the record, for a while; false when something still is.
  boost::asio::awaitable<bool> is_free(const PartnerState& partner, const store::RecordKey& key);

  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  Partners& partners_;
  Folding& folding_;
};

}  // namespace crosswalk::engine

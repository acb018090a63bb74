#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/loader.h"
#include "engine/partners.h"
#include "engine/reconciler.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Whether all that records have become is as our books say, and where it differs.
class Verification {
 public:
  Verification(store::Store& store, store::Writer& writer, const Clock& clock, Partners& partners,
               Reconciler& reconciler)
      : store_(store), writer_(writer), clock_(clock), partners_(partners), reconciler_(reconciler), loader_(store) {}

  /// As Engine::verify says.
  boost::asio::awaitable<Result<boost::json::object>> verify(PartnerId partner);

 private:
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

  store::Store& store_;
  store::Writer& writer_;
  const Clock& clock_;
  Partners& partners_;
  Reconciler& reconciler_;
  Loader loader_;
};

}  // namespace crosswalk::engine

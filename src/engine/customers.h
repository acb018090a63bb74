#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "engine/partners.h"

namespace crosswalk::engine {

/// Which company each customer of a partner is, for a person to decide.
class CustomerMatching {
 public:
  /// `calculations`: where thousands of customers are held against thousands of companies.
  CustomerMatching(store::Store& store, Partners& partners, boost::asio::any_io_executor calculations)
      : store_(store), partners_(partners), calculations_(std::move(calculations)) {}

  /// As Engine::match_customers says.
  boost::asio::awaitable<Result<boost::json::object>> match(PartnerId partner);

 private:
  boost::asio::awaitable<Result<boost::json::object>> match_held(PartnerState& partner);

  store::Store& store_;
  Partners& partners_;
  boost::asio::any_io_executor calculations_;
};

}  // namespace crosswalk::engine

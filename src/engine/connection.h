#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/loop.h"
#include "engine/partners.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// How it stands between us and each partner's PSA: kept, and told to the
/// product.
class ConnectionNews {
 public:
  ConnectionNews(Loop& loop, store::Store& store, store::Writer& writer, const Clock& clock,
                 const EngineOptions& options, Partners& partners)
      : loop_(loop), store_(store), writer_(writer), clock_(clock), options_(options), partners_(partners) {}

  /// What is kept of it, into `partner`, once.
  void read(PartnerState& partner);
  /// Keeps and tells what has changed of any partner's.
  void start_telling();

 private:
  boost::asio::awaitable<void> tell(PartnerState& partner);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  const Clock& clock_;
  const EngineOptions& options_;
  Partners& partners_;
};

}  // namespace crosswalk::engine

#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "engine/engine.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Lets go of what nobody needs any more, a small piece at a time so that nobody's commit waits for it.
class Retention {
 public:
  Retention(store::Writer& writer, const Clock& clock, EngineOptions::Retention options, Metrics& metrics)
      : writer_(writer), clock_(clock), options_(options), metrics_(metrics) {}

  /// Everything is kept for ever.
  [[nodiscard]] bool keeps_all() const;
  /// Deletes one piece, and answers when the next is to be deleted.
  boost::asio::awaitable<Timestamp> prune();

 private:
  store::Writer& writer_;
  const Clock& clock_;
  EngineOptions::Retention options_;
  Metrics& metrics_;
};

}  // namespace crosswalk::engine

#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "engine/engine.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// Lets go of what nobody needs any more, a small piece at a time so that nobody's commit waits for it.
class Retention {
 public:
  Retention(store::Store& store, store::Writer& writer, const Clock& clock, EngineOptions::Retention options,
            Metrics& metrics)
      : store_(store), writer_(writer), clock_(clock), options_(options), metrics_(metrics) {}

  /// Deletes one piece, and answers when the next is to be deleted: first of partners whose time has come to be erased.
  boost::asio::awaitable<Timestamp> prune();

 private:
  /// A partner that was removed, and whose grace is over.
  [[nodiscard]] Result<std::optional<std::string>> partner_to_erase();
  boost::asio::awaitable<Timestamp> erase(std::string partner);
  /// Everything is kept for ever.
  [[nodiscard]] bool keeps_all() const;

  store::Store& store_;
  store::Writer& writer_;
  const Clock& clock_;
  EngineOptions::Retention options_;
  Metrics& metrics_;
};

}  // namespace crosswalk::engine

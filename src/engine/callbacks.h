#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/known_update.h"
#include "engine/loop.h"
#include "engine/partners.h"
#include "store/share.h"
#include "store/writer.h"

namespace crosswalk::engine {

/// What the PSA tells us by itself, and that it is registered to do so. A callback is a hint that saves the wait for
/// the next sweep: what it names is read again, and nothing else is believed of it.
class Callbacks {
 public:
  Callbacks(Loop& loop, store::Store& store, store::Writer& writer, Clock& clock, const EngineOptions& options,
            Metrics& metrics, store::Share share, Partners& partners)
      : loop_(loop),
        store_(store),
        writer_(writer),
        clock_(clock),
        options_(options),
        metrics_(metrics),
        share_(share),
        partners_(partners) {}

  /// A message came for the partner. Thread-safe.
  void told(const std::string& partner, psa::CallbackMessage message);
  /// At the engine's start: registrations are compared, partner after partner.
  void plan();
  /// Registrations whose time has come, and messages that wait.
  void start();
  /// Whether the PSA has told of what a sweep has read; if not, that is written down.
  void note_missed(PartnerState& partner, psa::ObjectKind kind, const std::map<std::string, Seen>& read,
                   Timestamp since, Timestamp began, store::Transaction& transaction);

  /// How the partner's callbacks stand (openapi: Callbacks).
  boost::asio::awaitable<Result<boost::json::object>> describe(std::string partner);
  /// Compares what is registered with what is wanted, and mends it.
  boost::asio::awaitable<Result<boost::json::object>> ensure(std::string partner);
  /// Takes back what is registered.
  boost::asio::awaitable<Result<boost::json::object>> remove(std::string partner);

 private:
  /// Messages that wait for one partner.
  struct Inbox {
    std::vector<psa::CallbackMessage> messages;
    std::size_t bytes = 0;
    bool overflowed = false;
  };
  /// What messages prove of one object.
  struct Change {
    psa::Change newest;
    std::set<std::string> members;  ///< who has changed it, in lower case
  };
  using Changes = std::map<std::pair<psa::ObjectKind, std::string>, Change>;

  [[nodiscard]] Inbox empty_inbox(const std::string& partner);
  boost::asio::awaitable<void> hear(PartnerState& partner);
  static void add_change(psa::Change change, Changes& changes);
  boost::asio::awaitable<Changes> prove(PartnerState& partner, std::vector<psa::CallbackMessage> messages);
  boost::asio::awaitable<void> take_changes(PartnerState& partner, Changes changes);
  [[nodiscard]] bool is_in_flight(const PartnerState& partner, const Changes& changes);
  [[nodiscard]] static bool is_echo(const PartnerState& partner, const Change& change, const store::LinkRow& row);
  [[nodiscard]] std::vector<psa::ObjectKind> wanted(const PartnerState& partner) const;
  boost::asio::awaitable<void> keep(PartnerState& partner);
  /// Compares what is registered with what is wanted and mends it, or takes all of it back. One at a time.
  boost::asio::awaitable<Result<psa::CallbackReport>> settle(PartnerState& partner, bool take_back);
  boost::asio::awaitable<Result<psa::CallbackReport>> settle_alone(PartnerState& partner, bool take_back);
  boost::asio::awaitable<Result<void>> write_down(const std::string& partner,
                                                  const std::vector<store::CallbackRow>& rows,
                                                  const std::vector<psa::ObjectKind>& kinds,
                                                  const psa::CallbackReport& report);
  Result<boost::json::object> in_words(const PartnerState& partner);

  Loop& loop_;
  store::Store& store_;
  store::Writer& writer_;
  Clock& clock_;
  const EngineOptions& options_;
  Metrics& metrics_;
  store::Share share_;
  Partners& partners_;
  std::mutex mutex_;  ///< of what follows
  std::map<std::string, Inbox> inboxes_;
  bool inboxes_filled_ = false;
};

}  // namespace crosswalk::engine

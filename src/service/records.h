#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace crosswalk::service {

/// openapi: Record. `links` are those of this record; `decision` is what the engine last decided about it, in words, or
/// empty; `idle` is why nothing is done with records of its kind, or empty.
[[nodiscard]] boost::json::object to_json(const store::RecordRow& row, std::span<const store::LinkRow> links,
                                          std::string_view decision, std::string_view idle, Timestamp now);

/// Why nothing is done with records of a kind: no mapping is in force, or it is switched off. Each kind is looked up
/// once.
class IdleKinds {
 public:
  IdleKinds(store::Store& store, std::string partner) : store_(store), partner_(std::move(partner)) {}
  /// In words; empty: something is done.
  [[nodiscard]] Result<std::string> why(const std::string& kind);

 private:
  store::Store& store_;
  std::string partner_;
  std::map<std::string, std::string> known_;
};

/// Why nothing is done with a record now, in words, where more is known than its state: why nothing is done
/// for the partner (`stopped`), why the last try failed, or the newest decision in its journal.
[[nodiscard]] Result<std::string> last_decision(store::Store& store, const store::RecordRow& row,
                                                std::span<const store::LinkRow> links, std::string_view stopped,
                                                Timestamp now);

/// What is to be known of a record before what is done next: why nothing is done for its partner, or why the last try
/// has failed. Empty: nothing is in the way.
[[nodiscard]] Result<std::string> waits_for(store::Store& store, const store::RecordRow& row, std::string_view stopped,
                                            Timestamp now);

/// Adds to the text of a record which storm's ticket its alert shares, where it does not say so.
[[nodiscard]] Result<void> tell_storm(store::Store& store, const store::RecordRow& row, boost::json::object& body);

/// Why nothing at all is done for the partner: it is paused, or its PSA cannot be called. Empty: it is.
[[nodiscard]] Result<std::string> stopped_because(store::Store& store, const std::string& partner);

}  // namespace crosswalk::service

#pragma once

#include <boost/json/object.hpp>
#include <map>
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

/// Why nothing is done with a record now, in words, where more is known than its state: that the connection is not in
/// order (`connection`; null: nothing is known of it), why the last try failed, or the newest decision in its journal.
[[nodiscard]] Result<std::string> last_decision(store::Store& store, const store::RecordRow& row,
                                                std::span<const store::LinkRow> links,
                                                const store::ConnectionRow* connection, Timestamp now);

}  // namespace crosswalk::service

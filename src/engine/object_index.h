#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "mapping/object_document.h"
#include "matching/companies.h"
#include "matching/contacts.h"
#include "matching/devices.h"
#include "psa/port.h"
#include "store/store.h"

namespace crosswalk::engine {

struct PartnerState;

/// What one partner's PSA has of one kind, so that records find their objects without a call each. Read in pages on
/// first use, then kept up to date by what has changed; dropped when nobody asks any more.
class ObjectIndex {
 public:
  ObjectIndex(boost::asio::any_io_executor executor, psa::ObjectKind kind) : kind_(kind), read_(executor) {}

  /// Makes it at least as new as `not_before`. Several may ask at once; one reads. An incomplete read changes nothing.
  /// Fails with "psa.rows_hidden" when a whole list lacks too much of what records are linked to.
  boost::asio::awaitable<Result<void>> refresh(const psa::Psa& psa, store::Store& store, const PartnerState& partner,
                                               Timestamp not_before, Clock& clock);
  [[nodiscard]] Timestamp read_at() const { return read_at_; }
  /// Whether a whole list has been read.
  [[nodiscard]] bool is_known() const { return known_; }
  /// The system's clock was set back by so much since the picture was read.
  void set_back(Duration by) { read_at_ -= by; }

  void put(const psa::Object& object);
  void take(const std::string& object, const store::RecordKey& by) { taken_.insert_or_assign(object, by); }
  void release(const std::string& object) { taken_.erase(object); }
  /// Whatever the record was linked to is free.
  void release_of(const store::RecordKey& by) {
    std::erase_if(taken_, [&](const auto& each) { return each.second == by; });
    told_.erase(by.key);
  }
  /// What the product tells of one of its records, so that it is known what several of them share.
  void tell(const model::Entity& record);
  /// Whether a record other than `by` is linked to the object.
  [[nodiscard]] bool is_taken(const std::string& object, const store::RecordKey& by) const;

  [[nodiscard]] matching::ObjectMatch find(const matching::DeviceFacts& facts, const store::RecordKey& by) const;
  [[nodiscard]] matching::ObjectMatch find(const matching::ContactFacts& facts, const store::RecordKey& by) const;
  /// `named`: the company's id, when the product tells it.
  [[nodiscard]] matching::Match find(const matching::CompanyFacts& facts, const mapping::ObjectDocument& document,
                                     const store::RecordKey& by, const std::string& named);
  /// See matching::DeviceIndex: the configuration that is the same machine, whoever is linked to it.
  [[nodiscard]] matching::ObjectMatch find_same_machine(const matching::DeviceFacts& facts) const {
    return devices_.find_same_machine(facts);
  }
  /// Keys of the product's other records that carry the same serial number or MAC address.
  [[nodiscard]] std::set<std::string> others_with(const matching::DeviceFacts& facts, const store::RecordKey& by) const;
  /// Nothing when it is not there.
  [[nodiscard]] std::optional<psa::Object> object(const PartnerId& partner, const std::string& id) const;

 private:
  void take_named(matching::Match& match, const mapping::ObjectDocument& document, const std::string& named,
                  bool taken);
  struct Known {
    std::string values;  ///< serialized: most are never looked at
    std::map<std::string, std::string, std::less<>> parts;
    std::optional<Timestamp> updated_at;
    std::string updated_by;
  };
  boost::asio::awaitable<Result<void>> read_told(store::Store& store, const PartnerState& partner);
  boost::asio::awaitable<Result<void>> read(const psa::Psa& psa, store::Store& store, const PartnerState& partner,
                                            Clock& clock);

  psa::ObjectKind kind_;
  Signal read_;
  bool reading_ = false, known_ = false;
  Timestamp read_at_{};
  std::unordered_map<std::string, Known> objects_;
  std::unordered_map<std::string, store::RecordKey> taken_;
  matching::Carriers told_;  ///< by record key
  matching::DeviceIndex devices_;
  matching::ContactIndex contacts_;
  std::unordered_map<std::string, matching::CompanyFacts> companies_;
  /// Of companies.
  struct Standing {
    std::string status;
    std::vector<psa::Reference> types;
  };
  std::unordered_map<std::string, Standing> standing_;
  std::optional<matching::CompanyIndex> company_index_;  ///< absent: companies have changed since it was made
};

}  // namespace crosswalk::engine

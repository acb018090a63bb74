#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "engine/parking.h"
#include "engine/partners.h"
#include "engine/reference_reader.h"

namespace crosswalk::engine {

/// Whether everything is in order with a partner: the connection, what its mappings name, what waits for a person.
class CheckUps {
 public:
  CheckUps(store::Store& store, const Clock& clock, Partners& partners, ReferenceReader& references, Parking& parking)
      : store_(store), clock_(clock), partners_(partners), references_(references), parking_(parking) {}

  /// As Engine::check says.
  boost::asio::awaitable<Result<boost::json::object>> check(PartnerId partner);

 private:
  struct Findings;
  [[nodiscard]] static psa::CheckScope writes_of(const PartnerState& partner);
  [[nodiscard]] Result<std::vector<store::RecordRow>> parked_of(const PartnerState& partner);
  static void infer_rights(const psa::CheckScope& scope, const std::vector<store::RecordRow>& parked, Findings& result);
  static void check_parked(const PartnerState& partner, const std::vector<store::RecordRow>& parked, Findings& result);
  void check_unmapped(const PartnerState& partner, Findings& result);
  boost::asio::awaitable<void> check_decisions(PartnerState& partner, const psa::Psa& psa, Findings& result);
  boost::asio::awaitable<void> check_ticket_mapping(PartnerState& partner, const psa::Psa& psa, Findings& result);
  void check_masses(const PartnerState& partner, Findings& result);
  void check_automation(const PartnerState& partner, Findings& result) const;
  boost::asio::awaitable<void> check_object_mappings(PartnerState& partner, const psa::Psa& psa, Findings& result);

  store::Store& store_;
  const Clock& clock_;
  Partners& partners_;
  ReferenceReader& references_;
  Parking& parking_;
};

}  // namespace crosswalk::engine

#include "engine/reference_reader.h"

#include <algorithm>

#include "engine/absence.h"
#include "engine/waits.h"

namespace crosswalk::engine {

/// What parked records are looked at again with is not older than this.
constexpr Duration kLooksWith{std::chrono::minutes{7}};

boost::asio::awaitable<Result<void>> ReferenceReader::refresh(PartnerState& partner, const psa::Psa& psa,
                                                              const std::vector<Item>& items, bool force) {
  if (!partner.document || !psa.reference_data) co_return Result<void>{};
  const mapping::Document& document = *partner.document;
  std::set<std::string> boards, companies;
  auto take_settings = [&](const mapping::TicketSettings& settings) {
    const auto board = settings.fields.find(psa::TicketField::board);
    if (board != settings.fields.end() && !board->second.empty()) boards.insert(board->second.id);
  };
  take_settings(document.settings);
  for (const mapping::Rule& rule : document.rules) take_settings(rule.set);
  if (!document.triage_board.empty()) boards.insert(document.triage_board.id);
  if (!document.unknown_customer.company.empty()) companies.insert(document.unknown_customer.company.id);
  auto take_customer = [&](const std::string& key) {
    const auto customer = document.customers.find(key);
    if (customer == document.customers.end()) return;
    take_settings(customer->second.settings);
    if (!customer->second.company.empty()) companies.insert(customer->second.company.id);
  };
  for (const Item& item : items) {
    if (!workflow_of(item).checks_reference_data) continue;
    take_customer(customer_of(item));
    if (!item.company.empty()) companies.insert(item.company.id);
  }
  if (force)
    for (const auto& [key, customer] : document.customers) take_customer(key);
  const auto& known = partner.reference_data;
  const bool looks = std::ranges::any_of(items, [](const Item& item) { return !Waits::is_told_anew(item); });
  const Duration age_max =
      looks ? std::min(kLooksWith, options_.reference_data_age_max) : options_.reference_data_age_max;
  const bool fresh = known && !force && clock_.now() - known->read_at < age_max;
  const bool covered = std::includes(partner.reference_companies.begin(), partner.reference_companies.end(),
                                     companies.begin(), companies.end());
  if (fresh && covered) co_return Result<void>{};
  companies.insert(partner.reference_companies.begin(), partner.reference_companies.end());
  const std::vector<std::string> board_list(boards.begin(), boards.end()),
      company_list(companies.begin(), companies.end());
  psa::Lane lane = psa::Lane::tickets;
  for (const Item& item : items) lane = std::min(lane, lane_of(item));
  auto data = co_await psa.reference_data->reference_data(board_list, company_list, lane);
  if (!data) co_return tl::unexpected(data.error());
  // There is no ConnectWise without a service board.
  if (data->boards.empty()) co_return failure("psa.rows_hidden", "ConnectWise shows no service board at all.");
  if (!force && psa.objects) {
    std::set<std::string> absent = companies, shown;
    for (const psa::ServiceType& each : data->companies) {
      absent.erase(each.reference.id);
      shown.insert(each.reference.id);
    }
    const auto believed = co_await rows_.believe_absent(partner, psa, psa::ObjectKind::company, absent, shown);
    // What is hidden is not gone: whether a ticket can be made for it, ConnectWise says of that ticket alone.
    if (!believed)
      for (const std::string& each : absent) data->companies.push_back({{each, ""}, false});
    else if (!shown.empty())
      note_rows(partner, psa::ObjectKind::company, nullptr, clock_.now());
  }
  data->read_at = clock_.now();
  // Another batch may have read other companies meanwhile.
  if (partner.reference_data)
    for (const psa::ServiceType& each : partner.reference_data->companies)
      if (companies.insert(each.reference.id).second) data->companies.push_back(each);
  companies.insert(partner.reference_companies.begin(), partner.reference_companies.end());
  if (partner.reference_data && covered && !data->same_as(*partner.reference_data)) partner.references_changed = true;
  partner.reference_data = std::make_shared<const psa::ReferenceData>(std::move(*data));
  partner.reference_companies = std::move(companies);
  co_return Result<void>{};
}

}  // namespace crosswalk::engine

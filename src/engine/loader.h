#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/item.h"
#include "engine/partner.h"
#include "store/store.h"

namespace crosswalk::engine {

/// Works out, once per mapping, how far an alert's surroundings must be looked at to notice a storm.
void prepare_storm_view(PartnerState& partner);

/// Reads which storms of the partner are under way, once.
void read_open_groups(store::Store& store, PartnerState& partner);

/// Reads what the workflows need of due records: states, links, devices, customers, storms.
class Loader {
 public:
  explicit Loader(store::Store& store) : store_(store) {}
  /// What the customers are in the PSA: as the mapping of alerts says, else as their records are linked. Of those of
  /// which neither tells anything nothing is said.
  [[nodiscard]] Result<std::map<std::string, psa::Reference>> companies_of(const PartnerState& partner,
                                                                           const std::set<std::string>& customers);
  [[nodiscard]] Result<std::vector<Item>> load(const PartnerState& partner, std::vector<store::RecordRow> rows);

 private:
  Result<void> load_links(std::vector<Item>& items);
  Result<void> load_companies(const PartnerState& partner, std::vector<Item>& items);
  Result<void> load_object(const PartnerState& partner, Item& item);
  Result<void> load_alert(const PartnerState& partner, Item& item);
  Result<std::vector<store::RecordRow>> members_of(const Item& item, Duration look_back);
  /// What storm the alert would belong to, into its row: what the mapping says, while no storm is under way that it
  /// belongs to already.
  Result<void> choose_storm(Item& item, mapping::StormBy by);
  Result<void> load_members(const PartnerState& partner, Item& item, const std::vector<store::RecordRow>& rows);
  Result<void> count_members(Item& item, bool is_cut, Timestamp since);
  Result<void> load_group(const PartnerState& partner, Item& item);
  Result<void> load_storm(const PartnerState& partner, Item& item);
  Result<std::vector<workflows::Link>> links_of(const store::RecordKey& ref);

  store::Store& store_;
};

}  // namespace crosswalk::engine

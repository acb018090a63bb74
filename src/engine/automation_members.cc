#include "engine/automation_members.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "engine/link_rows.h"
#include "workflows/desired.h"

namespace crosswalk::engine {
namespace {

/// Tickets that are looked at, the newest.
constexpr std::size_t kTicketsMax = 500;
/// So many are no accident.
constexpr int kQuickMin = 5;

bool is_newer(const std::string& left, const std::string& right) {
  return left.size() != right.size() ? left.size() > right.size() : left > right;
}

}  // namespace

Result<std::vector<std::string>> likely_automation(store::Store& store, const std::string& partner,
                                                   const mapping::TicketSettings& settings) {
  const auto linked = store.linked_objects(partner, "ticket");
  if (!linked) return tl::unexpected(linked.error());
  std::vector<std::string> ids;
  for (const auto& each : *linked) ids.push_back(each.object_id);
  std::ranges::sort(ids, is_newer);
  if (ids.size() > kTicketsMax) ids.resize(kTicketsMax);
  const auto rows = store.links_to(partner, "ticket", ids);
  if (!rows) return tl::unexpected(rows.error());
  std::map<std::string, int> quick;
  std::set<std::string> slow;
  for (const store::LinkRow& row : *rows) {
    const auto link = read_link(row);
    // One that cannot be read says nothing; its record tells of it.
    if (!link) continue;
    for (const std::string& each : link->quick_hands) ++quick[each];
    slow.insert(link->slow_hands.begin(), link->slow_hands.end());
  }
  const auto is_named = [&](const std::string& member) {
    return settings.automation_members &&
           std::ranges::any_of(*settings.automation_members,
                               [&](const std::string& each) { return equals_ignoring_case(each, member); });
  };
  std::vector<std::string> found;
  for (const auto& [member, tickets] : quick)
    if (tickets >= kQuickMin && !slow.contains(member) && !is_named(member)) found.push_back(member);
  return found;
}

}  // namespace crosswalk::engine

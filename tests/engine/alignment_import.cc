// A product that takes companies over from ConnectWise.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "alignment_shop.h"

namespace crosswalk::simulation {
namespace json = boost::json;
namespace {

/// What the product knows by itself, and what the mapping of alerts names, it does not take over a second time.
constexpr std::array<const char*, 6> kTaken{"EvergreenCU", "FjordDesign", "KeystoneSchools",
                                            "LakesideInn", "MapleTax",    "OakmontVet"};
constexpr std::size_t kHeardAtOnce = 1'000;
constexpr const char* kKeptBack = "kept back";

std::string name_in(const json::object& fields) {
  const json::value* name = fields.if_contains("name");
  return name && name->is_string() ? std::string(name->get_string()) : "";
}

}  // namespace

void Shop::listen(Simulation& simulation) {
  store::WebhookRow webhook;
  webhook.id = "one";
  webhook.types = webhook.partners = "[]";
  store::Transaction transaction;
  transaction.outbound.webhooks.push_back(webhook);
  const store::Transaction* one = &transaction;
  if (!simulation.store().commit(std::span(&one, 1))) throw std::runtime_error("the store failed");
}

void Shop::choose_import() {
  // Where nobody hears of it, nothing is offered.
  imports_ = simulation_.store().outbound().has_webhooks() && chance(0.4);
  if (!imports_) return;
  json::value& direction = documents_["customer_to_company"]["direction"];
  direction = direction.is_null() ? "import" : "both";
}

void Shop::hear_offers() {
  for (;;) {
    const auto rows = simulation_.store().outbound().outbound_after(heard_until_, kHeardAtOnce);
    if (!rows || rows->empty()) return;
    for (const store::OutboundRow& row : *rows) {
      heard_until_ = row.sequence;
      if (row.ref.partner != partner_ || !row.type.starts_with("company.")) continue;
      if (row.type == "company.withdrawn") offered_.erase(row.ref.key);
      if (row.type == "company.available")
        offered_[row.ref.key] = name_in(json::parse(row.data).at("fields").as_object());
      note(fmt::format("told {} {}", row.type, row.ref.key));
    }
  }
}

void Shop::take_over() {
  for (const auto& [id, name] : offered_) {
    const std::string key = "co" + id;
    const auto company = simulation_.world().find(login_, kCompanies, std::stoll(id));
    const json::value* identifier = company ? company->if_contains("identifier") : nullptr;
    if (!identifier || std::ranges::find(kTaken, identifier->as_string()) == kTaken.end()) continue;
    auto [found, is_new] = things_.try_emplace({"customer", key});
    if (!is_new) continue;
    Thing& thing = found->second;
    thing.kind = "customer";
    thing.key = key;
    thing.data = {{"customer", key}, {"name", name}, {"company_id", id}};
    thing.changed_at = now();
    return report(thing);
  }
}

/// What could become a customer is on offer as it is called now, and nothing else is.
std::string Shop::offers_true() {
  if (!imports_) return {};
  std::set<std::string> linked, kept_back;
  bool somebody_waits = false;
  for (const auto& [key, thing] : things_) {
    if (key.first != "customer") continue;
    const auto link = link_of(key);
    // A person may put the customer back there; it is told of as what it is.
    if (link) linked.insert(link->object.value);
    somebody_waits |= !parked_code(key).empty();
  }
  const auto rows = simulation_.store().offers(partner_, "company");
  for (const store::OfferRow& row : *rows)
    if (row.digest == kKeptBack && somebody_waits) kept_back.insert(row.object_id);
  for (const auto& [id, name] : offered_)
    if (!exists({kCompanies, id}) && !linked.contains(id))
      return fmt::format("company {} is gone, and on offer as \"{}\"", id, name);
  for (const json::object& each : simulation_.world().list(login_, kCompanies)) {
    const std::string id = std::to_string(each.at("id").as_int64());
    if (!exists({kCompanies, id}) || linked.contains(id) || kept_back.contains(id)) continue;
    const auto offered = offered_.find(id);
    if (offered == offered_.end()) return fmt::format("company {} is nobody's, and not on offer", id);
    if (offered->second != name_in(each))
      return fmt::format("company {} is on offer as \"{}\", and called \"{}\"", id, offered->second, name_in(each));
  }
  return {};
}

}  // namespace crosswalk::simulation

// Which ConnectWise company each of a partner's customers is. Shapes as in api/openapi.yaml.
#include "engine/customers.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <map>

#include "engine/absence.h"
#include "engine/record_facts.h"
#include "matching/companies.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Read at once, before others get a turn; parsing so many takes a few milliseconds.
constexpr std::size_t kPageRecords = 100;

/// Of customers that are unknown: companies with at least this score are shown, the best of them.
constexpr int kShownScore = 30;
constexpr std::size_t kShownMax = 3;

using Customers = std::map<std::string, matching::CompanyFacts>;

/// What one record tells of its customer. One that cannot be read tells nothing.
void learn(Customers& customers, const PartnerId& partner, const store::RecordRow& row) {
  if (row.ref.kind == model::to_string(model::RecordKind::customer)) {
    const auto entity = model::parse_entity({partner, model::RecordKind::customer, row.ref.key}, row.state);
    if (entity) customers[row.ref.key] = company_facts(*entity);
    return;
  }
  const auto alert = model::parse_alert({partner, model::RecordKind::alert, row.ref.key}, row.state);
  // Until its raise has come, little is known of an alert.
  if (!alert || alert->content.customer.empty()) return;
  matching::CompanyFacts& facts = customers[alert->content.customer];
  if (facts.name.empty()) facts.name = alert->content.customer_name;
}

/// All customers that the product has told of, by their keys: in events of their own, or only in alerts.
boost::asio::awaitable<Result<Customers>> read_customers(store::Store& store, PartnerId partner) {
  Customers customers;
  for (const model::RecordKind kind : {model::RecordKind::customer, model::RecordKind::alert}) {
    store::Store::RecordQuery query;
    query.partner = partner.value;
    query.kind = model::to_string(kind);
    query.count_max = kPageRecords;
    for (;;) {
      const auto rows = store.list_records(query);
      if (!rows) co_return tl::unexpected(rows.error());
      for (const store::RecordRow& row : *rows) learn(customers, partner, row);
      if (rows->size() < kPageRecords) break;
      query.key_after = rows->back().ref.kind + "\n" + rows->back().ref.key;
      // The engine has one thread, and partners with many alerts are not alone on it.
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  }
  co_return customers;
}

json::object reference_json(const std::string& id, const std::string& name) { return {{"id", id}, {"name", name}}; }

json::array candidates_json(const std::vector<matching::Candidate>& candidates) {
  json::array list;
  for (const matching::Candidate& each : candidates) {
    json::array reasons;
    for (const matching::Reason& reason : each.reasons)
      reasons.push_back(json::object{{"text", reason.text}, {"points", reason.points}});
    list.push_back(json::object{{"company", reference_json(each.id, each.name)},
                                {"identifier", each.identifier},
                                {"city", each.city},
                                {"status", each.status},
                                {"types", each.types},
                                {"website", each.website},
                                {"score", each.score},
                                {"reasons", std::move(reasons)}});
  }
  return list;
}

const char* state_word(matching::Match::Verdict verdict) {
  switch (verdict) {
    case matching::Match::Verdict::link:
      return "sure";
    case matching::Match::Verdict::propose:
      return "proposed";
    case matching::Match::Verdict::none:
      break;
  }
  return "unknown";
}

class CustomerMatcher {
 public:
  CustomerMatcher(const mapping::Document* document, const mapping::ObjectDocument* alignment,
                  const std::vector<psa::Object>& companies, const std::vector<store::Store::LinkedObject>& linked)
      : alignment_(alignment), index_(prepare(companies, names_)) {
    for (const psa::Object& each : companies) {
      const psa::Value* status = each.find("status");
      std::string why =
          no_customer(alignment, status ? status->id() : std::string_view(), each.types, company_facts(each));
      if (!why.empty()) no_customers_.emplace(each.id.value, std::move(why));
    }
    // A customer whose record is linked has its company, and no other customer gets it by itself.
    for (const store::Store::LinkedObject& each : linked) mapped_[each.ref.key].company.id = each.object_id;
    if (document)
      for (const auto& [key, customer] : document->customers)
        if (customer.excluded || !customer.company.empty()) mapped_[key] = customer;
    for (const auto& [key, customer] : mapped_)
      if (!customer.company.empty()) taken_.insert(customer.company.id);
  }

  [[nodiscard]] std::size_t companies() const { return names_.size(); }

  json::array judge(const Customers& customers) {
    std::map<std::string, matching::Match> matches;
    std::map<std::string, int> wanted;
    matching::Carriers told;
    for (const auto& [key, facts] : customers)
      told.put(key, matching::plain_words(facts.name), matching::CompanyIndex::values_of(facts));
    matching::MatchPolicy policy;
    if (alignment_) policy = {.link_at = alignment_->link_at, .propose_at = alignment_->propose_at};
    for (const auto& [key, told_facts] : customers) {
      if (is_decided(key)) continue;
      matching::CompanyFacts facts = told_facts;
      for (const std::string& value : matching::CompanyIndex::values_of(facts))
        if (told.others(value, key, matching::plain_words(facts.name)) > 0) facts.shared.push_back(value);
      matching::Match match =
          matching::decide(index_, facts, policy, [this](const std::string& id) { return taken_.contains(id); });
      if (match.verdict == matching::Match::Verdict::link) {
        const auto no_customer = no_customers_.find(match.candidates.front().id);
        if (no_customer != no_customers_.end()) {
          match.verdict = matching::Match::Verdict::propose;
          match.why =
              fmt::format("{} fits, but {}.", matching::in_words(match.candidates.front()), no_customer->second);
        }
      }
      if (match.verdict == matching::Match::Verdict::link) ++wanted[match.candidates.front().id];
      // Whoever has to tell is spared a search, though nothing comes near enough to be proposed.
      if (match.candidates.empty()) {
        match.candidates = index_.find(facts, kShownScore, kShownMax);
        if (!match.candidates.empty()) match.why = "No company comes near enough.";
      }
      matches.emplace(key, std::move(match));
    }
    json::array list;
    for (const auto& [key, facts] : customers) {
      const auto match = matches.find(key);
      if (match == matches.end()) {
        list.push_back(decided(key, facts));
        continue;
      }
      matching::Match& found = match->second;
      if (found.verdict == matching::Match::Verdict::link && wanted[found.candidates.front().id] > 1) {
        found.verdict = matching::Match::Verdict::propose;
        found.why = found.candidates.front().name + " fits more than one customer.";
      }
      json::object entry{{"customer", key}, {"name", facts.name}, {"state", state_word(found.verdict)}};
      if (found.verdict == matching::Match::Verdict::link)
        entry["company"] = reference_json(found.candidates.front().id, found.candidates.front().name);
      entry["why"] = found.why;
      entry["candidates"] = candidates_json(found.candidates);
      list.push_back(std::move(entry));
    }
    return list;
  }

 private:
  static matching::CompanyIndex prepare(const std::vector<psa::Object>& companies,
                                        std::map<std::string, std::string>& names) {
    std::vector<matching::CompanyFacts> facts;
    facts.reserve(companies.size());
    for (const psa::Object& each : companies) {
      if (each.deleted) continue;
      facts.push_back(company_facts(each));
      names.emplace(each.id.value, facts.back().name);
    }
    return matching::CompanyIndex(facts);
  }

  [[nodiscard]] bool is_decided(const std::string& key) const {
    const auto found = mapped_.find(key);
    return found != mapped_.end() && (found->second.excluded || !found->second.company.empty());
  }

  [[nodiscard]] json::object decided(const std::string& key, const matching::CompanyFacts& facts) const {
    const mapping::CustomerMapping& customer = mapped_.at(key);
    json::object entry{{"customer", key},
                       {"name", facts.name},
                       {"state", customer.excluded ? "excluded" : "mapped"},
                       {"why", customer.excluded ? "The mapping excludes it." : "The mapping says so."},
                       {"candidates", json::array{}}};
    if (customer.excluded) return entry;
    const auto name = names_.find(customer.company.id);
    entry["company"] = reference_json(customer.company.id, name == names_.end() ? customer.company.name : name->second);
    if (name == names_.end()) {
      entry["state"] = "missing";
      entry["why"] =
          "The mapping names a company that is deleted, was merged into another, or cannot be seen by the key.";
    }
    return entry;
  }

  const mapping::ObjectDocument* alignment_;  ///< null: none is published
  std::map<std::string, std::string> names_, no_customers_;
  matching::CompanyIndex index_;
  std::map<std::string, mapping::CustomerMapping> mapped_;
  std::set<std::string> taken_;
};

/// What the matching works with, apart from the engine.
struct Matching {
  std::string partner;
  Customers customers;
  std::vector<psa::Object> companies;
  std::vector<store::Store::LinkedObject> linked;
  std::optional<mapping::Document> document;
  std::optional<mapping::ObjectDocument> alignment;
};

boost::asio::awaitable<json::object> judge_all(Matching matching) {
  CustomerMatcher matcher(matching.document ? &*matching.document : nullptr,
                          matching.alignment ? &*matching.alignment : nullptr, matching.companies, matching.linked);
  co_return json::object{{"partner", matching.partner},
                         {"companies", matcher.companies()},
                         {"customers", matcher.judge(matching.customers)}};
}

}  // namespace

boost::asio::awaitable<Result<json::object>> CustomerMatching::match(PartnerId id) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  const auto turn = co_await partners_.ask(**partner);
  if (!turn) co_return tl::unexpected(turn.error());
  co_return co_await match_held(**partner);
}

boost::asio::awaitable<Result<json::object>> CustomerMatching::match_held(PartnerState& partner) {
  auto psa = partners_.session(partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  Matching matching;
  matching.partner = partner.row.id;
  matching.document = partner.document;
  if (const mapping::ObjectDocument* alignment = partner.document_of(model::RecordKind::customer))
    matching.alignment = *alignment;
  auto customers = co_await read_customers(store_, PartnerId(partner.row.id));
  if (!customers) co_return tl::unexpected(customers.error());
  matching.customers = std::move(*customers);
  auto linked = store_.linked_objects(partner.row.id, std::string(psa::to_string(psa::ObjectKind::company)));
  if (!linked) co_return tl::unexpected(linked.error());
  matching.linked = std::move(*linked);
  psa::ReadResult<psa::Object> read = co_await psa->objects->objects(psa::ObjectKind::company, psa::Lane::records);
  // What is missing from a partial read would be taken for a company that does not exist.
  if (!read.complete) co_return tl::unexpected(read.error);
  std::set<std::string> there;
  for (const psa::Object& each : read.items) there.insert(each.id.value);
  const auto compared =
      compare(store_, partner.row.id, psa::ObjectKind::company, psa->instance, matching.linked, there);
  if (!compared) co_return tl::unexpected(compared.error());
  if (there.empty() || is_doubtful(compared->absence, absent_percent_max(partner, psa::ObjectKind::company)))
    co_return tl::unexpected(rows_hidden(psa::ObjectKind::company, compared->absence));
  matching.companies = std::move(read.items);
  // Thousands of customers among thousands of companies take seconds, in which others have tickets to open.
  co_return co_await boost::asio::co_spawn(calculations_, judge_all(std::move(matching)), boost::asio::use_awaitable);
}

}  // namespace crosswalk::engine

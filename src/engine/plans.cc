// What would be done, shown to people, and done once they agree. Shapes as in api/openapi.yaml.
#include "engine/plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <iterator>
#include <map>

#include "base/digest.h"
#include "base/json.h"
#include "engine/breather.h"
#include "engine/people_json.h"
#include "workflows/entity_fields.h"

namespace crosswalk::engine {
namespace json = boost::json;
namespace {

/// Records that one plan looks at; a plan over more is not read by anybody.
constexpr std::size_t kPlanRecordsMax = 5'000;
/// Records that are read, or looked at together, before others get a turn on the engine's thread.
constexpr std::size_t kSlice = 50;
/// Records that are thought through, or told, before others get a turn.
constexpr std::size_t kThoughts = 10;
/// Alerts of a storm before and after one that are counted in a plan, as the store counts them outside it.
constexpr std::ptrdiff_t kPeersMax = 256;

json::object problem_json(const mapping::Problem& problem) {
  return {{"level", problem.level == mapping::Problem::Level::error ? "error" : "warning"},
          {"code", problem.code},
          {"pointer", problem.pointer},
          {"message", problem.message},
          {"action", crosswalk::explain(problem.code).action}};
}

json::object step_json(const plan::Step& step) {
  json::array fields;
  for (const plan::FieldChange& each : step.changes)
    fields.push_back(json::object{{"field", each.field},
                                  {"before", each.before},
                                  {"after", each.after},
                                  {"decided_by", each.decided_by},
                                  {"owner", each.owner}});
  json::object out{{"kind", plan::to_string(step.kind)},
                   {"text", step.text},
                   {"why", step.why},
                   {"calls", psa::call_cost(step.operation)},
                   {"fields", std::move(fields)}};
  if (!step.note.empty()) out["note"] = step.note;
  return out;
}

std::string ticket_number(const Item& item) {
  for (auto link = item.links.rbegin(); link != item.links.rend(); ++link)
    if (!link->planned && link->object.kind == psa::ObjectKind::ticket) return link->object.value;
  return {};
}

struct Summary {
  std::map<psa::ObjectKind, std::size_t> creates;
  int create = 0, update = 0, notes = 0, close = 0, attach = 0, link = 0, unchanged = 0, held = 0, problems = 0,
      calls = 0;

  void count(const plan::Step& step) {
    if (const auto* object = std::get_if<psa::CreateObject>(&step.operation))
      ++creates[object->kind];
    else
      calls += psa::call_cost(step.operation);
    switch (step.kind) {
      case plan::StepKind::create:
        ++create;
        break;
      case plan::StepKind::note:
        ++notes;
        break;
      case plan::StepKind::close:
        ++close;
        break;
      case plan::StepKind::attach:
        ++attach;
        break;
      case plan::StepKind::link:
        ++link;
        break;
      case plan::StepKind::update:
      case plan::StepKind::reopen:
        ++update;
        break;
    }
  }
  /// Objects that are made together share calls.
  void count_creates(const psa::Psa& psa) {
    for (const auto& [kind, count] : creates) {
      const auto together = psa.create_together_max.find(kind);
      const std::size_t max = together == psa.create_together_max.end() ? 1 : together->second;
      calls += static_cast<int>((count + max - 1) / max);
    }
  }
  [[nodiscard]] json::object to_json() const {
    return {{"create", create}, {"update", update},       {"notes", notes}, {"close", close},      {"attach", attach},
            {"link", link},     {"unchanged", unchanged}, {"held", held},   {"problems", problems}};
  }
};

json::object item_json(const Item& item, Summary& summary) {
  json::object out{{"record", record_json(item.ref)},
                   {"title", item.answer.title},
                   {"customer", item.answer.customer},
                   {"mode", mapping::to_string(item.answer.mode)},
                   {"ticket", ticket_number(item)}};
  if (const workflows::Link* link = item.only_link(); link && !link->planned)
    out["object"] = json::object{{"kind", psa::to_string(link->object.kind)}, {"id", link->object.value}};
  json::array operations, problems;
  for (const plan::Step& step : item.steps) {
    summary.count(step);
    operations.push_back(step_json(step));
  }
  for (const mapping::Problem& problem : item.answer.problems) {
    ++summary.problems;
    problems.push_back(problem_json(problem));
  }
  if (item.answer.held) {
    ++summary.held;
    out["held"] = held_json(item.answer.held->code, item.answer.held->detail);
  } else if (item.stop && !item.parked.empty()) {
    out["held"] = held_json(item.parked.code, item.parked.message);
    ++summary.held;
  } else if (item.postponed) {
    ++summary.held;
    out["held"] = held_json(item.postponed->code, item.postponed->message);
  } else if (item.steps.empty()) {
    ++summary.unchanged;
  }
  out["operations"] = std::move(operations);
  out["problems"] = std::move(problems);
  return out;
}

bool is_wanted(const Item& item, const std::string& customer) {
  return customer.empty() || customer_of(item) == customer;
}

/// Storms that the plan's alerts would begin, as their records would be.
std::vector<Item> planned_storms(const std::vector<Item>& items, Timestamp now) {
  std::map<std::string, Item> storms;
  for (const Item& item : items) {
    if (!item.started_group) continue;
    auto [place, fresh] = storms.try_emplace(item.started_group->ref.key);
    Item& storm = place->second;
    if (fresh) {
      storm.row = *item.started_group;
      storm.ref = {item.ref.partner, model::RecordKind::group, item.started_group->ref.key};
      if (auto group = model::parse_group(storm.ref, item.started_group->state)) storm.group = std::move(*group);
      storm.alert = item.alert;
      storm.group->started_at = now;
    }
    storm.members.push_back(workflows::storm_member(item.alert, item.row.raised_at.value_or(now), item.row.open));
    storm.member_count.all += 1;
    storm.member_count.open += item.row.open ? 1 : 0;
  }
  std::vector<Item> out;
  for (auto& [key, storm] : storms) out.push_back(std::move(storm));
  return out;
}

/// Alerts whose storms would be chosen anew know of each other only here: what is planned is not stored.
void gather_regrouped(std::vector<Item>& items) {
  std::map<std::string, std::vector<Timestamp>> raised;
  for (const Item& item : items)
    if (item.regrouped && item.row.open && item.row.raised_at)
      raised[item.row.group_key].push_back(*item.row.raised_at);
  for (auto& [key, times] : raised) std::ranges::sort(times);
  for (Item& item : items) {
    if (!item.regrouped || !item.row.raised_at) continue;
    const std::vector<Timestamp>& times = raised[item.row.group_key];
    const auto place = std::ranges::lower_bound(times, *item.row.raised_at);
    const auto before = std::min<std::ptrdiff_t>(place - times.begin(), kPeersMax);
    const auto after = std::min<std::ptrdiff_t>(times.end() - place, kPeersMax);
    item.storm.raised_at.insert(item.storm.raised_at.end(), place - before, place + after);
  }
}

/// Of all that would be done and of the records that it would be done for; what merely waits may change without
/// spoiling a plan. `only`: these records, when given; what else has become due meanwhile does not spoil a plan either.
std::string state_hash(const PartnerState& partner, const std::vector<Item>& items, const json::array& records,
                       const std::set<store::RecordKey>* only) {
  std::string state = fmt::format("{}:{}", partner.row.version, partner.mapping_version);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].steps.empty() || (only && !only->contains(key_of(items[i].ref)))) continue;
    // A storm's members say all; whether its record has been written yet does not matter.
    state += fmt::format("|{}:{}:{}", items[i].ref.key, items[i].group ? 0 : items[i].row.version,
                         json::serialize(records[i].as_object().at("operations")));
  }
  return short_digest({state}, 16);
}

/// How many steps the saved plan has for each record, and the alerts that begin a storm.
std::map<store::RecordKey, std::size_t> planned_steps(const std::string& partner, const json::object& document) {
  std::map<store::RecordKey, std::size_t> planned;
  for (const json::value& record : document.at("records").as_array()) {
    const json::object& row = record.as_object();
    const std::size_t steps = row.at("operations").as_array().size();
    const json::value* held = row.if_contains("held");
    const bool begins_storm = held && held->at("code").as_string() == "alert.in_storm";
    if (steps == 0 && !begins_storm) continue;
    planned[{partner, std::string(row.at("record").at("kind").as_string()),
             std::string(row.at("record").at("key").as_string())}] = steps;
  }
  return planned;
}

}  // namespace

boost::asio::awaitable<Result<std::vector<store::RecordRow>>> Plans::plannable(std::string partner) {
  std::map<store::RecordKey, store::RecordRow> found;
  store::Store::RecordQuery open, due, parked;
  open.open_only = due.due_only = parked.parked_only = true;
  for (store::Store::RecordQuery query : {open, due, parked}) {
    query.partner = partner;
    query.count_max = kSlice;
    for (std::size_t count = 0; count < kPlanRecordsMax; count += kSlice) {
      auto rows = store_.list_records(query);
      if (!rows) co_return tl::unexpected(rows.error());
      const bool last = rows->size() < kSlice;
      if (!rows->empty()) query.key_after = rows->back().ref.kind + "\n" + rows->back().ref.key;
      for (store::RecordRow& row : *rows) {
        const bool is_ticket = row.ref.kind == "alert" || row.ref.kind == "group";
        // A device in use has nothing to do but when it is due, or waits for a person.
        if (is_ticket || row.due_at || !row.parked.empty()) found.try_emplace(row.ref, std::move(row));
      }
      if (last) break;
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  }
  std::vector<store::RecordRow> rows;
  for (auto& [key, row] : found) rows.push_back(std::move(row));
  co_return rows;
}

boost::asio::awaitable<Result<std::vector<Item>>> Plans::load_in_slices(const PartnerState& partner,
                                                                        std::vector<store::RecordRow> rows) {
  std::vector<Item> items;
  items.reserve(rows.size());
  for (std::size_t begin = 0; begin < rows.size(); begin += kSlice) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kSlice, rows.size()));
    auto loaded = loader_.load(partner, {std::make_move_iterator(first), std::make_move_iterator(last)});
    if (!loaded) co_return tl::unexpected(loaded.error());
    std::ranges::move(*loaded, std::back_inserter(items));
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
  co_return items;
}

boost::asio::awaitable<Result<std::vector<Item>>> Plans::pretend(PartnerState& partner, const psa::Psa& psa,
                                                                 std::string customer) {
  auto rows = co_await plannable(partner.row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  auto items = co_await load_in_slices(partner, std::move(*rows));
  if (!items) co_return tl::unexpected(items.error());
  std::erase_if(*items, [&](const Item& item) { return !is_wanted(item, customer); });
  doubts_.mark(partner, *items);
  for (Item& item : *items) {
    if (!item.broken) continue;
    item.stop = true;
    item.parked = {item.broken->code, item.broken->message, clock_.now()};
  }
  if (auto read = co_await references_.refresh(partner, psa, *items, false); !read)
    co_return tl::unexpected(read.error());
  gather_regrouped(*items);
  Breather breather(kThoughts);
  std::vector<Item> looked_at;
  looked_at.reserve(items->size());
  for (std::size_t begin = 0; begin < items->size(); begin += kSlice) {
    const auto first = items->begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = items->begin() + static_cast<std::ptrdiff_t>(std::min(begin + kSlice, items->size()));
    std::vector<Item> slice(std::make_move_iterator(first), std::make_move_iterator(last));
    co_await reconciler_.begin(partner, psa, slice, Purpose::pretend);
    for (Item& item : slice) {
      co_await reconciler_.run(partner, psa, item, Purpose::pretend);
      co_await breather.breathe();
    }
    std::ranges::move(slice, std::back_inserter(looked_at));
  }
  for (Item& storm : planned_storms(looked_at, clock_.now())) {
    co_await reconciler_.run(partner, psa, storm, Purpose::pretend);
    looked_at.push_back(std::move(storm));
  }
  co_return std::move(looked_at);
}

boost::asio::awaitable<Result<json::object>> Plans::make(PartnerState& partner, std::string customer,
                                                         const std::set<store::RecordKey>* only, Versions* versions) {
  auto psa = partners_.session(partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  co_return co_await make_by(partner, *psa, std::move(customer), only, versions);
}

boost::asio::awaitable<Result<json::object>> Plans::make_by(PartnerState& partner, const psa::Psa& psa,
                                                            std::string customer,
                                                            const std::set<store::RecordKey>* only,
                                                            Versions* versions) {
  auto items = co_await pretend(partner, psa, customer);
  if (!items) co_return tl::unexpected(items.error());
  if (versions)
    for (const Item& item : *items) versions->emplace(key_of(item.ref), item.row.version);
  const Timestamp now = clock_.now();
  Summary summary;
  json::array records, problems;
  Breather breather(kThoughts);
  for (const Item& item : *items) {
    records.push_back(item_json(item, summary));
    co_await breather.breathe();
  }
  summary.count_creates(psa);
  if (partner.document && partner.reference_data)
    for (const mapping::Problem& problem : mapping::check_references(*partner.document, *partner.reference_data)) {
      // Companies are read only for the customers of these records; the check-up looks at all of them.
      if (!problem.pointer.starts_with("/customers/")) problems.push_back(problem_json(problem));
    }
  const auto fallback = mapping::vendor_defaults().settings.mode.value_or(mapping::Mode::test);
  json::object out{
      {"partner", partner.row.id},
      {"customer", customer},
      {"created_at", format_timestamp(now)},
      {"expires_at", format_timestamp(now + options_.plan_lifetime)},
      {"hash", state_hash(partner, *items, records, only)},
      {"mode", mapping::to_string(partner.document ? partner.document->settings.mode.value_or(fallback) : fallback)},
      {"writes_sent", 0},
      {"writes_refused", partner.read_only ? partner.read_only->writes_refused() : 0},
      {"calls", summary.calls},
      {"summary", summary.to_json()},
      {"records", std::move(records)},
      {"problems", std::move(problems)}};
  co_return out;
}

boost::asio::awaitable<Result<json::object>> Plans::plan(PartnerId id, std::string customer) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  const auto turn = co_await partners_.ask(**partner);
  if (!turn) co_return tl::unexpected(turn.error());
  co_return co_await make(**partner, std::move(customer), nullptr);
}

Result<void> Plans::read_drafts(PartnerState& partner) {
  const auto draft_of = [&](std::string_view workflow) -> Result<std::optional<std::string>> {
    const auto rows = store_.mappings(partner.row.id, std::string(workflow));
    if (!rows) return tl::unexpected(rows.error());
    for (const store::MappingRow& row : *rows)
      if (row.state == "draft") return std::optional(row.document);
    return std::optional<std::string>();
  };
  bool found = false;
  const auto of_tickets = draft_of(mapping::kAlertToTicket);
  if (!of_tickets) return tl::unexpected(of_tickets.error());
  if (*of_tickets) {
    mapping::Parsed parsed = mapping::parse_document(**of_tickets);
    if (!parsed.document) return failure("mapping.schema", "The draft cannot be read any more.");
    partner.document = std::move(parsed.document);
    prepare_storm_view(partner);
    found = true;
  }
  for (const std::string_view workflow : mapping::kObjectWorkflows) {
    const auto draft = draft_of(workflow);
    if (!draft) return tl::unexpected(draft.error());
    if (!*draft) continue;
    mapping::ParsedObjects parsed = mapping::parse_object_document(workflow, **draft);
    if (!parsed.document) return failure("mapping.schema", "The draft cannot be read any more.");
    partner.object_documents.insert_or_assign(std::string(workflow), std::move(*parsed.document));
    found = true;
  }
  if (!found) return failure("mapping.draft_missing", "No mapping of this partner has a draft.");
  return {};
}

boost::asio::awaitable<Result<json::object>> Plans::plan_draft(PartnerId id, std::string customer) {
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  const auto turn = co_await partners_.ask(**partner);
  if (!turn) co_return tl::unexpected(turn.error());
  // The calls are made within the partner's own budget; all else is a state beside the engine's.
  auto psa = partners_.session(**partner, true);
  if (!psa) co_return tl::unexpected(psa.error());
  const std::unique_ptr<PartnerState> beside = partners_.make(id.value);
  PartnerState& drafted = *beside;
  drafted.row = (*partner)->row;
  drafted.known = true;
  drafted.document = (*partner)->document;
  drafted.object_documents = (*partner)->object_documents;
  drafted.mapping_version = (*partner)->mapping_version;
  drafted.member = (*partner)->member;
  drafted.doubts = (*partner)->doubts;
  drafted.clean = (*partner)->clean;
  drafted.open_groups = (*partner)->open_groups;
  if (drafted.document) prepare_storm_view(drafted);
  if (auto read = read_drafts(drafted); !read) co_return tl::unexpected(read.error());
  auto made = co_await make_by(drafted, *psa, std::move(customer), nullptr);
  if (made) (*made)["draft"] = true;
  co_return made;
}

boost::asio::awaitable<Result<json::object>> Plans::save(PartnerId id, std::string customer) {
  auto made = co_await plan(id, customer);
  if (!made) co_return made;
  const std::string hash(made->at("hash").as_string());
  store::PlanRow row;
  row.partner = id.value;
  row.created_at = clock_.now();
  row.expires_at = row.created_at + options_.plan_lifetime;
  row.hash = hash;
  row.id = short_digest({id.value, hash, format_timestamp(row.created_at)}, 12);
  (*made)["id"] = row.id;
  row.document = json::serialize(*made);
  store::Transaction transaction;
  transaction.plans.push_back(std::move(row));
  if (auto written = co_await writer_.write(std::move(transaction)); !written)
    co_return tl::unexpected(written.error());
  co_return made;
}

boost::asio::awaitable<Result<json::object>> Plans::apply(PartnerId id, std::string plan_id) {
  const auto saved = store_.plan(id.value, plan_id);
  if (!saved) co_return tl::unexpected(saved.error());
  if (!*saved) co_return failure("plan.unknown", "There is no saved plan \"" + plan_id + "\".");
  if ((*saved)->applied_at)
    co_return failure("plan.applied", "The plan was applied at " + format_timestamp(*(*saved)->applied_at) + ".");
  if ((*saved)->expires_at < clock_.now())
    co_return failure("plan.expired", "The plan was good until " + format_timestamp((*saved)->expires_at) + ".");
  auto partner = co_await partners_.use(id.value);
  if (!partner) co_return tl::unexpected(partner.error());
  const auto turn = co_await partners_.ask(**partner);
  if (!turn) co_return tl::unexpected(turn.error());
  co_return co_await apply_saved(**partner, **saved);
}

/// A saved plan on its way.
struct Plans::Applying {
  std::map<store::RecordKey, std::size_t> planned;  ///< how many steps of each record
  Versions versions;
  json::array operations;
  int applied = 0, refused = 0, unknown = 0, skipped = 0;
};

boost::asio::awaitable<Result<void>> Plans::apply_rows(PartnerState& partner, const psa::Psa& psa, Applying& applying,
                                                       std::vector<store::RecordRow> rows) {
  std::erase_if(rows, [&](const store::RecordRow& row) {
    if (!applying.planned.contains(row.ref)) return true;
    // What has changed since the plan was held against the world is not what the plan says any more.
    const auto version = applying.versions.find(row.ref);
    const bool changed =
        row.ref.kind != "group" && version != applying.versions.end() && version->second != row.version;
    if (!changed && !partner.in_flight.contains(row.ref)) return false;
    ++applying.skipped;
    return true;
  });
  auto items = co_await load_in_slices(partner, std::move(rows));
  if (!items) co_return tl::unexpected(items.error());
  co_await batches_.set_broken_aside(partner, *items);
  for (const Item& item : *items) partner.in_flight.insert(item.row.ref);
  auto regrouped = co_await batches_.load_regrouped(partner, *items);
  if (!regrouped) {
    for (const Item& item : *items) partner.in_flight.erase(item.row.ref);
    co_return tl::unexpected(regrouped.error());
  }
  doubts_.mark(partner, *items);
  for (Item& item : *items) item.steps_max = applying.planned.at(item.row.ref);
  co_await reconciler_.begin(partner, psa, *items, Purpose::apply_plan);
  for (Item& item : *items) {
    co_await batches_.run_item(partner, psa, item, Purpose::apply_plan);
    for (std::size_t i = 0; i < item.results.size() && i < item.steps.size(); ++i) {
      const std::string& result = item.results[i];
      (result == "applied" ? applying.applied : result == "unknown" ? applying.unknown : applying.refused) += 1;
      applying.operations.push_back(json::object{{"record", record_json(item.ref)},
                                                 {"kind", plan::to_string(item.steps[i].kind)},
                                                 {"text", item.steps[i].text},
                                                 {"result", result},
                                                 {"ticket", item.numbers[i]}});
    }
  }
  co_return Result<void>{};
}

boost::asio::awaitable<Result<json::object>> Plans::apply_saved(PartnerState& partner, store::PlanRow saved) {
  boost::system::error_code broken;
  const json::value parsed = parse_own_json(saved.document, broken);
  if (broken || !parsed.is_object()) co_return failure("store.corrupt", "The plan that was kept cannot be read.");
  const json::object& document = parsed.get_object();
  const std::string customer(document.at("customer").as_string());
  Applying applying;
  applying.planned = planned_steps(partner.row.id, document);
  std::set<store::RecordKey> planned_keys;
  for (const auto& [key, steps] : applying.planned) planned_keys.insert(key);
  auto now_made = co_await make(partner, customer, &planned_keys, &applying.versions);
  if (!now_made) co_return tl::unexpected(now_made.error());
  if (now_made->at("hash").as_string() != saved.hash)
    co_return failure("plan.stale", "Events, mapping or tickets have changed since the plan was made.");
  auto psa = partners_.session(partner, false);
  if (!psa) co_return tl::unexpected(psa.error());
  // The plan is spent before its first write: an interrupted apply is finished by a new plan, never by running it
  // again.
  saved.applied_at = clock_.now();
  store::Transaction spent;
  spent.plans.push_back(saved);
  if (auto written = co_await writer_.write(std::move(spent)); !written) co_return tl::unexpected(written.error());

  auto rows = co_await plannable(partner.row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  std::set<store::RecordKey> first;
  for (const store::RecordRow& row : *rows) first.insert(row.ref);
  if (auto done = co_await apply_rows(partner, *psa, applying, std::move(*rows)); !done)
    co_return tl::unexpected(done.error());
  // Storms that the first round began have records of their own now.
  rows = co_await plannable(partner.row.id);
  if (!rows) co_return tl::unexpected(rows.error());
  std::erase_if(*rows, [&](const store::RecordRow& row) { return row.ref.kind != "group" || first.contains(row.ref); });
  if (auto done = co_await apply_rows(partner, *psa, applying, std::move(*rows)); !done)
    co_return tl::unexpected(done.error());
  co_return json::object{{"plan_id", saved.id},         {"applied", applying.applied},
                         {"refused", applying.refused}, {"unknown", applying.unknown},
                         {"skipped", applying.skipped}, {"operations", std::move(applying.operations)}};
}

}  // namespace crosswalk::engine

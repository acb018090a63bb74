#include "engine/partners.h"

#include "engine/loader.h"
#include "mapping/document.h"
#include "mapping/object_document.h"

namespace crosswalk::engine {
namespace {

/// Questions about one partner that wait for their turn.
constexpr std::size_t kAskersMax = 8;

}  // namespace

Partners::Partners(Loop& loop, store::Store& store, Clock& clock, PsaFactory& factory, const EngineOptions& options,
                   Metrics& metrics, std::uint64_t seed, std::function<boost::asio::awaitable<Result<void>>()> catch_up)
    : loop_(loop),
      store_(store),
      clock_(clock),
      factory_(factory),
      options_(options),
      metrics_(metrics),
      seed_(seed),
      catch_up_(std::move(catch_up)) {}

std::unique_ptr<PartnerState> Partners::make(const std::string& id) {
  auto state = std::make_unique<PartnerState>(
      loop_.executor, clock_, BudgetOptions{options_.calls_per_second, options_.calls_at_once}, metrics_, ++seed_);
  state->row.id = id;
  return state;
}

PartnerState& Partners::of(const std::string& id) {
  auto& state = states_[id];
  if (!state) {
    state = make(id);
    state->budget.on_standing = [this, &partner = *state] {
      partner.standing_changed = true;
      loop_.wake.set();
    };
  }
  return *state;
}

Result<std::unique_ptr<PsaSession>> Partners::open(const store::PartnerRow& row, PartnerState& partner,
                                                   bool read_only) {
  return factory_.open(row, partner.budget, read_only);
}

bool Partners::callbacks_on(const std::string& id) const {
  return options_.callback_target && !options_.callback_target(id).url.empty();
}

Result<void> Partners::refresh(PartnerState& partner) {
  auto row = store_.partner(partner.row.id);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return failure("partner.unknown", "There is no partner \"" + partner.row.id + "\".");
  bool changed = false;
  if (partner.known && (*row)->created_at != partner.row.created_at) forget(partner);
  if (!partner.known || (*row)->version != partner.row.version) {
    partner.live.reset();
    partner.read_only.reset();
    partner.reference_data.reset();
    partner.indexes.clear();
    partner.member.clear();
    if (partner.known) {
      partner.budget.reset_circuit();
      partner.budget.forget_standing();
    }
    partner.connection.reset();
    partner.row = std::move(**row);
    partner.known = changed = true;
  }
  const auto current = store_.settings_version(partner.row.id);
  if (!current) return tl::unexpected(current.error());
  if (current->mapping != partner.mapping_version) {
    if (auto read = read_mappings(partner); !read) return read;
    partner.mapping_version = current->mapping;
    partner.reference_data.reset();
    changed = true;
  }
  // What was refused before says nothing of what is asked for now.
  if (changed) partner.causes.clear();
  // What is wanted of the PSA may be something else now.
  if (changed && callbacks_on(partner.row.id)) partner.callbacks_at = clock_.now();
  partner.settings_stale = false;
  return {};
}

/// The partner was erased, and there is another of the same id: nothing of the former is true of it.
void Partners::forget(PartnerState& partner) {
  partner.known = false;
  partner.budget.reset_circuit();
  partner.budget.forget_standing();
  partner.document.reset();
  partner.object_documents.clear();
  partner.mapping_version = 0;
  partner.contacts.clear();
  partner.left.clear();
  partner.hidden.clear();
  partner.rows_changed = false;
  partner.tickets_shown_at.reset();
  partner.causes.clear();
  partner.refused.clear();
  partner.doubts.clear();
  partner.clean.clear();
  partner.accepted_at.clear();
  partner.open_groups.reset();
  partner.ears.reset();
}

Result<void> Partners::read_mappings(PartnerState& partner) {
  auto mapping = store_.live_mapping(partner.row.id, std::string(mapping::kAlertToTicket));
  if (!mapping) return tl::unexpected(mapping.error());
  if (*mapping) {
    mapping::Parsed parsed = mapping::parse_document((*mapping)->document);
    if (!parsed.document) return failure("mapping.schema", "The published mapping cannot be read any more.");
    partner.document = std::move(parsed.document);
    prepare_storm_view(partner);
  }
  for (const std::string_view workflow : mapping::kObjectWorkflows) {
    auto live = store_.live_mapping(partner.row.id, std::string(workflow));
    if (!live) return tl::unexpected(live.error());
    if (!*live) continue;
    mapping::ParsedObjects parsed = mapping::parse_object_document(workflow, (*live)->document);
    if (!parsed.document) return failure("mapping.schema", "The published mapping cannot be read any more.");
    partner.object_documents.insert_or_assign(std::string(workflow), std::move(*parsed.document));
  }
  return {};
}

bool Partners::is_changed(const PartnerState& partner) {
  if (partner.settings_stale) return true;
  const auto current = store_.settings_version(partner.row.id);
  return !current || current->partner != partner.row.version || current->mapping != partner.mapping_version ||
         current->made_at != partner.row.created_at;
}

Result<Partners::Hold> Partners::hold(PartnerState& partner) {
  if (is_changed(partner)) {
    partner.settings_stale = true;
    if (partner.settings_users > 0) return Hold::busy;
    if (auto refreshed = refresh(partner); !refreshed) return tl::unexpected(refreshed.error());
  }
  ++partner.settings_users;
  return Hold::taken;
}

void Partners::release(PartnerState& partner) {
  if (--partner.settings_users == 0) partner.settings_free.set();
}

Result<psa::Psa> Partners::session(PartnerState& partner, bool read_only) {
  std::unique_ptr<PsaSession>& slot = read_only ? partner.read_only : partner.live;
  if (!slot) {
    auto opened = open(partner.row, partner, read_only);
    if (!opened) {
      partner.budget.cannot_call(opened.error());
      return tl::unexpected(opened.error());
    }
    slot = std::move(*opened);
  }
  return slot->psa();
}

boost::asio::awaitable<Result<Partners::Use>> Partners::use(std::string id) {
  const auto row = store_.partner(id);
  if (!row) co_return tl::unexpected(row.error());
  if (!*row) co_return failure("partner.unknown", "There is no partner \"" + id + "\".");
  if (auto caught_up = co_await catch_up_(); !caught_up) co_return tl::unexpected(caught_up.error());
  PartnerState& partner = of(id);
  for (;;) {
    const Result<Hold> held = hold(partner);
    if (!held) {
      // Who else waits must not wait for somebody who never took hold.
      partner.settings_free.set();
      co_return tl::unexpected(held.error());
    }
    if (*held == Hold::taken) break;
    co_await partner.settings_free.wait();
  }
  ++partner.batches;
  co_return Use{*this, partner};
}

boost::asio::awaitable<Result<Partners::Turn>> Partners::ask(PartnerState& partner) {
  if (partner.askers >= kAskersMax)
    co_return failure("partner.busy", "Other questions about this partner are being answered already.");
  ++partner.askers;
  while (partner.asking) co_await partner.asked.wait();
  --partner.askers;
  partner.asking = true;
  co_return Turn{partner, loop_.alive};
}

void Partners::end_use(PartnerState& partner) {
  if (!partner.indexes.empty()) partner.drop_indexes_at = clock_.now() + kIndexesKept;
  release(partner);
  --partner.batches;
  loop_.wake.set();
}

}  // namespace crosswalk::engine

#include "engine/engine_set.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"

namespace crosswalk::engine {
namespace {

/// Awaits what `ask` begins on the executor of the engine that it asks. Which engine that is never changes.
template <class Part, class Ask>
auto ask_on(Part& part, Ask ask) -> decltype(ask(*part.engine)) {
  co_return co_await boost::asio::co_spawn(
      part.executor, [&] { return ask(*part.engine); }, boost::asio::use_awaitable);
}

boost::asio::awaitable<void> run_on(boost::asio::any_io_executor executor, ShareEngine& engine) {
  co_await boost::asio::co_spawn(executor, engine.run(), boost::asio::use_awaitable);
}

}  // namespace

std::unique_ptr<Engine> Engine::make(const std::vector<boost::asio::any_io_executor>& executors, store::Store& store,
                                     store::Writer& writer, Clock& clock, PsaFactory& factory,
                                     const EngineOptions& options) {
  require(!executors.empty() && executors.size() <= static_cast<std::size_t>(store::kSlots),
          "an engine has between one executor and one for each slot");
  return std::make_unique<EngineSet>(executors, store, writer, clock, factory, options);
}

EngineSet::EngineSet(const std::vector<boost::asio::any_io_executor>& executors, store::Store& store,
                     store::Writer& writer, Clock& clock, PsaFactory& factory, const EngineOptions& options)
    : metrics_(executors.size()), crew_(executors.front()) {
  const int count = static_cast<int>(executors.size());
  for (int i = 0; i < count; ++i) {
    const boost::asio::any_io_executor& executor = executors[static_cast<std::size_t>(i)];
    EngineOptions own = options;
    if (own.seed != 0) own.seed += static_cast<std::uint64_t>(i);
    const ShareEngine::Seat seat{.share = {i, count}, .wake_all = [this] { wake(); }};
    parts_.push_back(
        {executor, std::make_unique<ShareEngine>(executor, store, writer, clock, factory, own, metrics_, seat)});
  }
}

EngineSet::Part& EngineSet::owner_of(const PartnerId& partner) {
  return parts_[static_cast<std::size_t>(store::slot_of(partner.value)) % parts_.size()];
}

boost::asio::awaitable<void> EngineSet::run() {
  for (Part& part : parts_) crew_.spawn(run_on(part.executor, *part.engine));
  co_await crew_.join();
}

void EngineSet::stop() {
  for (Part& part : parts_) part.engine->stop();
}

void EngineSet::wake() {
  for (Part& part : parts_) part.engine->wake();
}

void EngineSet::wake(PartnerId partner) {
  ShareEngine& engine = *owner_of(partner).engine;
  engine.wake(std::move(partner));
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::plan(PartnerId partner, std::string customer) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().plans.plan(partner, customer); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::plan_draft(PartnerId partner, std::string customer) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().plans.plan_draft(partner, customer); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::save_plan(PartnerId partner, std::string customer) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().plans.save(partner, customer); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::apply(PartnerId partner, std::string plan_id) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().plans.apply(partner, plan_id); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::explain(model::RecordRef record) {
  co_return co_await ask_on(owner_of(record.partner),
                            [&](ShareEngine& own) { return own.questions().stories.explain(record); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::check(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().check_ups.check(partner); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::reference_data(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().references.of_tickets(partner); });
}

boost::asio::awaitable<Result<psa::TicketReferencesFound>> EngineSet::ticket_references(PartnerId partner,
                                                                                        psa::TicketReferences wanted) {
  co_return co_await ask_on(owner_of(partner), [&](ShareEngine& own) {
    return own.questions().references.ticket_references(partner, wanted);
  });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::object_reference_data(PartnerId partner,
                                                                                     psa::ObjectReferences references) {
  co_return co_await ask_on(
      owner_of(partner), [&](ShareEngine& own) { return own.questions().references.of_objects(partner, references); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::match_customers(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().customers.match(partner); });
}

boost::asio::awaitable<Result<std::int64_t>> EngineSet::replay(PartnerId partner,
                                                               std::optional<model::RecordRef> record) {
  co_return co_await ask_on(owner_of(partner), [&](ShareEngine& own) { return own.replay(partner, record); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::verify(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().verification.verify(partner); });
}

void EngineSet::told(PartnerId partner, psa::CallbackMessage message) {
  owner_of(partner).engine->callbacks().told(partner.value, std::move(message));
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::callbacks(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.callbacks().describe(partner.value); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::ensure_callbacks(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner), [&](ShareEngine& own) { return own.callbacks().ensure(partner.value); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::remove_callbacks(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner), [&](ShareEngine& own) { return own.callbacks().remove(partner.value); });
}

boost::asio::awaitable<Result<boost::json::object>> EngineSet::drift(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner), [&](ShareEngine& own) { return own.questions().drift.drift(partner); });
}

boost::asio::awaitable<Result<std::int64_t>> EngineSet::forget(model::RecordRef record) {
  co_return co_await ask_on(owner_of(record.partner),
                            [&](ShareEngine& own) { return own.questions().forgetting.forget(record); });
}

boost::asio::awaitable<boost::json::object> EngineSet::status(PartnerId partner) {
  co_return co_await ask_on(owner_of(partner),
                            [&](ShareEngine& own) { return own.questions().stories.status(partner); });
}

}  // namespace crosswalk::engine

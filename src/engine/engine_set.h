#pragma once

#include <vector>

#include "engine/share_engine.h"

namespace crosswalk::engine {

/// Several engines, each with the partners of its share and an executor of its own. Who asks about a partner is brought
/// to that partner's engine and back.
class EngineSet final : public Engine {
 public:
  EngineSet(const std::vector<boost::asio::any_io_executor>& executors, store::Store& store, store::Writer& writer,
            Clock& clock, PsaFactory& factory, const EngineOptions& options);

  boost::asio::awaitable<void> run() override;
  void stop() override;
  void wake() override;
  void wake(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> plan(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> plan_draft(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> save_plan(PartnerId partner, std::string customer) override;
  boost::asio::awaitable<Result<boost::json::object>> apply(PartnerId partner, std::string plan_id) override;
  boost::asio::awaitable<Result<boost::json::object>> explain(model::RecordRef record) override;
  boost::asio::awaitable<Result<boost::json::object>> check(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> reference_data(PartnerId partner) override;
  boost::asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(PartnerId partner,
                                                                               psa::TicketReferences wanted) override;
  boost::asio::awaitable<Result<boost::json::object>> object_reference_data(PartnerId partner,
                                                                            psa::ObjectReferences references) override;
  boost::asio::awaitable<Result<boost::json::object>> match_customers(PartnerId partner) override;
  boost::asio::awaitable<Result<std::int64_t>> replay(PartnerId partner,
                                                      std::optional<model::RecordRef> record) override;
  boost::asio::awaitable<Result<boost::json::object>> verify(PartnerId partner) override;
  void told(PartnerId partner, psa::CallbackMessage message) override;
  boost::asio::awaitable<Result<boost::json::object>> callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> ensure_callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> remove_callbacks(PartnerId partner) override;
  boost::asio::awaitable<Result<boost::json::object>> drift(PartnerId partner) override;
  boost::asio::awaitable<Result<std::int64_t>> forget(model::RecordRef record) override;
  boost::asio::awaitable<boost::json::object> status(PartnerId partner) override;
  const Metrics& metrics() const override { return metrics_; }

 private:
  struct Part {
    boost::asio::any_io_executor executor;
    std::unique_ptr<ShareEngine> engine;
  };
  Part& owner_of(const PartnerId& partner);

  Metrics metrics_;
  Crew crew_;
  std::vector<Part> parts_;
};

}  // namespace crosswalk::engine

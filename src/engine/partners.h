#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/loop.h"
#include "engine/partner.h"

namespace crosswalk::engine {

/// What one engine holds of its partners, with their settings and sessions. These are exchanged only while nobody works
/// with the former ones.
class Partners {
 public:
  /// `catch_up`: folds what has come until now.
  Partners(Loop& loop, store::Store& store, Clock& clock, PsaFactory& factory, const EngineOptions& options,
           Metrics& metrics, std::uint64_t seed, std::function<boost::asio::awaitable<Result<void>>()> catch_up);

  /// Empty when it is asked for the first time.
  PartnerState& of(const std::string& id);
  [[nodiscard]] auto begin() const { return states_.begin(); }
  [[nodiscard]] auto end() const { return states_.end(); }
  /// One beside the engine's own, for what is only thought through.
  [[nodiscard]] std::unique_ptr<PartnerState> make(const std::string& id);

  /// Reads what has changed of the partner's row and mappings.
  Result<void> refresh(PartnerState& partner);

  enum class Hold { taken, busy };
  /// Takes hold of the newest settings. "busy": others still hold older ones.
  Result<Hold> hold(PartnerState& partner);
  void release(PartnerState& partner);

  /// A partner whose row, mapping and sessions are not exchanged while this lives.
  class Use {
   public:
    Use(Partners& partners, PartnerState& partner)
        : partners_(&partners), partner_(&partner), alive_(partners.loop_.alive) {}
    Use(Use&& other) noexcept
        : partners_(std::exchange(other.partners_, nullptr)),
          partner_(other.partner_),
          alive_(std::move(other.alive_)) {}
    Use& operator=(Use&&) = delete;
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      // What waits for a call when the engine goes is destroyed after it.
      if (partners_ && Loop::lives(alive_)) partners_->end_use(*partner_);
    }
    PartnerState& operator*() const { return *partner_; }
    PartnerState* operator->() const { return partner_; }

   private:
    Partners* partners_;
    PartnerState* partner_;
    std::weak_ptr<bool> alive_;
  };
  /// With all that has come until now. Fails with "partner.unknown".
  boost::asio::awaitable<Result<Use>> use(std::string id);

  /// A question about a partner that takes long, while it is being answered.
  class Turn {
   public:
    Turn(PartnerState& partner, std::weak_ptr<bool> alive) : partner_(&partner), alive_(std::move(alive)) {}
    Turn(Turn&& other) noexcept : partner_(std::exchange(other.partner_, nullptr)), alive_(std::move(other.alive_)) {}
    Turn& operator=(Turn&&) = delete;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      if (!partner_ || !Loop::lives(alive_)) return;
      partner_->asking = false;
      partner_->asked.set();
    }

   private:
    PartnerState* partner_;
    std::weak_ptr<bool> alive_;
  };
  /// Waits for its turn: of one partner one such question is answered at a time. Fails with "partner.busy".
  boost::asio::awaitable<Result<Turn>> ask(PartnerState& partner);

  /// The session that the partner's workflows share.
  Result<psa::Psa> session(PartnerState& partner, bool read_only);
  /// A session of one's own, for what may take long and must not keep new settings from those who work.
  [[nodiscard]] Result<std::unique_ptr<PsaSession>> open(const store::PartnerRow& row, PartnerState& partner,
                                                         bool read_only);
  /// Whether partners' PSAs are to tell what changes.
  [[nodiscard]] bool callbacks_on(const std::string& id) const;

 private:
  Result<void> read_mappings(PartnerState& partner);
  /// Whether the partner or its live mapping are newer than what we hold.
  [[nodiscard]] bool is_changed(const PartnerState& partner);
  static void forget(PartnerState& partner);
  void end_use(PartnerState& partner);

  Loop& loop_;
  store::Store& store_;
  Clock& clock_;
  PsaFactory& factory_;
  const EngineOptions& options_;
  Metrics& metrics_;
  std::uint64_t seed_;
  std::function<boost::asio::awaitable<Result<void>>()> catch_up_;
  std::map<std::string, std::unique_ptr<PartnerState>> states_;
};

}  // namespace crosswalk::engine

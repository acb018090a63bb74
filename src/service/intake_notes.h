#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "service/intake.h"

namespace crosswalk::service {

/// What intake did not take, or did not understand, of the partners' events. Senders such as Alertmanager read no
/// answers, so it is kept where people look: bounded by partner, counted by cause, over restarts. Thread-safe.
class IntakeNotes {
 public:
  /// Reads what is kept.
  Result<void> open(store::Store& store);

  /// Notes what was refused of a request. `partner`: of events that name none; empty: nobody's, and not noted.
  void refused(std::string_view source, const Incoming& incoming, const std::string& partner, Timestamp now);
  /// Notes the members that no schema has, and warns of those that their product has never named before; answers how
  /// these are worded for the log.
  std::vector<std::string> unknown(Incoming& incoming, Timestamp now);

  /// What is to be written now, at most once in kWriteEvery for what is only counted; taken out, and not given again.
  [[nodiscard]] std::vector<store::SettingRow> take_changes(Timestamp now);

  /// These could not be written: they are given again.
  void put_back(const std::vector<store::SettingRow>& rows);
  /// The partner is gone: one of the same name begins anew.
  void forget(const std::string& partner);

  /// openapi: IntakeNotes.
  [[nodiscard]] boost::json::object describe(const std::string& partner) const;
  /// What was refused since then of a source of the partner's, newest first, in words; at most three.
  struct Recent {
    std::int64_t events = 0;
    std::vector<std::string> words;
  };
  [[nodiscard]] Recent refused_since(const std::string& partner, std::string_view source, Timestamp since) const;

  static constexpr std::size_t kCausesMax = 100;  ///< of one partner; the oldest goes
  static constexpr std::size_t kNamesMax = 200;   ///< of one partner; further ones are not noted
  static constexpr Duration kWriteEvery{60'000};

 private:
  struct Cause {
    std::string source, code, about, detail;
    std::int64_t count = 0;
    Timestamp first_at{}, last_at{};
  };
  struct Unknown {
    std::string product, type, name;
    Timestamp first_at{};
  };
  struct Partner {
    std::map<std::string, Cause> causes;
    std::map<std::string, Unknown> names;
    bool changed = false, urgent = false;
    Timestamp written_at{};
  };
  void note(Partner& partner, Cause cause, Timestamp now);
  [[nodiscard]] static boost::json::object to_json(const Partner& partner, bool for_people);
  static Partner from_json(const boost::json::object& kept);

  mutable std::mutex mutex_;
  std::atomic<bool> changed_{false};  ///< something of a partner has
  std::map<std::string, Partner, std::less<>> partners_;
  std::set<std::pair<std::string, std::string>> known_names_;  ///< by product and name: of all partners
};

}  // namespace crosswalk::service

#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulation.h"
#include "workflows/entity_fields.h"

namespace crosswalk::simulation {

/// A customer, contact or device as the vendor's product knows it.
struct Thing {
  std::string kind, key;
  boost::json::object data;  ///< as last reported
  Timestamp changed_at{};
  std::map<std::string, int> changes;  ///< by member of the data
  int reports = 0;
};

/// An alert as the vendor's product knows it.
struct AlertTruth {
  std::string customer, device, subject, condition;
  bool open = false;
  Timestamp changed_at{};
};

/// Something in a PSA: collection and id.
using ObjectKey = std::pair<std::string, std::string>;

/// One write of ours that the sandbox has answered.
struct Written {
  Timestamp at{};
  std::string method;
  ObjectKey object;                 ///< the id is empty for what is made
  std::vector<std::string> fields;  ///< as they are called in ConnectWise
  bool done = false;                ///< the sandbox has acted
  bool heard = false;               ///< and we know
};

/// The workflow of the records of a kind.
inline std::string workflow_for(const std::string& kind) {
  return std::string(mapping::workflow_of(*model::parse_record_kind(kind)));
}

/// One partner: what its product tells, what its people do in ConnectWise, what we wrote there, and whether all of it
/// agrees once the world rests.
class Shop {
 public:
  Shop(Simulation& simulation, std::mt19937_64& random, std::string partner, std::string login);

  /// Publishes all four mappings.
  void open();
  /// The product hears what becomes of its records, and what it is offered.
  static void listen(Simulation& simulation);
  /// One thing that happens.
  void act();
  /// What the product has not told yet, in the order of its happening.
  void deliver_rest();
  /// Takes note of what is linked, and of what we know to be gone.
  void watch();
  /// People look at what only they can free: a quarantine after lost answers. False when there is none.
  bool release_quarantined();
  /// Whether a device changes its state by being silent between the two.
  [[nodiscard]] bool device_turns(Timestamp from, Timestamp until) const;
  /// Everything that the product knows, told once more as it is.
  void report_all();

  /// Empty when every invariant holds.
  /// `told_anew`: all was reported once more after the last change, so that what waits was looked at again.
  [[nodiscard]] std::string verdict(bool told_anew);
  /// What has happened, in order, for a person who looks for the fault.
  void tell();

  [[nodiscard]] const std::string& partner() const { return partner_; }
  void take_call(const net::Request& request, const net::Response& response, bool heard);
  /// The header by which our calls to this shop's ConnectWise are known.
  [[nodiscard]] std::string authorization() const;

 private:
  struct Pending {
    std::string type, id;
    Timestamp at{};
    boost::json::object data;
  };
  using ThingKey = std::pair<std::string, std::string>;  ///< kind, key

  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(double probability) { return std::uniform_real_distribution<double>(0, 1)(random_) < probability; }
  [[nodiscard]] Timestamp now() { return simulation_.timeline().now(); }
  void note(const std::string& text);

  // what is published
  [[nodiscard]] std::string owner_of_field(double product, double create);
  void choose_owners();
  void publish(const std::string& workflow);
  [[nodiscard]] boost::json::object reference_to(std::string_view collection, std::string_view name,
                                                 std::string_view label = "name");
  [[nodiscard]] std::string wire_owner(const std::string& collection, const std::string& field) const;

  // the product
  [[nodiscard]] boost::json::object first_data(const std::string& kind, int number);
  void happen(const std::string& kind);
  void change(Thing& thing);
  void report(const Thing& thing);
  void happen_alert();
  void deliver(int count);
  void send(const Pending& event);

  // people
  int call(std::string_view method, const std::string& target, const boost::json::value& body,
           boost::json::value* answer = nullptr);
  void people();
  void edit_object();
  void edit(const ObjectKey& object);
  void edit_address(const std::string& contact);
  void remove_object();
  void merge_company();
  void work_ticket();
  void rename_reference_data();
  void decide();
  [[nodiscard]] ObjectKey any_object();

  // alignment_import.cc: a product that takes companies over
  void choose_import();
  void hear_offers();
  void take_over();
  [[nodiscard]] std::string offers_true();

  // what the store says
  [[nodiscard]] std::optional<workflows::Link> link_of(const ThingKey& thing);
  [[nodiscard]] std::string parked_code(const ThingKey& thing);
  [[nodiscard]] std::string company_of(const std::string& customer);

  // invariants
  [[nodiscard]] std::string twins();
  [[nodiscard]] std::string strangers();
  [[nodiscard]] int unbooked(const ObjectKey& object);
  [[nodiscard]] bool waits_for_its_customer(const ObjectKey& object, const std::string& identity);
  [[nodiscard]] bool makes_companies() const;
  [[nodiscard]] std::string decided_object(const ThingKey& key) const;
  [[nodiscard]] std::string owners_kept();
  [[nodiscard]] std::string the_dead_rest();
  [[nodiscard]] std::string accounted_for();
  [[nodiscard]] std::string is_excuse(const ThingKey& key, const Thing& thing, const std::string& code);
  [[nodiscard]] std::string values_kept();
  [[nodiscard]] std::string values_of(const ThingKey& key, const Thing& thing, const workflows::Link& link);
  [[nodiscard]] std::string tickets_true();
  [[nodiscard]] std::string ticket_true(const AlertTruth& alert, const boost::json::object& ticket);
  [[nodiscard]] std::string writes_bounded();
  [[nodiscard]] std::string settled();
  [[nodiscard]] int causes_of(const ObjectKey& object, const std::string& field);
  [[nodiscard]] std::string life_of(const Thing& device, Timestamp at) const;
  [[nodiscard]] bool exists(const ObjectKey& object);

  Simulation& simulation_;
  std::mt19937_64& random_;
  std::string partner_, login_;
  std::map<std::string, boost::json::object> documents_;                   ///< by workflow
  std::map<std::string, std::map<std::string, std::string>> wire_owners_;  ///< by collection and field
  std::map<std::string, std::string> address_owners_;                      ///< of a contact's email and phone
  std::map<ThingKey, Thing> things_;
  std::map<int, AlertTruth> alerts_;
  std::vector<Pending> pending_;
  std::vector<Pending> alert_events_;  ///< the newest of each alert
  std::vector<Written> written_;
  std::map<std::pair<ObjectKey, std::string>, int> deeds_;  ///< by people, on each field
  std::map<ObjectKey, std::set<ThingKey>> ever_linked_;
  std::map<ObjectKey, Timestamp> gone_since_;
  std::map<ObjectKey, std::string> made_;  ///< by us: what identifies it
  std::set<std::string> touched_;          ///< subjects of alerts whose tickets people have worked on
  std::map<std::string, std::string> merged_into_;
  std::map<std::string, std::string> offered_;  ///< names of companies that are on offer, by id
  std::int64_t heard_until_ = 0;                ///< sequence of the newest event that the product has heard
  bool imports_ = false;
  std::vector<std::string> story_;
  int stale_days_ = 0, inactive_days_ = 0, retired_days_ = 0;
  int events_ = 0, removals_ = 0, merges_ = 0, edits_ = 0;
  bool guarded_ = false, attaches_ = false;
};

}  // namespace crosswalk::simulation

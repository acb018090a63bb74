#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "sandbox/coverage.h"
#include "sandbox/faults.h"
#include "sandbox/robot.h"
#include "sandbox/sign_in.h"
#include "sandbox/switches.h"

namespace crosswalk::sandbox {

struct TenantOptions {
  std::string login_company = "sandbox";
  /// Default: "<login_company>-public" and "<login_company>-private".
  std::string public_key{}, private_key{};
  /// "Admin" (everything), "Integration" (what an alert integration needs), "ReadOnly" or "NoClose".
  std::string role = "Admin";
  std::string scenario{};  ///< of its own; empty: the world's
};

struct WorldOptions {
  std::uint64_t seed = 1;
  /// "small", "mid", "large", "empty" (reference data and the Catchall company only), or "msp:" and the name of an MSP.
  std::string scenario = "small";
  std::vector<TenantOptions> tenants = {TenantOptions{}};
  /// False: no tenant until load(); reset() makes those above.
  bool seeded = true;
  Switches switches{};
  /// Scheme and host in links when a request names no host.
  std::string base_url = "http://localhost";
  std::size_t calls_kept_max = 500;  ///< of the journal of calls, oldest forgotten first
  std::size_t call_body_bytes_max = 4096;
};

/// What became of one request.
struct Outcome {
  net::Response response;
  Duration delay{0};     ///< the client sees the answer (or the broken connection) this much later
  bool dropped = false;  ///< the client gets no answer; response.drop_connection is set as well
  bool handled = false;  ///< the request was acted upon (false: a fault or limit answered it)
};

/// One entry of the journal of calls.
struct Call {
  std::int64_t number = 0;  ///< from 1
  Timestamp at{};
  std::string tenant, method, target;  ///< target without credentials: path and query
  int status = 0;                      ///< 0 when dropped
  bool handled = false;
  std::string request_body, answer_body;  ///< their beginnings (WorldOptions::call_body_bytes_max)
  std::size_t request_bytes = 0, answer_bytes = 0;
};

class Api;
class Tenant;
class Deliveries;
struct ApiRequest;
struct Delivery;

/// ConnectWise Manage for any number of MSPs, in memory, deterministic: the same seed, clock and requests give the same
/// answers. Not thread-safe: the HTTP front holds one lock.
class World {
 public:
  using Now = std::function<Timestamp()>;

  explicit World(Now now, WorldOptions options = {});
  ~World();

  /// Answers one request with the faults applied. `target` may be absolute or begin with the path. Never throws, never
  /// sleeps.
  /// `secure`: it came by HTTPS, and links in the answer say so.
  [[nodiscard]] Outcome serve(const net::Request& request, bool secure = false);
  /// The same for those who do not care about delays.
  [[nodiscard]] net::Response handle(const net::Request& request) { return serve(request).response; }
  /// Scheme and host by which a request has come: what links in its answer begin with.
  [[nodiscard]] std::string origin_of(const net::Request& request, bool secure) const;
  /// Where the world is served: WorldOptions::base_url from now on.
  void set_base_url(std::string url) { options_.base_url = std::move(url); }

  FaultInjector& faults() { return faults_; }
  Switches& switches() { return options_.switches; }
  /// Those that the world was made with.
  [[nodiscard]] const Switches& first_switches() const { return first_switches_; }
  /// Who drives the world lets it step.
  Robot& robot() { return robot_; }

  // Callbacks. Who runs the world makes the calls: over HTTP, or in-process under a virtual clock.

  /// The calls to subscribers that are to be made now; each must be answered by delivered().
  [[nodiscard]] std::vector<Delivery> due_deliveries();
  /// The subscriber's status; 0 when it gave none within kDeliveryTimeout.
  void delivered(std::int64_t delivery, int status);
  /// When due_deliveries() has something next; nothing when no message waits.
  [[nodiscard]] std::optional<Timestamp> next_delivery_at();
  /// Settings and what became of the last calls.
  [[nodiscard]] Deliveries& deliveries();

  // Inspection. `collection` is the path after "apis/3.0/" without ids: "service/tickets", "service/tickets/notes",
  // "service/boards/statuses", "company/companies", "time/entries"...

  [[nodiscard]] std::vector<std::string> tenants() const;
  /// For looking at tables without rendering; nullptr when there is none of this name.
  [[nodiscard]] const Tenant* tenant(std::string_view name) const { return tenant_named(name); }
  /// All objects in wire shape, by id; empty when tenant or collection do not exist.
  [[nodiscard]] std::vector<boost::json::object> list(std::string_view tenant, std::string_view collection) const;
  [[nodiscard]] std::optional<boost::json::object> find(std::string_view tenant, std::string_view collection,
                                                        std::int64_t id) const;
  [[nodiscard]] std::vector<boost::json::object> tickets(std::string_view tenant) const;
  [[nodiscard]] std::vector<boost::json::object> notes(std::string_view tenant, std::int64_t ticket) const;
  /// The id of the object whose name (or identifier, or summary) is this, ignoring case; `parent` narrows child
  /// collections (the board of a status). 0 when there is none.
  [[nodiscard]] std::int64_t id_of(std::string_view tenant, std::string_view collection, std::string_view name,
                                   std::int64_t parent = 0) const;
  [[nodiscard]] const std::deque<Call>& calls() const { return calls_; }
  void forget_calls() { calls_.clear(); }
  /// Which operations of ConnectWise's document have been answered with success.
  [[nodiscard]] const OperationCounts& exercised() const { return exercised_; }
  /// Counts of handled writes (POST, PUT, PATCH, DELETE) since the start: what a client has cost this tenant.
  [[nodiscard]] std::int64_t writes(std::string_view tenant) const;

  /// What a member does at the screen, answered as a request of that member's to the API would be: by the same rules
  /// and with the rights of the member's role. `path` is what follows apis/3.0/. It is no client's call: no fault or
  /// limit meets it, and it stands in no journal.
  net::Response act(std::string_view tenant, std::string_view member, std::string_view method, std::string_view path,
                    std::string_view body);
  /// Why the member may not do such a thing: which right is lacking, as a sentence; empty when none is.
  [[nodiscard]] std::string why_not(std::string_view tenant, std::string_view member, std::string_view method,
                                    std::string_view path);
  /// An administrator gives a member another role, in the name of no member; answered as the PATCH would be.
  net::Response give_role(std::string_view tenant, std::string_view member, std::string_view role);

  // What people in the MSP do by hand. False (or 0) when the thing does not exist or the PSA would refuse; `member` is
  // an identifier.

  bool set_owner(std::string_view tenant, std::int64_t ticket, std::string_view member);
  /// Any field, as a PATCH by a member would: set_field("sandbox", 1, "summary", "...").
  bool set_field(std::string_view tenant, std::int64_t ticket, std::string_view field, const boost::json::value& value,
                 std::string_view member = "jsmith");
  /// To a status of the ticket's own board, by name.
  bool move_status(std::string_view tenant, std::int64_t ticket, std::string_view status,
                   std::string_view member = "jsmith");
  /// To the board's plain closed status: ">Closed" rather than "Auto-Resolved".
  bool close_ticket(std::string_view tenant, std::int64_t ticket, std::string_view member = "jsmith");
  /// Where a note is shown.
  enum class NotePlace { discussion, internal, resolution };
  std::int64_t add_note(std::string_view tenant, std::int64_t ticket, std::string_view text,
                        NotePlace place = NotePlace::discussion, std::string_view member = "jsmith");
  std::int64_t enter_time(std::string_view tenant, std::int64_t ticket, std::string_view hours, std::string_view notes,
                          std::string_view member = "jsmith");
  /// Puts the ticket into the member's calendar; `by` is who does it.
  std::int64_t schedule(std::string_view tenant, std::int64_t ticket, std::string_view member, std::string_view by);
  /// Adds a task to the ticket and finishes it.
  std::int64_t finish_task(std::string_view tenant, std::int64_t ticket, std::string_view notes,
                           std::string_view member = "jsmith");
  /// Sends an invoice over all time that is booked on the ticket: its entries are billed.
  int bill_time(std::string_view tenant, std::int64_t ticket);
  bool delete_ticket(std::string_view tenant, std::int64_t ticket);
  /// Closes `child` into `parent`.
  bool merge_ticket(std::string_view tenant, std::int64_t parent, std::int64_t child,
                    std::string_view member = "jsmith");

  // Changes of the reference data, on any collection.

  bool rename(std::string_view tenant, std::string_view collection, std::int64_t id, std::string_view name);
  bool set_inactive(std::string_view tenant, std::string_view collection, std::int64_t id, bool inactive);
  /// Removes it, no questions asked; references to it disappear.
  bool erase(std::string_view tenant, std::string_view collection, std::int64_t id);
  bool set_role(std::string_view tenant, std::string_view role);
  /// What a role may do in a module function ("Service Tickets"): letters of AEDI, small ones for the member's own.
  bool set_rights(std::string_view tenant, std::string_view role, std::string_view function, std::string_view rights);
  /// One more pair of keys, in the name of a member.
  bool add_keys(std::string_view tenant, std::string_view member, std::string_view public_key,
                std::string_view private_key);
  bool set_keys(std::string_view tenant, std::string_view public_key, std::string_view private_key);
  /// A member signs in, as at the screen, and gets a hash for calls in the own name; nothing for who cannot.
  std::optional<MemberHash> sign_in(std::string_view tenant, std::string_view member);
  /// The server is upgraded: the old codebase no longer routes. "v2026_3/".
  bool set_codebase(std::string_view tenant, std::string_view codebase);

  /// Adds one more MSP; false when the login company is taken, or there is no such role or scenario.
  bool add_tenant(const TenantOptions& tenant);
  /// Back to the beginning: scenario, journal, faults, switches.
  void reset();

  /// Everything but faults and journal; load() fails with "sandbox.snapshot_unreadable".
  [[nodiscard]] boost::json::object save() const;
  [[nodiscard]] Result<void> load(const boost::json::object& snapshot);
  /// The same as lines of JSON, for worlds of any size.
  void save_to(std::ostream& out) const;
  [[nodiscard]] Result<void> load_from(std::istream& in);

  [[nodiscard]] Timestamp now() const { return now_(); }

 private:
  /// What a request is about, before anything is decided.
  struct Address {
    net::Target target;
    std::string origin;                 ///< "https://host"
    std::string codebase;               ///< as the client wrote it
    std::vector<std::string> api_path;  ///< behind "apis/3.0"
    std::string fault_path;             ///< "/service/tickets/5", "/login/companyinfo/x"
    bool is_api = false;
    std::string company_asked;  ///< of login/companyinfo
    bool is_callback_key = false;
    bool is_login = false;     ///< login.aspx
    std::string member;        ///< in whose name the keys act
    bool integrator = false;   ///< an integrator's user name and password instead of keys
    Tenant* tenant = nullptr;  ///< whose keys were shown, right or wrong
    bool authenticated = false;
    bool secure = false;  ///< it came by HTTPS
  };
  [[nodiscard]] Tenant* tenant_named(std::string_view name) const;
  [[nodiscard]] Address address_of(const net::Request& request, bool secure) const;
  void identify(const net::Request& request, Address& address) const;
  /// By the cookies of a member who has signed in.
  void identify_by_cookies(const net::Request& request, Address& address) const;
  [[nodiscard]] net::Response answer(const net::Request& request, const Address& address);
  /// What happens in the name of a member: what was before is told first, then what `answer` has changed.
  net::Response in_the_name_of(Tenant& tenant, const std::string& member, const std::function<net::Response()>& answer);
  /// By the version of the API that is played.
  [[nodiscard]] net::Response answer_in_version(Api& api, ApiRequest& request) const;
  [[nodiscard]] net::Response company_info(const Address& address) const;
  [[nodiscard]] net::Response log_in_at(const net::Request& request, const Address& address);
  /// Why the API is not even asked, if so: credentials, codebase, version, clientId.
  [[nodiscard]] std::optional<net::Response> turned_away(const net::Request& request, const Address& address,
                                                         bool open) const;
  /// Of the API, as every answer of it tells.
  [[nodiscard]] std::string_view version() const;
  /// Whether a tenant's server answers under this codebase.
  [[nodiscard]] bool routes(const Tenant& tenant, std::string_view codebase) const;
  void note_call(const net::Request& request, const Address& address, const Outcome& outcome);
  void seed(Tenant& tenant);
  [[nodiscard]] std::int64_t seconds() const;
  /// Agreements begin, expire and are cancelled as days pass.
  void renew_statuses(Tenant& tenant);
  /// Turns what has changed into messages to those who listen.
  void tell(Tenant& tenant);
  /// The API as a member uses it at the screen.
  [[nodiscard]] Api api_for(Tenant& tenant, const std::string& member) const;
  /// One operation of a PATCH on a ticket, by a member.
  bool patch_ticket(std::string_view tenant, std::int64_t ticket, boost::json::array operations,
                    std::string_view member);

  Now now_;
  WorldOptions options_;
  const Switches first_switches_;
  FaultInjector faults_;
  Robot robot_;
  std::unique_ptr<Deliveries> deliveries_;
  std::vector<std::unique_ptr<Tenant>> tenants_;
  /// What all tenants of a scenario and this moment begin with, and share until they change it: boards, members, roles,
  /// the catalog.
  std::map<std::string, std::unique_ptr<Tenant>> beginnings_;
  std::int64_t beginnings_at_ = 0;
  std::deque<Call> calls_;
  std::int64_t calls_total_ = 0;
  OperationCounts exercised_;
};

}  // namespace crosswalk::sandbox

#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/alert.h"
#include "psa/objects.h"

namespace crosswalk::mapping {

/// off: nothing is planned. test: everything is planned and nothing is sent. live: planned and applied.
enum class Mode { off, test, live };
[[nodiscard]] std::string_view to_string(Mode mode);
[[nodiscard]] std::optional<Mode> parse_mode(std::string_view text);

/// Who owns a field. product: we keep it so. psa: we only read it. create: set once, then left to the technicians.
enum class Ownership { product, psa, create };
[[nodiscard]] std::string_view to_string(Ownership ownership);

enum class ReopenPolicy { never, within, always, note_only };
/// What becomes of an alert that is still open when technicians close or remove its ticket. leave: nothing, and the
/// product is told; reopen_after: its ticket is re-opened when it is still open that much later (a removed one gets a
/// successor); new_ticket: the next report of it opens another one.
enum class StillOpenPolicy { leave, reopen_after, new_ticket };
/// Who is the ticket's contact when contact_from_alert finds nobody, and the mapping names nobody either.
enum class ContactFallback { none, company_default };
enum class AutoClose { close, note_only, never };  ///< close: status and note; note_only: note; never: neither
enum class AlertState { opened, updated, acknowledged, resolved, reopened };
inline constexpr int kAlertStateCount = 5;
[[nodiscard]] std::string_view to_string(AlertState state);

/// What says "a technician has taken this ticket over".
struct Takeover {
  bool owner_set = true;           ///< the ticket is assigned
  bool resource_scheduled = true;  ///< somebody is scheduled on it
  bool time_entered = true;
  bool status_moved = true;
  bool note_added = true;
  bool task_finished = true;
  bool project_linked = true;  ///< it has become a ticket of a project
  bool operator==(const Takeover&) const = default;
};

struct NoteTemplate {
  std::string text;  ///< Mustache
  psa::NoteKind kind = psa::NoteKind::internal;
  bool operator==(const NoteTemplate&) const = default;
};

/// What the alerts of one storm have in common: product, customer and condition; product, customer and site; product
/// and customer.
enum class StormBy { condition, site, customer };

/// The settings of alert to ticket. Every field is optional: what a level leaves out, the level below decides.
struct TicketSettings {
  std::optional<Mode> mode;
  /// Values by field; `status` is not among them (see `statuses`), nor `company` (see Document::customers), nor
  /// `summary` (a template).
  std::map<psa::TicketField, psa::Reference> fields;
  std::map<model::Severity, psa::Reference> priority_by_severity;
  std::map<AlertState, psa::Reference> statuses;
  std::optional<std::string> summary, description;  ///< Mustache
  std::map<std::string, NoteTemplate> notes;        ///< by kNoteNames
  std::map<psa::TicketField, Ownership> ownership;
  std::optional<model::Severity> severity_threshold;  ///< below it no ticket is opened
  std::map<model::Severity, Duration> hold_down;      ///< an alert must last this long before a ticket is opened
  std::optional<Duration> repeat_note_interval;
  std::optional<ReopenPolicy> reopen_policy;
  std::optional<Duration> reopen_window;
  std::optional<StillOpenPolicy> still_open_policy;
  std::optional<Duration> still_open_after;         ///< for reopen_after
  std::optional<int> flap_transitions;              ///< more than this many opens and closes ...
  std::optional<Duration> flap_window, flap_quiet;  ///< ... within this, until it was quiet for that
  std::optional<int> storm_alerts;                  ///< more than this many alerts of `storm_by` ...
  std::optional<Duration> storm_window;             ///< ... within this become one parent ticket
  std::optional<StormBy> storm_by;
  /// Of a storm of many conditions: how long after most have ended the others get tickets of their own.
  std::optional<Duration> storm_split_after;
  std::optional<AutoClose> auto_close;
  std::optional<Takeover> takeover;
  /// Members who are no people: workflow rules, bots. What they do is no takeover. Identifiers, as the PSA signs with.
  std::optional<std::vector<std::string>> automation_members;
  std::optional<bool> attach_configuration;  ///< link the device's configuration to the ticket
  std::optional<bool>
      contact_from_alert;  ///< the ticket's contact is the one of the company who has the alert's e-mail address
  std::optional<ContactFallback> contact_fallback;
  bool operator==(const TicketSettings&) const = default;
};

/// Names of the notes that a mapping can word: "repeated", "escalated", "acknowledged", "resolved",
/// "resolved_taken_over", "reopened", "recurred", "flapping", "members", "split".
inline constexpr std::array<std::string_view, 10> kNoteNames{
    "repeated", "escalated", "acknowledged", "resolved", "resolved_taken_over",
    "reopened", "recurred",  "flapping",     "members",  "split"};

/// A condition on one attribute of the alert, its device or its customer.
struct Condition {
  enum class Operator {
    equals,
    not_equals,
    in,
    not_in,
    contains,
    starts_with,
    ends_with,
    matches,
    greater,
    less,
    present,
    absent
  };
  std::string
      attribute;  ///< "severity", "condition", "product", "subject", "title", "alert.x", "device.x", "customer.x"
  Operator op = Operator::equals;
  std::vector<std::string> values;  ///< texts ignore case; severities compare by rank with greater and less
  bool operator==(const Condition&) const = default;
};

struct Rule {
  std::string name;
  std::vector<Condition> when;  ///< all must hold; empty: always
  TicketSettings set;
  bool operator==(const Rule&) const = default;
};

struct CustomerMapping {
  psa::Reference company;  ///< empty: not mapped
  bool excluded = false;   ///< never make tickets
  TicketSettings settings;
  bool operator==(const CustomerMapping&) const = default;
};

struct UnknownCustomer {
  enum class Policy { hold, catch_all } policy = Policy::hold;
  psa::Reference company;  ///< for catch_all
  bool operator==(const UnknownCustomer&) const = default;
};

/// One-off (starts_at..ends_at) or weekly in a time zone; in force for alerts that fit `when`.
struct MaintenanceWindow {
  std::string name;
  std::vector<Condition> when;
  std::optional<Timestamp> starts_at, ends_at;
  std::vector<int> weekdays;            ///< 1 Monday .. 7 Sunday, for weekly ones
  std::optional<Duration> from, until;  ///< of the day, local; `until` at or before `from` reaches into the next day
  std::string time_zone = "UTC";        ///< IANA name
  bool operator==(const MaintenanceWindow&) const = default;
};

/// The mapping document of "alert_to_ticket": per partner, versioned, draft and live.
struct Document {
  std::optional<Timestamp> go_live_at;  ///< alerts raised before it never open tickets
  TicketSettings settings;              ///< partner level; `mode` is the workflow's
  UnknownCustomer unknown_customer;
  psa::Reference triage_board;                       ///< where tickets go when the mapped board is gone
  std::map<std::string, CustomerMapping> customers;  ///< by the product's customer id
  std::vector<Rule> rules;
  std::vector<MaintenanceWindow> maintenance_windows;
  bool operator==(const Document&) const = default;
};

/// A problem of a document or of a plan, in words. `pointer` is a JSON pointer into the document.
struct Problem {
  enum class Level { error, warning } level = Level::error;
  std::string code;  ///< catalogue code
  std::string pointer;
  std::string message;  ///< what is wrong, what was expected
  bool operator==(const Problem&) const = default;
};

/// Reads a document: JSON syntax, then the published JSON Schema, then what a schema cannot say (templates compile,
/// patterns compile, time zones exist, windows end after they start). All problems at once; a document with errors is
/// never returned.
struct Parsed {
  std::optional<Document> document;
  std::vector<Problem> problems;
};
[[nodiscard]] Parsed parse_document(std::string_view json);
[[nodiscard]] boost::json::object to_json(const Document& document);

/// What the vendor ships: recipes/alert-to-ticket.json, the lowest level of precedence. Every setting that the workflow
/// needs is set in it.
[[nodiscard]] const Document& vendor_defaults();
/// The published JSON Schema.
[[nodiscard]] std::string_view json_schema();

/// Checks a document against what the partner's PSA has: ids that do not exist or are inactive, a closed status as the
/// opened one, a resolved status that does not close, a status of another board, a renamed reference (a warning that
/// says the new name).
[[nodiscard]] std::vector<Problem> check_references(const Document& document, const psa::ReferenceData& reference_data);

}  // namespace crosswalk::mapping

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/session.h"

namespace crosswalk::cli {

// The verbs. Each asks the server's API, shows the answer and says how it went.

// partners ------------------------------------------------------------------------------------------------------------

/// What partners add and partners edit set; absent: left as it is.
struct PartnerOptions {
  std::string id;
  std::optional<std::string> name, provider, site, company, client_id, public_key, private_key;
  std::string private_key_file;  ///< "-": the standard input
};
[[nodiscard]] ExitCode partners_add(Session& session, const PartnerOptions& options);
[[nodiscard]] ExitCode partners_edit(Session& session, const PartnerOptions& options);
[[nodiscard]] ExitCode partners_list(Session& session);
[[nodiscard]] ExitCode partners_show(Session& session, const std::string& partner);
/// Takes back what Crosswalk has registered in the PSA, and pauses.
[[nodiscard]] ExitCode partners_disconnect(Session& session, const std::string& partner);
struct RemovalOptions {
  std::string partner, grace;  ///< grace empty: as the server has it
  bool yes = false;            ///< do not ask
};
/// Shows what it does, and asks; nothing is erased before the grace is over.
[[nodiscard]] ExitCode partners_remove(Session& session, const RemovalOptions& options);
/// Takes a removal back.
[[nodiscard]] ExitCode partners_keep(Session& session, const std::string& partner);
[[nodiscard]] ExitCode partners_pause(Session& session, const std::string& partner, bool paused);

// mapping -------------------------------------------------------------------------------------------------------------

struct MappingOptions {
  std::string partner, workflow = "alert_to_ticket", file, comment;
  std::string backlog;  ///< "skip" or "open"; empty: a person at a terminal is asked, else skip
  enum class Which { newest_in_force, draft, live } which = Which::newest_in_force;
  std::int64_t version = 0;  ///< 0: by `which`
  bool skip_reference_check = false, suggest = false;
  std::vector<std::string> settings;  ///< of `set`: "defaults.board=Help Desk"
  std::int64_t from = 0, to = 0;      ///< of `diff`; 0: what is in force, the draft
  bool replace_draft = false;         ///< of `rollback`
  std::string seen;  ///< the etag of what a change has begun with; empty: whatever is there is replaced
};
[[nodiscard]] ExitCode mapping_show(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_edit(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_validate(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_publish(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_history(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_set(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_diff(Session& session, const MappingOptions& options);
[[nodiscard]] ExitCode mapping_rollback(Session& session, const MappingOptions& options);

/// The document to begin a change with: the draft, else what is in force, else an empty one in test mode. Remembers in
/// the options what was seen, so that put_mapping_draft replaces that and nothing newer.
[[nodiscard]] Outcome<json::object> mapping_to_begin_with(Client& client, MappingOptions& options);
/// Makes the document the draft; answers the version that it has become.
[[nodiscard]] Outcome<json::object> put_mapping_draft(Client& client, const MappingOptions& options,
                                                      const json::value& document);
/// Says which version is the draft now, and what comes next until `document` sends something.
[[nodiscard]] ExitCode show_kept_draft(Session& session, const MappingOptions& options, const json::object& kept,
                                       const json::object& document);

// backup and restore
// ---------------------------------------------------------------------------------------------------

struct RestoreOptions {
  std::string source;      ///< folder that `crosswalk backup` has made
  bool replace = false;    ///< put aside what the data folder holds
  bool mark_only = false;  ///< the copy is in its place already
};
[[nodiscard]] ExitCode show_backup(Session& session, const json::object& made);
[[nodiscard]] ExitCode show_restore(Session& session, const json::object& done, bool mark_only);

// customers -----------------------------------------------------------------------------------------------------------

struct CustomersOptions {
  std::string partner;
  std::string state;                     ///< only these; empty: all
  std::string csv_file, file_to_import;  ///< "-": the standard output, the standard input
  bool accept = false, dry_run = false, allow_shared = false;
};
/// Shows which company each customer is, or writes that into a file, or puts it into the mapping's draft.
[[nodiscard]] ExitCode customers(Session& session, const CustomersOptions& options);

// verify, drift, forget ---------------------------------------------------------------------------------------------

/// Exit code `problems` when something is not as we believe.
[[nodiscard]] ExitCode verify(Session& session, const std::string& partner);
/// `check`: compared with the PSA, and mended there, before it is shown.
[[nodiscard]] ExitCode callbacks(Session& session, const std::string& partner, bool check);
[[nodiscard]] ExitCode drift(Session& session, const std::string& partner);

struct ForgetOptions {
  std::string partner, kind = "contact", key;
};
[[nodiscard]] ExitCode forget(Session& session, const ForgetOptions& options);

// plan, apply, records, explain, replay -------------------------------------------------------------------------------

struct PlanOptions {
  std::string partner, customer, show;
  bool save = false, draft = false;
};
[[nodiscard]] ExitCode plan(Session& session, const PlanOptions& options);
[[nodiscard]] ExitCode apply(Session& session, const std::string& partner, const std::string& plan_id);

struct RecordsOptions {
  std::string partner, kind, state;
  std::int64_t limit = 100;
  bool all = false;
};
[[nodiscard]] ExitCode records(Session& session, const RecordsOptions& options);

/// All pages that are asked for, as one.
[[nodiscard]] Outcome<json::object> collect_records(Client& client, const RecordsOptions& options);

/// How a command line names a record: [PARTNER] [KIND] KEY, or --partner and --kind in their places.
struct RecordWords {
  std::vector<std::string> words;
  std::string partner, kind;
};
[[nodiscard]] ExitCode explain_record(Session& session, const RecordWords& record);
/// One record, as it was named.
struct NamedRecord {
  std::string partner, kind = "alert", key;  ///< key empty: none was named
  bool kind_given = false;                   ///< the kind was said; else what is found may be of another
};
/// "#1010" or "1010": what may be the number of a ticket.
[[nodiscard]] bool is_number(std::string_view text);
/// Kinds of records.
[[nodiscard]] std::vector<std::string_view> record_kinds();
/// Of what is no key that the server knows: by a ticket's number ("#1010"), a device's id or words of a title. The exit
/// code when there is none, or there are several: that was told then. `unknown`: what the server has said to the key.
[[nodiscard]] tl::expected<NamedRecord, ExitCode> find_record(Session& session, const NamedRecord& named,
                                                              const Failure& unknown);
/// Without a key: all records of the partner.
[[nodiscard]] ExitCode replay(Session& session, const RecordWords& record);

// events --------------------------------------------------------------------------------------------------------------

struct EventOptions {
  std::string file;  ///< "-": the standard input; empty: built from the rest
  std::string partner, type = "alert.raised.v1", source = "/crosswalk/cli", id, time;
  /// Members of the event's data, as given: "customer" -> "contoso".
  std::vector<std::pair<std::string, std::string>> data;
  std::vector<std::string> attributes;  ///< "name=value"
  bool acknowledged = false, dry_run = false;
};
[[nodiscard]] ExitCode events_send(Session& session, const EventOptions& options);

/// Sends them in as few requests as the limits allow; the sum of the reports.
[[nodiscard]] Outcome<json::object> send_events(Client& client, const json::array& events);

struct SnoozeOptions {
  std::string partner, key, customer, reason, by;
  std::string until;  ///< a duration from now ("7d") or a time; needed, unless `end`
  bool all_open = false, end = false;
};
[[nodiscard]] ExitCode snooze(Session& session, const SnoozeOptions& options);

/// CloudEvents in a text: one object, an array of them, or one object a line. `partner` is put where an event names
/// none.
[[nodiscard]] Outcome<json::array> read_events(const std::string& text, const std::string& source,
                                               const std::string& partner);

// keys ----------------------------------------------------------------------------------------------------------------

struct KeyOptions {
  std::string name, partner, role;
  std::string expires;  ///< a duration from now ("90d") or a time; empty: never
  bool offline = false;
};
[[nodiscard]] ExitCode keys_create(Session& session, const KeyOptions& options);
[[nodiscard]] ExitCode keys_list(Session& session);
/// `key`: its id, or its name when no other valid key has that.
[[nodiscard]] ExitCode keys_revoke(Session& session, const std::string& key);
/// Whether the options say what the key is for, before anybody is asked.
[[nodiscard]] Outcome<void> check_key(const KeyOptions& options);
/// Absent when `expires` is empty; fails with ExitCode::usage when it is neither a duration nor a time. `option`: where
/// it was given.
[[nodiscard]] Outcome<std::optional<Timestamp>> parse_expiry(const std::string& expires, Timestamp now,
                                                             std::string_view option = "--expires");
/// The key alone to stdout, so that a script can take it; the words to stderr.
void show_new_key(Session& session, const json::object& key);

// audit ---------------------------------------------------------------------------------------------------------------

struct AuditOptions {
  std::string partner, act;
  std::int64_t limit = 100, before = 0;  ///< before 0: from the newest
};
/// What was done to the installation, by whom and when, newest first.
[[nodiscard]] ExitCode audit(Session& session, const AuditOptions& options);

// doctor, config ------------------------------------------------------------------------------------------------------

[[nodiscard]] ExitCode doctor(Session& session, const std::string& partner);
[[nodiscard]] ExitCode config_check(Session& session);

}  // namespace crosswalk::cli

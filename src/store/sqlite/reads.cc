#include "store/sqlite/reads.h"

#include <algorithm>
#include <array>
#include <limits>

#include "store/sqlite/digests.h"
#include "store/sqlite/parked_text.h"

namespace crosswalk::store {
namespace {

#define EVENT_COLUMNS "sequence, partner, source, id, type, kind, key, time, received_at, data"
constexpr int kPartnerOfEvent = 1;

EventRow event_of(const Statement& row) {
  return {.sequence = row.integer(0),
          .partner = row.text(kPartnerOfEvent),
          .source = row.text(2),
          .id = row.text(3),
          .type = row.text(4),
          .kind = row.text(5),
          .key = row.text(6),
          .time = row.time(7),
          .received_at = row.time(8),
          .data = row.text(9),
          .told = {}};
}

#define RECORD_COLUMNS                                                                                    \
  "partner, kind, key, version, group_key, raised_at, open, due_at, lane, attempts, parked_code, state, " \
  "needed_since, parked, refers_to"

RecordRow record_of(const Statement& row) {
  return {.ref = {row.text(0), row.text(1), row.text(2)},
          .version = row.integer(3),
          .state = row.text(11),
          .group_key = row.text(4),
          .refers_to = row.text(14),
          .raised_at = row.optional_time(5),
          .open = row.flag(6),
          .due_at = row.optional_time(7),
          .lane = static_cast<int>(row.integer(8)),
          .parked = parked_of(row.text(10), row.text(13)),
          .attempts = static_cast<int>(row.integer(9)),
          .needed_since = row.optional_time(12)};
}

template <class Row>
std::vector<Row> all(Statement& statement, Row (*row_of)(const Statement&)) {
  std::vector<Row> rows;
  while (statement.next()) rows.push_back(row_of(statement));
  return rows;
}

/// SQLite takes a negative limit for none.
std::int64_t limit_of(std::size_t count_max) {
  constexpr auto kLargest = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(count_max, kLargest));
}

constexpr const char* kFolded = "SELECT min(sequence) FROM folded WHERE slot % ?1 = ?2";
constexpr const char* kFoldedBeyond = "SELECT slot, sequence FROM folded WHERE sequence > ?1";
constexpr const char* kNewestEvent = "SELECT coalesce(max(sequence), 0) FROM events";

std::int64_t one_integer(Connection& connection, const char* query) {
  Statement statement = connection.prepare(query);
  return statement.next() ? statement.integer(0) : 0;
}

}  // namespace

std::int64_t read_folded(Connection& connection, const Share& share) {
  Statement statement = connection.prepare(kFolded);
  return statement.with(std::int64_t{share.every}, std::int64_t{share.first}).next() ? statement.integer(0) : 0;
}
std::int64_t read_newest_event(Connection& connection) { return one_integer(connection, kNewestEvent); }

static constexpr const char* kRestoredAt = "SELECT restored_at FROM progress WHERE id = 1";

std::optional<Timestamp> read_restored_at(Connection& connection) {
  Statement statement = connection.prepare(kRestoredAt);
  return statement.next() ? statement.optional_time(0) : std::nullopt;
}

static constexpr const char* kEventsAfter =
    "SELECT " EVENT_COLUMNS " FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";

std::vector<EventRow> read_events_after(Connection& connection, std::int64_t sequence, std::size_t count_max) {
  Statement statement = connection.prepare(kEventsAfter);
  return all(statement.with(sequence, limit_of(count_max)), event_of);
}

Unfolded read_unfolded(Connection& connection, const Share& share, std::int64_t after, std::size_t count_max) {
  // Where the shares were others before, some slots are ahead.
  std::array<std::int64_t, kSlots> folded{};
  Statement beyond = connection.prepare(kFoldedBeyond);
  for (beyond.with(after); beyond.next();) folded.at(static_cast<std::size_t>(beyond.integer(0))) = beyond.integer(1);
  Unfolded unfolded{{}, after};
  Statement statement = connection.prepare(kEventsAfter);
  statement.with(after, limit_of(count_max));
  while (statement.next()) {
    unfolded.through = statement.integer(0);
    const std::string partner = statement.text(kPartnerOfEvent);
    if (share.has(partner) && folded.at(static_cast<std::size_t>(slot_of(partner))) < unfolded.through)
      unfolded.events.push_back(event_of(statement));
  }
  return unfolded;
}

static constexpr const char* kRecord =
    "SELECT " RECORD_COLUMNS " FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3";

std::vector<std::optional<RecordRow>> read_records(Connection& connection, std::span<const RecordKey> refs) {
  std::vector<std::optional<RecordRow>> rows;
  rows.reserve(refs.size());
  for (const RecordKey& ref : refs) {
    Statement statement = connection.prepare(kRecord);
    std::optional<RecordRow>& row = rows.emplace_back();
    if (statement.with(ref.partner, ref.kind, ref.key).next()) row = record_of(statement);
  }
  return rows;
}

static constexpr const char* kNextLane = R"(
  SELECT lane FROM records INDEXED BY records_due
  WHERE partner = ?1 AND lane >= ?2 AND due_at IS NOT NULL ORDER BY lane LIMIT 1)";
static constexpr const char* kDueOfLane = "SELECT " RECORD_COLUMNS R"( FROM records INDEXED BY records_due
  WHERE partner = ?1 AND lane = ?2 AND due_at <= ?3 ORDER BY due_at, row)";

/// The longest kept of one lane. A row is large to read: of one that is left out, its key alone is.
static void add_due(Connection& connection, const std::string& partner, std::int64_t lane, Timestamp until,
                    std::size_t room, const std::set<RecordKey>& except, std::vector<RecordRow>& rows) {
  if (room == 0) return;
  Statement statement = connection.prepare(kDueOfLane);
  statement.with(partner, lane, until);
  const std::size_t full = rows.size() + room;
  while (rows.size() < full && statement.next())
    if (except.empty() || !except.contains({partner, statement.text(1), statement.text(2)}))
      rows.push_back(record_of(statement));
}

std::vector<RecordRow> read_due(Connection& connection, const std::string& partner, Timestamp now,
                                std::size_t count_max, int lane_max, const std::set<RecordKey>& except) {
  // Lane by lane, because one query over all lanes would read through everything that is due later.
  std::vector<RecordRow> patient;
  const std::size_t patient_max = count_max / 4;
  for (int lane = record_lane::kHigh; lane <= std::min(lane_max, record_lane::kInfo); ++lane)
    add_due(connection, partner, lane, now - kPatience, patient_max - patient.size(), except, patient);
  std::vector<RecordRow> rows;
  // A row is large to move.
  constexpr std::size_t kRoom = 128;
  rows.reserve(std::min(count_max, kRoom));
  std::int64_t lane_min = std::numeric_limits<std::int64_t>::min();
  while (rows.size() < count_max) {
    Statement lanes = connection.prepare(kNextLane);
    if (!lanes.with(partner, lane_min).next()) break;
    const std::int64_t lane = lanes.integer(0);
    if (lane > lane_max) break;
    add_due(connection, partner, lane, now, count_max - rows.size(), except, rows);
    lane_min = lane + 1;
  }
  // Those who have waited long are among the first where less urgent ones would be left out.
  for (RecordRow& each : patient) {
    const bool there = std::ranges::any_of(rows, [&](const RecordRow& row) { return row.ref == each.ref; });
    if (there) continue;
    if (rows.size() >= count_max) rows.pop_back();
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), patient_max)), std::move(each));
  }
  return rows;
}

static constexpr const char* kNextDue = R"(
  SELECT partner, lane, due_at FROM records INDEXED BY records_due
  WHERE due_at IS NOT NULL AND (partner, lane) > (?1, ?2) ORDER BY partner, lane, due_at LIMIT 1)";

std::vector<Store::PartnerDue> read_due_partners(Connection& connection) {
  // Leaps from one (partner, lane) to the next: a seek each, however many records wait in it.
  std::vector<Store::PartnerDue> due;
  std::string partner;
  std::int64_t lane = std::numeric_limits<std::int64_t>::min();
  for (;;) {
    Statement statement = connection.prepare(kNextDue);
    if (!statement.with(partner, lane).next()) return due;
    std::string next = statement.text(0);
    const Timestamp earliest = statement.time(2);
    if (due.empty() || due.back().partner != next) {
      due.push_back({next, earliest});
    } else {
      due.back().earliest = std::min(due.back().earliest, earliest);
    }
    lane = statement.integer(1);
    partner = std::move(next);
  }
}

static constexpr const char* kNextDueOfPartner = R"(
  SELECT due_at FROM records INDEXED BY records_due
  WHERE partner = ?1 AND lane = ?2 AND due_at > ?3 ORDER BY due_at LIMIT 1)";

std::optional<Timestamp> read_earliest_due(Connection& connection, const std::string& partner, Timestamp after) {
  std::optional<Timestamp> earliest;
  std::int64_t lane_min = std::numeric_limits<std::int64_t>::min();
  for (;;) {
    Statement lanes = connection.prepare(kNextLane);
    if (!lanes.with(partner, lane_min).next()) return earliest;
    const std::int64_t lane = lanes.integer(0);
    Statement statement = connection.prepare(kNextDueOfPartner);
    if (statement.with(partner, lane, after).next())
      earliest = std::min(earliest.value_or(statement.time(0)), statement.time(0));
    lane_min = lane + 1;
  }
}

static LinkRow link_of(const Statement& row) {
  return {.ref = {row.text(0), row.text(1), row.text(2)},
          .anchor = row.text(3),
          .provider = row.text(4),
          .object_kind = row.text(5),
          .object_id = row.text(6),
          .external_reference = row.text(7),
          .state = row.text(8),
          .stale = row.flag(9),
          .looked_at_for = {}};
}

#define LINK_COLUMNS "partner, kind, key, anchor, provider, object_kind, object_id, external_reference, state, stale"

static constexpr const char* kLinks = "SELECT " LINK_COLUMNS R"( FROM links
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 ORDER BY anchor)";

std::vector<LinkRow> read_links(Connection& connection, std::span<const RecordKey> refs) {
  std::vector<LinkRow> rows;
  for (const RecordKey& ref : refs) {
    Statement statement = connection.prepare(kLinks);
    statement.with(ref.partner, ref.kind, ref.key);
    while (statement.next()) rows.push_back(link_of(statement));
  }
  return rows;
}

static constexpr const char* kLinksTo = "SELECT " LINK_COLUMNS R"( FROM links INDEXED BY links_object
  WHERE partner = ?1 AND object_kind = ?2 AND object_id = ?3 ORDER BY kind, key, anchor)";

std::vector<LinkRow> read_links_to(Connection& connection, const std::string& partner, const std::string& object_kind,
                                   std::span<const std::string> object_ids) {
  std::vector<LinkRow> rows;
  for (const std::string& id : object_ids) {
    Statement statement = connection.prepare(kLinksTo);
    statement.with(partner, object_kind, id);
    while (statement.next()) rows.push_back(link_of(statement));
  }
  return rows;
}

static constexpr const char* kLinkedObjects = R"(
  SELECT object_id, partner, kind, key FROM links INDEXED BY links_object
  WHERE partner = ?1 AND object_kind = ?2 ORDER BY object_id)";

std::vector<Store::LinkedObject> read_linked_objects(Connection& connection, const std::string& partner,
                                                     const std::string& object_kind) {
  std::vector<Store::LinkedObject> objects;
  Statement statement = connection.prepare(kLinkedObjects);
  statement.with(partner, object_kind);
  while (statement.next())
    objects.push_back({statement.text(0), {statement.text(1), statement.text(2), statement.text(3)}});
  return objects;
}

static constexpr const char* kLeaving = R"(
  SELECT count(*) FILTER (WHERE open = 1 AND raised_at <= ?3),
    count(*) FILTER (WHERE parked_code = ?4), count(*)
  FROM records INDEXED BY records_key
  WHERE partner = ?1 AND kind = ?2)";

Store::Leaving read_leaving(Connection& connection, const std::string& partner, const std::string& kind,
                            Timestamp seen_until, const std::string& held) {
  Statement statement = connection.prepare(kLeaving);
  if (!statement.with(partner, kind, seen_until, held).next()) return {};
  return {.about_to = statement.integer(0), .held = statement.integer(1), .of = statement.integer(2)};
}

static std::vector<std::string> all_texts(Statement statement) {
  std::vector<std::string> texts;
  while (statement.next()) texts.push_back(statement.text(0));
  return texts;
}

static constexpr const char* kLinkedPartners =
    "SELECT partner FROM totals WHERE links > 0 UNION SELECT partner FROM sweeps ORDER BY partner";

std::vector<std::string> read_linked_partners(Connection& connection) {
  return all_texts(connection.prepare(kLinkedPartners));
}

static constexpr const char* kMappedPartners =
    "SELECT DISTINCT partner FROM mappings WHERE state = 'live' ORDER BY partner";

std::vector<std::string> read_mapped_partners(Connection& connection) {
  return all_texts(connection.prepare(kMappedPartners));
}

static constexpr const char* kWithoutOffers =
    "SELECT partner FROM sweeps WHERE kind = 'company.offer' AND changed_until = 0 ORDER BY partner";

std::vector<std::string> read_partners_without_offers(Connection& connection) {
  return all_texts(connection.prepare(kWithoutOffers));
}

static constexpr const char* kOffers =
    "SELECT partner, kind, object_id, digest FROM offers WHERE partner = ?1 AND kind = ?2 ORDER BY object_id";

std::vector<OfferRow> read_offers(Connection& connection, const std::string& partner, const std::string& kind) {
  std::vector<OfferRow> rows;
  Statement statement = connection.prepare(kOffers);
  statement.with(partner, kind);
  while (statement.next()) rows.push_back({statement.text(0), statement.text(1), statement.text(2), statement.text(3)});
  return rows;
}

#define CONNECTION_COLUMNS "partner, state, since, code, message, reached_at, hidden"
static constexpr const char* kConnection = "SELECT " CONNECTION_COLUMNS " FROM connections WHERE partner = ?1";
static constexpr const char* kConnections = "SELECT " CONNECTION_COLUMNS " FROM connections ORDER BY partner";
#undef CONNECTION_COLUMNS

std::vector<ConnectionRow> read_connections(Connection& connection, const std::string& partner) {
  std::vector<ConnectionRow> rows;
  Statement statement = connection.prepare(partner.empty() ? kConnections : kConnection);
  if (!partner.empty()) statement.with(partner);
  while (statement.next())
    rows.push_back({statement.text(0), statement.text(1), statement.time(2), statement.text(3), statement.text(4),
                    statement.optional_time(5), statement.text(6)});
  return rows;
}

static constexpr const char* kSweeps =
    "SELECT partner, kind, changed_until, compared_at FROM sweeps WHERE partner = ?1 ORDER BY kind";

std::vector<SweepRow> read_sweeps(Connection& connection, const std::string& partner) {
  std::vector<SweepRow> rows;
  Statement statement = connection.prepare(kSweeps);
  statement.with(partner);
  while (statement.next()) rows.push_back({statement.text(0), statement.text(1), statement.time(2), statement.time(3)});
  return rows;
}

#define CALLBACK_COLUMNS "partner, kind, entry, made_at, checked_at, heard_at, missed_since, missed, problem"
static constexpr const char* kCallbacks =
    "SELECT " CALLBACK_COLUMNS " FROM callbacks WHERE partner = ?1 ORDER BY partner, kind";
static constexpr const char* kAllCallbacks = "SELECT " CALLBACK_COLUMNS " FROM callbacks ORDER BY partner, kind";
#undef CALLBACK_COLUMNS

std::vector<CallbackRow> read_callbacks(Connection& connection, const std::string& partner) {
  std::vector<CallbackRow> rows;
  Statement statement = connection.prepare(partner.empty() ? kAllCallbacks : kCallbacks);
  if (!partner.empty()) statement.with(partner);
  while (statement.next())
    rows.push_back({statement.text(0), statement.text(1), statement.text(2), statement.time(3), statement.time(4),
                    statement.optional_time(5), statement.optional_time(6), static_cast<int>(statement.integer(7)),
                    statement.text(8)});
  return rows;
}

static constexpr const char* kFound = "SELECT " RECORD_COLUMNS R"( FROM records
  WHERE partner = ?1 AND kind <> 'group' AND (instr(lower(key), ?2) > 0 OR instr(lower(state), ?2) > 0)
  ORDER BY open DESC, row DESC)";

std::vector<RecordRow> read_found(Connection& connection, const std::string& partner,
                                  std::span<const std::string> words, std::size_t count_max) {
  if (words.empty()) return {};
  const auto lower = [](std::string text) {
    for (char& each : text)
      if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
    return text;
  };
  std::vector<std::string> wanted;
  for (const std::string& each : words) wanted.push_back(lower(each));
  std::vector<RecordRow> found;
  Statement statement = connection.prepare(kFound);
  statement.with(partner, wanted.front());
  while (found.size() < count_max && statement.next()) {
    RecordRow row = record_of(statement);
    const std::string text = lower(row.ref.key + "\n" + row.state);
    const auto is_there = [&](const std::string& word) { return text.find(word) != std::string::npos; };
    if (std::ranges::all_of(wanted, is_there)) found.push_back(std::move(row));
  }
  return found;
}

static constexpr const char* kGroupMembers = "SELECT " RECORD_COLUMNS R"( FROM records INDEXED BY records_group
  WHERE partner = ?1 AND group_key = ?2 AND group_key <> '' AND raised_at >= ?3 ORDER BY raised_at, row LIMIT ?4)";

std::vector<RecordRow> read_group_members(Connection& connection, const std::string& partner,
                                          const std::string& group_key, Timestamp since, std::size_t count_max) {
  Statement statement = connection.prepare(kGroupMembers);
  return all(statement.with(partner, group_key, since, limit_of(count_max)), record_of);
}

static constexpr const char* kGroupCount = R"(SELECT count(*), coalesce(sum(open), 0) FROM records
  INDEXED BY records_group WHERE partner = ?1 AND group_key = ?2 AND group_key <> '' AND raised_at >= ?3)";

Store::GroupCount read_group_count(Connection& connection, const std::string& partner, const std::string& group_key,
                                   Timestamp since) {
  Statement statement = connection.prepare(kGroupCount);
  statement.with(partner, group_key, since);
  if (!statement.next()) return {};
  return {statement.integer(0), statement.integer(1)};
}

static constexpr const char* kOpenGroupMembers = "SELECT " RECORD_COLUMNS R"( FROM records INDEXED BY records_group
  WHERE partner = ?1 AND group_key = ?2 AND group_key <> '' AND open = 1 ORDER BY raised_at, row LIMIT ?3)";

std::vector<RecordRow> read_open_group_members(Connection& connection, const std::string& partner,
                                               const std::string& group_key, std::size_t count_max) {
  Statement statement = connection.prepare(kOpenGroupMembers);
  return all(statement.with(partner, group_key, limit_of(count_max)), record_of);
}

#define LIST_FILTER                                                                                               \
  " AND (?5 = 0 OR due_at IS NOT NULL) AND (?6 = 0 OR open = 1)"                                                  \
  " AND (?7 = 0 OR (due_at IS NULL AND parked_code = '')) AND (?8 IS NULL OR (due_at > ?8 AND parked_code = ''))" \
  " ORDER BY kind, key LIMIT ?4"
static constexpr const char* kListRecords = "SELECT " RECORD_COLUMNS
                                            " FROM records INDEXED BY records_key "
                                            "WHERE partner = ?1 AND (kind, key) > (?2, ?3)" LIST_FILTER;
static constexpr const char* kListRecordsOfKind = "SELECT " RECORD_COLUMNS
                                                  " FROM records INDEXED BY records_key "
                                                  "WHERE partner = ?1 AND kind = ?2 AND key > ?3" LIST_FILTER;
static constexpr const char* kListParked =
    "SELECT " RECORD_COLUMNS
    " FROM records INDEXED BY records_parked "
    "WHERE partner = ?1 AND parked_code <> '' AND (kind, key) > (?2, ?3)" LIST_FILTER;
static constexpr const char* kListParkedOfKind =
    "SELECT " RECORD_COLUMNS
    " FROM records INDEXED BY records_parked "
    "WHERE partner = ?1 AND parked_code <> '' AND kind = ?2 AND key > ?3" LIST_FILTER;

std::vector<RecordRow> read_record_list(Connection& connection, const Store::RecordQuery& query) {
  const std::string_view after = query.key_after;
  const std::size_t cut = std::min(after.find('\n'), after.size());
  const std::string_view key_after = cut < after.size() ? after.substr(cut + 1) : std::string_view{};
  const bool any_kind = query.kind.empty();
  const char* list =
      query.parked_only ? (any_kind ? kListParked : kListParkedOfKind) : (any_kind ? kListRecords : kListRecordsOfKind);
  Statement statement = connection.prepare(list);
  statement.with(query.partner, any_kind ? after.substr(0, cut) : std::string_view(query.kind), key_after,
                 limit_of(query.count_max), query.due_only, query.open_only, query.settled_only, query.due_after);
  return all(statement, record_of);
}

// The digest finds the rows; comparing the key itself keeps a collision out.
static constexpr const char* kEventsOf = "SELECT " EVENT_COLUMNS R"( FROM events INDEXED BY events_record
  WHERE record = ?1 AND partner = ?2 AND kind = ?3 AND key = ?4 ORDER BY sequence DESC LIMIT ?5)";

std::vector<EventRow> read_events_of(Connection& connection, const RecordKey& ref, std::size_t count_max) {
  Statement statement = connection.prepare(kEventsOf);
  statement.with(record_digest(ref), ref.partner, ref.kind, ref.key, limit_of(count_max));
  return all(statement, event_of);
}

static JournalRow journal_row_of(const Statement& row) {
  return {.sequence = row.integer(0),
          .ref = {row.text(1), row.text(2), row.text(3)},
          .at = row.time(4),
          .entry = row.text(5)};
}

static constexpr const char* kJournalOf = R"(
  SELECT sequence, partner, kind, key, at, entry FROM journal
  WHERE partner = ?1 AND kind = ?2 AND key = ?3 ORDER BY sequence DESC LIMIT ?4)";

std::vector<JournalRow> read_journal_of(Connection& connection, const RecordKey& ref, std::size_t count_max) {
  Statement statement = connection.prepare(kJournalOf);
  return all(statement.with(ref.partner, ref.kind, ref.key, limit_of(count_max)), journal_row_of);
}

// Events, records and links are kept counted; what is due or parked is few, and its index holds nothing else.
static constexpr const char* kCounts = R"(
  SELECT coalesce(sum(events), 0), coalesce(sum(records), 0), coalesce(sum(links), 0),
    (SELECT count(*) FROM records INDEXED BY records_due WHERE partner = ?1 AND due_at IS NOT NULL),
    (SELECT count(*) FROM records INDEXED BY records_parked WHERE partner = ?1 AND parked_code <> '')
  FROM totals WHERE partner = ?1)";
static constexpr const char* kCountsOfAll = R"(
  SELECT coalesce(sum(events), 0), coalesce(sum(records), 0), coalesce(sum(links), 0),
    (SELECT count(*) FROM records INDEXED BY records_due WHERE due_at IS NOT NULL),
    (SELECT count(*) FROM records INDEXED BY records_parked WHERE parked_code <> '')
  FROM totals)";

Store::Counts read_counts(Connection& connection, const std::string& partner) {
  Statement statement = connection.prepare(partner.empty() ? kCountsOfAll : kCounts);
  if (!partner.empty()) statement.with(partner);
  if (!statement.next()) return {};
  return {.events = statement.integer(0),
          .records = statement.integer(1),
          .due = statement.integer(3),
          .parked = statement.integer(4),
          .links = statement.integer(2)};
}

}  // namespace crosswalk::store

#include "store/sqlite/forget.h"

#include <array>

#include "base/text.h"
#include "store/sqlite/digests.h"

namespace crosswalk::store {
namespace {

/// Shorter texts stand in everything.
constexpr std::size_t kTextCharactersMin = 4;
constexpr const char* kInItsPlace = "[forgotten]";

/// The rows stay, emptied: a sequence that was given once must not be given again, and an event that is sent again must
/// not bring back what was forgotten.
constexpr const char* kEmptyEvents = R"(
  UPDATE events SET record = 0, source = '', id = '', key = '', data = '{}'
  WHERE record = ?4 AND partner = ?1 AND kind = ?2 AND key = ?3)";
constexpr std::array<const char*, 3> kDeletes{"DELETE FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3",
                                              "DELETE FROM links WHERE partner = ?1 AND kind = ?2 AND key = ?3",
                                              "DELETE FROM journal WHERE partner = ?1 AND kind = ?2 AND key = ?3"};
/// A plan that names the person would have to be made again anyhow.
constexpr const char* kDeletePlans = "DELETE FROM plans WHERE partner = ?1 AND instr(lower(document), lower(?2)) > 0";
// An address is the same however it is spelled.
#define SCRUB(table, column)                                                                               \
  "UPDATE " table " SET " column " = scrub(" column ", ?2, ?3) WHERE partner = ?1 AND instr(lower(" column \
  "), lower(?2)) > 0"
constexpr std::array<const char*, 6> kScrubs{SCRUB("events", "data"),    SCRUB("records", "state"),
                                             SCRUB("records", "parked"), SCRUB("links", "state"),
                                             SCRUB("journal", "entry"),  SCRUB("outbound", "data")};
#undef SCRUB

/// `arguments`: a text, what is to be taken out of it, and what is put in its place.
std::string scrub(std::span<const std::string_view> arguments) {
  const std::string text = to_lower(arguments[0]), wanted = to_lower(arguments[1]);
  std::string result;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(wanted, from)) != std::string::npos; from = at + wanted.size())
    result.append(arguments[0].substr(from, at - from)).append(arguments[2]);
  return result.append(arguments[0].substr(from));
}

constexpr const char* kCountRemoved = R"(
  UPDATE totals SET events = (SELECT count(*) FROM events WHERE partner = ?1),
    records = (SELECT count(*) FROM records WHERE partner = ?1),
    links = (SELECT count(*) FROM links WHERE partner = ?1)
  WHERE partner = ?1)";

std::int64_t run(Connection& connection, const RecordKey& ref, std::span<const std::string> texts) {
  std::int64_t rows = 0;
  const auto count = [&] { rows += connection.rows_changed(); };
  connection.prepare(kEmptyEvents).with(ref.partner, ref.kind, ref.key, record_digest(ref)).run();
  count();
  for (const char* each : kDeletes) {
    connection.prepare(each).with(ref.partner, ref.kind, ref.key).run();
    count();
  }
  for (const std::string& text : texts) {
    if (text.size() < kTextCharactersMin) continue;
    connection.prepare(kDeletePlans).with(ref.partner, text).run();
    count();
    for (const char* each : kScrubs) {
      connection.prepare(each).with(ref.partner, text, std::string_view(kInItsPlace)).run();
      count();
    }
  }
  connection.prepare(kCountRemoved).with(ref.partner).run();
  return rows;
}

}  // namespace

Result<std::int64_t> forget(Connection& connection, const RecordKey& ref, std::span<const std::string> texts) {
  connection.define("scrub", 3, scrub);
  // What is deleted is overwritten, in the file and, by emptying it, in the write-ahead log.
  connection.execute("PRAGMA secure_delete = ON");
  connection.execute("BEGIN IMMEDIATE");
  const std::int64_t rows = run(connection, ref, texts);
  connection.execute("COMMIT");
  connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  connection.execute("PRAGMA secure_delete = OFF");
  if (connection.failed()) return tl::unexpected(connection.take_error());
  return rows;
}

}  // namespace crosswalk::store

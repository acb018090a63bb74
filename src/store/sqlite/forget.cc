#include "store/sqlite/forget.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/json.h"
#include "base/text.h"
#include "store/sqlite/digests.h"

namespace crosswalk::store {
namespace {

namespace json = boost::json;

/// Shorter texts stand in everything.
constexpr std::size_t kTextCharactersMin = 4;
constexpr std::string_view kInItsPlace = "[forgotten]";

/// The rows stay, emptied: a sequence that was given once must not be given again, and an event that is sent again must
/// not bring back what was forgotten.
constexpr const char* kEmptyEvents = R"(
  UPDATE events SET record = 0, source = '', id = '', key = '', data = '{}'
  WHERE record = ?4 AND partner = ?1 AND kind = ?2 AND key = ?3)";
constexpr std::array<const char*, 3> kDeletes{"DELETE FROM records WHERE partner = ?1 AND kind = ?2 AND key = ?3",
                                              "DELETE FROM links WHERE partner = ?1 AND kind = ?2 AND key = ?3",
                                              "DELETE FROM journal WHERE partner = ?1 AND kind = ?2 AND key = ?3"};
/// What was done to the record stays known, but not its key.
constexpr const char* kForgetTarget =
    "UPDATE audit SET target = 'record ' || ?2 WHERE partner = ?1 AND target = 'record ' || ?2 || ' ' || ?3";
/// A plan that names the person would have to be made again anyhow.
constexpr const char* kDeletePlans = "DELETE FROM plans WHERE partner = ?1 AND tells(document, ?2) = 'yes'";
#define SCRUB(table, column) \
  "UPDATE " table " SET " column " = scrub(" column ", ?2) WHERE partner = ?1 AND tells(" column ", ?2) = 'yes'"
constexpr std::array<const char*, 8> kScrubs{
    SCRUB("events", "data"),   SCRUB("records", "state"), SCRUB("records", "parked"), SCRUB("links", "state"),
    SCRUB("journal", "entry"), SCRUB("outbound", "data"), SCRUB("audit", "before"),   SCRUB("audit", "after")};
#undef SCRUB
constexpr char kBetweenTexts = '\n';

/// What is to be taken out, in lower case: an address is the same however it is spelled.
std::vector<std::string> texts_of(std::string_view list) {
  std::vector<std::string> texts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(kBetweenTexts), list.size());
    texts.push_back(to_lower(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return texts;
}

std::string without(std::string_view text, const std::string& wanted) {
  const std::string lower = to_lower(text);
  std::string result;
  std::size_t from = 0;
  for (std::size_t at; (at = lower.find(wanted, from)) != std::string::npos; from = at + wanted.size())
    result.append(text.substr(from, at - from)).append(kInItsPlace);
  return result.append(text.substr(from));
}

/// In what it says; names and numbers stay what they are, so that what holds it can still be read.
void scrub(json::value& value, const std::vector<std::string>& texts) {
  if (value.is_string()) {
    for (const std::string& each : texts)
      if (const std::string rest = without(value.get_string(), each); rest != std::string_view(value.get_string()))
        value = rest;
  } else if (value.is_array()) {
    for (json::value& each : value.get_array()) scrub(each, texts);
  } else if (value.is_object()) {
    for (auto& member : value.get_object()) scrub(member.value(), texts);
  }
}

/// `arguments`: a JSON text, and what is to be taken out of it.
std::string scrub(std::span<const std::string_view> arguments) {
  boost::system::error_code broken;
  json::value value = parse_own_json(arguments[0], broken);
  if (!broken) {
    scrub(value, texts_of(arguments[1]));
    return json::serialize(value);
  }
  // What cannot be read any more tells of the person all the same.
  std::string text(arguments[0]);
  for (const std::string& each : texts_of(arguments[1])) text = without(text, each);
  return text;
}

/// `arguments`: a text, and what is looked for in it.
std::string tells(std::span<const std::string_view> arguments) {
  const std::string text = to_lower(arguments[0]);
  return std::ranges::any_of(texts_of(arguments[1]),
                             [&](const std::string& each) { return text.find(each) != std::string::npos; })
             ? "yes"
             : "";
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
  connection.prepare(kForgetTarget).with(ref.partner, ref.kind, ref.key).run();
  count();
  std::string list;
  for (const std::string& text : texts)
    if (text.size() >= kTextCharactersMin) list.append(list.empty() ? "" : std::string(1, kBetweenTexts)).append(text);
  if (!list.empty()) {
    connection.prepare(kDeletePlans).with(ref.partner, list).run();
    count();
    for (const char* each : kScrubs) {
      connection.prepare(each).with(ref.partner, list).run();
      count();
    }
  }
  connection.prepare(kCountRemoved).with(ref.partner).run();
  return rows;
}

}  // namespace

Result<std::int64_t> forget(Connection& connection, const RecordKey& ref, std::span<const std::string> texts) {
  connection.define("scrub", 2, scrub);
  connection.define("tells", 2, tells);
  // What is deleted is overwritten in the file, and by emptying it in the write-ahead log.
  connection.execute("BEGIN IMMEDIATE");
  const std::int64_t rows = run(connection, ref, texts);
  connection.execute("COMMIT");
  connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  if (connection.failed()) return tl::unexpected(connection.take_error());
  return rows;
}

}  // namespace crosswalk::store

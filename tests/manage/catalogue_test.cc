#include "base/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

namespace crosswalk {
namespace {

TEST(Catalogue, SaysForEveryErrorWhatHappenedWhyWhatToDoAndWho) {
  constexpr std::array<std::string_view, 4> kWho{"partner", "vendor", "ConnectWise", "nobody"};
  ASSERT_GT(catalogue().size(), 100u);
  for (const CatalogueEntry& entry : catalogue()) {
    EXPECT_NE(entry.code.find('.'), std::string::npos) << entry.code;
    EXPECT_GE(entry.title.size(), 10u) << entry.code;
    EXPECT_LE(entry.title.size(), 90u) << entry.code << ": a title is one line";
    EXPECT_TRUE(entry.why.ends_with('.')) << entry.code;
    EXPECT_TRUE(entry.action.ends_with('.')) << entry.code;
    EXPECT_NE(std::ranges::find(kWho, entry.who), kWho.end()) << entry.code << " " << entry.who;
    for (const CatalogueEntry::Pattern& pattern : entry.patterns)
      EXPECT_TRUE(pattern.status || pattern.code || pattern.field || pattern.message_part)
          << entry.code << " has a pattern that fits everything";
  }
}

TEST(Catalogue, ExplainsAnUnknownCodeAsUnknownInsteadOfShowingItRaw) {
  EXPECT_EQ(explain("psa.throttled").disposition, Disposition::throttled);
  EXPECT_EQ(explain("no.such_code").code, "internal.unknown_error");
  EXPECT_EQ(explain("").code, "internal.unknown_error");
}

TEST(Catalogue, HasAnEntryForEveryCodeThatTheSourcesName) {
  const std::regex code_in_failure(
      R"re((?:failure\(|Error\{|Held\{|hold\(|RequestProblem\{|\(\{|Level::[a-z]+,|not_sent,|no_answer,|answer_unreadable,)\s*"([a-z_]+\.[a-z_]+)")re");
  std::set<std::string> missing;
  std::size_t found_count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(std::string(CROSSWALK_SOURCE_DIR) + "/src")) {
    if (file.path().extension() != ".cc") continue;
    std::ifstream stream(file.path());
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    for (std::sregex_iterator match(text.begin(), text.end(), code_in_failure), end; match != end; ++match) {
      ++found_count;
      const std::string code = match->str(1);
      if (explain(code).code != code) missing.insert(code + " in " + file.path().filename().string());
    }
  }
  EXPECT_GT(found_count, 0u);
  for (const std::string& each : missing) ADD_FAILURE() << each << " is not in the catalogue";
}

TEST(Catalogue, KeepsTheEntriesThatOtherRoomsRelyOn) {
  for (const std::string_view code : {"net.timeout",
                                      "net.connection_refused",
                                      "net.name_not_found",
                                      "net.tls_failed",
                                      "net.connection_lost",
                                      "net.answer_too_large",
                                      "net.host_not_allowed",
                                      "net.write_refused",
                                      "net.port_taken",
                                      "net.address_invalid",
                                      "net.certificate_unreadable",
                                      "secrets.key_unreadable",
                                      "secrets.unreadable",
                                      "partner.credentials_missing",
                                      "partner.unknown",
                                      "partner.paused",
                                      "partner.refused_credentials",
                                      "psa.circuit_open",
                                      "psa.outage",
                                      "psa.company_unknown",
                                      "psa.outcome_unknown",
                                      "psa.twins_found",
                                      "psa.ticket_gone",
                                      "psa.ticket_merged",
                                      "psa.status_not_on_board",
                                      "psa.status_missing",
                                      "psa.status_inactive",
                                      "psa.board_missing",
                                      "psa.board_inactive",
                                      "psa.priority_missing",
                                      "psa.company_missing",
                                      "psa.reference_missing",
                                      "psa.permission_missing",
                                      "psa.throttled",
                                      "psa.summary_too_long",
                                      "psa.note_flags_missing",
                                      "psa.conditions_invalid",
                                      "psa.date_format",
                                      "psa.ssl_required",
                                      "psa.cannot_route",
                                      "psa.endpoint_missing",
                                      "psa.server_error",
                                      "psa.unrecognized_answer",
                                      "engine.stopping",
                                      "engine.attempts_exhausted",
                                      "mapping.missing",
                                      "mapping.customer_unknown",
                                      "mapping.customer_excluded",
                                      "mapping.schema",
                                      "mapping.template",
                                      "mapping.pattern",
                                      "mapping.time_zone",
                                      "mapping.window",
                                      "mapping.status_opened_closed",
                                      "mapping.status_resolved_not_closed",
                                      "mapping.reference_missing",
                                      "mapping.reference_inactive",
                                      "mapping.reference_renamed",
                                      "mapping.status_other_board",
                                      "mapping.json",
                                      "alert.before_go_live",
                                      "alert.below_threshold",
                                      "alert.held_down",
                                      "alert.in_maintenance",
                                      "alert.moving_part_in_key",
                                      "plan.expired",
                                      "plan.stale",
                                      "plan.applied",
                                      "plan.unknown",
                                      "store.full",
                                      "store.busy",
                                      "store.failed",
                                      "store.corrupt",
                                      "store.newer",
                                      "store.overloaded",
                                      "event.invalid_json",
                                      "event.not_cloudevent",
                                      "event.unknown_type",
                                      "event.schema",
                                      "event.partner_missing",
                                      "event.partner_unknown",
                                      "event.partner_forbidden",
                                      "event.too_large",
                                      "event.too_deep",
                                      "event.too_many",
                                      "event.string_too_long",
                                      "event.not_utf8",
                                      "event.duplicate_conflict",
                                      "auth.missing",
                                      "auth.invalid",
                                      "auth.expired",
                                      "auth.revoked",
                                      "auth.forbidden",
                                      "config.syntax",
                                      "config.unknown_key",
                                      "config.bad_value",
                                      "config.unreadable",
                                      "internal.unknown_error"})
    EXPECT_EQ(explain(code).code, code);
}

}  // namespace
}  // namespace crosswalk

#include <rapidcheck.h>

#include <boost/json.hpp>

#include "fixtures.h"
#include "mapping/names.h"
#include "mapping/schema.h"

namespace crosswalk::mapping {
namespace {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

bool maybe() { return *rc::gen::inRange(0, 3) == 0; }

psa::Reference reference() {
  return {std::to_string(*rc::gen::inRange(1, 99)),
          one_of<std::string>({"", "Alerts", "Zürich \"Nord\"", "日本 / 7~"})};
}

Duration duration() { return Duration{*rc::gen::inRange<std::int64_t>(0, 30LL * 86'400'000)}; }

std::string word() { return one_of<std::string>({"ransomware", "Disk full", "ü*ber", "1", "1.5", "true", "a\\*b"}); }

TicketSettings settings() {
  TicketSettings made;
  for (const psa::TicketField field : kReferenceFields)
    if (maybe()) made.fields[field] = reference();
  if (maybe()) made.fields[psa::TicketField::priority] = reference();
  if (maybe()) made.fields[psa::TicketField::severity] = {"", "High"};
  if (maybe()) made.fields[psa::TicketField::impact] = {"", "Low"};
  for (const model::Severity severity : kSeverities) {
    if (maybe()) made.priority_by_severity[severity] = reference();
    if (maybe()) made.hold_down[severity] = duration();
  }
  for (const auto& [state, name] : kStates)
    if (maybe()) made.statuses[state] = reference();
  if (maybe()) made.mode = one_of({Mode::off, Mode::test, Mode::live});
  if (maybe()) made.summary = one_of<std::string>({"", "{{title}}", "{{#url}}x{{/url}} & <b>"});
  if (maybe()) made.description = one_of<std::string>({"line\nline", "\"{{device.os.name}}\""});
  for (const std::string_view name : kNoteNames)
    if (maybe())
      made.notes[std::string{name}] = {
          word(), one_of({psa::NoteKind::discussion, psa::NoteKind::internal, psa::NoteKind::resolution})};
  for (int field = 0; field < psa::kTicketFieldCount; ++field)
    if (maybe())
      made.ownership[static_cast<psa::TicketField>(field)] =
          one_of({Ownership::product, Ownership::psa, Ownership::create});
  if (maybe()) made.severity_threshold = one_of({model::Severity::info, model::Severity::critical});
  for (auto* each : {&made.repeat_note_interval, &made.reopen_window, &made.flap_window, &made.flap_quiet,
                     &made.storm_window, &made.storm_split_after})
    if (maybe()) *each = duration();
  if (maybe())
    made.reopen_policy =
        one_of({ReopenPolicy::never, ReopenPolicy::within, ReopenPolicy::always, ReopenPolicy::note_only});
  if (maybe()) made.flap_transitions = *rc::gen::inRange(2, 100);
  if (maybe()) made.storm_alerts = *rc::gen::inRange(2, 10'000);
  if (maybe()) made.storm_by = one_of({StormBy::condition, StormBy::site, StormBy::customer});
  if (maybe()) made.auto_close = one_of({AutoClose::close, AutoClose::note_only, AutoClose::never});
  if (maybe())
    made.takeover = Takeover{*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
  if (maybe()) made.attach_configuration = *rc::gen::arbitrary<bool>();
  if (maybe()) made.contact_from_alert = *rc::gen::arbitrary<bool>();
  return made;
}

Condition condition() {
  Condition made;
  made.attribute = one_of<std::string>({"condition", "device.os.name", "customer.plan", "alert.score", "title"});
  made.op = static_cast<Condition::Operator>(*rc::gen::inRange(0, 12));
  if (made.op == Condition::Operator::present || made.op == Condition::Operator::absent) return made;
  if (made.op == Condition::Operator::greater || made.op == Condition::Operator::less) {
    made.values = {one_of<std::string>({"1", "-2.5"})};
    return made;
  }
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) made.values.push_back(word());
  return made;
}

std::vector<Condition> conditions() {
  std::vector<Condition> made;
  const int count = *rc::gen::inRange(0, 3);
  for (int i = 0; i < count; ++i) made.push_back(condition());
  return made;
}

MaintenanceWindow window() {
  MaintenanceWindow made;
  made.name = word();
  made.when = conditions();
  if (maybe()) {
    made.starts_at = Timestamp{Duration{*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000)}};
    made.ends_at = *made.starts_at + Duration{1} + duration();
    return made;
  }
  made.weekdays = {*rc::gen::inRange(1, 4), *rc::gen::inRange(4, 8)};
  made.from = std::chrono::minutes{*rc::gen::inRange(0, 1440)};
  made.until = std::chrono::minutes{*rc::gen::inRange(0, 1441)};
  made.time_zone = one_of<std::string>({"UTC", "Europe/Berlin", "America/New_York"});
  return made;
}

Document any_document() {
  Document made;
  made.settings = settings();
  if (maybe()) made.go_live_at = Timestamp{Duration{*rc::gen::inRange<std::int64_t>(0, 2'000'000'000'000)}};
  if (maybe()) made.unknown_customer = {UnknownCustomer::Policy::catch_all, reference()};
  if (maybe()) made.triage_board = reference();
  const int customers = *rc::gen::inRange(0, 3);
  for (int i = 0; i < customers; ++i) {
    CustomerMapping& customer = made.customers[one_of<std::string>({"contoso", "a/b~c", "Ünicode", "7"})];
    if (maybe()) customer.company = reference();
    customer.excluded = maybe();
    customer.settings = settings();
  }
  const int rules = *rc::gen::inRange(0, 3);
  for (int i = 0; i < rules; ++i) made.rules.push_back({word(), conditions(), settings()});
  const int windows = *rc::gen::inRange(0, 3);
  for (int i = 0; i < windows; ++i) made.maintenance_windows.push_back(window());
  return made;
}

TEST(RoundTrip, WrittenDocumentReadsAsTheSameDocument) {
  EXPECT_TRUE(rc::check([] {
    const Document made = any_document();
    const std::string written = boost::json::serialize(to_json(made));
    const Parsed read = parse_document(written);
    if (!read.document) RC_FAIL(listing(read.problems) + written);
    RC_ASSERT(*read.document == made);
    // References are equal by id, so the names are compared as written.
    RC_ASSERT(boost::json::serialize(to_json(*read.document)) == written);
  }));
}

/// Damages one place of a valid document: the validator and the words must agree on whether it is still valid.
void damage(boost::json::value& value) {
  namespace json = boost::json;
  if (json::object* object = value.if_object(); object && !object->empty() && *rc::gen::inRange(0, 4) > 0) {
    const auto at = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, object->size()));
    damage(std::next(object->begin(), at)->value());
  } else if (json::array* list = value.if_array(); list && !list->empty() && *rc::gen::inRange(0, 4) > 0) {
    damage((*list)[*rc::gen::inRange<std::size_t>(0, list->size())]);
  } else {
    switch (*rc::gen::inRange(0, 7)) {
      case 0:
        value = nullptr;
        break;
      case 1:
        value = -7;
        break;
      case 2:
        value = "x";
        break;
      case 3:
        value = json::array{};
        break;
      case 4:
        value = json::object{{"unknown", 1}};
        break;
      case 5:
        value = "";
        break;
      default:
        value = true;
    }
  }
}

TEST(RoundTrip, EveryRefusalHasAPointerAndWordsOfItsOwn) {
  EXPECT_TRUE(rc::check([] {
    boost::json::value value = to_json(any_document());
    damage(value);
    static const PublishedSchema schema(json_schema());
    for (const Problem& each : check_schema(schema, value)) {
      RC_ASSERT(each.code == "mapping.schema");
      // These are the validator's own words, which nobody should have to read.
      RC_ASSERT(each.message.find("Failed to") == std::string::npos);
      RC_ASSERT(each.message.find("Object contains") == std::string::npos);
      boost::json::error_code error;
      RC_ASSERT(each.pointer.empty() || value.find_pointer(each.pointer, error) != nullptr);
    }
    (void)parse_document(boost::json::serialize(value));
  }));
}

}  // namespace
}  // namespace crosswalk::mapping

#include "psa/value.h"

#include <gtest/gtest.h>

#include "psa/object_fields.h"

namespace crosswalk::psa {
namespace {

Value text(const char* words) { return std::string(words); }

TEST(Value, IsTheSameByIdByTextAndByWhatItHolds) {
  const Timestamp at = *parse_timestamp("2026-03-01T08:00:00Z");
  struct Case {
    Value left, right;
    bool same;
  };
  const Case cases[] = {
      {text("a"), text("a"), true},
      {text("a"), text("A"), false},
      {Reference{"1", "New"}, Reference{"1", "Renamed"}, true},
      {Reference{"1", "New"}, Reference{"2", "New"}, false},
      {Reference{"1", "a"}, text("a"), false},
      {Value::flag(true), Value::flag(true), true},
      {Value::flag(true), Value::flag(false), false},
      {Value::flag(true), text("true"), false},
      {Value::date(at), Value::date(at), true},
      {Value::date(at), Value::date(at + std::chrono::seconds{1}), false},
      {Value::decimal(*Decimal::parse("1.5")), Value::decimal(*Decimal::parse("1.50")), true},
      {Value(), text(""), true},
      {Value(), Reference{"", "no id"}, true},
      {Value(), Value::flag(false), false},
      {Value(), Value::decimal(Decimal()), false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(each.left == each.right, each.same) << shown(each.left) << " and " << shown(each.right);
    EXPECT_EQ(each.right == each.left, each.same) << shown(each.right) << " and " << shown(each.left);
    EXPECT_EQ(same(&each.left, &each.right), each.same);
  }
  EXPECT_TRUE(same(nullptr, nullptr));
  const Value nothing, something = text("x");
  EXPECT_TRUE(same(nullptr, &nothing));
  EXPECT_FALSE(same(&something, nullptr));
}

TEST(Value, IsShownToPeopleAsTheyWouldSayIt) {
  EXPECT_EQ(shown(text("a")), "a");
  EXPECT_EQ(shown(Value(Reference{"1", "New"})), "New");
  EXPECT_EQ(shown(Value(Reference{"1", ""})), "id 1");
  EXPECT_EQ(shown(Value::flag(false)), "false");
  EXPECT_EQ(shown(Value::date(*parse_timestamp("2026-03-01T08:00:00Z"))), "2026-03-01T08:00:00Z");
  EXPECT_EQ(shown(Value::decimal(*Decimal::parse("0.085"))), "0.085");
  EXPECT_EQ(shown(Value()), "");
}

TEST(Value, AFieldTakesOnlyTheTextsThatItCanHold) {
  const auto of = [](std::string_view field, std::string_view words) {
    return value_of_text(*find_object_field(ObjectKind::configuration, field), words);
  };
  EXPECT_EQ(of("name", "PC-1").text(), "PC-1");
  EXPECT_EQ(of("active", "true").flag(), true);
  EXPECT_TRUE(of("active", "yes").is_nothing());
  EXPECT_EQ(of("purchase_date", "2026-03-01T08:00:00Z").date(), parse_timestamp("2026-03-01T08:00:00Z"));
  EXPECT_TRUE(of("purchase_date", "soon").is_nothing());
  EXPECT_TRUE(of("status", "Active").is_nothing()) << "a reference is said by its id, not by words";
  EXPECT_EQ(of("question:12", "42").text(), "42");
}

TEST(ObjectFields, HaveOneNameEachAndAreFoundByIt) {
  for (const ObjectKind kind :
       {ObjectKind::ticket, ObjectKind::company, ObjectKind::contact, ObjectKind::configuration}) {
    ASSERT_FALSE(object_fields(kind).empty());
    for (const ObjectField& field : object_fields(kind)) {
      EXPECT_EQ(find_object_field(kind, field.name), &field) << field.name << " stands twice";
      EXPECT_FALSE(field.label.empty()) << field.name;
      EXPECT_TRUE(field.shape == FieldShape::text || field.characters_max == 0) << field.name;
    }
    EXPECT_EQ(find_object_field(kind, "no_such_field"), nullptr);
    EXPECT_NE(find_object_field(kind, "custom_field:7"), nullptr);
    EXPECT_EQ(find_object_field(kind, "custom_field:x"), nullptr);
  }
  EXPECT_EQ(find_object_field(ObjectKind::contact, "question:7"), nullptr);
}

TEST(ObjectFields, EveryFieldOfTheMappingOfTicketsIsAFieldOfTickets) {
  for (int i = 0; i < kTicketFieldCount; ++i)
    EXPECT_NE(find_object_field(ObjectKind::ticket, to_string(static_cast<TicketField>(i))), nullptr) << i;
}

}  // namespace
}  // namespace crosswalk::psa

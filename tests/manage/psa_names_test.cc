#include <gtest/gtest.h>

#include <set>

#include "psa/objects.h"
#include "psa/operations.h"

namespace crosswalk::psa {
namespace {

TEST(PsaNames, EveryTicketFieldReadsBackFromItsName) {
  std::set<std::string_view> names;
  for (int index = 0; index < kTicketFieldCount; ++index) {
    const auto field = static_cast<TicketField>(index);
    EXPECT_EQ(parse_ticket_field(to_string(field)), field);
    names.insert(to_string(field));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kTicketFieldCount));
  EXPECT_EQ(to_string(TicketField::service_location), "service_location");
  EXPECT_EQ(to_string(TicketField::site), "site");
  EXPECT_FALSE(parse_ticket_field("Summary"));
}

TEST(PsaNames, ObjectAndNoteKindsReadBackFromTheirNames) {
  for (const ObjectKind kind :
       {ObjectKind::ticket, ObjectKind::company, ObjectKind::contact, ObjectKind::configuration, ObjectKind::agreement})
    EXPECT_EQ(parse_object_kind(to_string(kind)), kind);
  for (const NoteKind kind : {NoteKind::discussion, NoteKind::internal, NoteKind::resolution})
    EXPECT_EQ(parse_note_kind(to_string(kind)), kind);
  EXPECT_EQ(to_string(ObjectKind::agreement), "agreement");
  EXPECT_EQ(to_string(NoteKind::resolution), "resolution");
  EXPECT_FALSE(parse_object_kind(""));
  EXPECT_FALSE(parse_note_kind("public"));
}

TEST(PsaNames, EveryIntentCostsOneCall) {
  EXPECT_EQ(call_cost(CreateObject{}), 1);
  EXPECT_EQ(call_cost(AttachChildren{}), 1);
}

}  // namespace
}  // namespace crosswalk::psa

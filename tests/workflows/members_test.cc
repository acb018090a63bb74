#include <gtest/gtest.h>

#include "workflows/alert_to_ticket.h"

namespace crosswalk::workflows {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kStart = from_milliseconds(1'767'225'600'000);

mapping::Document document() {
  const mapping::Parsed parsed = mapping::parse_document(R"({
    "workflow": "alert_to_ticket", "mode": "live",
    "defaults": {
      "board": {"id": "2", "name": "SOC"},
      "statuses": {"opened": {"id": "21", "name": "New"}, "resolved": {"id": "29", "name": "Closed"}},
      "priority": {"by_severity": {"critical": {"id": "1", "name": "Critical"}}},
      "hold_down": {"critical": "0s"}
    },
    "customers": {"contoso": {"company": {"id": "12", "name": "Contoso"}}}
  })");
  if (!parsed.document) throw std::runtime_error(parsed.problems.front().message);
  return *parsed.document;
}

/// An alert of several members, and its ticket, which is open.
class MembersToTicket : public testing::Test {
 protected:
  void tell(model::EventType type, Timestamp at, const std::string& instance, bool still = false) {
    model::Event event;
    event.sequence = ++count_;
    event.source = "test";
    event.id = std::to_string(count_);
    event.type = type;
    event.time = at;
    event.data = {{"product", "prometheus"}, {"customer", "contoso"}, {"subject", "srv-01"}, {"condition", "disk"},
                  {"severity", "critical"},  {"title", "Disk full"},  {"instance", instance}};
    if (still) event.data["still"] = true;
    event.record = model::record_of(PartnerId("p"), type, event.data);
    alert_.ref = event.record;
    model::fold(alert_, event);
  }
  Answer ask(Timestamp now) {
    Link link;
    link.anchor = alert_.happenings.at(0).identity;
    link.anchored_at = alert_.happenings.at(0).time;
    link.external_reference = external_reference(alert_.ref, link.anchor);
    link.object = {"manage", PartnerId("p"), psa::ObjectKind::ticket, "100"};
    link.linked_at = kStart;
    link.linked_sequence = link.observed_sequence = 1;
    link.written = {{"status", psa::Reference{"21", ""}}};
    link.observed = psa::Object{};
    link.observed->id = link.object;
    link.observed->values = {{"status", psa::Reference{"21", "New"}}};
    link.observed_at = kStart;
    const std::vector<Link> links{link};
    const mapping::Document mapping = document();
    return alert_to_ticket({.alert = alert_, .document = mapping, .links = links, .storm = {}, .now = now});
  }
  static bool closes(const Answer& answer) { return answer.wanted.at(0).turn && answer.wanted.at(0).turn->closes; }
  static std::size_t notes(const Answer& answer, std::string_view kind) {
    std::size_t count = 0;
    for (const DesiredNote& each : answer.wanted.at(0).notes) count += each.key.starts_with(kind) ? 1 : 0;
    return count;
  }

  model::Alert alert_;
  int count_ = 0;
};

TEST_F(MembersToTicket, TheTicketIsClosedWithTheLastOfThem) {
  tell(model::EventType::alert_raised, kStart, "a");
  tell(model::EventType::alert_raised, kStart + minutes{1}, "b");
  tell(model::EventType::alert_resolved, kStart + minutes{2}, "a");
  Answer answer = ask(kStart + minutes{3});
  EXPECT_FALSE(closes(answer));
  EXPECT_EQ(notes(answer, "resolved:"), 0u);
  tell(model::EventType::alert_resolved, kStart + minutes{4}, "b");
  answer = ask(kStart + minutes{5});
  EXPECT_TRUE(closes(answer));
  EXPECT_EQ(notes(answer, "resolved:"), 1u);
}

TEST_F(MembersToTicket, ThatItIsStillThereIsNoNewsForTheTicket) {
  tell(model::EventType::alert_raised, kStart, "a");
  for (int hour = 1; hour < 10; ++hour) tell(model::EventType::alert_raised, kStart + hours{hour}, "a", true);
  EXPECT_EQ(notes(ask(kStart + hours{11}), "repeated:"), 0u);
  EXPECT_TRUE(ask(kStart + hours{11}).wanted.at(0).look_again) << "but it asks whether the ticket is still open";
  tell(model::EventType::alert_raised, kStart + hours{11}, "a");
  EXPECT_EQ(notes(ask(kStart + hours{12}), "repeated:"), 1u);
}

}  // namespace
}  // namespace crosswalk::workflows

#include "sandbox/town_tickets.h"

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/office_hours.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr const char* kTickets = "service/tickets";
constexpr const char* kDevices = "company/configurations";
constexpr const char* kIntegration = "APIuser";  ///< the API member by whom monitoring writes
constexpr std::int64_t kFirstTicket = 10'000;
constexpr std::int64_t kHistory = 120 * kDay;  ///< how far back tickets go
constexpr std::int64_t kRootCause = 4;         ///< a field of the MSP's own
constexpr std::int64_t kDeviceInUse = 1;       ///< a status
constexpr int kTries = 12;                     ///< until a device is found that a ticket can be about
constexpr std::int64_t kOwner = 5;             ///< the type of the MSP's own company
constexpr std::int64_t kCall = 1, kEmail = 2, kPortal = 3, kAlert = 4, kInternal = 5, kOldAlert = 11, kChat = 12;

/// What a new ticket is about, and when it came.
struct Opening {
  std::int64_t at = 0;
  const json::object* board = nullptr;
  const json::object* subject = nullptr;
};

/// A ticket whose story is being told.
struct Ticket {
  std::int64_t id = 0;
  std::int64_t now = 0;  ///< how far its story has come
  const json::object* board = nullptr;
  const json::object* subject = nullptr;
  const Customer* customer = nullptr;
  std::int64_t priority = 0, source = 0, contact = 0, device = 0;
  std::string person = "the caller", address = "", device_name = "", owner = "";
  std::uint64_t wording = 0;  ///< which of the texts of its subject stand in it
};

/// How far a ticket has come; a false alarm is closed as well.
enum class Stage { open, resolved, closed, false_alarm };

std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? 0 : value->as_int64();
}

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string_view() : std::string_view(value->as_string());
}

std::int64_t board_of(const Ticket& ticket) { return ticket.board->at("id").as_int64(); }

/// A program has seen it, whether at a device or at a user.
bool is_alert(const json::object& subject) { return subject.contains("who"); }

std::string filled(std::string text, const Ticket& ticket) {
  for (const auto& [blank, value] :
       {std::pair<std::string_view, const std::string&>("{device}", ticket.device_name), {"{user}", ticket.person}}) {
    for (std::size_t at = text.find(blank); at != std::string::npos; at = text.find(blank, at + value.size()))
      text.replace(at, blank.size(), value);
  }
  return text;
}

/// One of the subject's texts; another one with each turn.
std::string line(const Ticket& ticket, std::string_view list, std::size_t turn = 0) {
  constexpr int kBitsPerLetter = 5;
  const json::array& texts = ticket.subject->at(list).as_array();
  // Each list has draws of its own, and one ticket never says the same twice.
  const std::uint64_t draw = std::rotr(ticket.wording, kBitsPerLetter * static_cast<int>(list.size())) % texts.size();
  return filled(std::string(texts[(draw + turn) % texts.size()].as_string()), ticket);
}

/// The address that a contact writes from, or nothing.
std::string mail_of(const Resource& contacts, const Row& contact) {
  const json::value* items = contact.get(contacts.field("communicationItems"));
  if (items == nullptr) return "";
  for (const json::value& item : items->as_array()) {
    if (item.at("communicationType") == "Email" && item.at("defaultFlag") == true)
      return std::string(item.at("value").as_string());
  }
  return "";
}

class Tickets {
 public:
  Tickets(Tenant& tenant, std::span<const Customer> customers, Dice& dice, const Actor& actor)
      : tenant_(tenant), customers_(customers), dice_(dice), actor_(actor) {
    list_customers();
    list_teams();
  }

  void plant(std::size_t count) {
    tenant_.table(kTickets).set_next_id(kFirstTicket);
    std::vector<Opening> openings(count);
    for (Opening& each : openings) each = draw_opening();
    std::ranges::stable_sort(openings, {}, &Opening::at);
    for (const Opening& each : openings) plant_ticket(each);
  }

 private:
  struct Device {
    std::int64_t id = 0;
    const Customer* customer = nullptr;
  };

  void list_customers();
  void list_teams();
  Opening draw_opening();
  std::int64_t draw_moment(const json::object& board, const json::object& subject);
  const json::object& draw_by(const json::array& list, std::string_view weight);
  const Customer& draw_customer();
  void draw_who(Ticket& ticket);
  void draw_contact(Ticket& ticket);
  [[nodiscard]] bool was_there(const Ticket& ticket, std::int64_t device) const;
  void attach(Ticket& ticket, std::int64_t device);
  void name_device(Ticket& ticket);
  std::int64_t draw_priority(const json::object& subject);
  std::int64_t draw_source(const Ticket& ticket);
  std::string enterer(const Ticket& ticket);

  void plant_ticket(const Opening& opening);
  json::object body_of(const Ticket& ticket);
  void tell(Ticket& ticket);
  void clear(Ticket& ticket);
  bool go_on(Ticket& ticket, std::int64_t after);
  bool work_on(Ticket& ticket);
  bool enter_time(Ticket& ticket);
  Stage finish(Ticket& ticket);
  void note(const Ticket& ticket, const std::string& text, const char* place, const std::string& author);
  void schedule(const Ticket& ticket, std::int64_t start, bool done, std::int64_t when);
  std::int64_t on_duty(const Ticket& ticket, std::int64_t moment);
  std::int64_t pause(const Ticket& ticket);
  std::int64_t status_for(const Ticket& ticket, Stage stage);
  const std::string& colleague(const Ticket& ticket);

  Tenant& tenant_;
  std::span<const Customer> customers_;
  Dice& dice_;
  const Actor& actor_;
  std::vector<std::pair<std::size_t, const Customer*>> callers_;  ///< by their cumulative weights
  std::map<std::int64_t, std::vector<Device>> watched_;           ///< devices under monitoring, by type
  std::map<std::int64_t, std::vector<std::string>> teams_;        ///< who works the tickets of a board
};

/// Who has left or never was a customer has no tickets, and monitoring is for those who pay by the month.
void Tickets::list_customers() {
  constexpr std::int64_t kActive = 1, kOnHold = 3, kManaged = 4, kBreakFix = 11;
  const Table& devices = std::as_const(tenant_).table(kDevices);
  const int type = devices.resource().field("type"), status = devices.resource().field("status");
  std::size_t sum = 0;
  for (const Customer& each : customers_.subspan(1)) {
    if (each.deleted || (each.status != kActive && each.status != kOnHold)) continue;
    if (each.type != kManaged && each.type != kOwner && each.type != kBreakFix) continue;
    callers_.emplace_back(sum += each.weight, &each);
    if (each.type == kBreakFix) continue;
    for (std::int64_t id = each.first_device; id < each.first_device + each.devices; ++id) {
      const Row& device = *devices.find(id);
      if (device.integer(status) == kDeviceInUse) watched_[device.integer(type)].push_back({id, &each});
    }
  }
}

void Tickets::list_teams() {
  const Table& teams = std::as_const(tenant_).table("service/boards/teams");
  const Table& members = std::as_const(tenant_).table("system/members");
  teams.each([&](const Row& team) {
    for (const json::value& member : team.get(teams.resource().field("members"))->as_array())
      teams_[team.parent].emplace_back(members.find(member.as_int64())->text(members.resource().field("identifier")));
    return true;
  });
}

const json::object& Tickets::draw_by(const json::array& list, std::string_view weight) {
  std::int64_t sum = 0;
  for (const json::value& each : list) sum += each.at(weight).as_int64();
  std::int64_t lot = dice_.some(sum);
  const auto found =
      std::ranges::find_if(list, [&](const json::value& each) { return (lot -= each.at(weight).as_int64()) < 0; });
  return found->as_object();
}

Opening Tickets::draw_opening() {
  const json::object& board = draw_by(town_words().at("boards").as_array(), "share");
  const json::object& subject = draw_by(board.at("subjects").as_array(), "weight");
  return {draw_moment(board, subject), &board, &subject};
}

/// People write and call in office hours, most of all in the morning; a board of those on call gets what comes outside
/// of them.
std::int64_t Tickets::draw_moment(const json::object& board, const json::object& subject) {
  constexpr std::int64_t kOpens = 8, kEvening = 21, kMorning = 6;
  const json::array& busy = town_words().at("hours").as_array();
  for (;;) {
    const std::int64_t moment = actor_.now - kHistory + dice_.some(kHistory);
    const std::int64_t hour = wall_clock(moment) % kDay / kHour;
    const bool office = in_office_hours(moment);
    if (board.contains("on_call")) {
      if (!office) return moment;
    } else if (!is_alert(subject)) {
      if (office && dice_.some(100) < busy[static_cast<std::size_t>(hour - kOpens)].as_int64()) return moment;
    } else if (text_in(subject, "when") != "night" || hour >= kEvening || hour < kMorning) {
      return moment;
    }
  }
}

const Customer& Tickets::draw_customer() {
  const std::size_t lot = dice_.below(callers_.back().first);
  return *std::ranges::upper_bound(callers_, lot, {}, &std::pair<std::size_t, const Customer*>::first)->second;
}

/// Whom the ticket is about: a device and its owner, or a customer and somebody there. Who is not known goes to the
/// first company.
void Tickets::draw_who(Ticket& ticket) {
  if (text_in(*ticket.subject, "who") == "device") {
    const std::vector<Device>& devices = watched_[ticket.subject->at("device").as_int64()];
    if (devices.empty()) throw std::logic_error("scenario: nothing to raise an alert about");
    Device device = devices[dice_.below(devices.size())];
    for (int tries = 1; tries < kTries && !was_there(ticket, device.id); ++tries)
      device = devices[dice_.below(devices.size())];
    ticket.customer = device.customer;
    return attach(ticket, device.id);
  }
  const bool alert = is_alert(*ticket.subject);
  ticket.customer = !alert && dice_.chance(3) ? &customers_.front() : &draw_customer();
  while (alert && ticket.customer->contacts == 0) ticket.customer = &draw_customer();
  if (ticket.customer->contacts > 0) draw_contact(ticket);
  if (dice_.chance(50)) name_device(ticket);
}

void Tickets::draw_contact(Ticket& ticket) {
  const Table& contacts = std::as_const(tenant_).table("company/contacts");
  const Resource& resource = contacts.resource();
  ticket.contact = ticket.customer->id * 10 + dice_.some(ticket.customer->contacts);
  if (contacts.find(ticket.contact)->flag(resource.field("inactiveFlag"))) ticket.contact = ticket.customer->id * 10;
  const Row& contact = *contacts.find(ticket.contact);
  ticket.person = contact.text(resource.field("firstName"));
  const std::string_view last = contact.text(resource.field("lastName"));
  if (!last.empty()) ticket.person.append(" ").append(last);
  ticket.address = mail_of(resource, contact);
}

/// Nobody speaks of a device before it is installed.
bool Tickets::was_there(const Ticket& ticket, std::int64_t device) const {
  return std::as_const(tenant_).table(kDevices).find(device)->date_entered < ticket.now;
}

void Tickets::attach(Ticket& ticket, std::int64_t device) {
  const Table& devices = std::as_const(tenant_).table(kDevices);
  ticket.device = device;
  ticket.device_name = devices.find(device)->text(devices.resource().field("name"));
}

/// One of the customer's devices of the type that such tickets are about, if it has one that is soon found.
void Tickets::name_device(Ticket& ticket) {
  const std::int64_t type = number_in(*ticket.subject, "device");
  const Table& devices = std::as_const(tenant_).table(kDevices);
  const int of_type = devices.resource().field("type"), status = devices.resource().field("status");
  for (int tries = 0; tries < kTries && type != 0 && ticket.customer->devices > 0; ++tries) {
    const std::int64_t device = ticket.customer->first_device + dice_.some(ticket.customer->devices);
    const Row& row = *devices.find(device);
    if (row.integer(of_type) == type && row.integer(status) == kDeviceInUse && was_there(ticket, device))
      return attach(ticket, device);
  }
}

std::int64_t Tickets::draw_priority(const json::object& subject) {
  const json::array& chances = subject.at("priority").as_array();
  std::int64_t lot = dice_.some(100), priority = 1;
  for (const json::value& each : chances) {
    if ((lot -= each.as_int64()) < 0) break;
    ++priority;
  }
  return priority;
}

std::int64_t Tickets::draw_source(const Ticket& ticket) {
  if (is_alert(*ticket.subject)) return dice_.chance(90) ? kAlert : kOldAlert;
  if (ticket.board->contains("internal")) return kInternal;
  const std::int64_t lot = dice_.some(100);
  if (ticket.address.empty() || lot < 42) return kCall;
  return lot < 80 ? kEmail : lot < 92 ? kPortal : kChat;
}

/// The program that has seen it, whoever has written, or who has taken the call.
std::string Tickets::enterer(const Ticket& ticket) {
  switch (ticket.source) {
    case kAlert:
    case kOldAlert:
      return kIntegration;
    case kEmail:
    case kPortal:
      return ticket.address;
    case kInternal:
      return dice_.text("members");
    default:
      return dice_.text("dispatchers");
  }
}

json::object Tickets::body_of(const Ticket& ticket) {
  static constexpr std::pair<const char*, const char*> kWeight[][2] = {{{"High", "High"}, {"High", "High"}},
                                                                       {{"High", "Medium"}, {"High", "Low"}},
                                                                       {{"Medium", "Medium"}, {"Medium", "Low"}},
                                                                       {{"Low", "Low"}, {"Low", "Low"}}};
  const auto& [severity, impact] = kWeight[ticket.priority - 1][dice_.below(2)];
  json::object body{{"summary", line(ticket, "summary")},
                    {"board", reference(board_of(ticket))},
                    {"type", reference(ticket.subject->at("type").as_int64())},
                    {"company", reference(ticket.customer->id)},
                    {"priority", reference(ticket.priority)},
                    {"severity", severity},
                    {"impact", impact},
                    {"source", reference(ticket.source)},
                    {"initialDescription", line(ticket, "opening")}};
  for (const char* name : {"subType", "item"}) {
    if (const std::int64_t id = number_in(*ticket.subject, name); id != 0) body[name] = reference(id);
  }
  if (ticket.customer->agreement != 0) body["agreement"] = reference(ticket.customer->agreement);
  if (ticket.contact != 0) body["contact"] = reference(ticket.contact);
  if (ticket.customer->contacts == 0) body["contactName"] = "Unknown caller";
  return body;
}

void Tickets::plant_ticket(const Opening& opening) {
  Ticket ticket{.now = opening.at, .board = opening.board, .subject = opening.subject, .wording = dice_.raw()};
  draw_who(ticket);
  ticket.priority = draw_priority(*ticket.subject);
  ticket.source = draw_source(ticket);
  const json::object body = body_of(ticket);
  ticket.id = write(tenant_, kTickets, 0, body, at(actor_, ticket.now, enterer(ticket))).id;
  if (ticket.source == kEmail || ticket.source == kPortal) written_by_contact(tenant_, ticket.id, ticket.contact);
  if (ticket.device != 0) settle(tenant_, kTickets, ticket.id, "configuration", json::array{ticket.device});
  tell(ticket);
}

/// What has become of the ticket until today.
void Tickets::tell(Ticket& ticket) {
  if (dice_.some(100) < number_in(*ticket.subject, "clears")) return clear(ticket);
  const std::int64_t age = actor_.now - ticket.now;
  const bool ends = age > 20 * kDay ? !dice_.chance(6) : age > 2 * kDay ? dice_.chance(70) : dice_.chance(25);
  if (!ends && (dice_.chance(5) || (age < kDay && dice_.chance(60)))) return;  // nobody has looked at it yet
  constexpr std::int64_t kResponse[] = {20, 60, 150, 300};
  if (!go_on(ticket, kMinute * (2 + dice_.some(kResponse[ticket.priority - 1])))) return;
  ticket.owner = colleague(ticket);
  const std::int64_t assigned = ticket.now;
  const bool dispatched = ticket.source == kCall || ticket.source == kChat || ticket.source == kEmail;
  change(tenant_, kTickets, ticket.id, "owner", by_identifier(ticket.owner),
         at(actor_, assigned, dispatched ? dice_.text("dispatchers") : ticket.owner));
  const Stage stage = work_on(ticket) && ends ? finish(ticket) : Stage::open;
  const bool closed = stage == Stage::closed || stage == Stage::false_alarm;
  if (closed && ticket.id % 12 == 0)
    settle(
        tenant_, kTickets, ticket.id, "customFields",
        own_fields(tenant_, {{kRootCause, text_in(*ticket.subject, "cause").empty() ? json::value("User")
                                                                                    : ticket.subject->at("cause")}}));
  change(tenant_, kTickets, ticket.id, "status", reference(status_for(ticket, stage)),
         at(actor_, ticket.now, ticket.owner));
  if (!dice_.chance(closed ? 20 : 60)) return;
  const std::int64_t start = closed ? assigned : on_duty(ticket, actor_.now + (dice_.some(72) - 24) * kHour);
  schedule(ticket, start, closed, assigned);
}

/// It has gone by itself, and the integration has closed it before anybody came; backups by their next run.
void Tickets::clear(Ticket& ticket) {
  ticket.now +=
      ticket.subject->contains("when") ? kDay - dice_.some(90 * kMinute) : 4 * kMinute + dice_.some(5 * kHour);
  if (ticket.now > actor_.now) return;
  note(ticket, line(ticket, "cleared"), "resolutionFlag", kIntegration);
  change(tenant_, kTickets, ticket.id, "status", reference(ticket.board->at("auto_resolved").as_int64()),
         at(actor_, ticket.now, kIntegration));
}

/// When somebody is at work who can go on: who is on call is always.
std::int64_t Tickets::on_duty(const Ticket& ticket, std::int64_t moment) {
  if (ticket.board->contains("on_call") || in_office_hours(moment)) return moment;
  return next_opening(moment) + dice_.some(100 * kMinute);
}

/// Time goes by until somebody goes on with the ticket; false: that is still to come.
bool Tickets::go_on(Ticket& ticket, std::int64_t after) {
  const std::int64_t next = on_duty(ticket, ticket.now + after);
  if (next > actor_.now) return false;
  ticket.now = next;
  return true;
}

std::int64_t Tickets::pause(const Ticket& ticket) {
  const bool urgent = ticket.priority <= 2;
  const std::int64_t days = !urgent && dice_.chance(12) ? 1 + dice_.some(3) : 0;
  return days * kDay + 8 * kMinute + dice_.some((urgent ? 90 : 360) * kMinute);
}

const std::string& Tickets::colleague(const Ticket& ticket) {
  const std::vector<std::string>& team = teams_.at(board_of(ticket));
  return team[dice_.below(team.size())];
}

/// Notes and time; false: some of it is still to come.
bool Tickets::work_on(Ticket& ticket) {
  const std::size_t notes = dice_.below(3);
  for (std::size_t turn = 0; turn < notes; ++turn) {
    if (!go_on(ticket, pause(ticket))) return false;
    const bool internal = dice_.chance(40);
    note(ticket, line(ticket, internal ? "internal" : "discussion", turn),
         internal ? "internalAnalysisFlag" : "detailDescriptionFlag",
         internal && dice_.chance(20) ? colleague(ticket) : ticket.owner);
  }
  if (ticket.customer == &customers_.front() || !dice_.chance(60)) return true;
  return go_on(ticket, pause(ticket)) && enter_time(ticket);
}

void Tickets::note(const Ticket& ticket, const std::string& text, const char* place, const std::string& author) {
  write(tenant_, "service/tickets/notes", ticket.id, {{"text", text}, {place, true}}, at(actor_, ticket.now, author));
}

/// From five minutes to five minutes, by quarters of an hour; false: that is not over yet.
bool Tickets::enter_time(Ticket& ticket) {
  constexpr std::int64_t kStep = 5 * kMinute, kOnSite = 2, kRemote = 1;
  const std::int64_t start = (ticket.now + kStep - 1) / kStep * kStep;
  const std::int64_t end = start + (1 + dice_.some(ticket.priority <= 2 ? 8 : 4)) * kHour / 4;
  if (end > actor_.now) return false;
  const bool on_site = ticket.subject->contains("onsite") && dice_.chance(50);
  json::object entry{{"chargeToId", ticket.id},
                     {"chargeToType", "ServiceTicket"},
                     {"timeStart", time_text(start)},
                     {"timeEnd", time_text(end)},
                     {"member", by_identifier(ticket.owner)},
                     {"workType", reference(on_site ? kOnSite : kRemote)},
                     {"workRole", reference(ticket.owner == "apatel" ? 2 : 1)},
                     {"notes", line(ticket, "work")},
                     {dice_.chance(30) ? "addToInternalAnalysisFlag" : "addToDetailDescriptionFlag", true}};
  if (ticket.customer->agreement != 0) entry["agreement"] = reference(ticket.customer->agreement);
  if (ticket.customer->type == kOwner) entry["billableOption"] = "DoNotBill";
  write(tenant_, "time/entries", 0, entry, at(actor_, end, ticket.owner));
  ticket.now = end;
  return true;
}

/// Says what has helped, and closes the ticket then or when the customer has confirmed.
Stage Tickets::finish(Ticket& ticket) {
  if (!go_on(ticket, kMinute + dice_.some(40 * kMinute))) return Stage::open;
  const bool nothing = dice_.some(100) < number_in(*ticket.subject, "false");
  note(ticket, line(ticket, nothing ? "false_alarm" : "resolution"), "resolutionFlag", ticket.owner);
  const std::int64_t confirmed = dice_.chance(70) ? dice_.some(15 * kMinute) : kHour + dice_.some(kDay);
  if (!go_on(ticket, kMinute + confirmed)) return Stage::resolved;
  return nothing ? Stage::false_alarm : Stage::closed;
}

/// The ticket in its owner's calendar.
void Tickets::schedule(const Ticket& ticket, std::int64_t start, bool done, std::int64_t when) {
  constexpr std::int64_t kServiceEntry = 4, kFirm = 2, kQuarter = 15 * kMinute;
  const std::int64_t begins = (start + kQuarter - 1) / kQuarter * kQuarter;
  write(tenant_, "schedule/entries", 0,
        {{"objectId", ticket.id},
         {"type", reference(kServiceEntry)},
         {"status", reference(kFirm)},
         {"member", by_identifier(ticket.owner)},
         {"dateStart", time_text(begins)},
         {"dateEnd", time_text(begins + kHour)},
         {"doneFlag", done}},
        at(actor_, when, ticket.owner));
}

/// A status of the board for tickets that somebody works or has worked: never an inactive one, nor the one that new
/// tickets have. Few are in one that says that nobody has answered.
std::int64_t Tickets::status_for(const Ticket& ticket, Stage stage) {
  const std::int64_t false_alarm = number_in(*ticket.board, "false_positive");
  if (stage == Stage::false_alarm) return false_alarm;
  const Table& statuses = std::as_const(tenant_).table("service/boards/statuses");
  const Resource& resource = statuses.resource();
  std::vector<std::int64_t> fitting;
  for (const std::int64_t id : *statuses.lookup(resource.field("board"), std::to_string(board_of(ticket)))) {
    const Row& row = *statuses.find(id);
    if (row.flag(resource.field("inactive")) || row.flag(resource.field("defaultFlag"))) continue;
    if (id == false_alarm || id == number_in(*ticket.board, "auto_resolved")) continue;
    const std::string_view escalation = row.text(resource.field("escalationStatus"));
    const Stage of_status = row.flag(resource.field("closedStatus")) ? Stage::closed
                            : escalation == "Resolved"               ? Stage::resolved
                                                                     : Stage::open;
    if (of_status == stage) fitting.insert(fitting.end(), escalation == "NotResponded" ? 1 : 4, id);
  }
  // Not every board has one for what waits for a word of the customer.
  return fitting.empty() ? status_for(ticket, Stage::open) : fitting[dice_.below(fitting.size())];
}

}  // namespace

void plant_town_tickets(Tenant& tenant, std::span<const Customer> customers, std::size_t count, Dice& dice,
                        const Actor& actor) {
  Tickets(tenant, customers, dice, actor).plant(count);
}

}  // namespace crosswalk::sandbox

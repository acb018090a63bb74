#include "sandbox/town_tickets.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "sandbox/details.h"
#include "sandbox/office_hours.h"
#include "sandbox/planting.h"
#include "sandbox/rules.h"
#include "sandbox/small_town.h"
#include "sandbox/town_fields.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr const char* kTickets = "service/tickets";
constexpr std::int64_t kFirstTicket = 10'000;
constexpr std::int64_t kHistory = 120 * kDay;                ///< how far back they go
constexpr std::int64_t kBackupBoard = 21, kNightBoard = 22;  ///< boards
constexpr std::int64_t kCritical = 1, kLow = 4;              ///< priorities
constexpr std::int64_t kCall = 1, kMail = 2, kPortal = 3, kMonitoring = 4, kOld = 11, kChat = 12;  ///< sources
/// What is less than so long ago has not been followed by anything.
constexpr std::int64_t kJustNow = 10 * kMinute;

/// What a ticket is about: an entry of the list "tickets".
struct Kind {
  const json::object* words;
  std::int64_t share = 0;  ///< cumulative
  [[nodiscard]] std::int64_t number(std::string_view name) const {
    const json::value* value = words->if_contains(name);
    return value == nullptr ? 0 : value->as_int64();
  }
  [[nodiscard]] bool by_people() const { return words->contains("people"); }
  [[nodiscard]] bool clears_itself() const { return words->contains("cleared"); }
};

struct Planned {
  std::int64_t opened;
  const Kind* kind;
};

/// One ticket while it is being made.
struct Ticket {
  std::int64_t id = 0, opened = 0, board = 0, priority = 0, device = 0, contact = 0;
  const Kind* kind = nullptr;
  const Customer* customer = nullptr;
  const Person* person = nullptr;  ///< who has called, or uses the device; null: nobody is known
  std::string device_name, somebody;
};

class TownTickets {
 public:
  TownTickets(Tenant& tenant, const std::vector<Customer>& customers, const DevicesByType& devices, Dice& dice,
              const Actor& actor)
      : tenant_(tenant), customers_(customers), devices_(devices), dice_(dice), actor_(actor) {
    std::int64_t share = 0;
    for (const json::value& each : town_words().at("tickets").as_array()) {
      const json::object& words = each.as_object();
      kinds_.push_back({&words, share += words.at("share").as_int64()});
    }
    std::size_t weight = 0;
    for (const Customer& each : customers_) weights_.push_back(weight += each.weight);
  }

  void plant(std::size_t count) {
    tenant_.table(kTickets).set_next_id(kFirstTicket);
    std::vector<Planned> planned;
    planned.reserve(count);
    for (std::size_t n = 0; n < count; ++n) {
      const Kind& kind = drawn_kind();
      planned.push_back({drawn_time(kind), &kind});
    }
    std::stable_sort(planned.begin(), planned.end(),
                     [](const Planned& a, const Planned& b) { return a.opened < b.opened; });
    std::int64_t id = kFirstTicket;
    for (const Planned& each : planned) {
      Ticket ticket = imagine(id++, each);
      open(ticket);
      work_on(ticket);
    }
  }

 private:
  const Kind& drawn_kind() {
    const std::int64_t lot = dice_.some(kinds_.back().share);
    return *std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& each) { return lot < each.share; });
  }

  std::int64_t drawn_time(const Kind& kind) {
    const std::int64_t from = actor_.now - kHistory;
    if (kind.by_people()) return hours_.draw(from, actor_.now, dice_);
    if (kind.number("board") == kBackupBoard) return hours_.draw_night(from, actor_.now, dice_);
    return from + dice_.some(kHistory);
  }

  const Customer& drawn_customer() {
    if (dice_.chance(2)) return customers_[0];
    for (;;) {
      const auto found = std::upper_bound(weights_.begin(), weights_.end(), dice_.below(weights_.back()));
      const Customer& customer = customers_[static_cast<std::size_t>(found - weights_.begin())];
      if (!customer.deleted && &customer != &customers_[0]) return customer;
    }
  }

  /// Null: the customer has none of the kind's type.
  const std::vector<std::int64_t>* devices_for(const Customer& customer, const Kind& kind) const {
    const auto found = devices_.find({customer.id, kind.number("device")});
    return found == devices_.end() || customer.deleted ? nullptr : &found->second;
  }

  Ticket imagine(std::int64_t id, const Planned& planned) {
    Ticket ticket;
    ticket.id = id;
    ticket.opened = planned.opened;
    ticket.kind = planned.kind;
    ticket.board = planned.kind->number("board");
    ticket.priority = dice_.of(planned.kind->words->at("priority")).as_int64();
    ticket.customer = &drawn_customer();
    if (planned.kind->number("device") != 0) choose_device(ticket);
    if (!ticket.customer->people.empty()) {
      const std::size_t n = dice_.chance(60) ? 0 : dice_.below(ticket.customer->people.size());
      ticket.person = &ticket.customer->people[n];
      ticket.contact = ticket.customer->id * 10 + static_cast<std::int64_t>(n);
    }
    ticket.somebody =
        fmt::format("{} {}", small_town_word("first_names", dice_.raw()), small_town_word("last_names", dice_.raw()));
    return ticket;
  }

  /// A device that fits, of whoever has one.
  void choose_device(Ticket& ticket) {
    const std::vector<std::int64_t>* fitting = devices_for(*ticket.customer, *ticket.kind);
    for (std::size_t n = dice_.below(customers_.size()); fitting == nullptr; n = (n + 1) % customers_.size()) {
      ticket.customer = &customers_[n];
      fitting = devices_for(customers_[n], *ticket.kind);
    }
    ticket.device = (*fitting)[dice_.below(fitting->size())];
    const Table& devices = std::as_const(tenant_).table("company/configurations");
    ticket.device_name = devices.find(ticket.device)->text(devices.resource().field("name"));
  }

  /// One of the sentences, about this ticket.
  std::string said(const json::value& sentences, const Ticket& ticket) {
    std::string text(dice_.of(sentences).as_string());
    const std::string site =
        "the " + std::string(town_words().at("cities").at(ticket.customer->city).at(0).as_string()) + " office";
    const std::string person = ticket.person == nullptr ? "the user" : ticket.person->name();
    for (const auto& [place, word] : {std::pair<std::string_view, std::string_view>{"{device}", ticket.device_name},
                                      {"{person}", person},
                                      {"{name}", ticket.somebody},
                                      {"{site}", site}})
      for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + word.size()))
        text.replace(at, place.size(), word);
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() += 'A' - 'a';
    return text;
  }
  std::string said(const Ticket& ticket, std::string_view list) { return said(ticket.kind->words->at(list), ticket); }

  /// A sentence as a technician writes it down.
  std::string step(const Ticket& ticket, std::size_t number) {
    const json::array& steps = ticket.kind->words->at("steps").as_array();
    return dressed(ticket, json::array{steps[number % steps.size()]}, "tails");
  }
  std::string outcome(const Ticket& ticket) { return dressed(ticket, ticket.kind->words->at("outcomes"), "ends"); }
  std::string dressed(const Ticket& ticket, const json::value& sentences, std::string_view last) {
    const json::value& words = town_words().at(ticket.kind->by_people() ? "words_of_people" : "words_of_machines");
    return said(words.at("leads"), ticket) + said(sentences, ticket) + said(words.at(last), ticket);
  }

  void open(Ticket& ticket) {
    const bool by_people = ticket.kind->by_people();
    const bool writes = by_people && ticket.person != nullptr && !ticket.person->address.empty() && dice_.chance(55);
    const std::int64_t source = !by_people ? (dice_.chance(90) ? kMonitoring : kOld)
                                : !writes  ? kCall
                                           : (dice_.chance(60)   ? kMail
                                              : dice_.chance(70) ? kPortal
                                                                 : kChat);
    static constexpr std::pair<const char*, const char*> kUrgency[] = {
        {"High", "High"}, {"High", "Medium"}, {"Medium", "Medium"}, {"Low", "Low"}};
    const auto& [severity, impact] = kUrgency[ticket.priority - 1];
    json::object body{{"summary", said(ticket, "subjects")},
                      {"board", reference(ticket.board)},
                      {"type", reference(ticket.kind->number("type"))},
                      {"company", reference(ticket.customer->id)},
                      {"priority", reference(ticket.priority)},
                      {"severity", severity},
                      {"impact", impact},
                      {"source", reference(source)},
                      {"initialDescription", said(ticket, "openings")}};
    for (const auto& [member, name] : {std::pair{"subType", "subtype"}, {"item", "item"}})
      if (ticket.kind->number(name) != 0) body[member] = reference(ticket.kind->number(name));
    if (ticket.customer->agreement != 0) body["agreement"] = reference(ticket.customer->agreement);
    if (by_people && ticket.contact != 0) body["contact"] = reference(ticket.contact);
    if (by_people && ticket.contact == 0) body["contactName"] = "Unknown caller";
    const std::string enterer = writes             ? ticket.person->address
                                : !by_people       ? "APIuser"
                                : dice_.chance(60) ? "tbaker"
                                                   : "lgreen";
    write(tenant_, kTickets, 0, body, at(actor_, ticket.opened, enterer));
    if (writes) written_by_contact(tenant_, ticket.id, ticket.contact);
    if (ticket.device != 0) settle(tenant_, kTickets, ticket.id, "configuration", json::array{ticket.device});
  }

  void work_on(const Ticket& ticket) {
    const std::int64_t age = actor_.now - ticket.opened;
    const bool closed = age > 20 * kDay ? !dice_.chance(6) : age > 2 * kDay ? dice_.chance(70) : dice_.chance(25);
    if (closed && ticket.kind->clears_itself() && dice_.chance(50)) return clear(ticket);
    if (!closed && (dice_.chance(5) || (age < kDay && dice_.chance(60)))) return;  // nobody has looked at it yet
    const std::string member(dice_.of(town_words().at("workers").at(std::to_string(ticket.board))).as_string());
    std::int64_t now = follows(ticket, ticket.opened, 1);
    if (now > actor_.now - kJustNow) return;
    const auto then = [&] { return at(actor_, now, member); };
    change(tenant_, kTickets, ticket.id, "owner", by_identifier(member), then());
    if (dice_.chance(closed ? 20 : 60)) {
      const std::int64_t start = closed ? now : hours_.next(actor_.now + (dice_.some(72) - 24) * kHour, dice_);
      schedule(ticket, member, start, closed, then());
    }
    const std::size_t first = dice_.below(3);
    std::size_t taken = 0;
    for (const std::size_t steps = 1 + dice_.below(2); taken < steps; ++taken) {
      const std::int64_t next = follows(ticket, now, 2);
      if (next > actor_.now - kJustNow) break;
      now = next;
      note(ticket, step(ticket, first + taken), dice_.chance(35) ? "internalAnalysisFlag" : "detailDescriptionFlag",
           then());
    }
    finish(ticket, member, now, closed, first + taken);
  }

  /// Books the work, and closes the ticket when it is done by now. `next`: the step that comes next.
  void finish(const Ticket& ticket, const std::string& member, std::int64_t now, bool closed, std::size_t next) {
    const std::int64_t end = now + (1 + dice_.some(8)) * kHour / 4;
    if (ticket.customer != &customers_[0] && dice_.chance(70) && end < actor_.now - kJustNow) {
      enter_time(ticket, closed ? outcome(ticket) : step(ticket, next), now, end, member);
      now = end;
    }
    const std::int64_t last = follows(ticket, now, closed ? 6 : 2);
    const bool done = closed && last < actor_.now - kJustNow;
    if (last < actor_.now - kJustNow) now = last;
    const Actor then = at(actor_, now, member);
    if (done) note(ticket, outcome(ticket), "resolutionFlag", then);
    if (done && ticket.id % 12 == 0)
      settle(tenant_, kTickets, ticket.id, "customFields",
             custom_fields(tenant_, {{kRootCause, dice_.chance(50) ? "Software" : "User"}}));
    change(tenant_, kTickets, ticket.id, "status", reference(status_for(ticket.board, done)), then);
  }

  /// What was the matter is over by itself: the integration that has opened the ticket says so and closes it.
  void clear(const Ticket& ticket) {
    const std::int64_t now = ticket.opened + (5 + dice_.some(400)) * kMinute + dice_.some(60);
    if (now > actor_.now - kJustNow) return;
    const Actor then = at(actor_, now, "APIuser");
    note(ticket, said(ticket, "cleared"), "detailDescriptionFlag", then);
    note(ticket, fmt::format("Closed by itself: {}", said(ticket, "cleared")), "resolutionFlag", then);
    change(tenant_, kTickets, ticket.id, "status", reference(status_of_cleared(ticket.board)), then);
  }

  /// When somebody goes on with it: soon, where it is urgent, else in office hours.
  std::int64_t follows(const Ticket& ticket, std::int64_t now, std::int64_t slowness) {
    static constexpr std::int64_t kMinutesMax[] = {20, 75, 240, 600};
    const std::int64_t minutes = kMinutesMax[ticket.priority - 1] * slowness;
    const std::int64_t next = now + (4 + dice_.some(minutes)) * kMinute + dice_.some(60);
    return ticket.priority == kCritical || ticket.board == kNightBoard ? next : hours_.next(next, dice_);
  }

  /// A status of the board that is (or is not) one of the end: never an inactive one, nor the one that new tickets
  /// have, nor one that only what closes by itself has.
  std::int64_t status_for(std::int64_t board, bool closed) {
    const std::vector<std::int64_t> fitting = statuses(board, [&](const Resource& resource, const Row& row) {
      return row.flag(resource.field("closedStatus")) == closed && !row.flag(resource.field("defaultFlag")) &&
             !is_automatic(row.text(resource.field("name")));
    });
    return fitting.empty() ? status_of_cleared(board) : fitting[dice_.below(fitting.size())];
  }
  std::int64_t status_of_cleared(std::int64_t board) {
    const auto closed = statuses(
        board, [](const Resource& resource, const Row& row) { return row.flag(resource.field("closedStatus")); });
    const Table& table = std::as_const(tenant_).table("service/boards/statuses");
    const auto automatic = std::find_if(closed.begin(), closed.end(), [&](std::int64_t id) {
      return is_automatic(table.find(id)->text(table.resource().field("name")));
    });
    return automatic == closed.end() ? closed.front() : *automatic;
  }
  static bool is_automatic(std::string_view status) {
    return status.find("Auto-Resolved") != std::string_view::npos || status.find("(auto)") != std::string_view::npos;
  }
  template <class Fits>
  std::vector<std::int64_t> statuses(std::int64_t board, Fits fits) {
    const Table& table = std::as_const(tenant_).table("service/boards/statuses");
    const Resource& resource = table.resource();
    std::vector<std::int64_t> fitting;
    for (const std::int64_t id : *table.lookup(resource.field("board"), std::to_string(board))) {
      const Row& row = *table.find(id);
      if (!row.flag(resource.field("inactive")) && fits(resource, row)) fitting.push_back(id);
    }
    return fitting;
  }

  void note(const Ticket& ticket, std::string_view text, const char* place, const Actor& then) {
    write(tenant_, "service/tickets/notes", ticket.id, {{"text", text}, {place, true}}, then);
  }

  void enter_time(const Ticket& ticket, std::string_view notes, std::int64_t start, std::int64_t end,
                  const std::string& member) {
    constexpr std::int64_t kRemote = 1, kOnSite = 2, kEngineer = 1, kAnalyst = 2;
    json::object entry{{"chargeToId", ticket.id},
                       {"chargeToType", "ServiceTicket"},
                       {"timeStart", time_text(start)},
                       {"timeEnd", time_text(end)},
                       {"member", by_identifier(member)},
                       {"workType", reference(dice_.chance(85) ? kRemote : kOnSite)},
                       {"workRole", reference(member == "apatel" ? kAnalyst : kEngineer)},
                       {"notes", notes},
                       {"addToDetailDescriptionFlag", true}};
    if (ticket.customer->agreement != 0) entry["agreement"] = reference(ticket.customer->agreement);
    write(tenant_, "time/entries", 0, entry, at(actor_, end, member));
  }

  /// The ticket in a member's calendar.
  void schedule(const Ticket& ticket, const std::string& member, std::int64_t start, bool done, const Actor& then) {
    constexpr std::int64_t kServiceEntry = 4, kFirm = 2;
    write(tenant_, "schedule/entries", 0,
          {{"objectId", ticket.id},
           {"type", reference(kServiceEntry)},
           {"status", reference(kFirm)},
           {"member", by_identifier(member)},
           {"dateStart", time_text(start)},
           {"dateEnd", time_text(start + kHour)},
           {"doneFlag", done}},
          then);
  }

  Tenant& tenant_;
  const std::vector<Customer>& customers_;
  const DevicesByType& devices_;
  Dice& dice_;
  const Actor& actor_;
  const OfficeHours hours_;
  std::vector<Kind> kinds_;
  std::vector<std::size_t> weights_;  ///< cumulative, of customers_
};

}  // namespace

void plant_town_tickets(Tenant& tenant, const std::vector<Customer>& customers, const DevicesByType& devices,
                        std::size_t count, Dice& dice, const Actor& actor) {
  TownTickets(tenant, customers, devices, dice, actor).plant(count);
}

}  // namespace crosswalk::sandbox

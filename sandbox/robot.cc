#include "sandbox/robot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/text.h"
#include "sandbox/conditions.h"
#include "sandbox/tenant.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr double kMillisecondsPerMinute = 60'000;
constexpr double kPerMinuteMax = 60'000;
constexpr std::int64_t kActionsMax = 10'000;  ///< of one step; a clock that leaps must not stop the world
constexpr std::size_t kRecent = 400;          ///< technicians look at the newest tickets
constexpr int kGlances = 40;                  ///< at tickets, until one is found to work on

constexpr std::string_view kRemarks[] = {"Called, no answer.",         "Remoted in, looking at it.",
                                         "Waiting for the vendor.",    "User will test tomorrow.",
                                         "Could reproduce it.",        "Checked the logs, nothing unusual.",
                                         "Scheduled for this evening", "Asked for a screenshot."};
constexpr std::string_view kSolutions[] = {"Done, user confirmed.", "Rebooted, works again.", "Replaced the part.",
                                           "No action needed.", "Fixed by the update."};
constexpr std::string_view kHours[] = {"0.25", "0.5", "0.75", "1", "1.5", "2"};

/// One look at one tenant's tickets, with the draws of one instant.
class Shift {
 public:
  Shift(World& world, const Tenant& tenant, std::mt19937_64& random)
      : world_(world),
        tenant_(tenant),
        tickets_(tenant.table("service/tickets")),
        resource_(tickets_.resource()),
        random_(random) {}

  bool work() {
    member_ = draw_member();
    if (member_.empty()) return false;
    const Row* ticket = draw_ticket();
    if (ticket == nullptr) return false;
    if (ticket->flag(resource_.field("closedFlag"))) return reopen(*ticket);
    if (ticket->integer(resource_.field("owner")) == 0 && chance(90))
      return world_.set_owner(name(), ticket->id, member_);
    if (const Row* owner = tenant_.table("system/members").find(ticket->integer(resource_.field("owner"))))
      member_ = owner->text(tenant_.table("system/members").resource().field("identifier"));
    return work_on(*ticket);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <std::size_t size>
  std::string_view pick(const std::string_view (&list)[size]) {
    return list[below(size)];
  }
  [[nodiscard]] const std::string& name() const { return tenant_.name(); }

  /// Somebody whose work tickets are, and no program: accounting and dispatch close none.
  std::string draw_member() {
    const Table& members = tenant_.table("system/members");
    const Resource& resource = members.resource();
    std::vector<std::string> present;
    members.each([&](const Row& row) {
      const std::string_view identifier = row.text(resource.field("identifier"));
      if (!row.flag(resource.field("inactiveFlag")) && row.text(resource.field("licenseClass")) != "A" &&
          tenant_.access(identifier).may("Close Service Tickets", 'E'))
        present.emplace_back(identifier);
      return true;
    });
    return present.empty() ? std::string() : present[below(present.size())];
  }

  /// The newer, the likelier; a closed one now and then.
  const Row* draw_ticket() {
    const std::int64_t newest = tickets_.next_id() - 1;
    const std::size_t recent = std::min(kRecent, tickets_.size());
    if (recent == 0) return nullptr;
    for (int glance = 0; glance < kGlances; ++glance) {
      const auto depth = static_cast<std::int64_t>(std::min(below(recent), below(recent)));
      const Row* row = tickets_.find(newest - depth);
      if (row != nullptr && (!row->flag(resource_.field("closedFlag")) || chance(3))) return row;
    }
    return nullptr;
  }

  bool work_on(const Row& ticket) {
    const std::int64_t id = ticket.id;
    const std::size_t lot = below(100);
    if (lot < 35) {
      const bool internal = chance(35);
      return world_.add_note(name(), id, pick(kRemarks),
                             internal ? World::NotePlace::internal : World::NotePlace::discussion, member_) != 0;
    }
    if (lot < 55) return move(ticket);
    if (lot < 73) return world_.enter_time(name(), id, pick(kHours), pick(kRemarks), member_) != 0;
    if (lot < 93) {
      if (chance(60)) world_.add_note(name(), id, pick(kSolutions), World::NotePlace::resolution, member_);
      return world_.close_ticket(name(), id, member_);
    }
    if (lot < 97) return merge_double(ticket);
    return world_.set_field(name(), id, "priority", json::object{{"id", 1 + static_cast<std::int64_t>(below(4))}},
                            member_);
  }

  /// Statuses of the ticket's board that are in use and do not close.
  std::vector<const Row*> open_statuses(const Row& ticket) const {
    const Table& statuses = tenant_.table("service/boards/statuses");
    const Resource& resource = statuses.resource();
    std::vector<const Row*> found;
    const std::string board = std::to_string(ticket.integer(resource_.field("board")));
    for (const std::int64_t id : *statuses.lookup(resource.field("board"), board)) {
      const Row* row = statuses.find(id);
      if (!row->flag(resource.field("closedStatus")) && !row->flag(resource.field("inactive"))) found.push_back(row);
    }
    return found;
  }

  bool move(const Row& ticket) {
    const std::vector<const Row*> statuses = open_statuses(ticket);
    if (statuses.empty()) return false;
    return to_status(ticket.id, *statuses[below(statuses.size())]);
  }

  bool reopen(const Row& ticket) {
    const std::vector<const Row*> statuses = open_statuses(ticket);
    if (statuses.empty() || ticket.integer(resource_.field("mergedParentTicket")) != 0) return false;
    const int label = tenant_.table("service/boards/statuses").resource().field("name");
    const auto meant = std::find_if(statuses.begin(), statuses.end(), [&](const Row* row) {
      return contains_ignoring_case(row->text(label), "re-open");
    });
    const std::int64_t id = ticket.id;
    const bool moved = to_status(id, meant == statuses.end() ? *statuses.front() : **meant);
    if (moved) world_.add_note(name(), id, "User replied: it is back.", World::NotePlace::discussion, member_);
    return moved;
  }

  bool to_status(std::int64_t ticket, const Row& status) {
    return world_.set_field(name(), ticket, "status", json::object{{"id", status.id}}, member_);
  }

  /// Into another open ticket of the same company and board.
  bool merge_double(const Row& ticket) {
    const int company = resource_.field("company"), board = resource_.field("board");
    const std::vector<std::int64_t>* others = tickets_.lookup(company, std::to_string(ticket.integer(company)));
    if (others == nullptr) return false;
    for (auto id = others->rbegin(); id != others->rend(); ++id) {
      const Row* other = tickets_.find(*id);
      if (other->id != ticket.id && !other->flag(resource_.field("closedFlag")) &&
          other->integer(board) == ticket.integer(board))
        return world_.merge_ticket(name(), other->id, ticket.id, member_);
    }
    return false;
  }

  World& world_;
  const Tenant& tenant_;
  const Table& tickets_;
  const Resource& resource_;
  std::mt19937_64& random_;
  std::string member_;
};

/// Neighbouring instants must not draw alike (the finalizer of SplitMix64).
std::uint64_t scattered(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
  value = (value ^ value >> 27) * 0x94D049BB133111EB;
  return value ^ value >> 31;
}

}  // namespace

void Robot::set(RobotSettings settings) {
  settings_ = std::move(settings);
  last_ = -1;
}

void Robot::step(World& world, Timestamp now) {
  if (settings_.per_minute <= 0) return;
  const double elapsed = static_cast<double>(to_milliseconds(now)) * settings_.per_minute / kMillisecondsPerMinute;
  const auto number = static_cast<std::int64_t>(std::floor(elapsed));
  if (last_ < 0) last_ = number;
  last_ = std::max(last_, number - kActionsMax);
  while (last_ < number) act(world, ++last_);
}

void Robot::act(World& world, std::int64_t number) {
  std::mt19937_64 random(scattered(settings_.seed ^ scattered(static_cast<std::uint64_t>(number))));
  std::string name = settings_.tenant;
  if (name.empty()) {
    const std::vector<std::string> names = world.tenants();
    if (names.empty()) return;
    name = names[random() % names.size()];
  }
  const Tenant* tenant = world.tenant(name);
  if (tenant != nullptr && Shift(world, *tenant, random).work()) ++actions_;
}

json::object to_json(const Robot& robot) {
  const RobotSettings& settings = robot.settings();
  return {{"per_minute", settings.per_minute},
          {"tenant", settings.tenant},
          {"seed", settings.seed},
          {"actions", robot.actions()}};
}

Result<RobotSettings> apply_robot_json(RobotSettings settings, const json::object& change) {
  for (const auto& [name, value] : change) {
    if (name == "per_minute" && value.is_number() && value.to_number<double>() >= 0 &&
        value.to_number<double>() <= kPerMinuteMax) {
      settings.per_minute = value.to_number<double>();
    } else if (name == "tenant" && value.is_string()) {
      settings.tenant = value.get_string();
    } else if (name == "seed" && value.is_int64() && value.get_int64() >= 0) {
      settings.seed = static_cast<std::uint64_t>(value.get_int64());
    } else {
      return failure("sandbox.robot_invalid", "the robot takes per_minute (0 to 60000), tenant and seed");
    }
  }
  return settings;
}

}  // namespace crosswalk::sandbox

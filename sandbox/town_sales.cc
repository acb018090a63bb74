#include "sandbox/town_sales.h"

#include <fmt/format.h>

#include "sandbox/planting.h"
#include "sandbox/rules.h"

namespace crosswalk::sandbox {
namespace json = boost::json;
namespace {

constexpr std::int64_t kDaysBack = 730;
constexpr std::int64_t kOpen = 1, kWon = 2, kLost = 3;
constexpr std::int64_t kSure = 4, kNever = 5;  ///< probabilities
constexpr std::int64_t kProjectBoard = 10, kNew = 1001, kInProgress = 1002, kClosed = 1003;
constexpr std::int64_t kFirstProjectTicket = 5'000;
/// A deal is open for up to this long.
constexpr std::int64_t kDaysToDecide = 90;

class Sales {
 public:
  Sales(Tenant& tenant, Dice& dice, const Actor& actor) : tenant_(tenant), dice_(dice), actor_(actor) {}

  void deal(std::int64_t id, const Customer& customer) {
    const std::string what = dice_.text("deals"), seller = dice_.text("members");
    const std::int64_t age = 1 + dice_.some(kDaysBack), takes = 10 + dice_.some(kDaysToDecide - 10);
    const std::int64_t entered = day(-age) + (8 + dice_.some(9)) * kHour, decided = day(takes - age);
    const std::int64_t status = takes > age ? kOpen : dice_.chance(55) ? kWon : kLost;
    json::object opportunity{{"id", id},
                             {"name", what},
                             {"company", reference(customer.id)},
                             {"contact", reference(customer.id * 10)},
                             {"site", reference(customer.id * 10)},
                             {"type", reference(1 + dice_.some(3))},
                             {"stage", reference(status == kOpen ? 1 + dice_.some(3) : 3)},
                             {"status", reference(status)},
                             {"probability", reference(status == kWon    ? kSure
                                                       : status == kLost ? kNever
                                                                         : 1 + dice_.some(3))},
                             {"primarySalesRep", by_identifier(seller)},
                             {"expectedCloseDate", time_text(decided)},
                             {"notes", dice_.text("deal_notes")}};
    if (status != kOpen) opportunity["closedDate"] = time_text(decided);
    plant(tenant_, "sales/opportunities", opportunity, at(actor_, entered, seller));
    activity(id, customer, seller, entered);
    if (status == kWon && dice_.chance(60)) project(id, customer, what, decided);
  }

 private:
  /// Midnight of a day before or after today.
  [[nodiscard]] std::int64_t day(std::int64_t after) const { return (actor_.now / kDay + after) * kDay; }

  void activity(std::int64_t opportunity, const Customer& customer, const std::string& seller, std::int64_t since) {
    const std::int64_t start = since / kDay * kDay + (3 + dice_.some(14)) * kDay + (9 + dice_.some(8)) * kHour;
    const bool done = start < actor_.now;
    plant(tenant_, "sales/activities",
          {{"id", opportunity},
           {"name", dice_.text("calls")},
           {"type", reference(1 + dice_.some(2))},
           {"status", reference(done ? 2 : 1)},
           {"closeFlag", done},
           {"company", reference(customer.id)},
           {"contact", reference(customer.id * 10)},
           {"opportunity", reference(opportunity)},
           {"assignTo", by_identifier(seller)},
           {"dateStart", time_text(start)},
           {"dateEnd", time_text(start + kHour)}},
          at(actor_, since + kHour, seller));
  }

  void project(std::int64_t opportunity, const Customer& customer, const std::string& what, std::int64_t decided) {
    const std::int64_t start = decided + 7 * kDay, end = start + (30 + dice_.some(60)) * kDay;
    const bool over = end < actor_.now;
    const std::string manager = dice_.text("members");
    json::object body{{"id", ++projects_},
                      {"name", fmt::format("{} - {}", what, customer.name).substr(0, 100)},
                      {"company", reference(customer.id)},
                      {"contact", reference(customer.id * 10)},
                      {"site", reference(customer.id * 10)},
                      {"board", reference(kProjectBoard)},
                      {"opportunity", reference(opportunity)},
                      {"manager", by_identifier(manager)},
                      {"status", json::object{{"id", over ? 2 : 1}, {"name", over ? "Closed" : "Open"}}},
                      {"closedFlag", over},
                      {"billingMethod", dice_.chance(50) ? "FixedFee" : "ActualRates"},
                      {"budgetHours", 16 + 4 * dice_.some(20)},
                      {"estimatedStart", time_text(start)},
                      {"estimatedEnd", time_text(end)}};
    if (start < actor_.now) body["actualStart"] = time_text(start);
    if (over) body["actualEnd"] = time_text(end);
    const Actor then = at(actor_, decided + 9 * kHour, manager);
    plant(tenant_, "project/projects", body, then);
    const json::array& steps = town_words().at("project_steps").as_array();
    const auto count = static_cast<std::int64_t>(steps.size());
    for (std::int64_t n = 0; n < count; ++n) {
      const std::int64_t begins = start + (end - start) * n / count, ends = start + (end - start) * (n + 1) / count;
      step(steps[static_cast<std::size_t>(n)].as_array(), n, customer, begins, ends, then);
    }
  }

  /// One phase of the project that was made last, with its ticket.
  void step(const json::array& words, std::int64_t number, const Customer& customer, std::int64_t begins,
            std::int64_t ends, const Actor& then) {
    const bool begun = begins < actor_.now, over = ends < actor_.now;
    const std::int64_t phase = projects_ * 10 + number;
    plant(tenant_, "project/projects/phases",
          {{"id", phase},
           {"parent", projects_},
           {"description", words[0]},
           {"board", reference(kProjectBoard)},
           {"status", reference(over ? 2 : 1)},
           {"wbsCode", std::to_string(number + 1)}},
          then);
    json::object ticket{{"id", kFirstProjectTicket + tickets_++},
                        {"summary", words[1]},
                        {"project", reference(projects_)},
                        {"phase", reference(phase)},
                        {"wbsCode", std::to_string(number + 1)},
                        {"board", reference(kProjectBoard)},
                        {"status", reference(over    ? kClosed
                                             : begun ? kInProgress
                                                     : kNew)},
                        {"company", reference(customer.id)},
                        {"contact", reference(customer.id * 10)},
                        {"site", reference(customer.id * 10)},
                        {"priority", reference(3)},
                        {"budgetHours", 2 + dice_.some(12)}};
    if (begun) ticket["owner"] = by_identifier(dice_.text("members"));
    if (over) {
      ticket["closedFlag"] = true;
      ticket["closedDate"] = time_text(ends);
    }
    plant(tenant_, "project/tickets", ticket, then);
  }

  Tenant& tenant_;
  Dice& dice_;
  const Actor& actor_;
  std::int64_t projects_ = 0, tickets_ = 0;
};

}  // namespace

void plant_town_sales(Tenant& tenant, std::span<const Customer> customers, std::size_t opportunities, Dice& dice,
                      const Actor& actor) {
  Sales sales(tenant, dice, actor);
  for (std::size_t n = 0; n < opportunities;) {
    const Customer& customer = customers[2 + dice.below(customers.size() - 2)];
    if (customer.deleted || customer.contacts == 0) continue;
    sales.deal(static_cast<std::int64_t>(++n), customer);
  }
}

}  // namespace crosswalk::sandbox

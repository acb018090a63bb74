#include <fmt/format.h>

#include <set>

#include "mapping/names.h"
#include "mapping/reference_checks.h"

namespace crosswalk::mapping {
namespace {

using psa::TicketField;

const psa::Reference* find_board(const TicketSettings& settings) {
  const auto found = settings.fields.find(TicketField::board);
  return found == settings.fields.end() ? nullptr : &found->second;
}

/// One place of the document that holds settings.
struct Place {
  const TicketSettings* settings;
  std::string pointer;
};

class ReferenceChecker {
 public:
  ReferenceChecker(const Document& document, const psa::ReferenceData& data) : document_(document), data_(data) {}

  std::vector<Problem> run() {
    check_listed(document_.triage_board, "/triage_board", "board", boards());
    if (document_.unknown_customer.policy == UnknownCustomer::Policy::catch_all)
      check_listed(document_.unknown_customer.company, "/unknown_customer/company", "company", data_.companies);
    check_partner();
    for (const auto& [key, customer] : document_.customers) check_customer(customer, deeper("/customers", key));
    for (std::size_t i = 0; i < document_.rules.size(); ++i) check_rule(i);
    return std::move(problems_);
  }

 private:
  void add(Problem::Level level, std::string code, std::string pointer, std::string message) {
    problems_.push_back({level, std::move(code), std::move(pointer), std::move(message)});
  }
  void error(std::string code, std::string pointer, std::string message) {
    add(Problem::Level::error, std::move(code), std::move(pointer), std::move(message));
  }

  [[nodiscard]] std::vector<psa::ServiceType> boards() const {
    std::vector<psa::ServiceType> list;
    for (const psa::Board& board : data_.boards) list.push_back({board.reference, board.inactive});
    return list;
  }

  [[nodiscard]] const psa::Board* board(const psa::Reference* reference) const {
    if (!reference) return nullptr;
    for (const psa::Board& each : data_.boards)
      if (each.reference == *reference) return &each;
    return nullptr;
  }

  static const psa::Status* status(const psa::Board& board, const psa::Reference& reference) {
    for (const psa::Status& each : board.statuses)
      if (each.reference == reference) return &each;
    return nullptr;
  }

  void check_listed(const psa::Reference& reference, const std::string& pointer, std::string_view what,
                    const std::vector<psa::ServiceType>& list) {
    mapping::check_listed(reference, pointer, what, list, problems_);
  }

  void check_current(const psa::Reference& reference, const psa::Reference& current, bool inactive,
                     const std::string& pointer, std::string_view what) {
    mapping::check_current(reference, current, inactive, pointer, what, problems_);
  }

  /// What belongs to no board.
  void check_free(const Place& place) {
    const TicketSettings& settings = *place.settings;
    const auto listed = [&](TicketField field, const std::vector<psa::ServiceType>& list, std::string_view what) {
      if (const auto found = settings.fields.find(field); found != settings.fields.end())
        check_listed(found->second, deeper(place.pointer, psa::to_string(field)), what, list);
    };
    listed(TicketField::board, boards(), "board");
    listed(TicketField::priority, data_.priorities, "priority");
    listed(TicketField::source, data_.sources, "source");
    listed(TicketField::service_location, data_.locations, "service location");
    for (const auto& [severity, priority] : settings.priority_by_severity)
      check_listed(priority,
                   deeper(deeper(deeper(place.pointer, "priority"), "by_severity"), model::to_string(severity)),
                   "priority", data_.priorities);
  }

  /// What belongs to a board, against each board that an alert may have here. It must be on one of them at least.
  void check_board_values(const Place& place, const std::vector<const psa::Board*>& boards) {
    if (boards.empty()) return;
    for (const auto& [state, reference] : place.settings->statuses)
      check_status(state, reference, deeper(deeper(place.pointer, "statuses"), to_string(state)), boards);
    for (const TicketField field : kBoardFields) {
      const auto found = place.settings->fields.find(field);
      if (found != place.settings->fields.end())
        check_board_field(field, found->second, deeper(place.pointer, psa::to_string(field)), boards);
    }
  }

  void check_status(AlertState state, const psa::Reference& reference, const std::string& pointer,
                    const std::vector<const psa::Board*>& boards) {
    bool read = false;
    for (const psa::Board* each : boards) {
      if (each->statuses.empty()) continue;
      read = true;
      const psa::Status* found = status(*each, reference);
      if (!found) continue;
      check_current(reference, found->reference, found->inactive, pointer, "status");
      check_meaning(state, *found, *each, pointer);
      return;
    }
    if (!read) return;
    for (const psa::Board& each : data_.boards)
      if (status(each, reference))
        return error("mapping.status_other_board", pointer,
                     fmt::format("The status {} belongs to the board {}, but tickets go to the board {} here; choose a "
                                 "status of that board.",
                                 called(reference), called(each.reference), called(boards.front()->reference)));
    error("mapping.reference_missing", pointer,
          fmt::format("The board {} has no status {}; choose one of its statuses.", called(boards.front()->reference),
                      called(reference)));
  }

  void check_meaning(AlertState state, const psa::Status& status, const psa::Board& board, const std::string& pointer) {
    if (state == AlertState::resolved && !status.closed)
      add(Problem::Level::warning, "mapping.status_resolved_not_closed", pointer,
          fmt::format(
              "The status {} of the board {} does not close a ticket, so resolved alerts leave their tickets open.",
              called(status.reference), called(board.reference)));
    if (state != AlertState::resolved && status.closed)
      error("mapping.status_opened_closed", pointer,
            fmt::format(
                "The status {} of the board {} closes a ticket, so it cannot be the status of an alert that is {}.",
                called(status.reference), called(board.reference), to_string(state)));
  }

  void check_board_field(TicketField field, const psa::Reference& reference, const std::string& pointer,
                         const std::vector<const psa::Board*>& boards) {
    const auto list_of = [field](const psa::Board& board) -> const std::vector<psa::ServiceType>& {
      if (field == TicketField::type) return board.types;
      if (field == TicketField::subtype) return board.subtypes;
      return field == TicketField::item ? board.items : board.teams;
    };
    for (const psa::Board* each : boards) {
      // A board whose statuses were not read was not read in detail at all.
      if (each->statuses.empty()) return;
      for (const psa::ServiceType& entry : list_of(*each))
        if (entry.reference == reference)
          return check_current(reference, entry.reference, entry.inactive, pointer, psa::to_string(field));
    }
    error("mapping.reference_missing", pointer,
          fmt::format("The board {} has no {} {}; choose one of that board.", called(boards.front()->reference),
                      psa::to_string(field), called(reference)));
  }

  void check_partner() {
    const Place place{&document_.settings, "/defaults"};
    check_free(place);
    if (const psa::Board* own = board(find_board(document_.settings))) check_board_values(place, {own});
    const bool closes = document_.settings.auto_close.value_or(AutoClose::close) == AutoClose::close;
    if (find_board(document_.settings) && closes && !document_.settings.statuses.contains(AlertState::resolved))
      add(Problem::Level::warning, "mapping.status_resolved_not_closed", "/defaults/statuses",
          "There is no status for resolved alerts, so their tickets stay open; set \"resolved\" to a status that "
          "closes.");
  }

  void check_customer(const CustomerMapping& customer, const std::string& pointer) {
    check_listed(customer.company, deeper(pointer, "company"), "company", data_.companies);
    const Place place{&customer.settings, deeper(pointer, "settings")};
    check_free(place);
    const psa::Reference* own = find_board(customer.settings);
    if (const psa::Board* used = board(own ? own : find_board(document_.settings))) check_board_values(place, {used});
    if (own) {
      std::vector<const TicketSettings*> higher{&customer.settings};
      for (const Rule& rule : document_.rules) higher.push_back(&rule.set);
      check_moved(*own, place.pointer, higher, {&document_.settings});
    }
  }

  void check_rule(std::size_t index) {
    const TicketSettings& settings = document_.rules[index].set;
    const Place place{&settings, deeper(deeper("/rules", index), "set")};
    check_free(place);
    const psa::Reference* own = find_board(settings);
    if (own) {
      if (const psa::Board* used = board(own)) check_board_values(place, {used});
      std::vector<const TicketSettings*> higher, lower{&document_.settings};
      for (std::size_t i = 0; i <= index; ++i) higher.push_back(&document_.rules[i].set);
      for (const auto& [key, customer] : document_.customers) lower.push_back(&customer.settings);
      check_moved(*own, place.pointer, higher, lower);
      return;
    }
    std::vector<const psa::Board*> possible;
    const auto consider = [&](const TicketSettings& from) {
      if (const psa::Board* found = board(find_board(from));
          found && std::ranges::find(possible, found) == possible.end())
        possible.push_back(found);
    };
    consider(document_.settings);
    for (const auto& [key, customer] : document_.customers) consider(customer.settings);
    for (std::size_t i = index + 1; i < document_.rules.size(); ++i) consider(document_.rules[i].set);
    check_board_values(place, possible);
  }

  /// A level that moves tickets to a board of its own needs statuses of that board for every state that the levels
  /// below set for theirs.
  void check_moved(const psa::Reference& own, const std::string& pointer,
                   const std::vector<const TicketSettings*>& same_or_higher,
                   const std::vector<const TicketSettings*>& lower) {
    const psa::Board* moved_to = board(&own);
    if (!moved_to || moved_to->statuses.empty()) return;
    std::vector<std::string_view> missing;
    for (const auto& [state, name] : kStates) {
      const bool covered = std::ranges::any_of(same_or_higher, [&, state = state](const TicketSettings* each) {
        const auto found = each->statuses.find(state);
        return found != each->statuses.end() && status(*moved_to, found->second);
      });
      const bool foreign = std::ranges::any_of(lower, [&, state = state](const TicketSettings* each) {
        const auto found = each->statuses.find(state);
        return found != each->statuses.end() && !status(*moved_to, found->second);
      });
      if (foreign && !covered) missing.push_back(name);
    }
    if (missing.empty()) return;
    error("mapping.status_other_board", deeper(pointer, "board"),
          fmt::format("Tickets go to the board {} here, but the statuses set below belong to another board; set a "
                      "status of this board for {}.",
                      called(moved_to->reference), fmt::join(missing, ", ")));
  }

  const Document& document_;
  const psa::ReferenceData& data_;
  std::vector<Problem> problems_;
};

}  // namespace

std::string called(const psa::Reference& reference) {
  return reference.name.empty() ? reference.id : fmt::format("{} ({})", quoted(reference.name), reference.id);
}

void check_current(const psa::Reference& reference, const psa::Reference& current, bool inactive,
                   const std::string& pointer, std::string_view what, std::vector<Problem>& problems) {
  if (inactive)
    problems.push_back({Problem::Level::error, "mapping.reference_inactive", pointer,
                        fmt::format("The {} {} is inactive in your PSA; choose another, or activate it there.", what,
                                    called(current))});
  if (!reference.name.empty() && reference.name != current.name)
    problems.push_back({Problem::Level::warning, "mapping.reference_renamed", pointer,
                        fmt::format("The {} {} is now called {}. All works on; save the mapping to show the new name.",
                                    what, called(reference), quoted(current.name))});
}

std::vector<Problem> check_references(const Document& document, const psa::ReferenceData& reference_data) {
  return ReferenceChecker{document, reference_data}.run();
}

}  // namespace crosswalk::mapping

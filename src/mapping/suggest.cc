#include "mapping/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <span>

#include "base/text.h"
#include "mapping/names.h"
#include "mapping/object_document.h"

namespace crosswalk::mapping {

namespace json = boost::json;

namespace {

struct Word {
  std::string_view text;
  int weight;
};

constexpr std::array kBoardWords{Word{"security", 9},   Word{"soc", 9},      Word{"alert", 8},     Word{"monitor", 7},
                                 Word{"noc", 7},        Word{"rmm", 6},      Word{"managed", 5},   Word{"help", 4},
                                 Word{"service", 3},    Word{"support", 3},  Word{"triage", 2},    Word{"project", -9},
                                 Word{"sales", -9},     Word{"billing", -9}, Word{"internal", -5}, Word{"training", -9},
                                 Word{"onboarding", -5}};
constexpr std::array kReopenedWords{Word{"re-open", 9}, Word{"reopen", 9}, Word{"re open", 9}};
constexpr std::array kAcknowledgedWords{Word{"acknowledg", 9}, Word{"in progress", 7}, Word{"assigned", 4}};
constexpr std::array kResolvedWords{Word{"resolved", 9}, Word{"completed", 8},  Word{"closed", 7},
                                    Word{"cancel", -9},  Word{"duplicate", -9}, Word{"merged", -9}};
constexpr std::array kOpenedWords{Word{"new", 9}, Word{"open", 5}, Word{"re-open", -9}, Word{"reopen", -9}};
constexpr std::array kSourceWords{Word{"alert", 9}, Word{"monitor", 8}, Word{"rmm", 7}, Word{"api", 6},
                                  Word{"integration", 6}};

constexpr std::array kCustomerTypeWords{Word{"client", 9},     Word{"customer", 9}, Word{"former", -20},
                                        Word{"prospect", -20}, Word{"lost", -20},   Word{"ex", -20}};
constexpr std::array kActiveWords{Word{"active", 9}, Word{"in use", 7}, Word{"current", 5}, Word{"not", -20}};
constexpr std::array kInactiveWords{Word{"inactive", 9}, Word{"offline", 7}, Word{"not in use", 7}, Word{"missing", 5}};
constexpr std::array kRetiredWords{Word{"retired", 9}, Word{"decommission", 9}, Word{"disposed", 7}, Word{"scrap", 5}};
constexpr std::array kReplacedWords{Word{"replaced", 9}};
constexpr std::array kServerWords{Word{"server", 9}, Word{"managed", 1}};
constexpr std::array kWorkstationWords{Word{"workstation", 9}, Word{"desktop", 8}, Word{"computer", 7}, Word{"pc", 7},
                                       Word{"managed", 1}};
constexpr std::array kLaptopWords{Word{"laptop", 9}, Word{"notebook", 9}, Word{"workstation", 5}, Word{"managed", 1}};
constexpr std::array kFirewallWords{Word{"firewall", 9}, Word{"router", 5}, Word{"managed", 1}};
constexpr std::array kNetworkWords{Word{"network", 9}, Word{"switch", 8}, Word{"router", 6}, Word{"managed", 1}};
constexpr std::array kPrinterWords{Word{"printer", 9}, Word{"copier", 7}, Word{"managed", 1}};
constexpr std::array kMobileWords{Word{"mobile", 9}, Word{"tablet", 7}, Word{"phone", 6}, Word{"managed", 1}};

/// Classes of devices that products speak of, and the words that configuration types have for them.
struct ClassWords {
  std::string_view name;
  std::span<const Word> words;
};
constexpr std::array kClasses{ClassWords{"server", kServerWords},   ClassWords{"workstation", kWorkstationWords},
                              ClassWords{"laptop", kLaptopWords},   ClassWords{"firewall", kFirewallWords},
                              ClassWords{"network", kNetworkWords}, ClassWords{"printer", kPrinterWords},
                              ClassWords{"mobile", kMobileWords}};

bool is_letter(char each) { return (each >= 'a' && each <= 'z') || static_cast<unsigned char>(each) >= 0x80; }

/// Short words must stand alone ("noc" is not in "innocent"); longer ones may begin a longer word ("monitor" in
/// "monitoring").
bool says(std::string_view lowered, std::string_view word) {
  constexpr std::size_t kShortWord = 3;
  for (std::size_t at = lowered.find(word); at != std::string_view::npos; at = lowered.find(word, at + 1)) {
    const bool begins = at == 0 || !is_letter(lowered[at - 1]);
    const bool ends = at + word.size() == lowered.size() || !is_letter(lowered[at + word.size()]);
    if (begins && (ends || word.size() > kShortWord)) return true;
  }
  return false;
}

struct Score {
  int weight = 0;
  std::string_view word;  ///< the heaviest one
};

Score score(std::string_view name, std::span<const Word> words) {
  const std::string lowered = to_lower(name);
  Score result;
  int heaviest = 0;
  for (const Word& each : words) {
    if (!says(lowered, each.text)) continue;
    result.weight += each.weight;
    if (each.weight > heaviest) {
      heaviest = each.weight;
      result.word = each.text;
    }
  }
  return result;
}

std::string because_of(std::string_view word) { return fmt::format("its name contains \"{}\"", word); }

/// The best of those that `may` allows; the first one of equals, nothing when no name says anything good.
template <class Entry, class May>
std::pair<const Entry*, Score> best(const std::vector<Entry>& entries, std::span<const Word> words, May may) {
  std::pair<const Entry*, Score> result{nullptr, {}};
  for (const Entry& each : entries) {
    if (each.inactive || !may(each)) continue;
    const Score scored = score(each.reference.name, words);
    if (scored.weight > result.second.weight) result = {&each, scored};
  }
  return result;
}

class Suggestion {
 public:
  Suggestion(const psa::ReferenceData& data, std::vector<SuggestedChoice>* choices) : data_(data), choices_(choices) {}

  Document run() {
    document_.settings.mode = Mode::test;
    if (const psa::Board* board = suggest_board(data_)) {
      const Score scored = score(board->reference.name, kBoardWords);
      choose(document_.settings.fields[psa::TicketField::board], "board", board->reference,
             scored.word.empty() ? "no board's name speaks of alerts; this is the first active one"
                                 : because_of(scored.word));
      document_.triage_board = board->reference;
      choose_statuses(*board);
    }
    choose_priorities();
    if (const auto [source, scored] = best(data_.sources, kSourceWords, [](const auto&) { return true; }); source)
      choose(document_.settings.fields[psa::TicketField::source], "source", source->reference, because_of(scored.word));
    return std::move(document_);
  }

 private:
  void choose(psa::Reference& target, std::string setting, const psa::Reference& value, std::string reason) {
    target = value;
    if (choices_) choices_->push_back({std::move(setting), value, std::move(reason)});
  }

  void choose_status(AlertState state, const psa::Status& status, std::string reason) {
    choose(document_.settings.statuses[state], fmt::format("statuses.{}", to_string(state)), status.reference,
           std::move(reason));
  }

  void choose_statuses(const psa::Board& board) {
    const auto is_open = [](const psa::Status& each) { return !each.closed; };
    const auto is_closed = [](const psa::Status& each) { return each.closed; };
    const auto usual = std::ranges::find_if(
        board.statuses, [](const psa::Status& each) { return each.is_default && !each.closed && !each.inactive; });
    const psa::Status* opened = nullptr;
    if (usual != board.statuses.end()) {
      opened = &*usual;
      choose_status(AlertState::opened, *opened, "it is the board's default for new tickets");
    } else if (const auto [status, scored] = best(board.statuses, kOpenedWords, is_open); status) {
      opened = status;
      choose_status(AlertState::opened, *status, because_of(scored.word));
    }
    if (const auto [status, scored] = best(board.statuses, kAcknowledgedWords, is_open); status)
      choose_status(AlertState::acknowledged, *status, because_of(scored.word));
    const auto closing =
        std::ranges::find_if(board.statuses, [](const psa::Status& each) { return each.closed && !each.inactive; });
    if (const auto [status, scored] = best(board.statuses, kResolvedWords, is_closed); status)
      choose_status(AlertState::resolved, *status, fmt::format("it closes a ticket, and {}", because_of(scored.word)));
    else if (closing != board.statuses.end())
      choose_status(AlertState::resolved, *closing, "it is the board's first status that closes a ticket");
    if (const auto [status, scored] = best(board.statuses, kReopenedWords, is_open); status)
      choose_status(AlertState::reopened, *status, because_of(scored.word));
    else if (opened)
      choose_status(AlertState::reopened, *opened, "no status speaks of reopening, so it is the one for new tickets");
  }

  /// What a priority's name says of its rank: a word, else a number ("Priority 1", "P3"), 1 being the worst.
  static std::optional<model::Severity> severity_of(std::string_view name) {
    const std::string lowered = to_lower(name);
    using model::Severity;
    constexpr std::array<std::pair<std::string_view, Severity>, 9> kRankWords{{{"critical", Severity::critical},
                                                                               {"emergency", Severity::critical},
                                                                               {"urgent", Severity::critical},
                                                                               {"high", Severity::high},
                                                                               {"medium", Severity::medium},
                                                                               {"normal", Severity::medium},
                                                                               {"low", Severity::low},
                                                                               {"info", Severity::info},
                                                                               {"planned", Severity::info}}};
    for (const auto& [word, severity] : kRankWords)
      if (says(lowered, word)) return severity;
    constexpr std::array kByNumber{Severity::critical, Severity::high, Severity::medium, Severity::low, Severity::info};
    for (std::size_t i = 0; i < lowered.size(); ++i) {
      const auto is_digit = [&](std::size_t at) {
        return at < lowered.size() && lowered[at] >= '0' && lowered[at] <= '9';
      };
      if (is_digit(i) && !is_digit(i + 1) && (i == 0 || !is_digit(i - 1)) && lowered[i] >= '1' && lowered[i] <= '5')
        return kByNumber.at(static_cast<std::size_t>(lowered[i] - '1'));
    }
    return std::nullopt;
  }

  void choose_priorities() {
    for (const model::Severity severity : kSeverities)
      for (const psa::ServiceType& priority : data_.priorities)
        if (!priority.inactive && severity_of(priority.reference.name) == severity) {
          choose(document_.settings.priority_by_severity[severity],
                 fmt::format("priority.{}", model::to_string(severity)), priority.reference, "its name says this rank");
          break;
        }
    // A severity without a priority of its own gets that of the next one: better than whatever the PSA takes for
    // itself.
    auto& by_severity = document_.settings.priority_by_severity;
    if (by_severity.empty()) return;
    for (const model::Severity severity : kSeverities) {
      if (by_severity.contains(severity)) continue;
      auto next = by_severity.upper_bound(severity);
      if (next == by_severity.end()) --next;
      const psa::Reference value = next->second;
      choose(by_severity[severity], fmt::format("priority.{}", model::to_string(severity)), value,
             fmt::format("no priority's name says {}; this is the nearest", model::to_string(severity)));
    }
  }

  const psa::ReferenceData& data_;
  std::vector<SuggestedChoice>* choices_;
  Document document_;
};

/// The three workflows of objects; see Suggestion.
class ObjectSuggestion {
 public:
  ObjectSuggestion(std::string_view workflow, const psa::ObjectReferenceData& data,
                   std::vector<SuggestedChoice>* choices)
      : workflow_(workflow),
        data_(data),
        choices_(choices),
        document_(json::parse(object_recipe(workflow)).as_object()) {}

  json::object run() {
    document_["mode"] = "test";
    if (workflow_ == kCustomerToCompany)
      choose_companies();
    else if (workflow_ == kContactToContact)
      choose_communication();
    else
      choose_configurations();
    return std::move(document_);
  }

 private:
  static json::object to_json(const psa::Reference& value) { return {{"id", value.id}, {"name", value.name}}; }

  json::object chosen(std::string setting, const psa::Reference& value, std::string reason) {
    if (choices_) choices_->push_back({std::move(setting), value, std::move(reason)});
    return to_json(value);
  }

  /// Those that count as customers, and what new companies become: the best of them.
  template <class Entry>
  void choose_counted(std::string_view setting, std::string_view field, const std::vector<Entry>& entries,
                      std::span<const Word> words) {
    const auto [first, scored] = best(entries, words, [](const Entry&) { return true; });
    if (!first) return;
    json::array list;
    for (const Entry& each : entries)
      if (const Score one = score(each.reference.name, words); one.weight > 0 && !each.inactive)
        list.push_back(chosen(std::string(setting), each.reference, because_of(one.word)));
    document_[setting] = std::move(list);
    document_["fields"].as_object()[field] =
        json::object{{"reference", chosen(fmt::format("fields.{}", field), first->reference, because_of(scored.word))},
                     {"owner", "create"}};
  }

  void choose_companies() {
    choose_counted("types", "type", data_.company_types, kCustomerTypeWords);
    choose_counted("statuses", "status", data_.company_statuses, kActiveWords);
  }

  void choose_communication() {
    json::object types;
    const auto choose = [&](std::string_view name, bool psa::CommunicationType::*fits, std::string_view words) {
      const psa::CommunicationType* found = nullptr;
      for (const psa::CommunicationType& each : data_.communication_types)
        if (each.*fits && (!found || (each.is_default && !found->is_default))) found = &each;
      if (!found) return;
      types[name] = chosen(fmt::format("communication_types.{}", name), found->reference,
                           fmt::format("it is the {} for {}", found->is_default ? "default" : "first", words));
    };
    choose("email", &psa::CommunicationType::email, "e-mail addresses");
    choose("phone", &psa::CommunicationType::phone, "telephone numbers");
    if (!types.empty()) document_["communication_types"] = std::move(types);
  }

  void choose_configurations() {
    const auto any = [](const auto&) { return true; };
    json::object classes;
    for (const ClassWords& each : kClasses) {
      const auto [type, scored] = best(data_.configuration_types, each.words, any);
      if (type && scored.weight > kManagedAlone)
        classes[each.name] = chosen(fmt::format("classes.{}", each.name), type->reference, because_of(scored.word));
    }
    if (!classes.empty()) document_["classes"] = std::move(classes);
    if (const auto [type, scored] = best(data_.configuration_types, kWorkstationWords, any);
        type && scored.weight > kManagedAlone)
      document_["default_type"] = chosen("default_type", type->reference, "most devices are workstations");
    choose_statuses();
  }

  void choose_statuses() {
    const auto is_open = [](const psa::Status& each) { return !each.closed; };
    const auto any = [](const psa::Status&) { return true; };
    json::object statuses;
    const auto choose = [&](DeviceState state, const psa::Status* status, std::string reason) {
      if (!status) return;
      const std::string name(to_string(state));
      statuses[name] = chosen("lifecycle.statuses." + name, status->reference, std::move(reason));
    };
    const auto& all = data_.configuration_statuses;
    const auto usual =
        std::ranges::find_if(all, [](const psa::Status& each) { return each.is_default && !each.closed; });
    if (const auto [status, scored] = best(all, kActiveWords, is_open); status)
      choose(DeviceState::active, status, because_of(scored.word));
    else if (usual != all.end())
      choose(DeviceState::active, &*usual, "it is the default of new configurations");
    const auto [inactive, inactive_scored] = best(all, kInactiveWords, any);
    choose(DeviceState::inactive, inactive, inactive ? because_of(inactive_scored.word) : "");
    const auto [retired, retired_scored] = best(all, kRetiredWords, any);
    choose(DeviceState::retired, retired, retired ? because_of(retired_scored.word) : "");
    if (const auto [replaced, scored] = best(all, kReplacedWords, any); replaced)
      choose(DeviceState::replaced, replaced, because_of(scored.word));
    else
      choose(DeviceState::replaced, retired, "no status speaks of replacing, so it is the one for retired devices");
    if (!statuses.empty()) document_["lifecycle"].as_object()["statuses"] = std::move(statuses);
  }

  /// The weight of "managed", which prefers one type to another and says nothing by itself.
  static constexpr int kManagedAlone = 1;

  std::string_view workflow_;
  const psa::ObjectReferenceData& data_;
  std::vector<SuggestedChoice>* choices_;
  json::object document_;
};

}  // namespace

json::object suggest_objects(std::string_view workflow, const psa::ObjectReferenceData& data,
                             std::vector<SuggestedChoice>* choices) {
  return ObjectSuggestion{workflow, data, choices}.run();
}

const psa::Board* suggest_board(const psa::ReferenceData& data) {
  const psa::Board* best_board = nullptr;
  int best_weight = 0;
  for (const psa::Board& each : data.boards) {
    if (each.inactive) continue;
    const int weight = score(each.reference.name, kBoardWords).weight;
    if (best_board && weight <= best_weight) continue;
    best_board = &each;
    best_weight = weight;
  }
  return best_board;
}

Document suggest(const psa::ReferenceData& data, std::vector<SuggestedChoice>* choices) {
  return Suggestion{data, choices}.run();
}

}  // namespace crosswalk::mapping

#include "psa/objects.h"

#include <array>

namespace crosswalk::psa {
namespace {

constexpr std::array<std::string_view, 5> kObjectKinds{"ticket", "company", "contact", "configuration", "agreement"};
constexpr std::array<std::string_view, 3> kNoteKinds{"discussion", "internal", "resolution"};
constexpr std::array<std::string_view, kTicketFieldCount> kTicketFields{
    "summary", "company", "board", "status",           "type",      "subtype", "item", "priority", "severity", "impact",
    "source",  "team",    "owner", "service_location", "agreement", "contact", "site"};

// The arrays follow the order of their enumerations.
template <class Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::string_view, size>& names, std::string_view text) {
  for (std::size_t index = 0; index < size; ++index)
    if (names[index] == text) return static_cast<Enum>(index);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(ObjectKind kind) { return kObjectKinds.at(static_cast<std::size_t>(kind)); }
std::optional<ObjectKind> parse_object_kind(std::string_view text) { return find_name<ObjectKind>(kObjectKinds, text); }

std::string_view to_string(NoteKind kind) { return kNoteKinds.at(static_cast<std::size_t>(kind)); }
std::optional<NoteKind> parse_note_kind(std::string_view text) { return find_name<NoteKind>(kNoteKinds, text); }

std::string_view to_string(TicketField field) { return kTicketFields.at(static_cast<std::size_t>(field)); }
std::optional<TicketField> parse_ticket_field(std::string_view text) {
  return find_name<TicketField>(kTicketFields, text);
}

}  // namespace crosswalk::psa

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mapping/object_document.h"
#include "psa/objects.h"

namespace crosswalk::workflows {

/// Which object a customer, contact or device has become, and what we last wrote to and saw of it. The store keeps it
/// as LinkRow::state, under the anchor kObjectAnchor.
struct ObjectLink {
  psa::ObjectId object;
  std::string instance;  ///< whose ids these are; empty: of a link from before this was kept
  std::string how;       ///< in words: "made by Crosswalk", "the serial number X is the same", "decided by ..."
  bool made_by_us = false;
  Timestamp linked_at{};
  psa::ObjectValues written;                          ///< what we last wrote, field by field
  psa::ObjectValues kept;                             ///< what the PSA made of it, where that is something else
  std::map<std::string, int, std::less<>> overruled;  ///< how often a value of ours was changed there, and set again
  Timestamp written_at{};                             ///< when that was
  psa::ObjectValues observed;
  Timestamp observed_at{};              ///< epoch: never
  std::optional<Timestamp> updated_at;  ///< as the PSA says
  std::string updated_by;
  std::string gone;     ///< why nothing more is done with it: deleted, merged; empty: it is there
  std::string state;    ///< of devices and contacts: the life-cycle state that was last written
  Timestamp left_at{};  ///< when it left without a person's agreement; epoch: it has not, or is back
  /// Fields that showed another value when the object was adopted, and what the product said then: another tool's, or a
  /// person's. They are left as they are until somebody says otherwise.
  psa::ObjectValues theirs;
  /// The key of the record that is this machine now: it was imaged anew. Empty: none.
  std::string successor;
  std::string named;  ///< mapping::named_digest() of when it was last looked at

  [[nodiscard]] const psa::Reference* seen(std::string_view field) const;
};
inline constexpr std::string_view kObjectAnchor = "object";

struct DesiredValue {
  std::string field;
  psa::Reference value;
  mapping::Ownership ownership = mapping::Ownership::product;
  std::string decided_by;
  std::optional<Duration> every;
};

/// A company, contact or configuration as the mapping wants it.
struct DesiredObject {
  psa::ObjectKind kind = psa::ObjectKind::configuration;
  std::vector<DesiredValue> values;
  psa::ObjectValues communication_types;
  std::string name;        ///< for people
  psa::Reference decided;  ///< the object that a person has chosen; empty: nobody has
  std::string decided_by;
  bool may_create = false;        ///< where nothing fits
  bool must_create = false;       ///< a person has said that no candidate is it
  bool keeps_theirs = false;      ///< of what is adopted only what is empty is filled
  bool takes_theirs = false;      ///< a person has said that the product's values go over what was there
  std::string state;              ///< see ObjectLink::state
  bool leaves_by_itself = false;  ///< it becomes inactive or retired, and no person has agreed
  std::string why;
};

/// The object that a search has found, or what came near.
struct ObjectCandidate {
  psa::Reference object;
  bool sure = false;  ///< may be linked without asking
  std::string why;
  bool twin = false;          ///< it is what would be made, to the letter
  bool ours = false;          ///< it carries the record's own id: nobody but us writes that
  std::string predecessor{};  ///< the key of the record that it was until now: the machine was imaged anew
};

[[nodiscard]] std::string serialize_values(const psa::ObjectValues& values);
/// Of what serialize_values gave.
[[nodiscard]] psa::ObjectValues parse_values(std::string_view text);

[[nodiscard]] std::string serialize(const ObjectLink& link);
[[nodiscard]] Result<ObjectLink> parse_object_link(const PartnerId& partner, psa::ObjectKind kind,
                                                   std::string_view text);

/// A text as the PSA's field can hold it: cut on a character boundary, dates in the form that it keeps.
[[nodiscard]] psa::Reference fitted(psa::ObjectKind kind, std::string_view field, const std::string& text);

/// The values that the mapping's fields give this record, but for those that the workflow fills in by itself.
[[nodiscard]] std::vector<DesiredValue> mapped_values(const mapping::ObjectDocument& document,
                                                      const model::Entity& record);
/// The rule of a field; one that belongs to nobody but the PSA when the mapping does not name it.
[[nodiscard]] mapping::ObjectFieldRule rule_of(const mapping::ObjectDocument& document, std::string_view field);

/// A text member of the record's data; "" when there is none.
[[nodiscard]] std::string text_of(const model::Entity& record, std::string_view name);

}  // namespace crosswalk::workflows

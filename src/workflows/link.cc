#include "workflows/link.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "psa/object_fields.h"
#include "workflows/former_links.h"
#include "workflows/values_json.h"

namespace crosswalk::workflows {
namespace json = boost::json;
namespace {

using workflows::to_json;

/// 80 bits: two episodes of one partner never share a reference.
constexpr std::size_t kReferenceCharacters = 16;
/// Nobody reads a new ticket and acts on it so fast: workflow rules do.
constexpr Duration kQuick{std::chrono::seconds{15}};
/// Members that are kept of one ticket; more say nothing that these do not.
constexpr std::size_t kHandsMax = 8;
/// The form in which links are written; what has none is of a version before.
constexpr std::string_view kForm = "form";
constexpr int kPresentForm = 2;
constexpr std::string_view kMadeByUs = "made by Crosswalk";

void put(json::object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}
void put(json::object& out, std::string_view name, bool flag) {
  if (flag) out[name] = true;
}
void put(json::object& out, std::string_view name, std::int64_t number) {
  if (number != 0) out[name] = number;
}
void put(json::object& out, std::string_view name, Timestamp at) {
  if (at != Timestamp{}) out[name] = to_milliseconds(at);
}
void put(json::object& out, std::string_view name, const std::optional<Timestamp>& at) {
  if (at) out[name] = to_milliseconds(*at);
}
void put(json::object& out, std::string_view name, const std::set<std::string>& texts) {
  if (!texts.empty()) out[name] = json::array(texts.begin(), texts.end());
}
void put(json::object& out, std::string_view name, const psa::Values& values) {
  if (!values.empty()) out[name] = to_json(values);
}

json::object to_json(const psa::Progress& progress) {
  json::object out{{"closed", progress.closed}};
  put(out, "closed_at", progress.closed_at);
  put(out, "closed_by", progress.closed_by);
  put(out, "time_entered", progress.time_entered);
  if (!progress.hours.is_zero()) out["hours"] = progress.hours.to_string();
  put(out, "scheduled", progress.scheduled);
  put(out, "of_project", progress.of_project);
  if (progress.merged_into) out["merged_into"] = *progress.merged_into;
  if (progress.parent) out["parent"] = *progress.parent;
  return out;
}

json::object to_json(const psa::Object& object) {
  json::object out{{"values", to_json(object.values)}};
  for (const auto& [field, part] : object.parts) {
    json::value& parts = out["parts"];
    if (!parts.is_object()) parts.emplace_object();
    parts.get_object()[field] = part;
  }
  put(out, "created_at", object.created_at);
  put(out, "updated_at", object.updated_at);
  put(out, "created_by", object.created_by);
  put(out, "updated_by", object.updated_by);
  if (object.progress) out["progress"] = to_json(*object.progress);
  return out;
}

psa::Object object_from_json(const json::object& object, const Link& link) {
  psa::Object seen;
  seen.id = link.object;
  seen.external_reference = link.external_reference;
  seen.values = values_from_json(link.object.kind, object.if_contains("values"));
  if (const json::value* parts = object.if_contains("parts"))
    for (const auto& [field, part] : parts->as_object()) seen.parts[std::string(field)] = std::string(part.as_string());
  seen.created_at = time_at(object, "created_at");
  seen.updated_at = time_at(object, "updated_at");
  seen.created_by = text_at(object, "created_by");
  seen.updated_by = text_at(object, "updated_by");
  if (const json::value* progress = object.if_contains("progress"))
    seen.progress = progress_from_json(progress->as_object());
  return seen;
}

json::object touched_to_json(const Link& link) {
  json::object out;
  for (const auto& [trace, name] : kTraceNames)
    if (const auto found = link.touched.find(trace); found != link.touched.end())
      out[name] = json::array(found->second.begin(), found->second.end());
  return out;
}

Link present_form(const PartnerId& partner, psa::ObjectKind kind, const json::object& object) {
  Link link;
  link.anchor = text_at(object, "anchor");
  link.anchored_at = time_at(object, "anchored_at").value_or(Timestamp{});
  link.object = {text_at(object, "provider"), partner, kind, text_at(object, "id")};
  link.instance = text_at(object, "instance");
  link.external_reference = text_at(object, "external_reference");
  link.made_by_us = flag_at(object, "made_by_us");
  link.how = link.made_by_us ? std::string(kMadeByUs) : text_at(object, "how");
  link.linked_at = time_at(object, "linked_at").value_or(Timestamp{});
  link.linked_sequence = number_at(object, "linked_sequence");
  link.written = values_from_json(kind, object.if_contains("written"));
  link.kept = values_from_json(kind, object.if_contains("kept"));
  if (const json::value* counts = object.if_contains("overruled"))
    for (const auto& [field, count] : counts->as_object())
      link.overruled[std::string(field)] = static_cast<int>(count.to_number<std::int64_t>());
  link.written_at = time_at(object, "written_at").value_or(Timestamp{});
  link.theirs = values_from_json(kind, object.if_contains("theirs"));
  link.named = text_at(object, "named");
  link.posted = texts_at(object, "posted");
  link.found_markers = texts_at(object, "found_markers");
  link.children = texts_at(object, "children");
  link.configuration_attached = flag_at(object, "configuration_attached");
  link.configuration = text_at(object, "configuration");
  link.turn = text_at(object, "turn");
  link.closed_by_us = flag_at(object, "closed_by_us");
  link.attempted_status = text_at(object, "attempted_status");
  link.reopening = text_at(object, "reopening");
  link.reopened_at = time_at(object, "reopened_at").value_or(Timestamp{});
  link.left_at = time_at(object, "left_at").value_or(Timestamp{});
  link.on_catch_all = flag_at(object, "on_catch_all");
  if (const json::value* observed = object.if_contains("observed"))
    link.observed = object_from_json(observed->as_object(), link);
  link.observed_at = time_at(object, "observed_at").value_or(Timestamp{});
  link.observed_sequence = number_at(object, "observed_sequence");
  link.gone = text_at(object, "gone");
  link.gone_sequence = number_at(object, "gone_sequence");
  link.successor = text_at(object, "successor");
  link.member = text_at(object, "member");
  if (const json::value* touched = object.if_contains("touched"))
    for (const auto& [trace, name] : kTraceNames)
      if (touched->as_object().contains(name)) link.touched[trace] = texts_at(touched->as_object(), name);
  link.quick_hands = texts_at(object, "quick_hands");
  link.slow_hands = texts_at(object, "slow_hands");
  link.told_notes = texts_at(object, "told_notes");
  link.left_closed_at = time_at(object, "left_closed_at").value_or(Timestamp{});
  return link;
}

/// What people do to an object that they work on: whose hand is seen on it, and for how long.
class Watch {
 public:
  Watch(Link& link, const psa::Object& seen, const psa::Values* written)
      : link_(link),
        seen_(seen),
        written_(written),
        // The answer to a call of ours is signed by us, whoever has changed what we did not ask for.
        by_(written ? std::string() : seen.updated_by) {}

  void run() {
    compare(Trace::status, psa::field::status);
    compare(Trace::owner, psa::field::owner);
    const bool is_changed = link_.observed && seen_.updated_at && seen_.updated_at != link_.observed->updated_at;
    look_at_schedule(is_changed);
    const bool is_ours = by_.empty() || equals_ignoring_case(by_, link_.member);
    if (is_changed && !is_ours && seen_.created_at && link_.quick_hands.size() + link_.slow_hands.size() < kHandsMax)
      (*seen_.updated_at - *seen_.created_at <= kQuick ? link_.quick_hands : link_.slow_hands).insert(by_);
    if (link_.member.empty()) link_.member = seen_.created_by;
  }

 private:
  void compare(Trace trace, std::string_view field) {
    const psa::Value* ours = written_ ? psa::find(*written_, field) : nullptr;
    if (!ours) ours = link_.written_value(field);
    const psa::Value* before = link_.observed ? link_.observed->find(field) : ours;
    const psa::Value* now = seen_.find(field);
    if (!now || (ours && *now == *ours))
      link_.touched.erase(trace);
    else if (!psa::same(now, before))
      link_.touched[trace].insert(by_);
  }

  /// Who is scheduled is kept beside the ticket: its last change may be another's.
  void look_at_schedule(bool is_changed) {
    const std::set<std::string>& scheduled = seen_.progress->scheduled;
    const auto is_new = [&](const std::string& each) {
      return !link_.observed || !link_.observed->progress || !link_.observed->progress->scheduled.contains(each);
    };
    if (scheduled.empty())
      link_.touched.erase(Trace::scheduled);
    else if (std::ranges::any_of(scheduled, is_new))
      link_.touched[Trace::scheduled].insert(is_changed ? by_ : std::string());
  }

  Link& link_;
  const psa::Object& seen_;
  const psa::Values* written_;
  const std::string by_;
};

}  // namespace

bool Link::closed_by_people() const {
  if (!observed || !observed->closed() || closed_by_us) return false;
  const psa::Value* status = observed->find(psa::field::status);
  if (status && !attempted_status.empty() && status->id() == attempted_status) return false;
  const std::string& who = observed->progress->closed_by.empty() ? observed->updated_by : observed->progress->closed_by;
  return member.empty() || !equals_ignoring_case(who, member);
}

const psa::Value* Link::seen(std::string_view field) const {
  return observed ? observed->find(field) : psa::find(written, field);
}

void observe(Link& link, const psa::Object& seen, Timestamp at, const psa::Values* written) {
  // When it was closed where the PSA does not tell: when that was first seen.
  std::optional<Timestamp> closed_at;
  if (seen.closed()) {
    closed_at = seen.progress->closed_at;
    if (!closed_at && link.observed && link.observed->closed()) closed_at = link.observed->progress->closed_at;
    if (!closed_at) closed_at = at;
  }
  if (seen.progress) Watch(link, seen, written).run();
  link.observed = seen;
  link.observed_at = at;
  if (closed_at) link.observed->progress->closed_at = closed_at;
  if (seen.deleted) link.gone = "deleted";
}

std::string external_reference(const model::RecordRef& record, std::string_view anchor) {
  return "CW-" +
         short_digest({record.partner.value, model::to_string(record.kind), record.key, anchor}, kReferenceCharacters);
}

std::string serialize(const Link& link) {
  json::object out{
      {kForm, kPresentForm}, {"anchor", link.anchor}, {"provider", link.object.provider}, {"id", link.object.value}};
  put(out, "anchored_at", link.anchored_at);
  put(out, "instance", link.instance);
  put(out, "external_reference", link.external_reference);
  put(out, "made_by_us", link.made_by_us);
  if (!link.made_by_us) put(out, "how", link.how);
  put(out, "linked_at", link.linked_at);
  put(out, "linked_sequence", link.linked_sequence);
  put(out, "written", link.written);
  put(out, "kept", link.kept);
  if (!link.overruled.empty()) {
    json::object counts;
    for (const auto& [field, count] : link.overruled) counts[field] = count;
    out["overruled"] = std::move(counts);
  }
  put(out, "written_at", link.written_at);
  put(out, "theirs", link.theirs);
  put(out, "named", link.named);
  put(out, "posted", link.posted);
  put(out, "found_markers", link.found_markers);
  put(out, "children", link.children);
  put(out, "configuration_attached", link.configuration_attached);
  put(out, "configuration", link.configuration);
  put(out, "turn", link.turn);
  put(out, "closed_by_us", link.closed_by_us);
  put(out, "attempted_status", link.attempted_status);
  put(out, "reopening", link.reopening);
  put(out, "reopened_at", link.reopened_at);
  put(out, "left_at", link.left_at);
  put(out, "on_catch_all", link.on_catch_all);
  if (link.observed) out["observed"] = to_json(*link.observed);
  put(out, "observed_at", link.observed_at);
  put(out, "observed_sequence", link.observed_sequence);
  put(out, "gone", link.gone);
  put(out, "gone_sequence", link.gone_sequence);
  put(out, "successor", link.successor);
  put(out, "member", link.member);
  if (!link.touched.empty()) out["touched"] = touched_to_json(link);
  put(out, "quick_hands", link.quick_hands);
  put(out, "slow_hands", link.slow_hands);
  put(out, "told_notes", link.told_notes);
  put(out, "left_closed_at", link.left_closed_at);
  return json::serialize(out);
}

Result<Link> parse_link(const PartnerId& partner, psa::ObjectKind kind, std::string_view text) try {
  const json::value parsed = parse_own_json(text);
  const json::object& object = parsed.as_object();
  Link link = object.contains(kForm) ? present_form(partner, kind, object) : former_link(partner, kind, object);
  if (link.anchor.empty() || link.object.value.empty())
    return failure("store.corrupt", "A stored link names no object, or no life of its record.");
  return link;
} catch (const std::exception& broken) {
  return failure("store.corrupt", std::string("A stored link cannot be read: ") + broken.what());
}

}  // namespace crosswalk::workflows

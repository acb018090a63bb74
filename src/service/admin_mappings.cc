#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "engine/wakes.h"
#include "mapping/document.h"
#include "mapping/object_document.h"
#include "mapping/object_references.h"
#include "mapping/suggest.h"
#include "mapping/ticket_references.h"
#include "service/admin.h"
#include "service/backlog.h"
#include "service/reference_json.h"
#include "service/request_check.h"

namespace crosswalk::service {

namespace json = boost::json;

/// What was found when a document was held against the partner's PSA.
struct Admin::References {
  std::vector<mapping::Problem> problems;
  bool checked = false;
};

namespace {

bool is_error(const mapping::Problem& problem) { return problem.level == mapping::Problem::Level::error; }

bool has_error(const std::vector<mapping::Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(), is_error);
}

json::array to_json(const std::vector<mapping::Problem>& problems) {
  json::array list;
  for (const mapping::Problem& problem : problems)
    list.push_back(json::object{{"level", is_error(problem) ? "error" : "warning"},
                                {"code", problem.code},
                                {"pointer", problem.pointer},
                                {"message", problem.message}});
  return list;
}

/// openapi: MappingVersion.
json::object to_json(const store::MappingRow& row, bool with_document) {
  json::object body{{"version", row.version},
                    {"state", row.state},
                    {"author", row.author},
                    {"comment", row.comment},
                    {"created_at", format_timestamp(row.created_at)}};
  if (row.published_at) body["published_at"] = format_timestamp(*row.published_at);
  if (!with_document) return body;
  boost::system::error_code error;
  json::value document = parse_own_json(row.document, error);
  body["document"] = error ? json::value(json::object{}) : std::move(document);
  return body;
}

const store::MappingRow* find_state(const std::vector<store::MappingRow>& rows, std::string_view state) {
  for (const store::MappingRow& row : rows)
    if (row.state == state) return &row;
  return nullptr;
}

constexpr std::size_t kCommentCharactersMax = 1'000;

using Seen = store::MappingRow::Seen;

Seen seen_of(const std::vector<store::MappingRow>& rows) {
  const store::MappingRow *draft = find_state(rows, "draft"), *live = find_state(rows, "live");
  return {draft ? draft->version : 0, live ? live->version : 0};
}

/// Of the draft and of what is in force: who changes the one does it with a view to the other.
std::string etag_of(const Seen& seen) {
  return '"' + std::to_string(seen.draft) + '-' + std::to_string(seen.live) + '"';
}

net::Response with_etag(net::Response response, const Seen& seen) {
  response.headers.add("ETag", etag_of(seen));
  return response;
}

std::string target_of(const store::MappingRow& row) { return "mapping " + row.workflow; }

json::object for_audit(const Seen& seen, const std::string& comment = {}) {
  const auto version = [](std::int64_t number) { return number > 0 ? json::value(number) : json::value(nullptr); };
  json::object body{{"draft", version(seen.draft)}, {"live", version(seen.live)}};
  if (!comment.empty()) body["comment"] = comment;
  return body;
}

std::optional<RequestProblem> check_workflow(const Call& call) {
  const std::string& workflow = call.parameters.at(1);
  if (workflow == mapping::kAlertToTicket || mapping::is_object_workflow(workflow)) return std::nullopt;
  return RequestProblem{
      "request.not_found", "",
      "The workflows are alert_to_ticket, customer_to_company, contact_to_contact and device_to_configuration."};
}

/// What a document says that is wrong, whatever its workflow.
struct Checked {
  bool usable = false;
  std::vector<mapping::Problem> problems;
};
Checked check_document(const std::string& workflow, const std::string& document) {
  if (mapping::is_object_workflow(workflow)) {
    mapping::ParsedObjects parsed = mapping::parse_object_document(workflow, document);
    return {parsed.document.has_value(), std::move(parsed.problems)};
  }
  mapping::Parsed parsed = mapping::parse_document(document);
  return {parsed.document.has_value(), std::move(parsed.problems)};
}

net::Response refuse_document(const std::vector<mapping::Problem>& problems, const Call& call) {
  const auto first = std::find_if(problems.begin(), problems.end(), is_error);
  return problem_response({"mapping.schema", "", first->message}, call.request_id,
                          {{"status", 422}, {"code", first->code}, {"problems", to_json(problems)}});
}

bool is_company(const mapping::Problem& problem) { return problem.pointer.ends_with("/company"); }

/// mapping codes are 409 where the state is wrong, 422 where the document is.
net::Response with_status(net::Response response, int status) {
  response.status = status;
  return response;
}

}  // namespace

boost::asio::awaitable<Admin::References> Admin::check_references(const Call& call, const std::string& document) {
  References found;
  if (mapping::is_object_workflow(call.parameters.at(1))) {
    co_return co_await check_object_references(call, document);
  }
  const mapping::Parsed parsed = mapping::parse_document(document);
  found.problems = parsed.problems;
  if (!parsed.document) co_return found;
  const PartnerId partner{call.partner()};
  const Result<json::object> reference_data = co_await to_.engine.reference_data(partner);
  if (!reference_data) {
    found.problems.push_back(
        {mapping::Problem::Level::warning, "mapping.references_unchecked", "",
         "The partner's PSA could not be read, so boards, statuses and priorities were not checked: " +
             reference_data.error().message});
    co_return found;
  }
  const psa::ReferenceData data = read_reference_data(*reference_data);
  found.checked = true;
  for (mapping::Problem& problem : mapping::check_references(*parsed.document, data))
    // Companies are looked up below: the list knows those alone that the mapping in force names.
    if (!is_company(problem)) found.problems.push_back(std::move(problem));
  const psa::TicketReferences named = mapping::named_ticket_references(*parsed.document);
  const Result<psa::TicketReferencesFound> there = co_await to_.engine.ticket_references(partner, named);
  if (!there) {
    found.checked = false;
    found.problems.push_back({mapping::Problem::Level::warning, "mapping.references_unchecked", "",
                              "The partner's PSA could not be read, so companies, members, agreements, contacts and "
                              "sites were not checked: " +
                                  there.error().message});
    co_return found;
  }
  for (mapping::Problem& problem : mapping::check_ticket_references(*parsed.document, *there))
    found.problems.push_back(std::move(problem));
  co_return found;
}

boost::asio::awaitable<Admin::References> Admin::check_object_references(const Call& call,
                                                                         const std::string& document) {
  References found;
  const mapping::ParsedObjects parsed = mapping::parse_object_document(call.parameters.at(1), document);
  found.problems = parsed.problems;
  if (!parsed.document) co_return found;
  const PartnerId partner{call.partner()};
  const psa::ObjectReferences named = mapping::named_references(*parsed.document);
  const Result<json::object> data = co_await to_.engine.object_reference_data(partner, named);
  if (!data) {
    found.problems.push_back(
        {mapping::Problem::Level::warning, "mapping.references_unchecked", "",
         "The partner's PSA could not be read, so types and statuses were not checked: " + data.error().message});
    co_return found;
  }
  found.checked = true;
  const psa::ObjectReferenceData read = read_object_reference_data(*data);
  for (mapping::Problem& problem : mapping::check_object_references(*parsed.document, read))
    found.problems.push_back(std::move(problem));
  co_return found;
}

Answer Admin::get_mapping(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  const auto rows = to_.store.mappings(call.partner(), call.parameters.at(1));
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  json::object body{{"partner", call.partner()}, {"workflow", call.parameters.at(1)}};
  for (const std::string_view state : {"live", "draft"}) {
    const store::MappingRow* row = find_state(*rows, state);
    body[state] = row ? json::value(to_json(*row, true)) : json::value(nullptr);
  }
  json::array history;
  for (const store::MappingRow& row : *rows) history.push_back(to_json(row, false));
  body["history"] = std::move(history);
  co_return with_etag(json_response(200, body), seen_of(*rows));
}

Answer Admin::get_mapping_version(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  const std::string& text = call.parameters.at(2);
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  const auto rows = to_.store.mappings(call.partner(), call.parameters.at(1));
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  for (const store::MappingRow& row : *rows)
    if (is_number && row.version == version) co_return json_response(200, to_json(row, true));
  co_return problem_response({"mapping.version_unknown", "", ""}, call.request_id);
}

Answer Admin::suggest_mapping(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  const std::string& workflow = call.parameters.at(1);
  const bool of_objects = mapping::is_object_workflow(workflow);
  const PartnerId partner{call.partner()};
  const psa::ObjectReferences none;
  auto asked = of_objects ? to_.engine.object_reference_data(partner, none) : to_.engine.reference_data(partner);
  const Result<json::object> reference_data = co_await std::move(asked);
  if (!reference_data) co_return problem_response(reference_data.error(), call.request_id);
  std::vector<mapping::SuggestedChoice> choices;
  const json::value document =
      of_objects
          ? json::value(mapping::suggest_objects(workflow, read_object_reference_data(*reference_data), &choices))
          : json::value(mapping::to_json(mapping::suggest(read_reference_data(*reference_data), &choices)));
  json::array list;
  for (const mapping::SuggestedChoice& choice : choices)
    list.push_back(json::object{{"setting", choice.setting},
                                {"value", json::object{{"id", choice.value.id}, {"name", choice.value.name}}},
                                {"reason", choice.reason}});
  co_return json_response(200, json::object{{"document", document}, {"choices", std::move(list)}});
}

Answer Admin::put_mapping_draft(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  Checked parsed = check_document(call.parameters.at(1), call.request.body);
  if (!parsed.usable || has_error(parsed.problems)) co_return with_status(refuse_document(parsed.problems, call), 422);
  store::MappingRow row;
  row.partner = call.partner();
  row.workflow = call.parameters.at(1);
  row.state = "draft";
  row.document = call.request.body;
  row.author = call.who.key_name;
  if (const std::string* comment = call.target.query.find("comment"))
    row.comment = cut_text(*comment, kCommentCharactersMax);
  for (int tries = 1;; ++tries) {
    const auto rows = to_.store.mappings(row.partner, row.workflow);
    if (!rows) co_return problem_response(rows.error(), call.request_id);
    const Seen seen = seen_of(*rows);
    if (!may_change(call.request, etag_of(seen)) || tries > kChangeTriesMax) co_return mapping_changed(seen, call);
    // While the draft and the live one are those, no newer version has been made.
    const Seen then{(rows->empty() ? 0 : rows->front().version) + 1, seen.live};
    row.seen = seen;
    row.created_at = to_.clock.now();
    store::Transaction transaction;
    transaction.mappings.push_back(row);
    Act act{"mapping.draft", row.partner, target_of(row), for_audit(seen), for_audit(then, row.comment)};
    const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
    if (!written && store::is_conflict(written.error())) continue;
    if (!written) co_return problem_response(written.error(), call.request_id);
    row.version = written->mapping_versions.at(0);
    json::object body = to_json(row, true);
    body["problems"] = to_json(parsed.problems);
    co_return with_etag(json_response(200, body), then);
  }
}

net::Response Admin::mapping_changed(const store::MappingRow::Seen& read, const Call& call) {
  const auto rows = to_.store.mappings(call.partner(), call.parameters.at(1));
  if (!rows) return problem_response(rows.error(), call.request_id);
  const auto is_known = [&](const store::AuditRow& entry) {
    const json::object after = after_of(entry);
    const auto version = [&](std::string_view name) -> std::int64_t {
      const json::value* value = after.if_contains(name);
      return value && value->is_int64() ? value->get_int64() : 0;
    };
    return knows(call.request, etag_of(Seen{version("draft"), version("live")}), etag_of(read));
  };
  return changed_response(to_.store, call.partner(), "mapping " + call.parameters.at(1), etag_of(seen_of(*rows)),
                          is_known, call.request_id);
}

Answer Admin::validate_mapping(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  std::string document = call.request.body;
  if (trim(document).empty()) {
    const auto rows = to_.store.mappings(call.partner(), call.parameters.at(1));
    if (!rows) co_return problem_response(rows.error(), call.request_id);
    const store::MappingRow* row = find_state(*rows, "draft");
    if (!row) row = find_state(*rows, "live");
    if (!row)
      co_return problem_response({"mapping.missing", "", "There is neither a draft nor a live mapping."},
                                 call.request_id);
    document = row->document;
  }
  const References found = co_await check_references(call, document);
  co_return json_response(200, json::object{{"valid", !has_error(found.problems)},
                                            {"references_checked", found.checked},
                                            {"problems", to_json(found.problems)}});
}

Answer Admin::publish_mapping(const Call& call) {
  if (const auto problem = check_workflow(call)) co_return problem_response(*problem, call.request_id);
  const json::value* check = call.body.if_contains("check_references");
  if (check && !check->is_bool())
    co_return problem_response({"request.invalid", "/check_references", "Must be true or false."}, call.request_id);
  const auto comment = optional_text(call.body, "comment", kCommentCharactersMax);
  if (!comment) co_return problem_response(comment.error(), call.request_id);
  const auto rows = to_.store.mappings(call.partner(), call.parameters.at(1));
  if (!rows) co_return problem_response(rows.error(), call.request_id);
  const Seen seen = seen_of(*rows);
  if (!may_change(call.request, etag_of(seen))) co_return mapping_changed(seen, call);
  const store::MappingRow* draft = find_state(*rows, "draft");
  if (!draft) co_return problem_response({"mapping.draft_missing", "", ""}, call.request_id);
  References found;
  if (check && !check->get_bool())
    found.problems = check_document(draft->workflow, draft->document).problems;
  else
    found = co_await check_references(call, draft->document);
  if (has_error(found.problems)) co_return with_status(refuse_document(found.problems, call), 422);
  store::MappingRow live = *draft;
  live.state = "live";
  live.published_at = to_.clock.now();
  Waiting waiting;
  if (live.workflow == mapping::kAlertToTicket)
    if (auto refused = settle_backlog(call, find_state(*rows, "live"), live, waiting)) co_return std::move(*refused);
  if (*comment) live.comment = **comment;
  store::Transaction transaction;
  transaction.mappings.push_back(live);
  if (live.workflow == mapping::kAlertToTicket) {
    transaction.wakes.push_back(engine::wake_unfinished(live.partner, *live.published_at));
    transaction.wakes.push_back(engine::wake_parked(live.partner, *live.published_at));
  } else {
    const std::string_view kind = mapping::record_kind_of(live.workflow);
    transaction.wakes.push_back(engine::wake_kind(live.partner, kind, *live.published_at));
    // Others than before may count as customers now.
    const mapping::ParsedObjects parsed = mapping::parse_object_document(live.workflow, live.document);
    if (parsed.document && parsed.document->imports())
      transaction.sweeps.push_back({live.partner, store::kOfferSweep, {}, {}});
  }
  // What was checked is put in force, or nothing: the store takes it only while it is the draft.
  const Seen then{0, live.version};
  Act act{"mapping.publish", live.partner, target_of(live), for_audit(seen), for_audit(then, live.comment)};
  const Result<store::Committed> written = co_await write(call, std::move(transaction), std::move(act));
  if (!written && store::is_conflict(written.error())) co_return mapping_changed(seen, call);
  if (!written) co_return problem_response(written.error(), call.request_id);
  to_.engine.wake(PartnerId{live.partner});
  json::object answer = to_json(live, true);
  answer["problems"] = to_json(found.problems);
  if (live.workflow == mapping::kAlertToTicket) answer["backlog"] = waiting_json(waiting);
  co_return with_etag(json_response(200, answer), then);
}

json::object Admin::waiting_json(const Waiting& waiting) {
  json::object body{{"tickets", waiting.tickets}, {"opened", waiting.opened}};
  if (waiting.go_live_at) body["go_live_at"] = format_timestamp(*waiting.go_live_at);
  return body;
}

/// Alerts that were stored while nothing was live would all become tickets in this moment. Without a word for it they
/// do not: the mapping goes live for what is raised from now on.
std::optional<net::Response> Admin::settle_backlog(const Call& call, const store::MappingRow* before,
                                                   store::MappingRow& live, Waiting& waiting) {
  const auto wish = optional_text(call.body, "backlog", kCommentCharactersMax);
  if (!wish) return problem_response(wish.error(), call.request_id);
  const std::string choice = wish->value_or("skip");
  if (choice != "skip" && choice != "open" && choice != "ask")
    return problem_response({"request.invalid", "/backlog", "Must be \"skip\", \"open\" or \"ask\"."}, call.request_id);
  mapping::Parsed after = mapping::parse_document(live.document);
  if (!after.document) return std::nullopt;
  std::optional<mapping::Document> earlier;
  if (before) earlier = mapping::parse_document(before->document).document;
  const Timestamp now = to_.clock.now();
  const auto backlog = backlog_of(to_.store, call.partner(), earlier ? &*earlier : nullptr, *after.document, now);
  if (!backlog) return problem_response(backlog.error(), call.request_id);
  waiting.tickets = backlog->tickets;
  waiting.opened = backlog->tickets > 0 && choice == "open";
  const bool skips = backlog->tickets > 0 && !waiting.opened;
  // What was left out by a date that the draft has no more, or has changed, is left out by it again.
  const bool keeps = earlier && earlier->go_live_at && backlog->dated == backlog->tickets;
  const bool skippable = backlog->first_time || keeps;
  if (skips && (choice == "ask" || !skippable))
    return problem_response(
        {"mapping.backlog", "/backlog",
         fmt::format("{}{} alert{} that {} open already would become tickets now.{}",
                     backlog->is_cut ? "At least " : "", backlog->tickets, backlog->tickets == 1 ? "" : "s",
                     backlog->tickets == 1 ? "is" : "are",
                     skippable ? ""
                               : " A part of this mapping is live already, so they cannot be left out by a "
                                 "date.")},
        call.request_id, {{"skippable", skippable}});
  if (skips) after.document->go_live_at = keeps ? *earlier->go_live_at : now;
  waiting.go_live_at = after.document->go_live_at;
  if (skips) live.document = json::serialize(mapping::to_json(*after.document));
  return std::nullopt;
}

}  // namespace crosswalk::service

#include "connectwise/manage/objects.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <unordered_set>

#include "base/json.h"
#include "base/text.h"
#include "connectwise/manage/conditions.h"
#include "connectwise/manage/object_wire.h"
#include "connectwise/manage/outcomes.h"
#include "connectwise/manage/pages.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

// "&pageSize=1000&page=1000" and some room to spare.
constexpr std::size_t kPagingLength = 40;

void take_object(psa::Outcome& outcome, std::optional<psa::Object> object) {
  outcome.applied = true;
  outcome.object = object->id;
  outcome.observed = std::move(object);
}

/// What the entry of a 207 answer says of its object.
void read_entry(psa::Outcome& outcome, const json::object& entry, psa::ObjectKind kind, const PartnerId& partner) {
  const json::object* data = object_member(entry, "data");
  if (flag_member(entry, "success") && data) {
    if (auto object = read_object(kind, *data, partner)) return take_object(outcome, std::move(object));
  }
  int status = 400;
  if (const json::value* told = entry.if_contains("statusCode"); told && told->is_int64())
    status = static_cast<int>(told->get_int64());
  const json::object* error = object_member(entry, "error");
  // A success without its object may have been one: only a look tells.
  if (status < 300) status = 500;
  Reading reading = read_failure(status, "application/json", error ? json::serialize(*error) : std::string("{}"), true);
  set_failure(outcome, std::move(reading.error), reading.disposition);
}

bool has_email(const json::object& contact, std::string_view email) {
  const json::value* items = contact.if_contains("communicationItems");
  if (!items || !items->is_array()) return false;
  return std::ranges::any_of(items->get_array(), [&](const json::value& each) {
    return each.is_object() && equals_ignoring_case(text_at(each.get_object(), "communicationType"), "Email") &&
           equals_ignoring_case(text_at(each.get_object(), "value"), email);
  });
}

std::string person_name(const json::object& contact) {
  const std::string first = text_at(contact, "firstName"), last = text_at(contact, "lastName");
  return first.empty() || last.empty() ? first + last : first + " " + last;
}

}  // namespace

boost::asio::awaitable<psa::ReadResult<psa::Object>> Objects::read(psa::ObjectKind kind,
                                                                   std::vector<std::string> conditions,
                                                                   psa::Lane lane) {
  psa::ReadResult<psa::Object> result;
  std::unordered_set<std::string> seen;
  const TakeItem take = [&](const json::object& object) {
    std::optional<psa::Object> read = read_object(kind, object, client_.partner());
    if (!read) return false;
    if (seen.insert(read->id.value).second) result.items.push_back(std::move(*read));
    return true;
  };
  Collection collection{std::string(collection_of(kind)), "", Paging::forward_only};
  result.complete = true;
  for (const std::string& each : conditions) {
    collection.query = "fields=" + object_fields(kind) + (each.empty() ? "" : "&conditions=" + encode_query(each));
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
    if (!failed) continue;
    result.complete = false;
    result.error = std::move(failed->error);
    result.disposition = failed->disposition;
    result.retry_after = failed->retry_after;
    break;
  }
  co_return result;
}

boost::asio::awaitable<psa::ReadResult<psa::Object>> Objects::all(psa::ObjectKind kind, psa::Lane lane) {
  std::vector<std::string> everything{""};
  co_return co_await read(kind, std::move(everything), lane);
}

boost::asio::awaitable<psa::ReadResult<psa::Object>> Objects::changed_since(psa::ObjectKind kind, Timestamp since,
                                                                            psa::Lane lane) {
  std::vector<std::string> changed{
      Condition::compare("lastUpdated", Condition::Operator::greater_or_equal, since).text()};
  co_return co_await read(kind, std::move(changed), lane);
}

boost::asio::awaitable<psa::ReadResult<std::string>> Objects::ids(psa::ObjectKind kind, psa::Lane lane) {
  psa::ReadResult<std::string> result;
  const TakeItem take = [&](const json::object& object) {
    std::string id = id_member(object);
    if (id.empty()) return false;
    // A merged company is flagged, and nothing else tells.
    if (!flag_member(object, "deletedFlag")) result.items.push_back(std::move(id));
    return true;
  };
  const Collection collection{std::string(collection_of(kind)),
                              kind == psa::ObjectKind::company ? "fields=id,deletedFlag" : "fields=id",
                              Paging::forward_only};
  std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
  result.complete = !failed;
  if (!failed) co_return result;
  result.error = std::move(failed->error);
  result.disposition = failed->disposition;
  result.retry_after = failed->retry_after;
  co_return result;
}

boost::asio::awaitable<psa::ReadResult<psa::Reference>> Objects::contacts_with_email(std::string company,
                                                                                     std::string email,
                                                                                     psa::Lane lane) {
  psa::ReadResult<psa::Reference> result;
  result.complete = true;
  if (!is_manage_id(company) || email.empty()) co_return result;
  const TakeItem take = [&](const json::object& object) {
    // What was asked for is proven by what is shown.
    const json::object* employer = object_member(object, "company");
    if (!employer || id_member(*employer) != company || flag_member(object, "inactiveFlag")) return true;
    if (has_email(object, email)) result.items.push_back({id_member(object), person_name(object)});
    return true;
  };
  // FACTS section 5: what stands in arrays is asked for by childConditions.
  const Condition of_company =
      Condition::compare("company/id", Condition::Operator::equal, static_cast<std::int64_t>(std::stoll(company)));
  const Condition with_email = Condition::compare("communicationItems/value", Condition::Operator::equal, email);
  const Collection collection{"/company/contacts",
                              "fields=id,firstName,lastName,company,inactiveFlag,communicationItems&conditions=" +
                                  encode_query(of_company.text()) +
                                  "&childConditions=" + encode_query(with_email.text()),
                              Paging::navigable};
  std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
  end_read(result, std::move(failed));
  co_return result;
}

boost::asio::awaitable<psa::ReadResult<psa::Reference>> Objects::default_contact(std::string company, psa::Lane lane) {
  psa::ReadResult<psa::Reference> result;
  result.complete = true;
  if (!is_manage_id(company)) co_return result;
  const TakeItem take = [&](const json::object& object) {
    const json::object* contact = object_member(object, "defaultContact");
    if (contact && !id_member(*contact).empty()) result.items.push_back({id_member(*contact), name_of(*contact)});
    return true;
  };
  const Condition condition =
      Condition::compare("id", Condition::Operator::equal, static_cast<std::int64_t>(std::stoll(company)));
  const Collection collection{
      "/company/companies", "fields=id,defaultContact&conditions=" + encode_query(condition.text()), Paging::navigable};
  std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
  end_read(result, std::move(failed));
  co_return result;
}

boost::asio::awaitable<psa::ReadResult<psa::Object>> Objects::by_id(psa::ObjectKind kind,
                                                                    std::span<const std::string> ids, psa::Lane lane) {
  std::vector<Condition::Value> values;
  for (const std::string& each : ids)
    if (is_manage_id(each)) values.emplace_back(static_cast<std::int64_t>(std::stoll(each)));
  const std::size_t used = collection_of(kind).size() + object_fields(kind).size() + kPagingLength + 24;
  std::vector<std::string> conditions;
  for (const Condition& each : in_batches("id", values, client_.target_max() - used)) conditions.push_back(each.text());
  co_return co_await read(kind, std::move(conditions), lane);
}

boost::asio::awaitable<psa::Outcome> Objects::write(WireRequest request, psa::ObjectKind kind,
                                                    const psa::ObjectId* expected, bool answers_object,
                                                    psa::Lane lane) {
  psa::Outcome outcome;
  auto answer = co_await client_.call(std::move(request), lane, outcome.calls);
  if (!answer) {
    outcome.retry_after = answer.error().retry_after;
    set_failure(outcome, std::move(answer.error().error), answer.error().disposition);
    co_return outcome;
  }
  if (!answers_object) {
    outcome.applied = true;
    outcome.object = *expected;
    // Only what shows itself as an item is taken for one.
    const std::optional<json::object> part = parse_object(answer->body);
    if (part && part->contains("value") && part->contains("communicationType")) outcome.part = id_member(*part);
    co_return outcome;
  }
  const std::optional<json::object> body = parse_object(answer->body);
  std::optional<psa::Object> object = body ? read_object(kind, *body, client_.partner()) : std::nullopt;
  if (!object || (expected && object->id.value != expected->value))
    read_unexpected(outcome, *answer);
  else
    take_object(outcome, std::move(object));
  co_return outcome;
}

boost::asio::awaitable<psa::Outcome> Objects::create(psa::CreateObject object, psa::Lane lane) {
  Result<WireRequest> request = encode_create(object);
  if (!request) {
    psa::Outcome outcome;
    set_failure(outcome, std::move(request.error()), Disposition::park);
    co_return outcome;
  }
  co_return co_await write(std::move(*request), object.kind, nullptr, true, lane);
}

boost::asio::awaitable<psa::Outcome> Objects::update(psa::UpdateObject update, psa::Lane lane) {
  Result<WireRequest> request = encode_update(update);
  if (!request) {
    psa::Outcome outcome;
    set_failure(outcome, std::move(request.error()), Disposition::park);
    co_return outcome;
  }
  // A communication item is answered with itself (or with nothing, once deleted), not with its contact.
  const bool answers_object = request->target.find("/communications") == std::string::npos;
  co_return co_await write(std::move(*request), update.object.kind, &update.object, answers_object, lane);
}

boost::asio::awaitable<std::vector<psa::Outcome>> Objects::create_together(std::span<const psa::CreateObject> objects,
                                                                           psa::Lane lane) {
  std::vector<psa::Outcome> outcomes(objects.size());
  for (std::size_t begin = 0; begin < objects.size(); begin += kBulkMax) {
    BulkRequest bulk = encode_bulk(objects.subspan(begin, std::min(kBulkMax, objects.size() - begin)));
    for (auto& [place, error] : bulk.refused) set_failure(outcomes[begin + place], std::move(error), Disposition::park);
    if (bulk.places.empty()) continue;
    std::vector<psa::Call> calls;
    const auto answer = co_await client_.call(std::move(bulk.request), lane, calls);
    const std::optional<json::object> body = answer ? parse_object(answer->body) : std::nullopt;
    const json::value* payload = body ? body->if_contains("payload") : nullptr;
    for (std::size_t i = 0; i < bulk.places.size(); ++i) {
      psa::Outcome& outcome = outcomes[begin + bulk.places[i]];
      if (i == 0) outcome.calls = calls;
      if (!answer) {
        outcome.retry_after = answer.error().retry_after;
        set_failure(outcome, answer.error().error, answer.error().disposition);
      } else {
        // What the answer does not speak of may have been made.
        set_failure(outcome, {"psa.answer_mismatch", "ConnectWise's answer does not speak of this configuration.", {}},
                    Disposition::unknown);
      }
    }
    if (!payload || !payload->is_array()) continue;
    for (const json::value& each : payload->get_array()) {
      const json::value* index = each.is_object() ? each.get_object().if_contains("originalIndex") : nullptr;
      if (!index || !index->is_int64() || index->get_int64() < 0 ||
          static_cast<std::size_t>(index->get_int64()) >= bulk.places.size())
        continue;
      psa::Outcome& outcome = outcomes[begin + bulk.places[static_cast<std::size_t>(index->get_int64())]];
      read_entry(outcome, each.get_object(), psa::ObjectKind::configuration, client_.partner());
    }
  }
  co_return outcomes;
}

}  // namespace crosswalk::connectwise::manage

#include "connectwise/manage/provider.h"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <unordered_set>

#include "base/json.h"
#include "connectwise/manage/callbacks.h"
#include "connectwise/manage/check.h"
#include "connectwise/manage/client.h"
#include "connectwise/manage/conditions.h"
#include "connectwise/manage/objects.h"
#include "connectwise/manage/outcomes.h"
#include "connectwise/manage/pages.h"
#include "connectwise/manage/reference_data.h"
#include "connectwise/manage/ticket_references.h"
#include "connectwise/manage/wire.h"

namespace crosswalk::connectwise::manage {
namespace {

namespace json = boost::json;

// "&pageSize=1000&page=1000" and some room to spare.
constexpr std::size_t kPagingLength = 40;

const psa::ObjectId* subject_of(const psa::Operation& operation) {
  struct Subject {
    const psa::ObjectId* operator()(const psa::AddNote& each) const { return &each.ticket; }
    const psa::ObjectId* operator()(const psa::AttachChildren& each) const { return &each.parent; }
    const psa::ObjectId* operator()(const psa::AttachConfiguration& each) const { return &each.ticket; }
    const psa::ObjectId* operator()(const psa::CreateObject&) const { return nullptr; }
    const psa::ObjectId* operator()(const psa::UpdateObject& each) const { return &each.object; }
    const psa::ObjectId* operator()(const psa::LinkObject& each) const { return &each.object; }
  };
  return std::visit(Subject{}, operation);
}

// What ConnectWise says of a ticket that it has made or changed. On the stack: thousands of these pass per second.
std::optional<psa::Object> parse_ticket(std::string_view body, const PartnerId& partner) {
  unsigned char buffer[16 * 1024];
  json::monotonic_resource memory(buffer, sizeof buffer);
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), error, &memory);
  if (error || !value.is_object()) return std::nullopt;
  return read_ticket(value.get_object(), partner);
}

void read_ticket_answer(psa::Outcome& outcome, const Answer& answer, const psa::ObjectId* expected,
                        const PartnerId& partner) {
  std::optional<psa::Object> ticket = parse_ticket(answer.body, partner);
  if (!ticket) return read_unexpected(outcome, answer);
  if (expected && ticket->id.value != expected->value)
    return set_failure(
        outcome,
        {"psa.answer_mismatch",
         "ConnectWise was asked to change ticket " + expected->value + " and showed ticket " + ticket->id.value,
         {}},
        Disposition::unknown);
  outcome.applied = true;
  outcome.object = ticket->id;
  outcome.observed = std::move(ticket);
}

void read_plain_answer(psa::Outcome& outcome, const psa::Operation& operation, const Answer& answer) {
  const std::optional<json::object> object = parse_object(answer.body);
  const bool needs_id = std::holds_alternative<psa::AddNote>(operation);
  if (!object || (needs_id && id_member(*object).empty())) return read_unexpected(outcome, answer);
  // attachChildren answers success or not within a 200.
  if (object->contains("success") && !flag_member(*object, "success"))
    return set_failure(outcome, {"psa.object_invalid", "ConnectWise said: " + text_at(*object, "message"), {}},
                       Disposition::park);
  outcome.applied = true;
  outcome.object = *subject_of(operation);
}

void read_answer(psa::Outcome& outcome, const psa::Operation& operation, const Answer& answer,
                 const PartnerId& partner) {
  if (std::holds_alternative<psa::CreateObject>(operation) || std::holds_alternative<psa::UpdateObject>(operation))
    return read_ticket_answer(outcome, answer, subject_of(operation), partner);
  read_plain_answer(outcome, operation, answer);
}

void read_refusal(psa::Outcome& outcome, const psa::Operation& operation, Failure failure) {
  if (failure.error.code == "psa.object_exists" && std::holds_alternative<psa::AttachConfiguration>(operation)) {
    // The link that we want is there already, perhaps from an attempt whose answer was lost.
    outcome.applied = true;
    outcome.object = *subject_of(operation);
    return;
  }
  const bool about_ticket =
      std::holds_alternative<psa::UpdateObject>(operation) || std::holds_alternative<psa::AddNote>(operation);
  if (failure.error.code == "psa.object_gone" && about_ticket) failure.error.code = "psa.ticket_gone";
  outcome.retry_after = failure.retry_after;
  set_failure(outcome, std::move(failure.error), failure.disposition);
}

class ManageProvider final : public Provider,
                             public psa::AppliesOperations,
                             public psa::ReadsTickets,
                             public psa::ReadsObjects,
                             public psa::ReadsReferenceData,
                             public psa::ChecksConnection,
                             public psa::ReadsCallbacks,
                             public psa::RegistersCallbacks {
 public:
  ManageProvider(PartnerId partner, Credentials credentials, net::Transport& transport, psa::CallGate& gate,
                 const Clock& clock)
      : client_(std::move(partner), std::move(credentials), transport, gate, clock),
        objects_(client_),
        callbacks_(client_) {}

  psa::Psa psa(bool read_only) override {
    psa::Psa psa;
    psa.provider = kProviderName;
    psa.instance = client_.site().origin + "/" + client_.company();
    psa.applies = read_only ? nullptr : this;
    psa.tickets = this;
    psa.objects = this;
    psa.create_together_max[psa::ObjectKind::configuration] = kBulkMax;
    psa.reference_data = this;
    psa.connection = this;
    psa.callbacks = this;
    psa.registers_callbacks = read_only ? nullptr : this;
    psa.link = [origin = client_.site().origin](const psa::ObjectId& object) {
      return origin +
             "/v4_6_release/services/system_io/router/openrecord.rails?recordType=ServiceFv&recid=" + object.value;
    };
    return psa;
  }

  boost::asio::awaitable<psa::Outcome> apply(const psa::Operation& operation, psa::Lane lane) override {
    psa::Outcome outcome;
    if (const auto* create = std::get_if<psa::CreateObject>(&operation);
        create && create->kind != psa::ObjectKind::ticket)
      co_return co_await objects_.create(*create, lane);
    if (const auto* update = std::get_if<psa::UpdateObject>(&operation);
        update && update->object.kind != psa::ObjectKind::ticket)
      co_return co_await objects_.update(*update, lane);
    Result<WireRequest> request = encode(operation);
    if (!request) {
      set_failure(outcome, std::move(request.error()), Disposition::park);
      co_return outcome;
    }
    auto answer = co_await client_.call(std::move(*request), lane, outcome.calls);
    if (answer)
      read_answer(outcome, operation, *answer, client_.partner());
    else
      read_refusal(outcome, operation, std::move(answer.error()));
    co_return outcome;
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> tickets_by_external_reference(
      std::span<const std::string> references, psa::Lane lane) override {
    std::vector<Condition::Value> values;
    // An empty one would fit every ticket that was made by hand.
    for (const std::string& each : references)
      if (!each.empty()) values.emplace_back(each);
    co_return co_await read_tickets("externalXRef", std::move(values), lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::TicketNote>> notes(const std::string& ticket, psa::Lane lane) override {
    // By id, since a note that is deleted during the read must not hide another one: what is not seen might be posted
    // again.
    co_return co_await read_of_ticket<psa::TicketNote>(ticket, "notes", kNoteFields, read_note, lane);
  }

  boost::asio::awaitable<psa::ReadResult<std::string>> invoiced_time(const std::string& ticket,
                                                                     psa::Lane lane) override {
    psa::ReadResult<std::string> result;
    result.complete = true;
    if (!is_manage_id(ticket)) co_return result;
    const std::array parts{
        Condition::compare("chargeToType", Condition::Operator::equal, std::string("ServiceTicket")),
        Condition::compare("chargeToId", Condition::Operator::equal, static_cast<std::int64_t>(std::stoll(ticket)))};
    const Collection collection{"/time/entries",
                                "fields=id,status,invoice&conditions=" + encode_query(Condition::all_of(parts).text()),
                                Paging::navigable};
    const TakeItem take = [&result](const json::object& object) {
      if (is_invoiced(object) && result.items.empty()) result.items.push_back(id_member(object));
      return true;
    };
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
    end_read(result, std::move(failed));
    co_return result;
  }

  boost::asio::awaitable<psa::ReadResult<psa::TicketTask>> tasks(const std::string& ticket, psa::Lane lane) override {
    co_return co_await read_of_ticket<psa::TicketTask>(ticket, "tasks", kTaskFields, read_task, lane);
  }

  boost::asio::awaitable<std::vector<psa::Outcome>> create_together(std::span<const psa::CreateObject> objects,
                                                                    psa::Lane lane) override {
    co_return co_await objects_.create_together(objects, lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> objects(psa::ObjectKind kind, psa::Lane lane) override {
    if (kind == psa::ObjectKind::ticket) co_return co_await tickets_changed_since(Timestamp{}, lane);
    co_return co_await objects_.all(kind, lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> objects_changed_since(psa::ObjectKind kind, Timestamp since,
                                                                             psa::Lane lane) override {
    if (kind == psa::ObjectKind::ticket) co_return co_await tickets_changed_since(since, lane);
    co_return co_await objects_.changed_since(kind, since, lane);
  }

  boost::asio::awaitable<psa::ReadResult<std::string>> object_ids(psa::ObjectKind kind, psa::Lane lane) override {
    if (kind == psa::ObjectKind::ticket) co_return co_await ticket_ids(lane);
    co_return co_await objects_.ids(kind, lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::Reference>> contacts_with_email(const std::string& company,
                                                                              const std::string& email,
                                                                              psa::Lane lane) override {
    co_return co_await objects_.contacts_with_email(company, email, lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::Reference>> default_contact(const std::string& company,
                                                                          psa::Lane lane) override {
    co_return co_await objects_.default_contact(company, lane);
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> objects_by_id(psa::ObjectKind kind,
                                                                     std::span<const std::string> ids,
                                                                     psa::Lane lane) override {
    if (kind == psa::ObjectKind::ticket) co_return co_await tickets(ids, lane);
    co_return co_await objects_.by_id(kind, ids, lane);
  }

  boost::asio::awaitable<Result<psa::ReferenceData>> reference_data(std::span<const std::string> boards,
                                                                    std::span<const std::string> companies,
                                                                    psa::Lane lane) override {
    co_return co_await read_reference_data(client_, boards, companies, lane);
  }

  boost::asio::awaitable<Result<psa::TicketReferencesFound>> ticket_references(const psa::TicketReferences& wanted,
                                                                               psa::Lane lane) override {
    co_return co_await read_ticket_references(client_, wanted, lane);
  }

  boost::asio::awaitable<Result<psa::ObjectReferenceData>> object_reference_data(
      const psa::ObjectReferences& references, psa::Lane lane) override {
    co_return co_await read_object_reference_data(client_, references, lane);
  }

  boost::asio::awaitable<std::vector<psa::Check>> check(psa::Lane lane, psa::CheckScope scope) override {
    co_return co_await check_connection(client_, lane, scope);
  }

  boost::asio::awaitable<Result<std::optional<psa::Change>>> read_callback(const psa::CallbackMessage& message,
                                                                           psa::Lane lane) override {
    co_return co_await callbacks_.read(message, lane);
  }

  boost::asio::awaitable<psa::CallbackReport> ensure_callbacks(const psa::CallbackTarget& target,
                                                               std::span<const psa::ObjectKind> kinds,
                                                               psa::Lane lane) override {
    co_return co_await callbacks_.ensure(target, kinds, lane);
  }

 private:
  boost::asio::awaitable<psa::ReadResult<psa::Object>> tickets(std::span<const std::string> ids, psa::Lane lane) {
    std::vector<Condition::Value> values;
    // What cannot be an id of Manage's does not exist there.
    for (const std::string& each : ids)
      if (is_manage_id(each)) values.emplace_back(static_cast<std::int64_t>(std::stoll(each)));
    auto result = co_await read_tickets("id", std::move(values), lane);
    const bool no_reference = std::ranges::all_of(result.items, &std::string::empty, &psa::Object::external_reference);
    if (!result.complete || result.items.empty() || !no_reference) co_return result;
    // Somebody has emptied them, or the field is not there any more: a question that names it tells.
    WireRequest question;
    question.target = "/service/tickets?fields=id&pageSize=1&page=1&conditions=" + encode_query("externalXRef != null");
    auto known = co_await client_.call(std::move(question), lane, result.calls);
    if (!known) end_read(result, std::move(known.error()));
    co_return result;
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> tickets_changed_since(Timestamp since, psa::Lane lane) {
    psa::ReadResult<psa::Object> result;
    const TakeItem take = [&](const json::object& object) {
      std::optional<psa::Object> ticket = read_ticket(object, client_.partner());
      if (ticket) result.items.push_back(std::move(*ticket));
      return true;
    };
    const std::array parts{Condition::compare("externalXRef", Condition::Operator::like, std::string("CW-%")),
                           Condition::compare("lastUpdated", Condition::Operator::greater_or_equal, since)};
    const Collection collection{
        "/service/tickets",
        "fields=" + ticket_fields() + "&conditions=" + encode_query(Condition::all_of(parts).text()),
        Paging::forward_only};
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
    end_read(result, std::move(failed));
    co_return result;
  }

  boost::asio::awaitable<psa::ReadResult<std::string>> ticket_ids(psa::Lane lane) {
    psa::ReadResult<std::string> result;
    const TakeItem take = [&result](const json::object& object) {
      std::string id = id_member(object);
      if (id.empty()) return false;
      result.items.push_back(std::move(id));
      return true;
    };
    const Condition ours = Condition::compare("externalXRef", Condition::Operator::like, std::string("CW-%"));
    const Collection collection{"/service/tickets", "fields=id&conditions=" + encode_query(ours.text()),
                                Paging::forward_only};
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
    end_read(result, std::move(failed));
    co_return result;
  }

  /// All of what one ticket lists under `name`.
  template <class T>
  boost::asio::awaitable<psa::ReadResult<T>> read_of_ticket(std::string ticket, std::string name,
                                                            std::string_view fields,
                                                            std::optional<T> (*read)(const json::object&),
                                                            psa::Lane lane) {
    psa::ReadResult<T> result;
    if (!is_manage_id(ticket)) {
      result.error = {"psa.ticket_gone", "\"" + ticket + "\" is not a ticket of ConnectWise Manage", {}};
      result.disposition = Disposition::gone;
      co_return result;
    }
    const Collection collection{"/service/tickets/" + ticket + "/" + name, "fields=" + std::string(fields),
                                Paging::forward_only};
    const TakeItem take = [&result, read](const json::object& object) {
      std::optional<T> item = read(object);
      if (!item) return false;
      result.items.push_back(std::move(*item));
      return true;
    };
    std::optional<Failure> failed = co_await read_pages(client_, collection, lane, result.calls, take);
    if (failed && failed->error.code == "psa.object_gone") failed->error.code = "psa.ticket_gone";
    end_read(result, std::move(failed));
    co_return result;
  }

  boost::asio::awaitable<psa::ReadResult<psa::Object>> read_tickets(std::string field,
                                                                    std::vector<Condition::Value> values,
                                                                    psa::Lane lane) {
    psa::ReadResult<psa::Object> result;
    // A ticket that is shown twice, because pages shifted or a value was asked for twice, must not look like twins.
    std::unordered_set<std::string> seen;
    const TakeItem take = [&](const json::object& object) {
      std::optional<psa::Object> ticket = read_ticket(object, client_.partner());
      if (!ticket) return false;
      if (seen.insert(ticket->id.value).second) result.items.push_back(std::move(*ticket));
      return true;
    };
    Collection collection{"/service/tickets", "", Paging::navigable};
    const std::string query = "fields=" + ticket_fields() + "&conditions=";
    const std::size_t room = client_.target_max() - collection.path.size() - query.size() - kPagingLength;
    std::optional<Failure> failed;
    for (const Condition& condition : in_batches(field, values, room)) {
      collection.query = query + encode_query(condition.text());
      failed = co_await read_pages(client_, collection, lane, result.calls, take);
      if (failed) break;
    }
    end_read(result, std::move(failed));
    co_return result;
  }

  Client client_;
  Objects objects_;
  Callbacks callbacks_;
};

}  // namespace

std::unique_ptr<Provider> Provider::make(PartnerId partner, Credentials credentials, net::Transport& transport,
                                         psa::CallGate& gate, const Clock& clock) {
  return std::make_unique<ManageProvider>(std::move(partner), std::move(credentials), transport, gate, clock);
}

}  // namespace crosswalk::connectwise::manage

#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "service/audit.h"
#include "service/auth.h"
#include "service/directory.h"
#include "service/intake_notes.h"
#include "service/problem.h"
#include "service/service.h"
#include "store/conflict.h"

namespace crosswalk::service {

/// One request on its way to a handler.
struct Call {
  const net::Request& request;
  net::Target target;
  std::vector<std::string> parameters;  ///< of the route, in order
  Principal who;
  std::string request_id;
  boost::json::object body{};  ///< of a route that names members; nothing given is an empty object

  [[nodiscard]] const std::string& partner() const { return parameters.at(0); }
};

using Answer = boost::asio::awaitable<net::Response>;

/// The handlers for people and for the command line: each parses, asks the store or the engine, and renders. They read
/// the store where they run, so they must not run on the server's threads.
class Admin {
 public:
  Admin(const Dependencies& dependencies, Directory& directory, IntakeNotes& intake_notes)
      : to_(dependencies), directory_(directory), intake_notes_(intake_notes) {}

  // admin_partners.cc
  Answer list_partners(const Call& call);
  Answer add_partner(const Call& call);
  Answer get_partner(const Call& call);
  Answer change_partner(const Call& call);
  Answer partner_status(const Call& call);
  Answer check_partner(const Call& call);
  Answer reference_data(const Call& call);
  Answer match_customers(const Call& call);
  Answer verify(const Call& call);
  Answer drift(const Call& call);
  Answer get_callbacks(const Call& call);
  Answer check_callbacks(const Call& call);
  Answer disconnect_partner(const Call& call);
  Answer intake_notes(const Call& call);

  // admin_mappings.cc
  Answer get_mapping(const Call& call);
  Answer get_mapping_version(const Call& call);
  Answer suggest_mapping(const Call& call);
  Answer put_mapping_draft(const Call& call);
  Answer validate_mapping(const Call& call);
  Answer publish_mapping(const Call& call);

  // admin_plans.cc
  Answer get_plan(const Call& call);
  Answer save_plan(const Call& call);
  Answer get_saved_plan(const Call& call);
  Answer apply_plan(const Call& call);

  // admin_records.cc
  Answer list_records(const Call& call);
  Answer get_record(const Call& call);
  Answer explain_record(const Call& call);
  Answer forget_record(const Call& call);
  Answer replay(const Call& call);

  // admin_keys.cc
  Answer list_keys(const Call& call);
  Answer make_key(const Call& call);
  Answer revoke_key(const Call& call);
  Answer list_errors(const Call& call);

  // admin_removal.cc
  Answer get_removal(const Call& call);
  Answer remove_partner(const Call& call);
  Answer keep_partner(const Call& call);

  // admin_audit.cc
  Answer list_audit(const Call& call);

  // admin_webhooks.cc
  Answer list_webhooks(const Call& call);
  Answer add_webhook(const Call& call);
  Answer get_webhook(const Call& call);
  Answer change_webhook_settings(const Call& call);
  Answer remove_webhook(const Call& call);
  Answer rotate_webhook(const Call& call);
  Answer test_webhook(const Call& call);
  Answer list_deliveries(const Call& call);
  Answer replay_deliveries(const Call& call);

 private:
  /// 200 with what the engine says, or its error as a problem.
  static net::Response render(const Result<boost::json::object>& result, const Call& call, int status = 200);

  /// Writes what somebody does together with the entry that tells of it.
  boost::asio::awaitable<Result<store::Committed>> write(const Call& call, store::Transaction transaction, Act act);
  /// Writes the entry of what others carry out, before they begin; answers why it could not.
  boost::asio::awaitable<std::optional<net::Response>> note(const Call& call, Act act);

  using PartnerChange = std::function<std::optional<RequestProblem>(store::PartnerRow&)>;
  using WebhookChange = std::function<std::optional<RequestProblem>(store::WebhookRow&)>;
  void tell_of_change(const store::PartnerRow& row, const store::PartnerRow& former, store::Transaction& transaction);
  /// What is written beside a change of a partner, in the same transaction. Called anew for each try.
  using Beside = std::function<Result<void>(store::Transaction&)>;
  /// Reads the row, changes it and writes it; again when somebody else was quicker, unless the request has named the
  /// version that it is about.
  boost::asio::awaitable<tl::expected<store::PartnerRow, net::Response>> update_partner(
      const Call& call, std::string_view act, const PartnerChange& change, bool wakes, const Beside& beside = {});
  boost::asio::awaitable<tl::expected<store::WebhookRow, net::Response>> update_webhook(const Call& call,
                                                                                        std::string_view act,
                                                                                        const WebhookChange& change);

  [[nodiscard]] Result<boost::json::object> removal_effects(const store::PartnerRow& partner);
  /// All keys of one partner that are in force: into the transaction, and into `revoked`.
  Result<void> revoke_keys_of(const Call& call, const std::string& partner, store::Transaction& transaction,
                              std::vector<store::ApiKeyRow>& revoked);

  /// What a partner is, with its connection.
  [[nodiscard]] net::Response partner_response(int status, const store::PartnerRow& row);
  [[nodiscard]] std::optional<RequestProblem> refuse_erasing(const store::PartnerRow& row) const;
  struct References;
  /// What becomes of alerts that were open before the mapping went live.
  struct Waiting {
    std::int64_t tickets = 0;  ///< that they would be
    bool opened = false;       ///< they become tickets; else they are left out, by `go_live_at`
    std::optional<Timestamp> go_live_at;
  };
  std::optional<net::Response> settle_backlog(const Call& call, const store::MappingRow* before,
                                              store::MappingRow& live, Waiting& waiting);
  [[nodiscard]] static boost::json::object waiting_json(const Waiting& waiting);
  [[nodiscard]] Result<std::int64_t> backlog_of_draft(const std::string& partner);
  /// `read`: what the request has been about.
  net::Response mapping_changed(const store::MappingRow::Seen& read, const Call& call);
  boost::asio::awaitable<References> check_references(const Call& call, const std::string& document);
  boost::asio::awaitable<References> check_object_references(const Call& call, const std::string& document);

  [[nodiscard]] Result<store::WebhookRow> find_webhook(const Call& call);
  net::Response webhook_response(const Result<boost::json::object>& body, const store::WebhookRow& row,
                                 const Call& call, int status = 200);
  net::Response webhook_changed(const store::WebhookRow& row, std::int64_t read, const Call& call);
  [[nodiscard]] Result<boost::json::object> describe(const store::WebhookRow& row);
  [[nodiscard]] std::optional<RequestProblem> check_partners(const store::WebhookRow& row);
  boost::asio::awaitable<Result<store::Committed>> write_outbound(const Call& call, store::OutboundChanges changes,
                                                                  Act act);

  const Dependencies& to_;
  Directory& directory_;
  IntakeNotes& intake_notes_;
};

/// The body as an object; nothing given is an empty object.
[[nodiscard]] tl::expected<boost::json::object, RequestProblem> body_object(const net::Request& request);

/// How often a change is made again on what others have written meanwhile. Each time one of them has succeeded.
inline constexpr int kChangeTriesMax = 8;

/// A text member; absent is fine.
[[nodiscard]] tl::expected<std::optional<std::string>, RequestProblem> optional_text(const boost::json::object& body,
                                                                                     std::string_view name,
                                                                                     std::size_t characters_max);

}  // namespace crosswalk::service

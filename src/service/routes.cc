#include "service/routes.h"

namespace crosswalk::service {
namespace {

#define CROSSWALK_MAPPING "/v1/partners/{partner}/mappings/{workflow}"
#define CROSSWALK_RECORD "/v1/partners/{partner}/records/{kind}/{key}"
constexpr AdminRoute kAdminRoutes[] = {
    {"GET", "/v1/partners", Access::any_key, &Admin::list_partners},
    {"POST", "/v1/partners", Access::admin, &Admin::add_partner,
     "id name paused provider site company client_id public_key private_key"},
    {"GET", "/v1/partners/{partner}", Access::partner, &Admin::get_partner},
    {"PATCH", "/v1/partners/{partner}", Access::admin, &Admin::change_partner,
     "id name paused provider site company client_id public_key private_key"},
    {"GET", "/v1/partners/{partner}/status", Access::partner, &Admin::partner_status},
    {"GET", "/v1/partners/{partner}/check", Access::partner, &Admin::check_partner},
    {"GET", "/v1/partners/{partner}/intake", Access::partner, &Admin::intake_notes},
    {"GET", "/v1/partners/{partner}/reference-data", Access::partner, &Admin::reference_data},
    {"GET", "/v1/partners/{partner}/customers", Access::partner, &Admin::match_customers},
    {"POST", "/v1/partners/{partner}/verify", Access::partner, &Admin::verify},
    {"GET", "/v1/partners/{partner}/drift", Access::partner, &Admin::drift},
    {"GET", "/v1/partners/{partner}/callbacks", Access::partner, &Admin::get_callbacks},
    {"POST", "/v1/partners/{partner}/callbacks/check", Access::admin, &Admin::check_callbacks},
    {"POST", "/v1/partners/{partner}/disconnect", Access::admin, &Admin::disconnect_partner},
    {"GET", "/v1/partners/{partner}/removal", Access::admin, &Admin::get_removal},
    {"DELETE", "/v1/partners/{partner}", Access::admin, &Admin::remove_partner, {}, "grace"},
    {"POST", "/v1/partners/{partner}/keep", Access::admin, &Admin::keep_partner},
    {"POST", "/v1/partners/{partner}/replay", Access::admin, &Admin::replay, "kind key"},
    {"GET", CROSSWALK_MAPPING, Access::partner, &Admin::get_mapping},
    {"GET", CROSSWALK_MAPPING "/versions/{version}", Access::partner, &Admin::get_mapping_version},
    {"GET", CROSSWALK_MAPPING "/suggestion", Access::partner, &Admin::suggest_mapping},
    {"PUT", CROSSWALK_MAPPING "/draft", Access::partner, &Admin::put_mapping_draft, kDocument, "comment"},
    {"POST", CROSSWALK_MAPPING "/validate", Access::partner, &Admin::validate_mapping, kDocument},
    {"POST", CROSSWALK_MAPPING "/publish", Access::partner, &Admin::publish_mapping,
     "check_references comment backlog"},
    {"GET", "/v1/partners/{partner}/plan", Access::partner, &Admin::get_plan, {}, "customer draft"},
    {"POST", "/v1/partners/{partner}/plans", Access::admin, &Admin::save_plan, "customer"},
    {"GET", "/v1/partners/{partner}/plans/{plan}", Access::partner, &Admin::get_saved_plan},
    {"POST", "/v1/partners/{partner}/plans/{plan}/apply", Access::admin, &Admin::apply_plan},
    {"GET", "/v1/partners/{partner}/records", Access::partner, &Admin::list_records, {}, "kind state after limit find"},
    {"GET", CROSSWALK_RECORD, Access::partner, &Admin::get_record},
    {"GET", CROSSWALK_RECORD "/explain", Access::partner, &Admin::explain_record},
    {"POST", CROSSWALK_RECORD "/forget", Access::admin, &Admin::forget_record},
    {"GET", "/v1/keys", Access::admin, &Admin::list_keys},
    {"POST", "/v1/keys", Access::admin, &Admin::make_key, "name role partner expires_at"},
    {"DELETE", "/v1/keys/{id}", Access::admin, &Admin::revoke_key},
    {"GET", "/v1/audit", Access::admin, &Admin::list_audit, {}, "partner act before limit"},
    {"GET", "/v1/errors", Access::any_key, &Admin::list_errors},
    {"GET", "/v1/webhooks", Access::admin, &Admin::list_webhooks},
    {"POST", "/v1/webhooks", Access::admin, &Admin::add_webhook, "url description types partners enabled"},
    {"GET", "/v1/webhooks/{id}", Access::admin, &Admin::get_webhook},
    {"PATCH", "/v1/webhooks/{id}", Access::admin, &Admin::change_webhook_settings,
     "url description types partners enabled"},
    {"DELETE", "/v1/webhooks/{id}", Access::admin, &Admin::remove_webhook},
    {"POST", "/v1/webhooks/{id}/rotate", Access::admin, &Admin::rotate_webhook, "grace"},
    {"POST", "/v1/webhooks/{id}/test", Access::admin, &Admin::test_webhook},
    {"GET", "/v1/webhooks/{id}/deliveries", Access::admin, &Admin::list_deliveries, {}, "state before limit"},
    {"POST", "/v1/webhooks/{id}/replay", Access::admin, &Admin::replay_deliveries, "event since until types dry_run"},
};
#undef CROSSWALK_MAPPING
#undef CROSSWALK_RECORD

}  // namespace

std::span<const AdminRoute> admin_routes() { return kAdminRoutes; }

}  // namespace crosswalk::service

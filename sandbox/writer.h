#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/api_error.h"
#include "sandbox/shapes.h"
#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

/// On whose behalf something is written, and when.
struct Actor {
  std::string member;
  bool permitted_everything = false;  ///< people in the UI: their own roles are not simulated
  std::int64_t now = 0;               ///< seconds since 1970
  const Switches* switches = nullptr;
  bool integrator = false;  ///< by an integrator's login, which does nothing but mint tokens
};

/// Takes what a client sends into a row, and gathers what is wrong with it.
class Writer {
 public:
  enum class Mode { post, put, patch };

  /// `row`: a new one, or a copy of the one to change.
  Writer(Tenant& tenant, const Resource& resource, Row row, Mode mode, const Actor& actor)
      : tenant(tenant), resource(resource), row(std::move(row)), mode(mode), actor(actor) {}

  /// The body of a POST or PUT. Fields that are not known are ignored.
  void apply_body(const boost::json::object& body);
  /// The operations of a PATCH.
  void apply_patch(const boost::json::array& operations);
  /// Defaults, required fields, references within their parents; then the resource's own rules.
  void finish();
  /// Writes the row, or says why not.
  [[nodiscard]] ApiResult<const Row*> commit();

  [[nodiscard]] bool touched(int field) const;
  /// Whether empty texts and numbers as texts are taken for what is meant.
  [[nodiscard]] bool lenient() const { return actor.switches->texts_taken_for_values; }
  void fail(FieldError error) { errors.push_back(std::move(error)); }
  /// Stops everything with an error of its own (a 403, a 500).
  void refuse(ApiError error) {
    if (!refusal) refusal = std::move(error);
  }

  Tenant& tenant;
  const Resource& resource;
  Row row;
  Mode mode;
  const Actor& actor;
  std::vector<FieldError> errors;
  std::optional<ApiError> refusal;
  boost::json::object post_only;  ///< what was sent for fields that are not kept
  std::int64_t left = 0;          ///< set by rules: what the row belonged to until now (the ticket of a time entry)

 private:
  struct Late {
    int field;
    boost::json::value value;
  };
  void assign(int field, const boost::json::value& value);
  void assign_scalar(int field, const Field& described, const boost::json::value& value);
  void assign_text(int field, const Field& described, const boost::json::value& value);
  void assign_list(int field, const Field& described, const boost::json::value& value);
  void assign_object(int field, const Field& described, const boost::json::value& value);
  void assign_unserved(int field, const Field& described, const boost::json::value& value);
  void assign_any(int field, const Field& described, const boost::json::value& value);
  void fail_kind(const Field& described);
  void fail_shape(const Field& described, const ShapeProblem& problem);
  std::optional<boost::json::object> custom_field(const boost::json::value& id, const boost::json::value& sent,
                                                  const boost::json::value& value);
  void assign_custom_fields(int field, const boost::json::value& value);
  void assign_late_references();
  std::optional<std::int64_t> resolve(const Field& described, const boost::json::value& value, std::int64_t scope);
  [[nodiscard]] int scope_field(const Field& described) const;
  [[nodiscard]] std::int64_t scope_id(int scope) const;
  void patch_one(const boost::json::value& operation);
  bool patch_member(int field, std::string_view name, const boost::json::value& value);
  void patch_element(int field, const std::vector<std::string_view>& path, std::string_view op,
                     const boost::json::value& value);
  void check_required();
  void check_scopes();

  std::vector<Late> late_;
  std::vector<int> touched_;
};

/// The id of the object in `target` that is named by "id", "identifier" or "name" in `reference`; `key` and `given` say
/// by what.
[[nodiscard]] std::int64_t find_reference(const Tenant& tenant, const Resource& target,
                                          const boost::json::object& reference, std::int64_t scope, std::string& key,
                                          std::string& given);
/// By any of its names, ignoring case; of the children of `scope` unless that is 0. 0 when there is none.
[[nodiscard]] std::int64_t find_by_name(const Tenant& tenant, const Resource& target, std::string_view name,
                                        std::int64_t scope);

/// Whose child a body says it is, where the path does not; says why not.
[[nodiscard]] ApiResult<std::int64_t> parent_in(const Tenant& tenant, const Resource& resource,
                                                const boost::json::object& body);

// The rules of single collections (rules.h).

/// Before a row is written: derived fields, defaults from other objects, rules of their own.
void apply_rules(Writer& writer, const Row* before);
/// The same for a row that a scenario plants: what follows from its fields, and nothing is refused.
void complete_planted(Writer& writer);
/// After it has been written: what else it changes.
void apply_consequences(Writer& writer, const Row& row, bool inserted);
/// Why a row cannot be deleted, if so.
[[nodiscard]] std::optional<ApiError> check_removal(Tenant& tenant, const Resource& resource, const Row& row,
                                                    const Actor& actor);
/// After a row of `resource` has been deleted: what belongs to it goes too.
void apply_removal(Tenant& tenant, const Resource& resource, const Row& removed, const Actor& actor);
/// True when deleting only marks (companies).
[[nodiscard]] bool mark_deleted(Tenant& tenant, const Resource& resource, std::int64_t id, const Actor& actor,
                                bool shows_as_update = true);
/// Makes `row` of tickets closed or open as its status says.
void derive_closed(Writer& writer);

}  // namespace crosswalk::sandbox

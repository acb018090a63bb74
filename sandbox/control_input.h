#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "net/http.h"
#include "sandbox/tenant.h"
#include "sandbox/wire.h"
#include "sandbox/world.h"

namespace crosswalk::sandbox {

/// What a request to the control API says: parameters of its query or members of its body. The first thing that is
/// wrong with it is kept as the answer, and readers go on with harmless values: who reads asks refusal() once, before
/// anything is done.
class ControlInput {
 public:
  [[nodiscard]] static ControlInput of_query(const net::Query& query);
  /// A JSON object; an empty body says nothing.
  [[nodiscard]] static ControlInput of_body(std::string_view body);
  /// By which scheme and host the request has come.
  void came_to(std::string origin) { origin_ = std::move(origin); }
  /// Prints objects with links that lead back to where the request has come to.
  [[nodiscard]] Wire wire(const Tenant& tenant) const {
    return {tenant, origin_ + "/" + tenant.codebase + "apis/3.0/"};
  }

  [[nodiscard]] const boost::json::object& members() const { return members_; }
  /// Null is as good as left out.
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Everything else is a slip that would go unnoticed.
  void take_only(const std::vector<std::string_view>& names);

  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {});
  [[nodiscard]] std::string required_text(std::string_view name);
  /// A whole number from `least` to `most`.
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                    std::int64_t most = INT64_MAX);
  /// A number that is one of `values`.
  [[nodiscard]] std::int64_t number_of(std::string_view name, std::int64_t otherwise,
                                       const std::vector<std::int64_t>& values);
  /// True or false.
  [[nodiscard]] bool flag(std::string_view name, bool otherwise);
  /// A list of texts, of which none is empty.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name, const std::vector<std::string>& otherwise);
  /// A number that must be there and is above 0.
  [[nodiscard]] std::int64_t id(std::string_view name);
  /// A number or its text, with four digits after the point at most; nothing when it is not there.
  [[nodiscard]] std::optional<Decimal> amount(std::string_view name);
  [[nodiscard]] std::optional<Timestamp> time(std::string_view name);
  /// How ConnectWise refers to something: {"id": 5} for a number, {"name": "Help Desk"} for a text, where `key` is
  /// "name". It must be there.
  [[nodiscard]] boost::json::object reference(std::string_view name, std::string_view key = "name");

  /// The company "tenant"; where none is named the only one there is, or "sandbox".
  [[nodiscard]] const Tenant* tenant(const World& world);
  /// Who acts, "member": an identifier as the tenant has it, jsmith where none is named.
  [[nodiscard]] std::string member(const Tenant* tenant);
  /// The member of that identifier, active or not.
  const Row* member_row(const Tenant* tenant, std::string_view identifier);
  /// What "collection" names.
  [[nodiscard]] const Resource* collection(std::string_view otherwise = {});
  /// The object of that id; `what` is it in words: "ticket".
  const Row* row(const Tenant* tenant, std::string_view collection, std::int64_t id, std::string_view what);

  void refuse(int status, std::string_view message);
  /// What is wrong; nothing when nothing is.
  [[nodiscard]] const std::optional<net::Response>& refusal() const { return refusal_; }

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;

  boost::json::object members_;
  bool of_query_ = false;  ///< everything is text there
  std::string origin_;
  std::optional<net::Response> refusal_;
};

// What the control API answers with.

[[nodiscard]] net::Response shown(const boost::json::value& value);
[[nodiscard]] net::Response done();
/// A sentence for people.
[[nodiscard]] net::Response refused(int status, std::string_view message);
/// In quotation marks, as text, and not too long.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace crosswalk::sandbox

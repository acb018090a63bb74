#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "sandbox/tenant.h"

namespace crosswalk::sandbox {

/// Objects as ConnectWise prints them.
class Wire {
 public:
  /// `prefix` is what links begin with: "https://host/v2025_1/apis/3.0/".
  Wire(const Tenant& tenant, std::string prefix) : tenant_(tenant), prefix_(std::move(prefix)) {}

  void write(std::string& out, const Resource& resource, const Row& row) const;
  [[nodiscard]] std::string text(const Resource& resource, const Row& row) const;
  [[nodiscard]] boost::json::object object(const Resource& resource, const Row& row) const;
  /// In another schema of the document: an /info path shows less than the collection.
  [[nodiscard]] boost::json::object object_as(const Resource& resource, const Row& row,
                                              std::string_view schema_name) const;
  /// {"id":5,"name":"Help Desk","_info":{"board_href":"..."}} in the shape of `reference_type`'s members.
  void write_reference(std::string& out, const Resource& target, const Row& row,
                       std::span<const std::string> shape) const;
  [[nodiscard]] std::string href(const Resource& resource, const Row& row) const;
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

 private:
  void write_field(std::string& out, const Resource& resource, const Field& field,
                   const boost::json::value* value) const;
  void write_references(std::string& out, const Field& field, const boost::json::array& ids) const;
  void write_info(std::string& out, const Resource& resource, const Row& row) const;
  void write_absent(std::string& out, const Resource& resource, const Row& row, int number) const;
  void write_nested(std::string& out, const Schema& schema, const boost::json::object& object) const;

  const Tenant& tenant_;
  std::string prefix_;
};

/// What a reference to `row` shows as `member`: its name, identifier, summary... Empty when it has none.
[[nodiscard]] std::string reference_text(const Tenant& tenant, const Resource& resource, const Row& row,
                                         std::string_view member);

/// The field that an answer in another schema shows as `shown`, which may call it otherwise; -1 when there is none.
[[nodiscard]] int field_shown_as(const Resource& resource, const Field& shown);

/// The object's mobileGuid: the same in every run.
[[nodiscard]] std::string row_guid(const Tenant& tenant, const Resource& resource, const Row& row);

/// "2026-03-01T06:00:00Z"
void append_time(std::string& out, std::int64_t seconds);
void append_json_string(std::string& out, std::string_view text);
/// Any JSON as ConnectWise prints it: numbers plainly, 0.75 and never 7.5E-1.
void append_json(std::string& out, const boost::json::value& value);
void append_json(std::string& out, const boost::json::object& object);
[[nodiscard]] std::string json_text(const boost::json::value& value);
[[nodiscard]] std::string json_text(const boost::json::object& object);
/// Keeps of `object` what `fields` ("id,name,status/id") names; _info only when it is named.
[[nodiscard]] boost::json::object project(const boost::json::object& object, std::string_view fields);

}  // namespace crosswalk::sandbox

#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crosswalk::sandbox {

enum class FieldType {
  integer,
  decimal,  ///< held as ten-thousandths
  string,
  boolean,
  date,           ///< held as seconds since 1970
  reference,      ///< held as the id of the other object; of a type that the sandbox does not serve: as the JSON given
  references,     ///< a list of such
  enumeration,    ///< held as the canonical text
  objects,        ///< a list of objects, each held as JSON with an id of its own
  custom_fields,  ///< a list of custom field values
  any,            ///< held as given: lists of numbers or texts, odd things
};

struct Field {
  std::string name;
  FieldType type = FieldType::string;
  std::size_t length_max = 0;  ///< characters; 0: no limit
  bool required = false;
  bool post_only = false;  ///< taken on POST, never shown
  bool read_only = false;  ///< what a client sends is ignored
  bool hidden = false;     ///< the sandbox's own, not on the wire
  std::vector<std::string> enumeration;
  std::string reference_type;                 ///< "BoardReference"
  int target = -1;                            ///< the resource that is referred to; -1: one that is not served
  std::span<const std::string> target_shape;  ///< members of the reference beside _info
  std::string object_schema;
};

/// What is known of a collection in the resource table: a few lines of data.
struct ResourceSpec {
  const char* path;                 ///< "service/boards/statuses": segments without ids
  const char* schema;               ///< name in schemas.json
  const char* noun;                 ///< "ticket", in "ticket object is invalid"
  const char* title;                ///< "Ticket", in "Ticket 5 not found"
  const char* permission;           ///< of the security role
  const char* reference_type = "";  ///< the type of references to it: "BoardReference"
  const char* href = "";            ///< the member of a reference's _info: "board_href"
  const char* parent = "";          ///< path of the collection whose member it belongs to
  const char* parent_field = "";    ///< the field that shows the parent, kept in step
  std::initializer_list<const char*> read_only = {};
  std::initializer_list<const char*> indexed = {};
  /// Field and JSON text, for a POST that leaves the field out.
  std::initializer_list<std::pair<const char*, const char*>> defaults = {};
  /// Field and type, in the words of schemas.json: the sandbox's own, not on the wire.
  std::initializer_list<std::pair<const char*, const char*>> hidden = {};
  std::initializer_list<const char*> required = {};  ///< besides those of the document
  const char* verbs = "GPUXD";                       ///< Get, Post, pUt, patch (X), Delete
};

/// A collection with everything looked up.
struct Resource {
  ResourceSpec spec;
  int number = 0;  ///< in the catalogue, and of the table in a tenant
  std::string path;
  std::vector<std::string> segments;
  int parent = -1;
  int parent_field = -1;
  std::vector<int> children;
  std::vector<Field> fields;
  std::vector<int> indexed;
  std::vector<std::pair<int, boost::json::value>> defaults;
  std::vector<int> label_fields;  ///< name, identifier, summary, description: what finds an object by its name

  /// As a PATCH path says it: the case matters. -1 when there is none.
  [[nodiscard]] int field(std::string_view name) const;
  /// As conditions say it: the case does not matter.
  [[nodiscard]] int field_ignoring_case(std::string_view name) const;
  [[nodiscard]] bool allows(char verb) const;

  std::unordered_map<std::string, int> by_name;
  std::unordered_map<std::string, int> by_lower_name;
};

/// All collections, made once from the table and the embedded schemas; a mistake in either throws at start.
class Catalogue {
 public:
  [[nodiscard]] static const Catalogue& instance();
  [[nodiscard]] const std::vector<Resource>& resources() const { return resources_; }
  [[nodiscard]] const Resource& at(int number) const { return resources_[static_cast<std::size_t>(number)]; }
  /// By path ("service/boards/statuses"); nullptr when there is none.
  [[nodiscard]] const Resource* find(std::string_view path) const;
  [[nodiscard]] const Resource& get(std::string_view path) const;

 private:
  Catalogue();
  void add(const ResourceSpec& spec, const boost::json::object& schemas);
  void connect();

  std::vector<Resource> resources_;
  std::unordered_map<std::string, int> by_path_;
  std::unordered_map<std::string, std::vector<std::string>> shapes_;
};

/// The resource table (resources.cc).
[[nodiscard]] std::span<const ResourceSpec> resource_table();

}  // namespace crosswalk::sandbox

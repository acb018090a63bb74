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
  object,         ///< one object, held as JSON
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

/// What ConnectWise's document does not say of a collection. What is left empty is worked out from the document; a
/// collection without a line here is served all the same.
struct ResourceSpec {
  std::string path;                          ///< "service/boards/statuses": segments without ids
  std::string schema = "";                   ///< name in schemas.json
  std::string noun = "";                     ///< "ticket", in "ticket object is invalid"
  std::string title = "";                    ///< "Ticket", in "Ticket 5 not found"
  std::string permission = "";               ///< of the security role; a parent's holds for its children
  std::vector<std::string> references = {};  ///< types of references to it: "BoardReference"
  std::string href = "";                     ///< the member of a reference's _info: "board_href"
  std::string parent = "";                   ///< path of the collection whose member it belongs to
  std::string parent_field = "";             ///< the field that shows the parent, kept in step
  std::vector<std::string> read_only = {};
  std::vector<std::string> indexed = {};
  /// Field and JSON text, for a POST that leaves the field out.
  std::vector<std::pair<std::string, std::string>> defaults = {};
  /// Field and type, in the words of schemas.json: the sandbox's own, not on the wire.
  std::vector<std::pair<std::string, std::string>> hidden = {};
  std::vector<std::string> required = {};  ///< besides those of the document
  std::vector<std::string> optional = {};  ///< required by the document, but filled in by the server
  /// What _info names where a recording shows it, "tickets service/tickets?conditions=company/id={id}"; {time} is when
  /// the object was last changed, a name alone hangs on the object itself. Empty: what hangs on it by the document.
  std::vector<std::string> links = {};
};

/// The fields of a schema of the document.
struct Schema {
  std::string name;
  std::vector<Field> fields;  ///< without id and _info
  bool has_id = false, has_info = false;

  [[nodiscard]] const Field* field(std::string_view name) const;
};

/// A link in an object's _info.
struct InfoLink {
  std::string name;           ///< with "_href"
  bool own = true;            ///< behind the object's own address; else behind that of the API
  std::string before, after;  ///< around the id; own: `after` alone
  bool timed = false;         ///< ends with the time of the last change
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
  bool has_id = true, has_info = true;  ///< whether objects show their id, and _info
  std::vector<std::pair<int, boost::json::value>> defaults;
  std::vector<InfoLink> links;    ///< what its _info names
  int guid_field = -1;            ///< mobileGuid, which every object that knows it has
  std::vector<int> label_fields;  ///< name, identifier, summary, description: what finds an object by its name

  /// As a PATCH path says it: the case matters. -1 when there is none.
  [[nodiscard]] int field(std::string_view name) const;
  /// As conditions say it: the case does not matter.
  [[nodiscard]] int field_ignoring_case(std::string_view name) const;

  std::unordered_map<std::string, int> by_name;
  std::unordered_map<std::string, int> by_lower_name;
};

/// All collections, made once from the document and the resource table; a mistake in either throws at start.
class Catalogue {
 public:
  [[nodiscard]] static const Catalogue& instance();
  [[nodiscard]] const std::vector<Resource>& resources() const { return resources_; }
  [[nodiscard]] const Resource& at(int number) const { return resources_[static_cast<std::size_t>(number)]; }
  /// By path ("service/boards/statuses"); nullptr when there is none.
  [[nodiscard]] const Resource* find(std::string_view path) const;
  [[nodiscard]] const Resource& get(std::string_view path) const;
  /// nullptr when the document has none of that name.
  [[nodiscard]] const Schema* schema(std::string_view name) const;
  /// Members of a type of references ("BoardReference") beside _info; none when the document has no such type.
  [[nodiscard]] std::span<const std::string> reference_shape(std::string_view type) const;

 private:
  Catalogue();
  void read_schemas();
  void add(ResourceSpec spec);
  void connect();

  std::vector<Resource> resources_;
  std::unordered_map<std::string, int> by_path_;
  std::unordered_map<std::string, Schema> schemas_;
  std::unordered_map<std::string, std::vector<std::string>> shapes_;
};

// The resource table, by module.

[[nodiscard]] std::span<const ResourceSpec> company_resources();
[[nodiscard]] std::span<const ResourceSpec> service_resources();
[[nodiscard]] std::span<const ResourceSpec> finance_resources();
[[nodiscard]] std::span<const ResourceSpec> procurement_resources();
[[nodiscard]] std::span<const ResourceSpec> sales_resources();
[[nodiscard]] std::span<const ResourceSpec> time_resources();
[[nodiscard]] std::span<const ResourceSpec> system_resources();

}  // namespace crosswalk::sandbox

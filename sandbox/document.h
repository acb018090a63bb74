#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crosswalk::sandbox {

/// In place of the status of success: the operation is known by name only.
inline constexpr int kNotSimulated = 501;

/// One operation of ConnectWise's OpenAPI document.
struct Operation {
  int number = 0;  ///< in the document
  std::string id;  ///< operationId; made of method and path where the document has none
  std::string method;
  int status = 200;         ///< of success, or kNotSimulated
  std::string body_schema;  ///< a leading '*': a list of it
  std::string answer_schema;
};

enum class PathKind {
  list,       ///< of a collection: GET, POST
  item,       ///< one object: GET, PUT, PATCH, DELETE
  count,      ///< how many
  operation,  ///< anything else, on a collection, on an object or on its own
};

/// One path of the document, and what stands behind it.
struct DocumentPath {
  std::string path;  ///< "/service/boards/{parentId}/statuses"
  PathKind kind = PathKind::operation;
  std::string collection;  ///< "service/boards/statuses" in lower case; empty: stands alone
  std::string schema;      ///< in which rows are shown: an /info path shows less than the collection
  bool of_item = false;    ///< an operation on one object
  int owner_ids = 0;       ///< ids in the path that name what an operation works on
  std::vector<std::string> segments;
  std::vector<Operation> operations;

  [[nodiscard]] const Operation* operation(std::string_view method) const;
};

/// What a request's path was found to be.
struct PathMatch {
  const DocumentPath* path = nullptr;
  std::vector<std::int64_t> ids;  ///< in order; 0 for what is no number
  std::string text;               ///< the first that is no number: a report's name
};

/// The paths and operations of ConnectWise's OpenAPI document, embedded.
class Document {
 public:
  [[nodiscard]] static const Document& instance();
  [[nodiscard]] const std::vector<DocumentPath>& paths() const { return paths_; }
  [[nodiscard]] int operations_total() const { return operations_total_; }
  /// `segments` behind "apis/3.0"; the letter case does not matter.
  [[nodiscard]] std::optional<PathMatch> match(const std::vector<std::string>& segments) const;
  /// By the template as the document prints it; nullptr when there is none.
  [[nodiscard]] const DocumentPath* find(std::string_view path) const;

  /// A collection as the document describes it.
  struct Collection {
    std::string path, schema, noun, parent, parent_field;
  };
  [[nodiscard]] const std::vector<Collection>& collections() const { return collections_; }

 private:
  Document();

  std::vector<DocumentPath> paths_;
  std::vector<Collection> collections_;
  std::unordered_map<std::string, std::size_t> by_shape_;  ///< "service/boards/#/statuses"
  std::vector<std::size_t> with_text_;                     ///< paths with a parameter that is no number
  int operations_total_ = 0;
};

}  // namespace crosswalk::sandbox

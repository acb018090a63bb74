#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace crosswalk::service {

/// One thing that is wrong with a request: a code of the catalogue, where in the body, and what exactly.
struct RequestProblem {
  std::string code;
  std::string pointer;  ///< JSON pointer into the body; empty: the whole, or not in the body
  std::string detail;

  bool operator==(const RequestProblem&) const = default;
};

/// Which HTTP status a catalogue code is answered with.
[[nodiscard]] int status_of(std::string_view code);

/// An RFC 9457 problem document. `extra` members are added as they are.
[[nodiscard]] net::Response problem_response(const RequestProblem& problem, std::string_view request_id,
                                             boost::json::object extra = {});
/// The same for an error from within; its causes are shown too.
[[nodiscard]] net::Response problem_response(const Error& error, std::string_view request_id);

/// An error as a member of an answer: code, title, detail, action.
[[nodiscard]] boost::json::object in_words(const Error& error);

[[nodiscard]] net::Response json_response(int status, const boost::json::value& body);

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace crosswalk::service

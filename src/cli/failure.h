#pragma once

#include <string>
#include <tl/expected.hpp>

#include "base/result.h"
#include "cli/exit_codes.h"
#include "cli/json.h"

namespace crosswalk::cli {

/// Why a command ends without having done its work: the number for the shell, and a problem document for people.
struct Failure {
  ExitCode exit = ExitCode::failed;
  json::object problem;
};

template <class T>
using Outcome = tl::expected<T, Failure>;

/// What the command line itself has to say; of the same shape as the server's problem documents.
struct Complaint {
  std::string code, title, detail, action;
};
[[nodiscard]] tl::unexpected<Failure> complain(ExitCode exit, Complaint complaint);

/// An Error of the rooms below, with what the catalogue says about it.
[[nodiscard]] Failure to_failure(ExitCode exit, const Error& error);

}  // namespace crosswalk::cli

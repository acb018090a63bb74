#include "cli/failure.h"

#include "base/catalogue.h"

namespace crosswalk::cli {

tl::unexpected<Failure> complain(ExitCode exit, Complaint complaint) {
  return tl::unexpected(Failure{exit,
                                {{"title", std::move(complaint.title)},
                                 {"detail", std::move(complaint.detail)},
                                 {"code", std::move(complaint.code)},
                                 {"action", std::move(complaint.action)}}});
}

Failure to_failure(ExitCode exit, const Error& error) {
  const CatalogueEntry& entry = explain(error.code);
  json::array causes;
  for (const Error& cause : error.causes) causes.push_back({{"code", cause.code}, {"message", cause.message}});
  return {exit,
          {{"title", entry.title},
           {"detail", error.message.empty() ? entry.why : error.message},
           {"code", error.code},
           {"action", entry.action},
           {"causes", std::move(causes)}}};
}

}  // namespace crosswalk::cli

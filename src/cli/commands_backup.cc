#include <fmt/format.h>

#include "cli/commands.h"

namespace crosswalk::cli {

ExitCode show_backup(Session& session, const json::object& made) {
  session.show(made, [&](const Terminal&) { return text_at(made, "folder") + "\n"; });
  session.remark(
      fmt::format("A copy of {} as it was at {}, {} MB. It holds the key that opens the partners' credentials and the "
                  "administration key: keep it as safe as the data folder itself.\n"
                  "Put it back with: crosswalk restore {} --data DIR\n",
                  text_at(made, "of"), text_at(made, "made_at"), number_at(made, "bytes") / 1'000'000 + 1,
                  text_at(made, "folder")));
  return ExitCode::ok;
}

ExitCode show_restore(Session& session, const json::object& done) {
  session.show(done, [&](const Terminal&) { return text_at(done, "folder") + "\n"; });
  const std::string former = text_at(done, "former_folder");
  session.remark(fmt::format(
      "{} is restored: {} partners, {} records, {} events.{}\n"
      "For 30 days, what the product tells again is looked up in ConnectWise before it is done. API keys and webhooks "
      "are\nthose of the copy: revoke again what was revoked since. Start it with: crosswalk serve --data {}\n",
      text_at(done, "folder"), number_at(done, "partners"), number_at(done, "records"), number_at(done, "events"),
      former.empty() ? "" : fmt::format(" What was there is kept in {}.", former), text_at(done, "folder")));
  return ExitCode::ok;
}

}  // namespace crosswalk::cli

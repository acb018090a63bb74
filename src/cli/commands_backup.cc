#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/data_folder.h"
#include "cli/verbs.h"

namespace crosswalk::cli {

ExitCode show_backup(Session& session, const json::object& made) {
  session.show(made, [&](const Terminal&) { return text_at(made, "folder") + "\n"; });
  std::error_code ignored;
  const bool has_admin_key = std::filesystem::exists(path_in(text_at(made, "folder"), "admin.key"), ignored);
  session.remark(
      fmt::format("A copy of {} as it was at {}, {} MB.\n"
                  "It holds the key that opens the partners' credentials{}:\n"
                  "keep it as safe as the data folder itself.\n"
                  "Put it back with: crosswalk restore {} --data DIR\n",
                  text_at(made, "of"), text_at(made, "made_at"), number_at(made, "bytes") / 1'000'000 + 1,
                  has_admin_key ? "\nand the administration key" : "", text_at(made, "folder")));
  return ExitCode::ok;
}

ExitCode show_restore(Session& session, const json::object& done, bool mark_only) {
  session.show(done, [&](const Terminal&) { return text_at(done, "folder") + "\n"; });
  const std::string former = text_at(done, "former_folder");
  session.remark(fmt::format(
      "{}. Partners: {}, records: {}, events: {}.\n{}"
      "For 30 days, what the product tells again is looked up in ConnectWise before\n"
      "it is done. API keys and webhooks are those of the copy: revoke again what was\n"
      "revoked since.\nStart it with: crosswalk serve --data {}\n",
      mark_only ? "Nothing was copied. It is noted that " + text_at(done, "folder") + " was put back"
                : text_at(done, "folder") + " is restored",
      number_at(done, "partners"), number_at(done, "records"), number_at(done, "events"),
      former.empty() ? "" : fmt::format("What was there is kept in {}.\n", former), text_at(done, "folder")));
  return ExitCode::ok;
}

void add_backup(CLI::App& app, BackupArguments& arguments, Verb& chosen, const Hooks& hooks) {
  CLI::App* backup = add_verb(app, "backup", "Copy the data folder as it is at this moment, also while the server runs",
                              "  crosswalk backup /backups/crosswalk-monday\n"
                              "  crosswalk backup /backups/crosswalk-monday --data /var/lib/crosswalk\n");
  backup->add_option("folder", arguments.target, "The folder to make; it must not exist yet")->required();
  backup->callback([&] {
    chosen = [&](Session& session) {
      const auto config = session.config();
      if (!config) return session.fail(config.error());
      const auto made = hooks.back_up(*config, arguments.target);
      return made ? show_backup(session, *made) : session.fail(made.error());
    };
  });
  CLI::App* restore = add_verb(app, "restore", "Put a copy of the data folder back, while no server runs",
                               "  crosswalk restore /backups/crosswalk-monday --data DIR --replace\n"
                               "  crosswalk restore --mark --data DIR     after a snapshot was put back\n");
  RestoreOptions& options = arguments.restore;
  CLI::Option* source = restore->add_option("folder", options.source, "A folder that `crosswalk backup` has made");
  CLI::Option* mark = restore->add_flag("--mark", options.mark_only, "Only say that the data folder was put back");
  restore->add_flag("--replace", options.replace, "Put aside what the data folder holds")->excludes(mark);
  mark->excludes(source);
  restore->callback([&] {
    chosen = [&](Session& session) {
      if (options.source.empty() != options.mark_only)
        return session.fail(Failure{ExitCode::usage,
                                    {{"title", "Nothing to restore from was named"},
                                     {"code", "usage.restore"},
                                     {"action", "Name a folder that `crosswalk backup` has made, or say --mark."}}});
      const auto config = session.config();
      if (!config) return session.fail(config.error());
      const auto done = hooks.restore(*config, options);
      return done ? show_restore(session, *done, options.mark_only) : session.fail(done.error());
    };
  });
}

}  // namespace crosswalk::cli

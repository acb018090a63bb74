#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/arguments.h"

namespace crosswalk::cli {
namespace {

void add_backlog(CLI::App* verb, Arguments& arguments) {
  verb->add_option("--backlog", arguments.mapping.backlog,
                   "Alerts that are open already when it goes live: skip leaves them without tickets, open opens them")
      ->check(CLI::IsMember({"skip", "open"}));
}

CLI::App* add_mapping_verb(CLI::App* mapping, Arguments& arguments, const char* name, const char* words,
                           const char* examples, ExitCode (*action)(Session&, const MappingOptions&)) {
  CLI::App* verb = add_verb(*mapping, name, words, examples);
  add_partner(verb, arguments.mapping.partner)->required();
  verb->add_option("--workflow", arguments.mapping.workflow,
                   "alert_to_ticket, customer_to_company, contact_to_contact or device_to_configuration "
                   "[alert_to_ticket]");
  on(verb, arguments, [&arguments, action](Session& session) {
    using Which = MappingOptions::Which;
    if (arguments.draft) arguments.mapping.which = Which::draft;
    if (arguments.live) arguments.mapping.which = Which::live;
    return action(session, arguments.mapping);
  });
  return verb;
}

void add_mapping_changes(CLI::App* mapping, Arguments& arguments) {
  CLI::App* set = add_mapping_verb(
      mapping, arguments, "set", "Change settings of the draft, each as name=value; without a value it is taken out",
      "  crosswalk mapping set northwind mode=live\n"
      "  crosswalk mapping set northwind defaults.board=\"Help Desk\" \\\n"
      "      defaults.statuses.opened=New\n"
      "  crosswalk mapping set northwind defaults.hold_down.high=5m \\\n"
      "      defaults.auto_close=\n"
      "  crosswalk mapping set northwind defaults.automation_members=jsmith,apatel\n"
      "  crosswalk mapping set northwind 'customers.c-7={\"company\": {\"id\": 12}}'\n\n"
      "What the draft has not, begins with what is in force. Boards, statuses, priorities and the like are found by\n"
      "their name or id (`crosswalk boards`). A name with dots is written as a pointer: "
      "/customers/a.b/excluded=true. "
      "Members and weekdays are written with commas between them. An empty text is 'defaults.notes.repeated=\"\"'.\n",
      mapping_set);
  set->add_option("setting", arguments.mapping.settings, "name=value; may be repeated")->required()->take_all();
  set->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  CLI::App* diff = add_mapping_verb(mapping, arguments, "diff", "What the draft would change, or two versions apart",
                                    "  crosswalk mapping diff northwind                     in force, and the draft\n"
                                    "  crosswalk mapping diff northwind --from 3            version 3, and the draft\n"
                                    "  crosswalk mapping diff northwind --from 3 --to 5\n",
                                    mapping_diff);
  diff->add_option("--from", arguments.mapping.from, "A version by its number [in force]")->check(CLI::PositiveNumber);
  diff->add_option("--to", arguments.mapping.to, "A version by its number [the draft]")->check(CLI::PositiveNumber);
  CLI::App* rollback =
      add_mapping_verb(mapping, arguments, "rollback", "Put an earlier version in force again, as a new one",
                       "  crosswalk mapping rollback northwind                 the one before\n"
                       "  crosswalk mapping rollback northwind --version 3\n",
                       mapping_rollback);
  rollback->add_option("--version", arguments.mapping.version, "A version by its number")->check(CLI::PositiveNumber);
  rollback->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  add_backlog(rollback, arguments);
  rollback->add_flag("--replace-draft", arguments.mapping.replace_draft,
                     "Also when there is a draft, which it replaces");
}

}  // namespace

void add_mapping(CLI::App& app, Arguments& arguments) {
  CLI::App* mapping = add_verb(app, "mapping", "How a partner's alerts become tickets: show, edit, check, publish");
  mapping->require_subcommand(1);
  CLI::App* show =
      add_mapping_verb(mapping, arguments, "show", "Print the mapping document: what is in force, else the draft",
                       "  crosswalk mapping show northwind\n"
                       "  crosswalk mapping show northwind --draft > mapping.json\n"
                       "  crosswalk mapping show northwind --version 3\n",
                       mapping_show);
  CLI::Option* draft = show->add_flag("--draft", arguments.draft, "The draft");
  show->add_flag("--live", arguments.live, "What is in force")->excludes(draft);
  show->add_option("--version", arguments.mapping.version, "A version by its number")->check(CLI::PositiveNumber);
  CLI::App* edit = add_mapping_verb(mapping, arguments, "edit", "Change the draft in $EDITOR, or take it from a file",
                                    "  crosswalk mapping edit northwind --suggest\n"
                                    "  EDITOR=nano crosswalk mapping edit northwind\n"
                                    "  crosswalk mapping edit northwind --file mapping.json --comment \"new board\"\n"
                                    "  jq '.rules = []' mapping.json | crosswalk mapping edit northwind --file -\n\n"
                                    "Nothing is in force until `crosswalk mapping publish`.\n",
                                    mapping_edit);
  CLI::Option* file = edit->add_option("--file", arguments.mapping.file, "The document; - for the standard input");
  file->type_name("FILE");
  edit->add_flag("--suggest", arguments.mapping.suggest,
                 "Take as the draft a first document that is made from the names of the partner's boards, statuses, "
                 "priorities "
                 "and types; with --json only print it")
      ->excludes(file);
  edit->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  CLI::App* validate =
      add_mapping_verb(mapping, arguments, "validate", "Check the draft (or a file), also against the partner's PSA",
                       "  crosswalk mapping validate northwind\n"
                       "  crosswalk mapping validate northwind --file mapping.json\n",
                       mapping_validate);
  validate->add_option("--file", arguments.mapping.file, "A document instead of the draft; - for the standard input")
      ->type_name("FILE");
  CLI::App* publish =
      add_mapping_verb(mapping, arguments, "publish", "Put the draft in force",
                       "  crosswalk mapping publish northwind --comment \"go live\"\n", mapping_publish);
  publish->add_option("--comment", arguments.mapping.comment, "Why; shown in the history");
  add_backlog(publish, arguments);
  publish->add_flag("--skip-reference-check", arguments.mapping.skip_reference_check,
                    "Do not ask the PSA whether its ids exist");
  add_mapping_changes(mapping, arguments);
  add_mapping_verb(mapping, arguments, "history", "All versions: when, by whom, why",
                   "  crosswalk mapping history northwind\n", mapping_history);
}

// boards, statuses, priorities ----------------------------------------------------------------------------------------

void add_look_ups(CLI::App& app, Arguments& arguments) {
  const auto look_up = [&](const char* name, const char* words, const char* examples,
                           ExitCode (*action)(Session&, const LookUpOptions&)) {
    CLI::App* verb = add_verb(app, name, words, examples);
    add_partner(verb, arguments.look_up.partner)->required();
    on(verb, arguments, [&arguments, action](Session& session) { return action(session, arguments.look_up); });
    return verb;
  };
  look_up("boards", "The service boards of the partner's PSA; of one board also its statuses, types and teams",
          "  crosswalk boards northwind\n"
          "  crosswalk boards northwind \"Help Desk\"\n",
          boards)
      ->add_option("board,--board", arguments.look_up.board, "A board's name or id");
  look_up("statuses", "The statuses of the boards, with those that close a ticket",
          "  crosswalk statuses northwind\n"
          "  crosswalk statuses northwind --board \"Help Desk\"\n",
          statuses)
      ->add_option("board,--board", arguments.look_up.board, "Only of this board, by name or id");
  look_up("priorities", "The priorities of the partner's PSA", "  crosswalk priorities northwind\n", priorities);
}

}  // namespace crosswalk::cli

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/arguments.h"

namespace crosswalk::cli {
namespace {

void add_webhook_fields(CLI::App* verb, Arguments& arguments) {
  verb->add_option("--events", arguments.types, "Only these types, as ticket.closed,workflow.parked; \"all\" for all")
      ->delimiter(',');
  verb->add_option("--partners", arguments.partners, "Only of these partners; \"all\" for all")->delimiter(',');
  verb->add_option("--description", arguments.webhook.description, "What it is for");
}

/// What was given as "all" is no limit.
std::optional<std::vector<std::string>> limits_of(const CLI::App* verb, const char* option,
                                                  const std::vector<std::string>& given) {
  if (verb->count(option) == 0) return std::nullopt;
  if (given == std::vector<std::string>{"all"}) return std::vector<std::string>{};
  return given;
}

void read_webhook_fields(const CLI::App* verb, Arguments& arguments) {
  arguments.webhook.types = limits_of(verb, "--events", arguments.types);
  arguments.webhook.partners = limits_of(verb, "--partners", arguments.partners);
  if (arguments.enable || arguments.disable) arguments.webhook.enabled = arguments.enable;
}

void add_webhook_changes(CLI::App* webhooks, Arguments& arguments) {
  CLI::App* add =
      add_verb(*webhooks, "add", "Tell the product of what happens from now on; the secret is shown this once",
               "  crosswalk webhooks add --url https://hooks.example.com/crosswalk\n"
               "  crosswalk webhooks add --url https://hooks.example.com/closed \\\n"
               "      --events ticket.closed,ticket.note_added --partners northwind\n\n"
               "The secret alone goes to stdout:  SECRET=$(crosswalk webhooks add --url ...)\n");
  add->add_option("--url", arguments.webhook.url, "Where events are posted to; public and https")->required();
  add_webhook_fields(add, arguments);
  on(add, arguments, [&arguments, add](Session& session) {
    read_webhook_fields(add, arguments);
    return webhooks_add(session, arguments.webhook);
  });
  CLI::App* edit = add_verb(*webhooks, "edit", "Change what is given, leave the rest",
                            "  crosswalk webhooks edit wh_7q2m9k --url https://hooks.example.com/new\n"
                            "  crosswalk webhooks edit wh_7q2m9k --enable      go on where it stopped\n");
  edit->add_option("id", arguments.webhook.id, "The webhook's id")->required();
  edit->add_option("--url", arguments.webhook.url, "Where events are posted to; public and https");
  add_webhook_fields(edit, arguments);
  CLI::Option* enable = edit->add_flag("--enable", arguments.enable, "Send to it again, from where it stopped");
  edit->add_flag("--disable", arguments.disable, "Send nothing to it; it keeps its place")->excludes(enable);
  on(edit, arguments, [&arguments, edit](Session& session) {
    read_webhook_fields(edit, arguments);
    return webhooks_edit(session, arguments.webhook);
  });
}

void add_replay(CLI::App* verb, WebhookReplay& replay) {
  CLI::Option* event =
      verb->add_option("--event", replay.event, "Only this dead letter, from `crosswalk webhooks failed`");
  CLI::Option* since =
      verb->add_option(
              "--since", replay.since,
              "All that has happened since: a time (RFC 3339), or so long ago (2h, 7d). Also what it has taken")
          ->type_name("TIME")
          ->excludes(event);
  verb->add_option("--until", replay.until, "With --since: only what has happened before")
      ->type_name("TIME")
      ->needs(since);
  verb->add_option("--types", replay.types, "With --since: only these types, as ticket.closed,ticket.created")
      ->delimiter(',')
      ->needs(since);
  verb->add_flag("--dry-run", replay.dry_run, "Tell how many events it would be, and send nothing")->excludes(event);
}

}  // namespace

void add_webhooks(CLI::App& app, Arguments& arguments) {
  CLI::App* webhooks =
      add_verb(app, "webhooks", "Where the product is told of what happens: tickets, links, parked records");
  webhooks->require_subcommand(1);
  const auto named = [&](const char* name, const char* words, const char* examples,
                         std::function<ExitCode(Session&)> action) {
    CLI::App* verb = add_verb(*webhooks, name, words, examples);
    verb->add_option("id", arguments.id, "The webhook's id, from `crosswalk webhooks list`")->required();
    on(verb, arguments, std::move(action));
    return verb;
  };
  on(add_verb(*webhooks, "list", "All webhooks, and how they fare"), arguments, webhooks_list);
  add_webhook_changes(webhooks, arguments);
  named("show", "One webhook", "", [&](Session& session) { return webhooks_show(session, arguments.id); });
  named("remove", "Tell it nothing more, and forget what waits for it", "",
        [&](Session& session) { return webhooks_remove(session, arguments.id); });
  named("rotate", "Give it a new secret; the former one is used beside it for a while",
        "  crosswalk webhooks rotate wh_7q2m9k --grace 7d\n",
        [&](Session& session) { return webhooks_rotate(session, arguments.id, arguments.grace); })
      ->add_option("--grace", arguments.grace, "How long the former secret is still used; 0 for not at all [24h]");
  named("test", "Send it one message now, and say how it fared; exit code 6 when it did not take it", "",
        [&](Session& session) { return webhooks_test(session, arguments.id); });
  CLI::App* deliveries =
      named("deliveries", "What it was told of, and what it is to be told of, newest first",
            "  crosswalk webhooks deliveries wh_7q2m9k\n"
            "  crosswalk webhooks deliveries wh_7q2m9k --state waiting\n",
            [&](Session& session) {
              return webhooks_deliveries(session, arguments.id, arguments.delivery_state, arguments.limit);
            });
  deliveries->add_option("--state", arguments.delivery_state, "waiting, delivered or dead")
      ->check(one_of({"waiting", "delivered", "dead"}));
  deliveries->add_option("--limit", arguments.limit, "At most so many [100]")->check(CLI::Range(1, 1'000));
  named("failed", "Events that it could not be told of: dead letters, newest first", "",
        [&](Session& session) { return webhooks_deliveries(session, arguments.id, "dead", arguments.limit); })
      ->add_option("--limit", arguments.limit, "At most so many [100]")
      ->check(CLI::Range(1, 1'000));
  add_replay(named("replay", "Try its dead letters again, or tell it again what has happened since a time",
                   "  crosswalk webhooks replay wh_7q2m9k\n"
                   "  crosswalk webhooks replay wh_7q2m9k --event evt_6c1f3a0b2d4e5f60718293a4\n"
                   "  crosswalk webhooks replay wh_7q2m9k --since 2026-03-01T08:00:00Z --dry-run\n"
                   "  crosswalk webhooks replay wh_7q2m9k --since 2h --types ticket.closed\n",
                   [&](Session& session) {
                     arguments.webhook_replay.id = arguments.id;
                     return webhooks_replay(session, arguments.webhook_replay);
                   }),
             arguments.webhook_replay);
}

}  // namespace crosswalk::cli

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/customers_file.h"
#include "cli/data_folder.h"
#include "cli/render.h"
#include "cli/render_plan.h"

namespace crosswalk::cli {
namespace {

Outcome<json::object> fetch_matches(Client& client, const std::string& partner) {
  client.set_task("reading the PSA's companies");
  const auto answer = client.get(fmt::format("/v1/partners/{}/customers", net::percent_encode(partner)));
  if (!answer) return tl::unexpected(answer.error());
  return as_object(answer->body);
}

json::array with_state(const json::array& customers, const std::string& state) {
  json::array chosen;
  for (const json::value& each : customers)
    if (state.empty() || text_at(as_object(each), "state") == state) chosen.push_back(each);
  return chosen;
}

std::string next_steps(const json::array& customers, const std::string& partner) {
  const auto count = [&](std::string_view state) {
    return std::ranges::count_if(customers,
                                 [&](const json::value& each) { return text_at(as_object(each), "state") == state; });
  };
  std::string text;
  if (const auto sure = count("sure"); sure > 0)
    text += fmt::format("\nTo put what is sure into the mapping's draft ({}):\n  crosswalk customers {} --accept\n",
                        sure, partner);
  if (const auto open = count("proposed") + count("unknown"); open > 0)
    text += fmt::format(
        "\nA person has to tell {}. Write a table, fill in its company_id, read it back:\n"
        "  crosswalk customers {} --csv FILE\n  crosswalk customers {} --import FILE\n",
        open, partner, partner);
  return text;
}

ExitCode show_customers(Session& session, const CustomersOptions& options, json::object matches) {
  if (!options.state.empty()) matches["customers"] = with_state(array_at(matches, "customers"), options.state);
  const json::array& customers = array_at(matches, "customers");
  session.show(matches, [&](const Terminal& terminal) -> std::string {
    if (customers.empty() && options.state.empty())
      return "No customers yet. They come with `customer.upserted` events, or with the first alert.\n";
    if (customers.empty()) return fmt::format("No customers that are {}.\n", options.state);
    return render_customers(terminal, customers);
  });
  session.remark(next_steps(customers, options.partner));
  return ExitCode::ok;
}

ExitCode write_csv(Session& session, const CustomersOptions& options, const json::object& matches) {
  const json::array customers = with_state(array_at(matches, "customers"), options.state);
  const std::string text = write_customers_file(customers);
  if (options.csv_file == "-") {
    session.say(text);
    return ExitCode::ok;
  }
  if (const auto written = write_private_file(options.csv_file, text); !written) return session.fail(written.error());
  session.remark(fmt::format("{} written to {}.\n",
                             count_words(static_cast<std::int64_t>(customers.size()), "customer", "customers"),
                             options.csv_file));
  return ExitCode::ok;
}

/// What is sure and not decided in the document. The server knows what is in force; the draft may have given a company
/// away meanwhile.
std::vector<CustomerLine> sure_lines(Session& session, const json::object& matches, const json::object& document) {
  const std::multimap<std::string, std::string> taken = mapped_companies(document);
  std::vector<CustomerLine> lines;
  for (const json::value& each : array_at(matches, "customers")) {
    const json::object& customer = as_object(each);
    const std::string key = text_at(customer, "customer");
    const json::object& company = object_at(customer, "company");
    if (text_at(customer, "state") != "sure" || !company.contains("id") || is_decided(document, key)) continue;
    const std::string id = text_of(company.at("id"));
    if (const auto owner = taken.find(id); owner != taken.end()) {
      session.remark(
          fmt::format("{} is left alone: the draft gives {} to {}.\n", key, company_words(company), owner->second));
      continue;
    }
    lines.push_back({.line = 0,
                     .customer = key,
                     .wish = CustomerLine::Wish::map,
                     .company = id,
                     .company_name = text_at(company, "name")});
  }
  return lines;
}

MappingOptions mapping_of(const CustomersOptions& options, std::string comment) {
  MappingOptions mapping;
  mapping.partner = options.partner;
  mapping.comment = std::move(comment);
  return mapping;
}

/// Makes the changed document the draft and shows what was changed. With --json: {changes, draft}.
ExitCode keep(Session& session, Client& client, const MappingOptions& mapping,
              const std::vector<CustomerChange>& changes, json::object document) {
  json::object report{{"changes", to_json(changes)}, {"draft", nullptr}};
  const bool is_needed = std::ranges::any_of(changes, is_write);
  if (is_needed) {
    apply_changes(changes, document);
    auto kept = put_mapping_draft(client, mapping, document);
    if (!kept) return session.fail(kept.error());
    report["draft"] = std::move(*kept);
  }
  session.show(report, [&](const Terminal& terminal) {
    return render_customer_changes(terminal, array_at(report, "changes")) +
           (is_needed ? "\n" : "The mapping is left as it is.\n");
  });
  if (!is_needed || session.as_json()) return ExitCode::ok;
  return show_kept_draft(session, mapping, object_at(report, "draft"), document);
}

ExitCode accept_sure(Session& session, Client& client, const CustomersOptions& options) {
  MappingOptions mapping = mapping_of(options, "customers of which Crosswalk is sure");
  const auto matches = fetch_matches(client, options.partner);
  if (!matches) return session.fail(matches.error());
  const auto document = mapping_to_begin_with(client, mapping);
  if (!document) return session.fail(document.error());
  const std::vector<CustomerLine> lines = sure_lines(session, *matches, *document);
  return keep(session, client, mapping, compare_customers(lines, *document), *document);
}

/// People fill in ids; what the companies are called is told by those that were proposed. Without an answer the names
/// stay out, which the check of the mapping does not mind.
void fill_names(Client& client, const std::string& partner, const json::object& document,
                std::vector<CustomerLine>& lines) {
  const auto lacks_name = [](const CustomerLine& line) {
    return line.wish == CustomerLine::Wish::map && line.company_name.empty();
  };
  const auto needs_name = [&](const CustomerChange& change) { return is_write(change) && lacks_name(*change.line); };
  if (std::ranges::none_of(compare_customers(lines, document), needs_name)) return;
  const auto matches = fetch_matches(client, partner);
  if (!matches) return;
  std::map<std::string, std::string> names;
  const auto learn = [&names](const json::object& company) {
    if (company.contains("id")) names.emplace(text_of(company.at("id")), text_at(company, "name"));
  };
  for (const json::value& each : array_at(*matches, "customers")) {
    learn(object_at(as_object(each), "company"));
    for (const json::value& candidate : array_at(as_object(each), "candidates"))
      learn(object_at(as_object(candidate), "company"));
  }
  for (CustomerLine& line : lines)
    if (lacks_name(line)) line.company_name = names[line.company];
}

tl::unexpected<Failure> refuse_file(const std::string& file, json::array problems) {
  auto failure =
      complain(ExitCode::problems, {"csv.invalid", "The table has errors, and nothing was written",
                                    file == "-" ? "standard input" : file, "Correct these lines and import it again."});
  std::ranges::stable_sort(problems, {}, [](const json::value& each) {
    return std::stoll(text_at(as_object(each), "pointer").substr(std::string_view("line ").size()));
  });
  failure.value().problem["problems"] = std::move(problems);
  return failure;
}

ExitCode import_table(Session& session, Client& client, const CustomersOptions& options) {
  const auto text = read_input(session, options.file_to_import);
  if (!text) return session.fail(text.error());
  CustomersFile file = read_customers_file(*text);
  MappingOptions mapping = mapping_of(options, "customers imported from a table");
  const auto document = mapping_to_begin_with(client, mapping);
  if (!document) return session.fail(document.error());
  if (!options.allow_shared) {
    for (json::value& each : find_shared_companies(compare_customers(file.lines, *document), *document))
      file.problems.push_back(std::move(each));
  }
  if (!file.problems.empty())
    return session.fail(refuse_file(options.file_to_import, std::move(file.problems)).value());
  fill_names(client, options.partner, *document, file.lines);
  const std::vector<CustomerChange> changes = compare_customers(file.lines, *document);
  if (!options.dry_run) return keep(session, client, mapping, changes, *document);
  session.show(json::object{{"changes", to_json(changes)}, {"draft", nullptr}}, [&](const Terminal& terminal) {
    return render_customer_changes(terminal, to_json(changes)) + "Nothing was written.\n";
  });
  return ExitCode::ok;
}

}  // namespace

ExitCode customers(Session& session, const CustomersOptions& options) {
  const auto client = session.client();
  if (!client) return session.fail(client.error());
  if (!options.file_to_import.empty()) return import_table(session, **client, options);
  if (options.accept) return accept_sure(session, **client, options);
  auto matches = fetch_matches(**client, options.partner);
  if (!matches) return session.fail(matches.error());
  if (!options.csv_file.empty()) return write_csv(session, options, *matches);
  return show_customers(session, options, std::move(*matches));
}

}  // namespace crosswalk::cli

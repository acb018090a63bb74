#include "cli/help.h"

#include <sstream>
#include <vector>

#include "cli/terminal.h"

namespace crosswalk::cli {

std::string fold_help(std::string_view text, std::size_t width) {
  std::string folded, paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) folded += wrap(paragraph, 0, width);
    paragraph.clear();
  };
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool is_prose = !line.empty() && line.front() != ' ';
    if (is_prose) {
      paragraph += paragraph.empty() ? "" : " ";
      paragraph += line;
    } else {
      end_paragraph();
      folded += line;
      folded += '\n';
    }
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  end_paragraph();
  return folded;
}

std::string HelpFormatter::in_right_column(const std::string& words) const {
  const std::vector<std::string> lines = break_lines(words, kHelpWidth - get_column_width());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return fold_help(CLI::Formatter::make_description(app));
}

std::string HelpFormatter::make_footer(const CLI::App* app) const {
  return fold_help(CLI::Formatter::make_footer(app));
}

std::string HelpFormatter::make_subcommand(const CLI::App* verb) const {
  std::ostringstream out;
  CLI::detail::format_help(out, verb->get_display_name(true), in_right_column(verb->get_description()),
                           get_column_width());
  return out.str();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  return in_right_column(option->get_description());
}

}  // namespace crosswalk::cli

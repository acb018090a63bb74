#include "cli/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/text.h"

namespace crosswalk::cli {
namespace {

constexpr std::size_t kGap = 2;
/// A column that gives way still shows something.
constexpr std::size_t kColumnWidthMin = 8;
constexpr std::size_t kIndentBelow = 2;

std::size_t total_of(const std::vector<std::size_t>& widths) {
  return widths.empty() ? 0 : std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    longest = std::max(longest, display_width(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return longest;
}

}  // namespace

void Table::add(std::vector<Cell> row) {
  assert(row.size() == columns_.size());
  for (Cell& cell : row) cell.text = clean(cell.text);
  rows_.push_back(std::move(row));
}

Table::Layout Table::lay_out(const Terminal& terminal) const {
  const auto choose = [this](bool all) {
    Layout layout;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool side_by_side = columns_[i].narrow == Narrow::keep || columns_[i].narrow == Narrow::wrap;
      if (!all && !side_by_side) continue;
      std::size_t width = display_width(columns_[i].title);
      for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
      layout.columns.push_back(i);
      layout.widths.push_back(width);
    }
    return layout;
  };
  Layout whole = choose(true);
  if (terminal.width == 0 || total_of(whole.widths) <= terminal.width) return whole;
  Layout narrow = choose(false);
  shrink(narrow, terminal.width);
  return narrow;
}

/// How narrow each column can become; words are broken only where they are longer than `word_width_max`.
std::vector<std::size_t> Table::least_widths(const Layout& layout, std::size_t word_width_max) const {
  std::vector<std::size_t> least;
  for (const std::size_t column : layout.columns) {
    std::size_t words = 0;
    for (const auto& row : rows_) words = std::max(words, longest_word(row[column].text));
    least.push_back(
        std::max({kColumnWidthMin, display_width(columns_[column].title), std::min(words, word_width_max)}));
  }
  return least;
}

/// The widest column that may wrap gives way, blank by blank: no column becomes narrow while another stays wide.
void Table::give_way(Layout& layout, const std::vector<std::size_t>& least, std::size_t width) const {
  while (total_of(layout.widths) > width) {
    std::size_t widest = layout.widths.size();
    for (std::size_t i = 0; i < layout.widths.size(); ++i) {
      if (columns_[layout.columns[i]].narrow != Narrow::wrap || layout.widths[i] <= least[i]) continue;
      if (widest == layout.widths.size() || layout.widths[i] > layout.widths[widest]) widest = i;
    }
    if (widest == layout.widths.size()) return;
    --layout.widths[widest];
  }
}

/// Where whole words do not fit side by side, the column with the longest of them goes below the row. A row keeps its
/// first column; when that is not enough, long words are broken.
void Table::shrink(Layout& layout, std::size_t width) const {
  while (true) {
    const std::vector<std::size_t> least = least_widths(layout, width);
    Layout whole = layout;
    give_way(whole, least, width);
    if (total_of(whole.widths) <= width) {
      layout = whole;
      return;
    }
    std::size_t longest = 0;
    for (std::size_t i = 1; i < layout.columns.size(); ++i) {
      if (columns_[layout.columns[i]].narrow != Narrow::wrap) continue;
      if (longest == 0 || least[i] > least[longest]) longest = i;
    }
    if (longest == 0) break;
    layout.columns.erase(layout.columns.begin() + static_cast<std::ptrdiff_t>(longest));
    layout.widths.erase(layout.widths.begin() + static_cast<std::ptrdiff_t>(longest));
  }
  give_way(layout, least_widths(layout, kColumnWidthMin), width);
}

std::string Table::render_row(const Terminal& terminal, const std::vector<Cell>& row, const Layout& layout) const {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    cells.push_back(break_lines(row[layout.columns[i]].text, layout.widths[i]));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < height; ++line) {
    std::size_t missing = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string piece = line < cells[i].size() ? cells[i][line] : "";
      const std::size_t blanks = layout.widths[i] - std::min(layout.widths[i], display_width(piece));
      const bool right = columns_[layout.columns[i]].align == Column::Align::right;
      // Blanks are written before the next text only, so that no line ends with them.
      if (!piece.empty()) {
        text += std::string(missing + (right ? blanks : 0), ' ') + paint(terminal, row[layout.columns[i]].tone, piece);
        missing = (right ? 0 : blanks) + kGap;
      } else {
        missing += layout.widths[i] + kGap;
      }
    }
    text += "\n";
  }
  return text;
}

std::string Table::render_below(const Terminal& terminal, const std::vector<Cell>& row, const Layout& layout) const {
  // Below what the row begins with: a row whose first cells are empty belongs to the one above.
  std::size_t indent = kIndentBelow, begin = 0;
  for (std::size_t i = 0; i < layout.columns.size() && begin + kIndentBelow <= terminal.width / 2; ++i) {
    indent = begin + kIndentBelow;
    if (!row[layout.columns[i]].text.empty()) break;
    begin += layout.widths[i] + kGap;
  }
  std::string text, named;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (std::ranges::find(layout.columns, i) != layout.columns.end() || row[i].text.empty()) continue;
    if (columns_[i].narrow == Narrow::below_named || columns_[i].narrow == Narrow::wrap) {
      named += (named.empty() ? "" : "; ") + to_lower(columns_[i].title) + " " + row[i].text;
      continue;
    }
    std::string lines = wrap(row[i].text, indent, terminal.width);
    lines.pop_back();
    text += paint(terminal, row[i].tone, lines) + "\n";
  }
  return text + (named.empty() ? "" : wrap(named, indent, terminal.width));
}

std::string Table::render(const Terminal& terminal) const {
  const Layout layout = lay_out(terminal);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tone::strong);
  std::string text = render_row(terminal, titles, layout);
  for (const auto& row : rows_) text += render_row(terminal, row, layout) + render_below(terminal, row, layout);
  return text;
}

}  // namespace crosswalk::cli

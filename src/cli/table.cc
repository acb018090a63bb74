#include "cli/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace crosswalk::cli {
namespace {

constexpr std::size_t kGap = 2;
/// A column that gives way still shows something.
constexpr std::size_t kColumnWidthMin = 8;

}  // namespace

void Table::add(std::vector<Cell> row) {
  assert(row.size() == columns_.size());
  for (Cell& cell : row) cell.text = clean(cell.text);
  rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths(const Terminal& terminal) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i].text));
    widths.push_back(width);
  }
  if (terminal.width == 0 || widths.empty()) return widths;
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  // The widest column that may shrink gives way, blank by blank: no column becomes narrow while another stays wide.
  while (total > terminal.width) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool candidate = columns_[i].shrinks && widths[i] > kColumnWidthMin;
      if (candidate && (widest == columns_.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::render_row(const Terminal& terminal, const std::vector<Cell>& row,
                              const std::vector<std::size_t>& widths) const {
  std::string line;
  std::size_t missing = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string text = fit(row[i].text, widths[i]);
    const std::size_t blanks = widths[i] - display_width(text);
    const bool right = columns_[i].align == Column::Align::right;
    // Blanks are written before the next text only, so that no line ends with them.
    if (!text.empty()) {
      line += std::string(missing + (right ? blanks : 0), ' ') + paint(terminal, row[i].tone, text);
      missing = (right ? 0 : blanks) + kGap;
    } else {
      missing += widths[i] + kGap;
    }
  }
  return line + "\n";
}

std::string Table::render(const Terminal& terminal) const {
  const std::vector<std::size_t> columns = widths(terminal);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tone::strong);
  std::string text = render_row(terminal, titles, columns);
  for (const auto& row : rows_) text += render_row(terminal, row, columns);
  return text;
}

}  // namespace crosswalk::cli

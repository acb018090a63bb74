#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace crosswalk::cli {

/// What becomes of a column where the terminal is too narrow for the table. Nothing is ever cut.
enum class Narrow {
  keep,         ///< stays as wide as its longest cell
  wrap,         ///< its words go on in further lines of the cell; where that would break them, as `below_named`
  below,        ///< stands in lines of its own below the row; what has no blanks (a key, an address) stays whole
  below_named,  ///< the same, behind its title: "made: 2026-03-01"
};

struct Column {
  std::string title;
  enum class Align { left, right } align = Align::left;
  Narrow narrow = Narrow::keep;
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
  Cell(std::string content, Tone colour = Tone::plain) : text(std::move(content)), tone(colour) {}
  Cell(const char* content) : text(content) {}
};

/// Aligned columns for people; as wide as the terminal at most, where the columns allow it.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<Cell> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string render(const Terminal& terminal) const;

 private:
  /// Which columns stand side by side, and how wide; the others go below each row.
  struct Layout {
    std::vector<std::size_t> columns, widths;
  };
  [[nodiscard]] Layout lay_out(const Terminal& terminal) const;
  [[nodiscard]] std::vector<std::size_t> least_widths(const Layout& layout, std::size_t word_width_max) const;
  void give_way(Layout& layout, const std::vector<std::size_t>& least, std::size_t width) const;
  void shrink(Layout& layout, std::size_t width) const;
  [[nodiscard]] std::string render_row(const Terminal& terminal, const std::vector<Cell>& row,
                                       const Layout& layout) const;
  [[nodiscard]] std::string render_below(const Terminal& terminal, const std::vector<Cell>& row,
                                         const Layout& layout) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace crosswalk::cli

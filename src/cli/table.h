#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace crosswalk::cli {

struct Column {
  std::string title;
  enum class Align { left, right } align = Align::left;
  bool shrinks = false;  ///< gives way when the terminal is too narrow
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
  Cell(std::string content, Tone colour = Tone::plain) : text(std::move(content)), tone(colour) {}
  Cell(const char* content) : text(content) {}
};

/// Aligned columns for people; as wide as the terminal at most, where the columns that may shrink allow it.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<Cell> row);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string render(const Terminal& terminal) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths(const Terminal& terminal) const;
  [[nodiscard]] std::string render_row(const Terminal& terminal, const std::vector<Cell>& row,
                                       const std::vector<std::size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace crosswalk::cli

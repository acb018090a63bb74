#include "cli/csv.h"

namespace crosswalk::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineEnds = "\r\n";

char find_separator(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(kLineEnds));
  for (const char separator : {',', ';', '\t'})
    if (first.find(separator) != std::string_view::npos) return separator;
  return ',';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text), separator_(find_separator(text)) {}

  CsvFile read() {
    while (!rest_.empty() && !file_.error) read_record();
    return std::move(file_);
  }

 private:
  void read_record() {
    CsvRecord record;
    record.line = line_;
    for (bool more = true; more && !file_.error;) {
      record.fields.push_back(!rest_.empty() && rest_.front() == '"' ? read_quoted() : read_plain());
      more = !rest_.empty() && rest_.front() == separator_;
      if (more) rest_.remove_prefix(1);
    }
    if (file_.error) return;
    skip_line_end();
    const bool is_empty = record.fields.size() == 1 && record.fields.front().empty();
    if (!is_empty) file_.records.push_back(std::move(record));
  }

  /// A quote in the middle is taken as it is; it takes nothing else with it.
  std::string read_plain() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != separator_ && kLineEnds.find(rest_[end]) == std::string_view::npos)
      ++end;
    std::string field(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return field;
  }

  std::string read_quoted() {
    const std::size_t opened = line_;
    std::string field;
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        file_.error = CsvError{opened, "A quote is opened here and never closed."};
        return field;
      }
      take_text(field, quote);
      rest_.remove_prefix(1);
      if (rest_.empty() || rest_.front() != '"') break;
      field += '"';
      rest_.remove_prefix(1);
    }
    if (!rest_.empty() && rest_.front() != separator_ && kLineEnds.find(rest_.front()) == std::string_view::npos)
      file_.error = CsvError{line_, "Something follows a closing quote; within quotes a quote is written twice."};
    return field;
  }

  void take_text(std::string& field, std::size_t length) {
    const std::string_view text = rest_.substr(0, length);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) ++line_;
    field += text;
    rest_.remove_prefix(length);
  }

  void skip_line_end() {
    if (rest_.empty()) return;
    rest_.remove_prefix(rest_.starts_with(kLineEnds) ? kLineEnds.size() : 1);
    ++line_;
  }

  std::string_view rest_;
  char separator_;
  std::size_t line_ = 1;
  CsvFile file_;
};

}  // namespace

CsvFile read_csv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Reader(text).read();
}

std::string to_csv(std::span<const std::string> fields) {
  std::string text;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) text += ',';
    if (field.find_first_of(",;\t\"\r\n") == std::string::npos) {
      text += field;
      continue;
    }
    text += '"';
    for (const char each : field) text += each == '"' ? std::string("\"\"") : std::string(1, each);
    text += '"';
  }
  return text + std::string(kLineEnds);
}

}  // namespace crosswalk::cli

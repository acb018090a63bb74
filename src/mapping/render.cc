#include <algorithm>
#include <deque>
#include <kainjow/mustache.hpp>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/text.h"
#include "mapping/resolve.h"
#include "mapping/templates.h"
#include "mapping/values.h"

namespace crosswalk::mapping {
namespace {

namespace mustache = kainjow::mustache;

/// A thread keeps this many compiled templates: those of some fifty partners with wording of their own.
constexpr std::size_t kCompiledMax = 512;
/// What one rendering may take from its values, in bytes; a template that names a long value a thousand times ends
/// here.
constexpr std::size_t kValueBytesMax = 4 * kRenderedCharactersMax;
/// Deeper sections are a mistake, and every level costs the renderer stack.
constexpr std::size_t kSectionDepthMax = 20;
/// Marks a section's name in the compiled template, so that `false` prints in a text and switches a section off.
constexpr char kSectionMark = '?';

struct Tag {
  std::size_t begin = 0, end = 0;  ///< of the name with its sign, inside the braces
  char sign = ' ';                 ///< '#', '^', '/', '>', '=', '!', '&' or blank
  std::string name;
};

/// The tags as the renderer's parser finds them with the usual delimiters.
std::vector<Tag> tags_of(const std::string& text) {
  std::vector<Tag> tags;
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
    const bool triple = at + 2 < text.size() && text[at + 2] == '{';
    const std::size_t begin = at + (triple ? 3 : 2);
    const std::size_t end = text.find(triple ? "}}}" : "}}", begin);
    if (end == std::string::npos) break;
    std::string_view inner = trim(std::string_view{text}.substr(begin, end - begin));
    Tag tag{begin, end, ' ', {}};
    constexpr std::string_view kSigns = "#^/>=!&";
    if (!triple && !inner.empty() && kSigns.find(inner.front()) != std::string_view::npos) {
      tag.sign = inner.front();
      inner = trim(inner.substr(1));
    }
    tag.name = std::string{inner};
    tags.push_back(std::move(tag));
    at = end + (triple ? 3 : 2);
  }
  return tags;
}

bool is_section(const Tag& tag) { return tag.sign == '#' || tag.sign == '^' || tag.sign == '/'; }

std::string mark_sections(const std::string& text) {
  std::string marked;
  std::size_t copied = 0;
  for (const Tag& tag : tags_of(text)) {
    if (!is_section(tag)) continue;
    marked.append(text, copied, tag.begin - copied);
    marked.append({tag.sign, kSectionMark}).append(tag.name);
    copied = tag.end;
  }
  return marked.append(text, copied);
}

/// Compiled templates by text, the least recently used forgotten first.
class Compiled {
 public:
  mustache::mustache& get(const std::string& text) {
    if (const auto found = by_text_.find(text); found != by_text_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return *recent_.front().second;
    }
    auto compiled = std::make_unique<mustache::mustache>(mark_sections(text));
    compiled->set_custom_escape([](const std::string& value) { return value; });
    recent_.emplace_front(text, std::move(compiled));
    by_text_.emplace(recent_.front().first, recent_.begin());
    if (recent_.size() > kCompiledMax) {
      by_text_.erase(recent_.back().first);
      recent_.pop_back();
    }
    return *recent_.front().second;
  }

 private:
  using Entry = std::pair<const std::string, std::unique_ptr<mustache::mustache>>;
  std::list<Entry> recent_;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;
};

/// Looks values up only when a tag asks for them.
class Values final : public mustache::basic_context<std::string> {
 public:
  Values(const Facts& facts, const std::map<std::string, std::string>& extra) : facts_(facts), extra_(extra) {}

  void push(const mustache::data* data) override { sections_.push_back(data); }
  void pop() override { sections_.pop_back(); }
  [[nodiscard]] const mustache::data* get_partial(const std::string&) const override { return nullptr; }

  [[nodiscard]] const mustache::data* get(const std::string& name) const override {
    if (name == ".") return sections_.empty() ? nullptr : sections_.back();
    const bool section = !name.empty() && name.front() == kSectionMark;
    std::string text = text_of(section ? name.substr(1) : name);
    if (text.empty() || (section && text == "false")) return nullptr;
    if (!section) taken_ += text.size();
    if (taken_ > kValueBytesMax) return nullptr;
    return &found_.emplace_back(std::move(text));
  }

 private:
  [[nodiscard]] std::string text_of(const std::string& name) const {
    if (const auto given = extra_.find(name); given != extra_.end()) return given->second;
    if (name == "resolution") return facts_.alert ? facts_.alert->resolution : std::string{};
    const auto found = find_value(name, facts_);
    if (!found) return {};
    if (!found->json) return std::string{found->text};
    return found->json->is_array() ? join(found->json->get_array()) : to_text(*found->json);
  }

  static std::string join(const boost::json::array& list) {
    std::string joined;
    for (const boost::json::value& each : list) joined.append(joined.empty() ? "" : ", ").append(to_text(each));
    return joined;
  }

  const Facts& facts_;
  const std::map<std::string, std::string>& extra_;
  std::vector<const mustache::data*> sections_;
  mutable std::deque<mustache::data> found_;  ///< a deque, because the renderer keeps pointers into it
  mutable std::size_t taken_ = 0;
};

/// What the renderer writes into: a stream without a stream's cost.
struct Output {
  std::string text;
  Output& operator<<(const std::string& part) {
    text += part;
    return *this;
  }
};

}  // namespace

std::optional<std::string> find_template_error(const std::string& text) {
  std::size_t depth = 0;
  for (const Tag& tag : tags_of(text)) {
    if (tag.sign == '=') return "a tag that changes the delimiters ({{= =}}) cannot be used here";
    if (tag.sign == '>') return "a partial ({{>" + tag.name + "}}) cannot be used here";
    if (tag.sign != '!' && tag.name.empty()) return "a tag is empty: a name is missing between {{ and }}";
    if (tag.sign == '#' || tag.sign == '^') ++depth;
    if (tag.sign == '/' && depth > 0) --depth;
    if (depth > kSectionDepthMax) return "sections are nested too deeply";
  }
  try {
    const mustache::mustache compiled{text};
    if (!compiled.is_valid()) return compiled.error_message();
  } catch (const std::exception&) {
    // The parser reads past the end of some broken tags and says so with an exception.
    return "a tag is broken";
  }
  return std::nullopt;
}

std::vector<std::string> names_in_template(const std::string& text) {
  std::vector<std::string> names;
  for (Tag& tag : tags_of(text))
    if (tag.sign != '!' && tag.sign != '/' && tag.name != "." && std::ranges::find(names, tag.name) == names.end())
      names.push_back(std::move(tag.name));
  return names;
}

std::string render(const std::string& text, const Facts& facts, const std::map<std::string, std::string>& extra) {
  thread_local Compiled compiled;
  if (text.find("{{") == std::string::npos) return text;
  mustache::mustache* ready = nullptr;
  try {
    ready = &compiled.get(text);
  } catch (const std::exception&) {
    return text;
  }
  if (!ready->is_valid()) return text;
  Output output;
  Values values{facts, extra};
  ready->render(static_cast<mustache::basic_context<std::string>&>(values), output);
  return output.text.size() > kRenderedCharactersMax ? cut_text(output.text, kRenderedCharactersMax)
                                                     : std::move(output.text);
}

}  // namespace crosswalk::mapping

#include "sandbox/conditions.h"

#include <algorithm>
#include <optional>

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"

namespace crosswalk::sandbox {
namespace {

struct Token {
  enum class Kind { name, text, number, date, symbol, end };
  Kind kind = Kind::end;
  std::string text;
  std::size_t position = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c) || c == '/'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  tl::expected<std::vector<Token>, ConditionError> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      Token token;
      token.position = at_;
      if (at_ == text_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      if (auto error = next(token)) return tl::unexpected(std::move(*error));
      tokens.push_back(std::move(token));
    }
  }

 private:
  std::optional<ConditionError> next(Token& token) {
    const char c = text_[at_];
    if (is_name_start(c)) return take(token, Token::Kind::name, is_name_part);
    if (c == '"' || c == '\'') return quoted(token, c);
    if (c == '[') return bracketed(token);
    if (is_digit(c) || c == '-' || c == '.') {
      ++at_;
      return take(
          token, Token::Kind::number, [](char d) { return is_digit(d) || d == '.'; }, 1);
    }
    return symbol(token);
  }

  template <class Predicate>
  std::optional<ConditionError> take(Token& token, Token::Kind kind, Predicate&& belongs, std::size_t taken = 0) {
    const std::size_t start = at_ - taken;
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    token.kind = kind;
    token.text = text_.substr(start, at_ - start);
    return std::nullopt;
  }

  std::optional<ConditionError> quoted(Token& token, char quote) {
    token.kind = Token::Kind::text;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (c == '\\' && (following == '\\' || following == '"' || following == '\'')) {
        token.text.push_back(following);
        ++at_;
      } else if (c == quote && following == quote) {
        token.text.push_back(quote);
        ++at_;
      } else if (c == quote) {
        ++at_;
        return std::nullopt;
      } else {
        token.text.push_back(c);
      }
    }
    return ConditionError{token.position, "Unterminated string"};
  }

  std::optional<ConditionError> bracketed(Token& token) {
    const std::size_t end = text_.find(']', at_);
    if (end == std::string_view::npos) return ConditionError{token.position, "Unterminated date"};
    token.kind = Token::Kind::date;
    token.text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::nullopt;
  }

  std::optional<ConditionError> symbol(Token& token) {
    token.kind = Token::Kind::symbol;
    for (const std::string_view two : {"!=", "<=", ">=", "<>"}) {
      if (text_.substr(at_, 2) == two) {
        token.text = two == "<>" ? "!=" : two;
        at_ += 2;
        return std::nullopt;
      }
    }
    if (std::string_view("=<>(),").find(text_[at_]) == std::string_view::npos) {
      return ConditionError{at_, "Unexpected character"};
    }
    token.text = text_.substr(at_, 1);
    ++at_;
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

using Parsed = tl::expected<Condition, ConditionError>;

class Parser {
 public:
  Parser(std::vector<Token> tokens, ConditionRules rules) : tokens_(std::move(tokens)), rules_(rules) {}

  Parsed run() {
    if (peek().kind == Token::Kind::end) {
      Condition everything;
      everything.kind = Condition::Kind::all_of;
      return everything;
    }
    Parsed condition = any_of(0);
    if (condition && peek().kind != Token::Kind::end) return unexpected_token("and, or or the end");
    return condition;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  bool is_symbol(std::string_view symbol) const { return peek().kind == Token::Kind::symbol && peek().text == symbol; }
  bool is_word(std::string_view word) const {
    return peek().kind == Token::Kind::name && equals_ignoring_case(peek().text, word);
  }
  bool accept_symbol(std::string_view symbol) { return is_symbol(symbol) && (++at_, true); }
  bool accept_word(std::string_view word) { return is_word(word) && (++at_, true); }

  tl::unexpected<ConditionError> unexpected_token(std::string_view expected) const {
    return tl::unexpected(ConditionError{peek().position, "Expected " + std::string(expected)});
  }

  Parsed any_of(int depth) {
    return chain(Condition::Kind::any_of, "or",
                 [&] { return chain(Condition::Kind::all_of, "and", [&] { return term(depth); }); });
  }

  template <class Member>
  Parsed chain(Condition::Kind kind, std::string_view word, Member&& member) {
    Parsed first = member();
    if (!first || !is_word(word)) return first;
    Condition whole;
    whole.kind = kind;
    whole.children.push_back(std::move(*first));
    while (accept_word(word)) {
      Parsed next = member();
      if (!next) return next;
      whole.children.push_back(std::move(*next));
    }
    return whole;
  }

  Parsed term(int depth) {
    if (depth >= kConditionDepthMax)
      return tl::unexpected(ConditionError{peek().position, "Conditions are nested too deeply"});
    if (accept_word("not")) return negation(term(depth + 1));
    if (accept_symbol("(")) {
      Parsed inner = any_of(depth + 1);
      if (inner && !accept_symbol(")")) return unexpected_token("a closing parenthesis");
      return inner;
    }
    return comparison();
  }

  static Parsed negation(Parsed inner) {
    if (!inner) return inner;
    Condition whole;
    whole.kind = Condition::Kind::negation;
    whole.children.push_back(std::move(*inner));
    return whole;
  }

  Parsed comparison() {
    if (peek().kind != Token::Kind::name) return unexpected_token("a field name");
    Condition condition;
    condition.path = peek().text;
    condition.position = peek().position;
    ++at_;
    const bool negated = accept_word("not");
    const std::optional<Comparison> operation = comparison_operator(negated);
    if (!operation) return unexpected_token("an operator");
    condition.comparison = *operation;
    if (*operation == Comparison::in) {
      if (!rules_.in_allowed)
        return tl::unexpected(ConditionError{condition.position, "The in operator is not supported here"});
      if (auto error = list(condition.literals)) return tl::unexpected(std::move(*error));
    } else {
      Literal literal;
      if (auto error = value(literal)) return tl::unexpected(std::move(*error));
      condition.literals.push_back(std::move(literal));
    }
    return negated ? negation(std::move(condition)) : Parsed(std::move(condition));
  }

  std::optional<Comparison> comparison_operator(bool words_only) {
    static constexpr std::pair<std::string_view, Comparison> kWords[] = {
        {"contains", Comparison::contains}, {"like", Comparison::like}, {"in", Comparison::in}};
    static constexpr std::pair<std::string_view, Comparison> kSymbols[] = {
        {"=", Comparison::equal},   {"!=", Comparison::not_equal},     {"<", Comparison::less},
        {">", Comparison::greater}, {"<=", Comparison::less_or_equal}, {">=", Comparison::greater_or_equal}};
    for (const auto& [word, comparison] : kWords) {
      if (accept_word(word)) return comparison;
    }
    if (words_only) return std::nullopt;
    for (const auto& [symbol, comparison] : kSymbols) {
      if (accept_symbol(symbol)) return comparison;
    }
    return std::nullopt;
  }

  std::optional<ConditionError> list(std::vector<Literal>& literals) {
    if (!accept_symbol("(")) return unexpected_token("an opening parenthesis").value();
    do {
      Literal literal;
      if (auto error = value(literal)) return error;
      literals.push_back(std::move(literal));
    } while (accept_symbol(","));
    if (!accept_symbol(")")) return unexpected_token("a closing parenthesis").value();
    return std::nullopt;
  }

  std::optional<ConditionError> value(Literal& literal) {
    const Token token = peek();
    switch (token.kind) {
      case Token::Kind::text:
        literal.kind = Literal::Kind::text;
        literal.text = token.text;
        break;
      case Token::Kind::number: {
        const std::optional<Decimal> number = Decimal::parse(token.text);
        if (!number) return ConditionError{token.position, "Not a number"};
        literal.kind = Literal::Kind::number;
        literal.number = number->units();
        break;
      }
      case Token::Kind::date:
        literal.kind = Literal::Kind::date;
        if (!parse_condition_date(token.text, literal.number)) {
          return ConditionError{token.position, "String was not recognized as a valid DateTime."};
        }
        break;
      case Token::Kind::name:
        if (is_word("true") || is_word("false")) {
          literal.kind = Literal::Kind::boolean;
          literal.flag = is_word("true");
        } else if (!is_word("null")) {
          return unexpected_token("a value").value();
        }
        break;
      default:
        return unexpected_token("a value").value();
    }
    ++at_;
    return std::nullopt;
  }

  std::vector<Token> tokens_;
  ConditionRules rules_;
  std::size_t at_ = 0;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Matches one character against the set that begins after '[' at `at`; moves `at` behind the ']'. Nothing when it has
/// no end.
std::optional<bool> match_set(std::string_view pattern, std::size_t& at, char c) {
  const std::size_t end = pattern.find(']', at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view set = pattern.substr(at, end - at);
  at = end + 1;
  const bool excluding = set.size() > 1 && set.front() == '^';
  if (excluding) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (lower(set[i]) <= lower(c) && lower(c) <= lower(set[i + 2]));
      i += 2;
    } else {
      found = found || lower(set[i]) == lower(c);
    }
  }
  return found != excluding;
}

}  // namespace

tl::expected<Condition, ConditionError> parse_conditions(std::string_view text, ConditionRules rules) {
  auto tokens = Tokenizer(text).run();
  if (!tokens) return tl::unexpected(std::move(tokens.error()));
  return Parser(std::move(*tokens), rules).run();
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = path.find('/');
    parts.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return parts;
    path.remove_prefix(end + 1);
  }
}

bool like_matches(std::string_view pattern, std::string_view text) {
  // Greedy with one point of return: the last run of anything. Linear in practice, never exponential.
  std::size_t p = 0, t = 0;
  std::optional<std::size_t> run_pattern;
  std::size_t run_text = 0;
  while (t < text.size()) {
    bool matched = false;
    std::size_t next = p;
    if (p < pattern.size() && (pattern[p] == '%' || pattern[p] == '*')) {
      run_pattern = ++p;
      run_text = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '[') {
      next = p + 1;
      const std::optional<bool> in_set = match_set(pattern, next, text[t]);
      matched = in_set.value_or(text[t] == '[');
      if (!in_set) next = p + 1;
    } else if (p < pattern.size()) {
      next = p + 1;
      matched = pattern[p] == '_' || lower(pattern[p]) == lower(text[t]);
    }
    if (matched) {
      p = next;
      ++t;
    } else if (run_pattern) {
      p = *run_pattern;
      t = ++run_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && (pattern[p] == '%' || pattern[p] == '*')) ++p;
  return p == pattern.size();
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char left, char right) { return lower(left) == lower(right); }) != text.end() ||
         part.empty();
}

bool parse_condition_date(std::string_view text, std::int64_t& seconds) {
  std::string whole(trim(text));
  std::replace(whole.begin(), whole.end(), ' ', 'T');
  if (whole.size() == 10) whole += "T00:00:00";
  if (whole.size() == 16) whole += ":00";
  const bool zoned = whole.size() > 11 && whole.find_first_of("Zz+-", 11) != std::string::npos;
  const std::optional<Timestamp> at = parse_timestamp(zoned ? whole : whole + "Z");
  if (!at) return false;
  seconds = std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count();
  return true;
}

}  // namespace crosswalk::sandbox

#include "service/cloudevents.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <charconv>
#include <set>

#include "base/text.h"
#include "mapping/names.h"

namespace crosswalk::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kIdCharactersMax = 256;
constexpr std::size_t kSourceCharactersMax = 512;
/// A usual event's JSON fits, so that reading one allocates nothing.
constexpr std::size_t kStackBytes = 16u << 10;

std::string_view media_type(std::string_view content_type) {
  return trim(content_type.substr(0, content_type.find(';')));
}

RequestProblem not_cloudevent(std::string pointer, std::string detail) {
  return {"event.not_cloudevent", std::move(pointer), std::move(detail)};
}

/// Attributes of one event, wherever they came from. A null pointer: absent.
struct Attributes {
  const std::string *specversion = nullptr, *id = nullptr, *source = nullptr, *type = nullptr, *time = nullptr,
                    *partner = nullptr;
  std::string prefix;  ///< of pointers; empty in binary mode, where attributes are headers
  bool headers = false;

  [[nodiscard]] std::string pointer(std::string_view name) const {
    return headers ? std::string{} : prefix + "/" + std::string(name);
  }
  [[nodiscard]] std::string say(std::string_view name) const {
    return headers ? "The header ce-" + std::string(name) : "\"" + std::string(name) + "\"";
  }
};

std::optional<RequestProblem> check_attribute(const Attributes& attributes, std::string_view name,
                                              const std::string* text, std::size_t characters_max) {
  if (!text || text->empty())
    return not_cloudevent(attributes.pointer(name), attributes.say(name) + " is required and must not be empty.");
  if (text->find('\0') != std::string::npos)
    return not_cloudevent(attributes.pointer(name), attributes.say(name) + " holds a NUL character.");
  if (text->size() > characters_max && count_characters(*text) > characters_max)
    return RequestProblem{"event.string_too_long", attributes.pointer(name),
                          attributes.say(name) + " is longer than " + std::to_string(characters_max) + " characters."};
  return std::nullopt;
}

/// Who the event belongs to: what it says, else the key's own partner; and whether the key may say so.
std::optional<RequestProblem> take_partner(IncomingEvent& event, const Attributes& attributes,
                                           const IntakeContext& context) {
  if (attributes.partner && !attributes.partner->empty())
    event.row.partner = *attributes.partner;
  else if (!context.key_partner.empty())
    event.row.partner = context.key_partner;
  else
    return RequestProblem{"event.partner_missing", attributes.pointer("partner"),
                          attributes.say("partner") + " is required with a key that is for all partners."};
  if (!context.key_partner.empty() && event.row.partner != context.key_partner)
    return RequestProblem{"event.partner_forbidden", attributes.pointer("partner"),
                          "The key is for partner \"" + std::string(context.key_partner) + "\" only."};
  if (!context.partner_known(event.row.partner))
    return RequestProblem{"event.partner_unknown", attributes.pointer("partner"), "There is no such partner here."};
  return std::nullopt;
}

/// The id is answered even when something else is wrong, so that the sender finds the event.
void name_event(IncomingEvent& event, const Attributes& attributes) {
  if (attributes.id && attributes.id->size() <= 4 * kIdCharactersMax) event.row.id = *attributes.id;
}

std::optional<RequestProblem> take_attributes(IncomingEvent& event, const Attributes& attributes,
                                              const IntakeContext& context) {
  if (!attributes.specversion || *attributes.specversion != "1.0")
    return not_cloudevent(attributes.pointer("specversion"), attributes.say("specversion") + " must be \"1.0\".");
  if (auto problem = check_attribute(attributes, "id", attributes.id, kIdCharactersMax)) return problem;
  if (auto problem = check_attribute(attributes, "source", attributes.source, kSourceCharactersMax)) return problem;
  if (auto problem = check_attribute(attributes, "type", attributes.type, kIdCharactersMax)) return problem;
  event.row.source = *attributes.source;
  std::optional<Timestamp> claimed;
  if (attributes.time) {
    claimed = parse_timestamp(*attributes.time);
    if (!claimed)
      return RequestProblem{"event.invalid_time", attributes.pointer("time"),
                            attributes.say("time") + " must be an RFC 3339 time such as 2026-03-01T08:00:00Z."};
  }
  set_time(event, claimed, context.now, attributes.pointer("time"));
  return take_partner(event, attributes, context);
}

/// Texts of the envelope are copied out, since Attributes points at strings; `holder` keeps them.
struct EnvelopeTexts {
  std::string specversion, id, source, type, time, partner;
};

std::optional<RequestProblem> take_text(const json::object& envelope, std::string_view name, const std::string& prefix,
                                        std::string& holder, const std::string*& place) {
  const json::value* value = envelope.if_contains(name);
  // JSON format of CloudEvents, section 2.2: null is as if it were left out.
  if (!value || value->is_null()) return std::nullopt;
  if (!value->is_string())
    return not_cloudevent(prefix + "/" + std::string(name), "\"" + std::string(name) + "\" must be a text.");
  holder.assign(value->get_string().data(), value->get_string().size());
  place = &holder;
  return std::nullopt;
}

std::optional<RequestProblem> read_envelope(const json::object& envelope, EnvelopeTexts& texts,
                                            Attributes& attributes) {
  const std::string& prefix = attributes.prefix;
  if (auto problem = take_text(envelope, "id", prefix, texts.id, attributes.id)) return problem;
  if (auto problem = take_text(envelope, "specversion", prefix, texts.specversion, attributes.specversion))
    return problem;
  if (auto problem = take_text(envelope, "source", prefix, texts.source, attributes.source)) return problem;
  if (auto problem = take_text(envelope, "type", prefix, texts.type, attributes.type)) return problem;
  if (auto problem = take_text(envelope, "time", prefix, texts.time, attributes.time)) return problem;
  return take_text(envelope, "partner", prefix, texts.partner, attributes.partner);
}

IncomingEvent read_structured(const json::value& value, std::string prefix, const IntakeContext& context) {
  IncomingEvent event;
  if (!value.is_object()) {
    event.problem = not_cloudevent(std::move(prefix), "An event must be a JSON object.");
    return event;
  }
  const json::object& envelope = value.get_object();
  EnvelopeTexts texts;
  Attributes attributes;
  attributes.prefix = std::move(prefix);
  event.problem = read_envelope(envelope, texts, attributes);
  name_event(event, attributes);
  if (!event.problem) event.problem = take_attributes(event, attributes, context);
  if (event.problem) return event;
  const json::value* content_type = envelope.if_contains("datacontenttype");
  if (content_type && !content_type->is_null() &&
      !(content_type->is_string() && is_json_type(content_type->get_string()))) {
    event.problem = not_cloudevent(attributes.pointer("datacontenttype"), "Must be application/json, or be left out.");
    return event;
  }
  const json::value* data = envelope.if_contains("data");
  const json::value* encoded = envelope.if_contains("data_base64");
  if ((!data || data->is_null()) && encoded && !encoded->is_null()) {
    event.problem = not_cloudevent(attributes.pointer("data_base64"),
                                   "\"data_base64\" is for what is no JSON; send the data as an object in \"data\".");
    return event;
  }
  if (!data || !data->is_object()) {
    event.problem = not_cloudevent(attributes.pointer("data"), "\"data\" is required and must be a JSON object.");
    return event;
  }
  take_data(event, texts.type, data->get_object(), attributes.pointer("data"), context);
  if (event.problem && event.problem->code == "event.unknown_type") event.problem->pointer = attributes.pointer("type");
  return event;
}

/// Header values carry what is not printable ASCII percent-encoded (CloudEvents HTTP binding, section 3.1.3.2).
std::optional<RequestProblem> take_header(const net::Request& request, std::string_view name, std::string& holder,
                                          const std::string*& place) {
  const std::string header = "ce-" + std::string(name);
  const std::string* value = request.headers.find(header);
  if (!value) return std::nullopt;
  std::optional<std::string> decoded = net::percent_decode(*value);
  if (!decoded || !is_utf8(*decoded))
    return not_cloudevent("", "The header " + header + " is not percent-encoded UTF-8.");
  holder = std::move(*decoded);
  place = &holder;
  return std::nullopt;
}

/// An attribute that is given twice means one thing to us and perhaps another to whoever checked it before us.
std::optional<RequestProblem> find_attribute_twice(const net::Request& request) {
  std::set<std::string> seen;
  for (const auto& [name, value] : request.headers.items) {
    if (name.size() < 3 || !equals_ignoring_case(std::string_view(name).substr(0, 3), "ce-")) continue;
    if (!seen.insert(to_lower(name)).second)
      return RequestProblem{"request.header_twice", "", "The header " + name + " stands twice."};
  }
  return std::nullopt;
}

IncomingEvent read_binary(const net::Request& request, const json::value& data, const IntakeContext& context) {
  IncomingEvent event;
  EnvelopeTexts texts;
  Attributes attributes;
  attributes.headers = true;
  struct Header {
    std::string_view name;
    std::string& holder;
    const std::string*& place;
  };
  const Header headers[] = {{"id", texts.id, attributes.id},
                            {"specversion", texts.specversion, attributes.specversion},
                            {"source", texts.source, attributes.source},
                            {"type", texts.type, attributes.type},
                            {"time", texts.time, attributes.time},
                            {"partner", texts.partner, attributes.partner}};
  for (const Header& header : headers)
    if (!event.problem) event.problem = take_header(request, header.name, header.holder, header.place);
  name_event(event, attributes);
  if (!event.problem) event.problem = take_attributes(event, attributes, context);
  if (event.problem) return event;
  if (!data.is_object()) {
    event.problem = not_cloudevent("", "The data of an event must be a JSON object.");
    return event;
  }
  take_data(event, texts.type, data.get_object(), "", context);
  return event;
}

/// An event with a torn text: told with its id, where that can be read.
IncomingEvent torn_event(const json::value& value, RequestProblem problem, const IntakeContext& context) {
  IncomingEvent event;
  const json::object* envelope = value.if_object();
  const json::value* id = envelope ? envelope->if_contains("id") : nullptr;
  if (id && id->is_string() && id->get_string().size() <= 4 * kIdCharactersMax)
    event.row.id = repaired_utf8(id->get_string());
  event.row.partner = context.key_partner;
  event.problem = std::move(problem);
  return event;
}

IncomingEvent read_one(const json::value& value, bool torn, std::string prefix, const IntakeContext& context) {
  if (torn)
    if (auto problem = find_torn(value, prefix)) return torn_event(value, std::move(*problem), context);
  return read_structured(value, std::move(prefix), context);
}

void read_batch(Incoming& incoming, const json::value& body, bool torn, const IntakeContext& context) {
  incoming.batch = true;
  if (!body.is_array()) {
    incoming.problem = not_cloudevent("", "A batch must be a JSON array of events.");
    return;
  }
  const json::array& events = body.get_array();
  if (events.size() > kBatchEventsMax) {
    incoming.problem = RequestProblem{"event.too_many", "",
                                      "At most " + std::to_string(kBatchEventsMax) +
                                          " events in a batch; this one has " + std::to_string(events.size()) + "."};
    return;
  }
  incoming.events.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    incoming.events.push_back(read_one(events[i], torn, "/" + std::to_string(i), context));
}

/// Where in JSON text the escape of half a surrogate pair stands alone, its three bytes, which are no UTF-8. Parsers
/// refuse a whole text for one such escape.
std::string with_halves_as_bytes(std::string_view text) {
  const auto unit_at = [text](std::size_t at) -> std::optional<unsigned> {
    if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const auto [end, error] = std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
    if (error != std::errc{} || end != text.data() + at + 6) return std::nullopt;
    return unit;
  };
  const auto is_high = [](std::optional<unsigned> unit) { return unit && *unit >= 0xD800 && *unit <= 0xDBFF; };
  const auto is_low = [](std::optional<unsigned> unit) { return unit && *unit >= 0xDC00 && *unit <= 0xDFFF; };
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<unsigned> unit = unit_at(at);
    const bool pair = is_high(unit) && is_low(unit_at(at + 6));
    if (!pair && (is_high(unit) || is_low(unit))) {
      for (const unsigned byte : {0xE0U | *unit >> 12U, 0x80U | (*unit >> 6U & 0x3FU), 0x80U | (*unit & 0x3FU)})
        out += static_cast<char>(byte);
      at += 6;
      continue;
    }
    const std::size_t length = pair ? 12 : text[at] == '\\' ? 2 : 1;
    out += text.substr(at, length);
    at += length;
  }
  return out;
}

tl::expected<json::value, RequestProblem> parse(std::string_view body, json::storage_ptr memory, bool any_bytes) {
  unsigned char scratch[4096];
  json::parse_options options;
  options.max_depth = kNestingMax;
  options.allow_invalid_utf8 = any_bytes;
  json::parser parser({}, options, scratch, sizeof scratch);
  parser.reset(std::move(memory));
  boost::system::error_code error;
  const std::size_t read = parser.write(body.data(), body.size(), error);
  if (!error) return parser.release();
  if (error == json::error::too_deep)
    return tl::unexpected(RequestProblem{"event.too_deep", "", "Objects and arrays may be nested 32 deep."});
  if (!is_utf8(body))
    return tl::unexpected(RequestProblem{"event.not_utf8", "", "The body holds bytes that are not UTF-8."});
  return tl::unexpected(RequestProblem{"event.invalid_json", "",
                                       "Not JSON: " + error.message() + ", at byte " + std::to_string(read) + "."});
}

RequestProblem too_large(std::size_t bytes_max) {
  return {"event.too_large", "", "At most " + std::to_string(bytes_max >> 20) + " MiB."};
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  const std::string_view type = media_type(content_type);
  return equals_ignoring_case(type, "application/json") ||
         (type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json"));
}

tl::expected<json::value, RequestProblem> parse_body(std::string_view body, json::storage_ptr memory,
                                                     std::size_t bytes_max) {
  if (body.size() > bytes_max) return tl::unexpected(too_large(bytes_max));
  return parse(without_byte_order_mark(body), std::move(memory), false);
}

tl::expected<EventsBody, RequestProblem> parse_events(std::string_view body, json::storage_ptr memory,
                                                      std::size_t bytes_max) {
  tl::expected<json::value, RequestProblem> whole = parse_body(body, memory, bytes_max);
  if (whole) return EventsBody{std::move(*whole), false};
  if (whole.error().code != "event.not_utf8" && whole.error().code != "event.invalid_json")
    return tl::unexpected(std::move(whole.error()));
  auto torn = parse(with_halves_as_bytes(without_byte_order_mark(body)), std::move(memory), true);
  if (!torn) return tl::unexpected(std::move(whole.error()));
  return EventsBody{std::move(*torn), true};
}

std::optional<RequestProblem> find_torn(const json::value& value, const std::string& pointer) {
  const auto torn = [](const std::string& at) {
    return RequestProblem{
        "event.not_utf8", at,
        "This text holds bytes that are not UTF-8, or half of a character: it was cut in the middle."};
  };
  if (value.is_string() && !is_utf8(value.get_string())) return torn(pointer);
  if (value.is_array()) {
    std::size_t index = 0;
    for (const json::value& each : value.get_array())
      if (auto problem = find_torn(each, pointer + "/" + std::to_string(index++))) return problem;
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (!is_utf8(member.key())) return torn(pointer);
      if (auto problem = find_torn(member.value(), mapping::deeper(pointer, cut_text(member.key(), 100))))
        return problem;
    }
  }
  return std::nullopt;
}

Incoming read_cloudevents(const net::Request& request, const IntakeContext& context) {
  Incoming incoming;
  const std::string* content_type = request.headers.find("Content-Type");
  const std::string_view type = content_type ? media_type(*content_type) : std::string_view{};
  const bool structured = equals_ignoring_case(type, "application/cloudevents+json");
  const bool batched = equals_ignoring_case(type, "application/cloudevents-batch+json");
  const bool binary = !structured && !batched && is_json_type(type);
  if (!structured && !batched && !binary) {
    incoming.problem =
        RequestProblem{"event.content_type", "",
                       "Content-Type must be application/cloudevents+json, application/cloudevents-batch+json, or "
                       "application/json with the attributes in ce- headers."};
    return incoming;
  }
  if (binary) incoming.problem = find_attribute_twice(request);
  if (incoming.problem) return incoming;
  unsigned char buffer[kStackBytes];
  json::monotonic_resource memory(buffer, sizeof buffer);
  tl::expected<EventsBody, RequestProblem> body = parse_events(request.body, &memory);
  if (!body) {
    incoming.problem = std::move(body.error());
    return incoming;
  }
  if (batched)
    read_batch(incoming, body->value, body->torn, context);
  else if (structured)
    incoming.events.push_back(read_one(body->value, body->torn, "", context));
  else if (auto torn = body->torn ? find_torn(body->value, "") : std::nullopt)
    incoming.problem = std::move(torn);
  else
    incoming.events.push_back(read_binary(request, body->value, context));
  return incoming;
}

}  // namespace crosswalk::service

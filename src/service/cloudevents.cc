#include "service/cloudevents.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <set>

#include "base/text.h"

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
  if (!value) return std::nullopt;
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
  if (content_type && !(content_type->is_string() && is_json_type(content_type->get_string()))) {
    event.problem = not_cloudevent(attributes.pointer("datacontenttype"), "Must be application/json, or be left out.");
    return event;
  }
  const json::value* data = envelope.if_contains("data");
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

void read_batch(Incoming& incoming, const json::value& body, const IntakeContext& context) {
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
    incoming.events.push_back(read_structured(events[i], "/" + std::to_string(i), context));
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  const std::string_view type = media_type(content_type);
  return equals_ignoring_case(type, "application/json") ||
         (type.size() > 5 && equals_ignoring_case(type.substr(type.size() - 5), "+json"));
}

tl::expected<json::value, RequestProblem> parse_body(std::string_view body, json::storage_ptr memory) {
  if (body.size() > kBodyBytesMax) return tl::unexpected(RequestProblem{"event.too_large", "", "At most 4 MiB."});
  unsigned char scratch[4096];
  json::parse_options options;
  options.max_depth = kNestingMax;
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
  tl::expected<json::value, RequestProblem> body = parse_body(request.body, &memory);
  if (!body) {
    incoming.problem = std::move(body.error());
    return incoming;
  }
  if (batched)
    read_batch(incoming, *body, context);
  else if (structured)
    incoming.events.push_back(read_structured(*body, "", context));
  else
    incoming.events.push_back(read_binary(request, *body, context));
  return incoming;
}

}  // namespace crosswalk::service

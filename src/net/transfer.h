#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>

#include "net/http.h"

namespace crosswalk::net {

using Outcome = tl::expected<Response, TransportError>;

/// Resumes whoever waits for a transfer, on their executor. Called once.
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;
  virtual void complete(Outcome outcome) = 0;
};

/// One request on its way through libcurl. Belongs to the transport's thread once it has been handed over.
struct Transfer {
  Request request;
  SendOptions options;
  bool allow_private = false;
  std::unique_ptr<Completion> completion;
  std::string owner;  ///< whose call it is, for the queue; never empty there

  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  Response response;
  std::size_t header_bytes = 0;
  bool header_ended = false;
  std::array<char, CURL_ERROR_SIZE> detail{};
  bool begun = false;  ///< a connection stood and the request was handed to it: from here on it may have been received
  bool resend_refused = false;   ///< libcurl wanted to send it a second time
  bool address_refused = false;  ///< the name resolved to an address that the policy forbids
  bool too_large = false;
};

/// Sets what is the same for every transfer.
void set_lasting_options(CURL* easy, const std::string& user_agent, const std::string& ca_file, bool allow_private);
/// Sets what belongs to this transfer; `transfer` must stay where it is until forget().
void set_options(Transfer& transfer);
/// Takes everything that points to the transfer off its handle.
void forget(Transfer& transfer);
/// What became of it.
[[nodiscard]] Outcome outcome_of(Transfer& transfer, CURLcode result);
/// Of a transfer that has waited for its turn as long as a call may take.
[[nodiscard]] Outcome never_begun(const Transfer& transfer);
/// What became of a transfer that we end ourselves.
[[nodiscard]] Outcome ended_early(const Transfer& transfer, std::string_view why);

}  // namespace crosswalk::net

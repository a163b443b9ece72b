// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/cli/http_client.hpp"

namespace uncut::harness {

/// What every verb of `uncut ctl` takes, as given.
struct CtlOptions {
    std::string admin;       // [http://]ADDR:PORT; "": the variable UNCUT_ADMIN, or the default
    std::string token_file;  // "": the variable UNCUT_TOKEN_FILE, or none
    std::string if_match;    // a revision, for writes; "": any
    bool json = false;       // print what the API said, as it said it
};

/// Why a verb ends without having done its work. Without a text it ends quietly.
struct CtlError {
    int status = 1;  // of the program: 1 the API refused, 2 wrong usage or nobody there
    std::string text;
    unsigned http_status = 0;  // of the refusal
};

template <typename Value>
using CtlResult = std::expected<Value, CtlError>;
using CtlDone = CtlResult<void>;

std::unexpected<CtlError> ctl_refused(std::string text);  // status 1
std::unexpected<CtlError> ctl_misused(std::string text);  // status 2

/// What the API answered with success.
struct CtlReply {
    std::string body;         // as it came
    boost::json::value json;  // the same read; null where there was none
    std::string revision;     // of the ETag, without its quotes; "" where there is none
};

/// A session with one admin API, and where its answers go.
class Ctl {
  public:
    /// Takes what is to be printed; false once nobody reads it any more.
    using Write = std::function<bool(std::string_view)>;

    /// `options` with what the environment says in place of what they leave out. The error is wrong usage.
    static CtlResult<Ctl> make(const CtlOptions& options, Write write);

    /// Asks; what is not a success is an error in the API's own words.
    CtlResult<CtlReply> get(const std::string& target) const;
    CtlResult<CtlReply> put(const std::string& target, const boost::json::value& body) const;
    CtlResult<CtlReply> post(const std::string& target, const boost::json::value& body) const;
    CtlResult<CtlReply> patch(const std::string& target, const boost::json::value& body) const;
    CtlResult<CtlReply> remove(const std::string& target) const;

    /// The same without judging the status.
    CtlResult<HttpResponse> ask(const HttpRequest& request) const;

    /// Prints. An error, with no text if the reader only went away, when nobody takes it.
    CtlDone print(std::string_view text) const;
    /// Prints the reply: as it came with --json, else as `render` makes it.
    CtlDone show(const CtlReply& reply, const std::function<std::string(const boost::json::value& body)>& render) const;
    /// Prints that something is done, and the revision that it made; with --json what came, if anything.
    CtlDone done(const CtlReply& reply, std::string_view what) const;

    const HttpPeer& peer() const { return peer_; }
    bool json() const { return json_; }

  private:
    Ctl(HttpPeer peer, Write write, const CtlOptions& options);
    CtlResult<CtlReply> send(std::string_view method, const std::string& target, const boost::json::value* body) const;

    HttpPeer peer_;
    Write write_;
    std::string if_match_;
    bool json_;
};

/// What a refusal says, in one line: the API's detail, and the pointer and what was expected if they are not in it.
CtlError ctl_error_of(const HttpResponse& response, const HttpPeer& peer);
CtlError ctl_error_of(const HttpFailure& failure, const HttpPeer& peer);

/// "/v1/answers" and "www.example.", "A": "/v1/answers/www.example./A", each segment percent-encoded (RFC 3986 2.1).
std::string ctl_path(std::string_view base, std::initializer_list<std::string_view> segments);
/// "?name=www.example&limit=5" of those that are given; "" if none is.
std::string ctl_query(std::initializer_list<std::pair<std::string_view, std::optional<std::string>>> parameters);

/// Runs a verb: prints its error, if any, on standard error. Returns the program's exit status.
int run_ctl(const CtlOptions& options, const std::function<CtlDone(const Ctl&)>& verb);

}  // namespace uncut::harness

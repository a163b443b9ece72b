// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/net/address.hpp"

namespace uncut::harness {

struct HttpHeader {
    std::string name;
    std::string value;
};

struct HttpRequest {
    std::string method;  // as sent: methods are case-sensitive
    std::string target;  // as sent, query included
    std::vector<HttpHeader> headers;
    std::string body;
    std::string client = {};  // its address and port

    /// The first header of this name (any case); "" if there is none.
    std::string_view header(std::string_view name) const;
    std::size_t count(std::string_view name) const;
};

/// A body that comes piece by piece and has no end of its own. Called from the server's thread alone.
class HttpStream {
  public:
    virtual ~HttpStream() = default;
    /// What there is to send now; "" if nothing is. Asked again after each wake_streams().
    virtual std::string next() = 0;
    /// What is sent after a while of silence, so that whoever has gone is noticed.
    virtual std::string heartbeat() = 0;
};

struct HttpResponse {
    unsigned status = 200;
    std::string content_type = {};  // "" where there is no body
    std::vector<HttpHeader> headers = {};
    std::string body = {};
    std::shared_ptr<HttpStream> stream = {};  // follows the body; the connection ends with it
};

/// What is served. Called from the server's thread alone, but for what is slow.
class HttpApplication {
  public:
    virtual ~HttpApplication() = default;
    /// Sees the request without its body. A response refuses it, before anything of the body is waited for.
    virtual std::optional<HttpResponse> refuse(const HttpRequest& head) = 0;
    virtual HttpResponse handle(const HttpRequest& request) = 0;
    /// Whether handling takes longer than others should wait; it is then called from another thread.
    virtual bool is_slow(const HttpRequest&) { return false; }
};

// Requests of the API have a dozen short headers; browsers add cookies of other local servers.
inline constexpr std::uint32_t http_header_octets_max = 8192;
// The whole set of policies, 4,096 zones that each set a few fields, is about half of this.
inline constexpr std::size_t http_body_octets_max = 1U << 20;
// A browser opens six; each costs a descriptor and, while a body comes in, up to its megabyte.
inline constexpr std::size_t http_connections_max = 64;

// Of the connections, those with a body that does not end: the others are for requests.
inline constexpr std::size_t http_streams_max = 16;
// Requests that take seconds, at a time; each has a thread. More wait, up to the second number, then it is 503.
inline constexpr std::size_t http_slow_threads = 2;
inline constexpr std::size_t http_slow_max = 8;

/// How long things may take. The defaults are generous to people who type and mean to slow-loris.
struct HttpTimeouts {
    std::chrono::milliseconds header{5000};    // from its first octet to its end; then 408
    std::chrono::milliseconds body{10000};     // from the end of the header to its own; then 408
    std::chrono::milliseconds idle{30000};     // between requests; then it is closed
    std::chrono::milliseconds write{10000};    // for a response; then it is closed
    std::chrono::milliseconds silence{15000};  // of a stream; then it sends its heartbeat
    std::chrono::milliseconds linger{1000};    // for what the client still sends when it has been refused
};

/// An HTTP/1.1 server on one thread of its own; Boost.Beast stays behind this.
/// Thread rule: start, stop and the destructor belong to one thread; address may be called from any.
class HttpServer {
  public:
    /// Binds and serves; `application` must outlive the server. The error names the address and the reason.
    static std::expected<std::unique_ptr<HttpServer>, std::string> start(const Address& listen,
                                                                         HttpApplication& application,
                                                                         HttpTimeouts timeouts = {});
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    Address address() const;
    /// [any-thread] Streams have something to send. Cheap when said often.
    void wake_streams();
    /// Closes the listener and idle connections, lets responses that are being written leave (for `linger` at most),
    /// joins the thread. May be called twice.
    void stop();

  private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace uncut::harness

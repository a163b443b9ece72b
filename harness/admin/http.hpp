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

    /// The first header of this name (any case); "" if there is none.
    std::string_view header(std::string_view name) const;
    std::size_t count(std::string_view name) const;
};

struct HttpResponse {
    unsigned status = 200;
    std::string content_type;  // "" where there is no body
    std::vector<HttpHeader> headers;
    std::string body;
};

/// What is served. Called from the server's thread alone.
class HttpApplication {
  public:
    virtual ~HttpApplication() = default;
    /// Sees the request without its body. A response refuses it, before anything of the body is waited for.
    virtual std::optional<HttpResponse> refuse(const HttpRequest& head) = 0;
    virtual HttpResponse handle(const HttpRequest& request) = 0;
};

// Requests of the API have a dozen short headers; browsers add cookies of other local servers.
inline constexpr std::uint32_t http_header_octets_max = 8192;
// The whole set of policies, 4,096 zones that each set a few fields, is about half of this.
inline constexpr std::size_t http_body_octets_max = 1U << 20;
// A browser opens six; each costs a descriptor and, while a body comes in, up to its megabyte.
inline constexpr std::size_t http_connections_max = 64;

/// How long things may take. The defaults are generous to people who type and mean to slow-loris.
struct HttpTimeouts {
    std::chrono::milliseconds header{5000};  // from its first octet to its end; then 408
    std::chrono::milliseconds body{10000};   // from the end of the header to its own; then 408
    std::chrono::milliseconds idle{30000};   // between requests; then it is closed
    std::chrono::milliseconds write{10000};  // for a response; then it is closed
    std::chrono::milliseconds linger{1000};  // for what the client still sends when it has been refused
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
    /// Closes the listener and idle connections, lets responses that are being written leave (for `linger` at most),
    /// joins the thread. May be called twice.
    void stop();

  private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace uncut::harness

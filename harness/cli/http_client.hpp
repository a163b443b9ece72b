// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "harness/admin/http.hpp"
#include "harness/net/address.hpp"

namespace uncut::harness {

// A thousand exchanges with both messages of each decoded; what is longer is no answer of ours.
inline constexpr std::size_t http_response_octets_max = std::size_t{64} << 20U;

/// A server, and how long it may take.
struct HttpPeer {
    Address address;
    std::string token = {};                           // shown as a bearer token (RFC 6750 2.1); "": none
    std::chrono::milliseconds connect_timeout{3000};  // it is on this machine, or near
    std::chrono::milliseconds answer_timeout{30000};  // a probe of a server that is silent takes a third of this

    /// "http://127.0.0.1:8053"
    std::string url() const;
};

/// Why there is no response.
struct HttpFailure {
    bool nobody = false;  // the address refuses connections: nobody listens there
    std::string reason;   // with the address in it
};

/// Asks on a connection of its own and waits for the whole response. Blocks for the peer's timeouts at most; any
/// thread.
std::expected<HttpResponse, HttpFailure> http_ask(const HttpPeer& peer, const HttpRequest& request);

/// A response whose body goes on. From its making to its end SIGINT and SIGTERM end what waits here, and not the
/// program. One thread.
class HttpFeed {
  public:
    struct Part {
        enum class Kind { octets, end, signal };
        Kind kind = Kind::end;
        std::string octets = {};
    };

    HttpFeed();
    HttpFeed(const HttpFeed&) = delete;
    HttpFeed& operator=(const HttpFeed&) = delete;
    ~HttpFeed();

    /// Asks, in place of what was open before. The response has its body only if its status is not 200; else read()
    /// has it. A signal is a failure without a reason.
    std::expected<HttpResponse, HttpFailure> open(const HttpPeer& peer, const HttpRequest& request);
    /// Waits for what comes next, however long that takes.
    Part read();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace uncut::harness

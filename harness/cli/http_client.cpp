// SPDX-License-Identifier: Apache-2.0
// The only file beside the server that sees Beast: it costs a minute to compile under a sanitizer.
#include "harness/cli/http_client.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace uncut::harness {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t part_octets = 16384;

http::request<http::string_body> message_of(const HttpPeer& peer, const HttpRequest& request) {
    http::request<http::string_body> message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    message.set(http::field::host, peer.address.text());
    message.set(http::field::connection, "close");
    if (!peer.token.empty()) message.set(http::field::authorization, "Bearer " + peer.token);
    for (const HttpHeader& header : request.headers) message.insert(header.name, header.value);
    message.body() = request.body;
    message.prepare_payload();
    return message;
}

template <typename Message>
HttpResponse head_of(const Message& message) {
    HttpResponse response;
    response.status = message.result_int();
    for (const auto& field : message) {
        response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
        if (field.name() == http::field::content_type) response.content_type = std::string(field.value());
    }
    return response;
}

/// One connection, used by one thread that waits for each of its steps.
class Connection {
  public:
    Connection(asio::io_context& io, const HttpPeer& peer) : io_(io), peer_(peer), stream_(io) {}

    std::optional<HttpFailure> send(const HttpRequest& request) {
        sockaddr_storage raw{};
        asio::ip::tcp::endpoint endpoint;
        const socklen_t octets = peer_.address.to_sockaddr(raw);
        endpoint.resize(octets);
        std::memcpy(endpoint.data(), &raw, octets);
        stream_.expires_after(peer_.connect_timeout);
        if (auto error = wait([&](auto done) { stream_.async_connect(endpoint, done); })) return failure(error);
        const auto message = message_of(peer_, request);
        stream_.expires_after(peer_.answer_timeout);
        // A server may refuse a request by its header, and close before it has read the body: its response says why.
        wait([&](auto done) { http::async_write(stream_, message, done); });
        return std::nullopt;
    }

    template <typename Parser>
    error_code read_header(Parser& parser) {
        stream_.expires_after(peer_.answer_timeout);
        return wait([&](auto done) { http::async_read_header(stream_, buffer_, parser, done); });
    }

    template <typename Parser>
    error_code read_all(Parser& parser) {
        stream_.expires_after(peer_.answer_timeout);
        return wait([&](auto done) { http::async_read(stream_, buffer_, parser, done); });
    }

    /// A part of the body, whenever it comes.
    template <typename Parser>
    error_code read_some(Parser& parser) {
        stream_.expires_never();
        return wait([&](auto done) { http::async_read_some(stream_, buffer_, parser, done); });
    }

    /// Ends what waits, and everything that would be begun after it: a cancel could come between two steps.
    void close() { stream_.close(); }

    HttpFailure failure(const error_code& error) const {
        if (error == asio::error::connection_refused) return {true, peer_.url() + ": nothing listens there"};
        if (error == beast::error::timeout) return {false, peer_.url() + ": no answer in time"};
        if (error == http::error::end_of_stream || error == http::error::partial_message) {
            return {false, peer_.url() + ": the connection ended before the answer did"};
        }
        if (error == http::error::body_limit) {
            return {false, fmt::format("{}: more than {} octets", peer_.url(), http_response_octets_max)};
        }
        if (error.category() == http::make_error_code(http::error::bad_version).category()) {
            return {false, fmt::format("{}: no HTTP server: {}", peer_.url(), error.message())};
        }
        return {false, fmt::format("{}: {}", peer_.url(), error.message())};
    }

  private:
    // Starts an operation and runs what there is to run until it is complete.
    template <typename Start>
    error_code wait(Start start) {
        std::optional<error_code> result;
        start([&result](const error_code& error, auto&&...) { result = error; });
        io_.restart();
        while (!result) io_.run_one();
        return *result;
    }

    asio::io_context& io_;
    const HttpPeer peer_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
};

}  // namespace

std::string HttpPeer::url() const {
    return "http://" + address.text();
}

std::expected<HttpResponse, HttpFailure> http_ask(const HttpPeer& peer, const HttpRequest& request) {
    asio::io_context io(1);
    Connection connection(io, peer);
    if (auto failed = connection.send(request)) return std::unexpected(std::move(*failed));
    http::response_parser<http::string_body> parser;
    parser.body_limit(http_response_octets_max);
    if (const auto error = connection.read_all(parser)) return std::unexpected(connection.failure(error));
    HttpResponse response = head_of(parser.get());
    response.body = std::move(parser.get().body());
    return response;
}

struct HttpFeed::Impl {
    using Parser = http::response_parser<http::buffer_body>;

    Impl() { wait_for_signal(); }

    void wait_for_signal() {
        signals.async_wait([this](const error_code& error, int) {
            if (error) return;
            signalled = true;
            if (connection) connection->close();
        });
    }

    // What has come into `part` by one read; its end, or a fault, is the error.
    error_code fill(std::string& part) {
        part.resize(part_octets);
        parser->get().body().data = part.data();
        parser->get().body().size = part.size();
        error_code error = connection->read_some(*parser);
        if (error == http::error::need_buffer) error = {};
        part.resize(part.size() - parser->get().body().size);
        return error;
    }

    asio::io_context io{1};
    asio::signal_set signals{io, SIGINT, SIGTERM};
    bool signalled = false;
    std::optional<Connection> connection;
    std::optional<Parser> parser;
};

HttpFeed::HttpFeed() : impl_(std::make_unique<Impl>()) {}
HttpFeed::~HttpFeed() = default;

std::expected<HttpResponse, HttpFailure> HttpFeed::open(const HttpPeer& peer, const HttpRequest& request) {
    impl_->connection.emplace(impl_->io, peer);
    impl_->parser.emplace();
    impl_->parser->body_limit(boost::none);  // it has no end
    const auto failure = [this](HttpFailure failed) {
        return std::unexpected(impl_->signalled ? HttpFailure{} : std::move(failed));
    };
    if (auto failed = impl_->connection->send(request)) return failure(std::move(*failed));
    if (const auto error = impl_->connection->read_header(*impl_->parser)) {
        return failure(impl_->connection->failure(error));
    }
    HttpResponse response = head_of(impl_->parser->get());
    while (response.status != 200 && !impl_->parser->is_done()) {
        std::string part;
        if (const auto error = impl_->fill(part)) return failure(impl_->connection->failure(error));
        response.body += part;
        if (response.body.size() > http_response_octets_max) {
            return failure(impl_->connection->failure(http::error::body_limit));
        }
    }
    return response;
}

HttpFeed::Part HttpFeed::read() {
    Part part;
    while (part.octets.empty() && !impl_->signalled && !impl_->parser->is_done()) {
        if (impl_->fill(part.octets)) break;
    }
    // A signal that came at the moment of an end counts for more.
    impl_->io.restart();
    impl_->io.poll();
    if (impl_->signalled) return {Part::Kind::signal};
    part.kind = part.octets.empty() ? Part::Kind::end : Part::Kind::octets;
    return part;
}

}  // namespace uncut::harness

// SPDX-License-Identifier: Apache-2.0
// The only file that sees Beast: it costs a minute to compile under a sanitizer.
#include "harness/admin/http.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <thread>
#include <unordered_set>
#include <utility>

#include "harness/admin/problem.hpp"
#include "harness/net/socket.hpp"

namespace uncut::harness {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_octets = 4096;
constexpr std::size_t linger_octets_max = 2 * http_body_octets_max;  // a body that was too large, mostly
constexpr milliseconds accept_pause{100};  // without descriptors, accepting again at once would spin

HttpRequest head_of(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = message.method_string();
    request.target = message.target();
    for (const auto& field : message) {
        request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    return request;
}

http::response<http::string_body> message_of(const HttpResponse& response, bool keep_alive, bool head) {
    http::response<http::string_body> message;
    message.version(11);
    message.result(response.status);
    message.set(http::field::date, fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(std::time(nullptr))));
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
    for (const HttpHeader& header : response.headers) message.insert(header.name, header.value);
    message.keep_alive(keep_alive);
    if (response.status != 204 && !response.stream) message.content_length(response.body.size());
    if (!head) message.body() = response.body;
    return message;
}

HttpResponse refusal(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return problem(Problem::header_too_large, fmt::format("expected at most {} octets", http_header_octets_max));
    }
    if (error == http::error::body_limit) {
        return problem(Problem::body_too_large, fmt::format("expected at most {} octets", http_body_octets_max));
    }
    return problem(Problem::bad_request, fmt::format("expected HTTP/1.1: {}", error.message()));
}

class Connection;

/// What one server's connections share. Belongs to the server's thread.
struct Shared {
    Shared(HttpApplication& served, const HttpTimeouts& limits) : application(served), timeouts(limits) {}

    HttpApplication& application;
    const HttpTimeouts timeouts;
    asio::io_context io{1};
    asio::steady_timer place{io, asio::steady_timer::time_point::max()};  // cancelled when a connection ends
    std::unordered_set<Connection*> connections;
    std::size_t streams = 0;
    std::size_t slow = 0;  // requests that a thread of the pool has, or will have
    std::atomic<bool> woken = false;
    std::atomic<bool> stopping = false;
    asio::thread_pool pool{http_slow_threads};
};

/// One client's connection. Lives as long as its coroutine or a wait of its timer.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(asio::ip::tcp::socket socket, Shared& server)
        : socket_(std::move(socket)), timer_(server.io), news_(server.io), server_(server) {
        server_.connections.insert(this);
    }
    ~Connection() {
        server_.connections.erase(this);
        if (streaming_) --server_.streams;
        server_.place.cancel();
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Answers requests until the connection is to be closed.
    asio::awaitable<void> serve();

    /// No further request; a response on its way may leave.
    void stop() {
        last_ = true;
        wake();
        if (writing_) return arm(server_.timeouts.linger);
        expire();
    }

    /// A stream may have something to send.
    void wake() { news_.cancel(); }

  private:
    using Parser = http::request_parser<http::string_body>;
    enum class Got { all, end, late, fault };

    asio::awaitable<bool> serve_one();
    asio::awaitable<Got> read(Parser& parser, bool whole, error_code& fault);
    asio::awaitable<Got> receive();
    asio::awaitable<HttpResponse> handled(const HttpRequest& request);
    asio::awaitable<void> stream(HttpStream& pieces);
    void watch_for_end();
    asio::awaitable<bool> answer(HttpResponse response, bool keep_alive, bool head);
    asio::awaitable<bool> refuse(HttpResponse response);
    asio::awaitable<void> linger();
    HttpResponse handle(const HttpRequest& request);

    // One deadline at a time; a later arm replaces it.
    void arm(milliseconds time) {
        expired_ = false;
        timer_.expires_after(time);
        timer_.async_wait([self = shared_from_this(), armed = ++armed_](const error_code& error) {
            if (!error && self->armed_ == armed) self->expire();
        });
    }
    void disarm() {
        ++armed_;
        timer_.cancel();
    }
    // Every wait for octets looks at expired_ before it begins: a read that completed at this very moment cannot be
    // cancelled any more. A write is made of many steps, so nothing less than closing is sure to end it.
    void expire() {
        error_code ignored;
        expired_ = true;
        if (writing_) {
            socket_.close(ignored);
        } else {
            socket_.cancel(ignored);
        }
    }

    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    asio::steady_timer news_;  // of a stream: cancelled when there are some
    Shared& server_;
    beast::flat_buffer buffer_{http_header_octets_max + read_octets};
    std::uint64_t armed_ = 0;
    bool expired_ = false;
    bool writing_ = false;
    bool last_ = false;
    bool streaming_ = false;
    bool gone_ = false;  // the client of a stream
};

asio::awaitable<void> Connection::serve() {
    bool more = true;
    while (more && !last_) more = co_await serve_one();
    disarm();
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

// One request and its response. False: close.
asio::awaitable<bool> Connection::serve_one() {
    if (buffer_.size() == 0) {
        arm(server_.timeouts.idle);
        const Got first = co_await receive();
        if (first != Got::all) co_return false;
    }

    Parser parser;
    parser.header_limit(http_header_octets_max);
    parser.body_limit(http_body_octets_max);
    error_code fault;
    arm(server_.timeouts.header);
    const Got header = co_await read(parser, false, fault);
    if (header == Got::fault) co_return co_await refuse(refusal(fault));
    if (header == Got::late) co_return co_await refuse(problem(Problem::timeout, "the header did not end in time"));
    if (header == Got::end) co_return false;

    HttpRequest request = head_of(parser.get());
    request.client = peer_address(socket_.native_handle()).text();
    const bool has_body = !parser.is_done();
    const bool head = request.method == "HEAD";
    if (auto refused = server_.application.refuse(request)) {
        if (has_body) co_return co_await refuse(std::move(*refused));
        co_return co_await answer(std::move(*refused), parser.keep_alive(), head);
    }
    arm(server_.timeouts.body);
    if (has_body && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        // So short that it fits the buffer of a socket which has sent nothing for this request yet.
        const auto [error, octets] = co_await asio::async_write(socket_, asio::buffer(go_on), awaited);
        if (error) co_return false;
    }
    const Got body = co_await read(parser, true, fault);
    if (body == Got::fault) co_return co_await refuse(refusal(fault));
    if (body == Got::late) co_return co_await refuse(problem(Problem::timeout, "the body did not end in time"));
    if (body == Got::end) co_return false;
    request.body = std::move(parser.get().body());
    HttpResponse response = co_await handled(request);
    if (!response.stream || head) co_return co_await answer(std::move(response), parser.keep_alive(), head);
    if (server_.streams >= http_streams_max) {
        co_return co_await answer(problem(Problem::busy, "there are as many streams as there may be"), false, head);
    }
    ++server_.streams;
    streaming_ = true;
    const std::shared_ptr<HttpStream> pieces = response.stream;  // the header is told by it too
    co_await answer(std::move(response), false, head);
    co_await stream(*pieces);
    co_return false;
}

asio::awaitable<HttpResponse> Connection::handled(const HttpRequest& request) {
    if (!server_.application.is_slow(request)) co_return handle(request);
    if (server_.slow >= http_slow_max) co_return problem(Problem::busy, "as many such requests wait as may");
    ++server_.slow;
    disarm();
    HttpResponse response = co_await asio::co_spawn(
        server_.pool,
        [this, &request]() -> asio::awaitable<HttpResponse> {
            if (server_.stopping) co_return problem(Problem::busy, "the server stops");  // it only waited so far
            co_return handle(request);
        },
        asio::use_awaitable);
    --server_.slow;
    co_return response;
}

// Until the client goes or the server stops.
asio::awaitable<void> Connection::stream(HttpStream& pieces) {
    disarm();
    watch_for_end();
    while (!last_ && !gone_) {
        std::string piece = pieces.next();
        if (piece.empty()) {
            news_.expires_after(server_.timeouts.silence);
            const auto [error] = co_await news_.async_wait(awaited);
            if (error || last_ || gone_) continue;  // news, or the end
            piece = pieces.heartbeat();
        }
        writing_ = true;
        arm(server_.timeouts.write);
        const auto [error, octets] = co_await asio::async_write(socket_, asio::buffer(piece), awaited);
        writing_ = false;
        disarm();
        if (error) break;
    }
}

// A client of a stream sends nothing more; what makes its socket readable is its end.
void Connection::watch_for_end() {
    socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        if (error == asio::error::operation_aborted) return;
        self->gone_ = true;
        self->wake();
    });
}

HttpResponse Connection::handle(const HttpRequest& request) {
    try {
        return server_.application.handle(request);
    } catch (const std::exception& error) {
        return problem(Problem::internal, error.what());
    }
}

// Feeds the parser until it has the header, or the whole request.
asio::awaitable<Connection::Got> Connection::read(Parser& parser, bool whole, error_code& fault) {
    parser.eager(whole);
    while (!(whole ? parser.is_done() : parser.is_header_done())) {
        if (buffer_.size() > 0) {
            fault = {};
            buffer_.consume(parser.put(buffer_.data(), fault));
            if (!fault) continue;
            if (fault != http::error::need_more) co_return Got::fault;
            if (buffer_.size() == buffer_.max_size()) {
                fault = http::error::buffer_overflow;
                co_return Got::fault;
            }
        }
        const Got got = co_await receive();
        if (got != Got::all) co_return got;
    }
    co_return Got::all;
}

// Some octets more in the buffer.
asio::awaitable<Connection::Got> Connection::receive() {
    if (last_) co_return Got::end;
    if (expired_) co_return Got::late;
    const std::size_t room = std::min(read_octets, buffer_.max_size() - buffer_.size());
    const auto [error, octets] = co_await socket_.async_read_some(buffer_.prepare(room), awaited);
    buffer_.commit(octets);
    if (!error) co_return Got::all;
    co_return expired_ && !last_ ? Got::late : Got::end;
}

asio::awaitable<bool> Connection::answer(HttpResponse response, bool keep_alive, bool head) {
    const bool keep = keep_alive && !last_;
    http::response<http::string_body> message = message_of(response, keep, head);
    http::response_serializer<http::string_body> serializer(message);
    writing_ = true;
    // After a stop that came while a request was being read its response has no more time than one on its way.
    arm(last_ ? server_.timeouts.linger : server_.timeouts.write);
    const auto [error, octets] = co_await http::async_write(socket_, serializer, awaited);
    writing_ = false;
    co_return !error && keep;
}

// Answers a request of which something may still be on its way: closing at once would reset the connection, and the
// client might never read the answer (RFC 9112 9.6).
asio::awaitable<bool> Connection::refuse(HttpResponse response) {
    co_await answer(std::move(response), false, false);
    co_await linger();
    co_return false;
}

asio::awaitable<void> Connection::linger() {
    error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (error) co_return;
    arm(server_.timeouts.linger);
    std::size_t discarded = 0;
    Got got = Got::all;
    while (got == Got::all && discarded < linger_octets_max) {
        discarded += buffer_.size();
        buffer_.consume(buffer_.size());
        got = co_await receive();
    }
}

}  // namespace

struct HttpServer::Impl {
    Impl(HttpApplication& application, const HttpTimeouts& timeouts) : shared(application, timeouts) {}

    asio::awaitable<void> accept();
    void stop();

    Shared shared;
    asio::ip::tcp::acceptor acceptor{shared.io};
    Address address;
    std::thread thread;
};

asio::awaitable<void> HttpServer::Impl::accept() {
    while (!shared.stopping) {
        error_code error;
        if (shared.connections.size() >= http_connections_max) {
            shared.place.expires_at(asio::steady_timer::time_point::max());
            co_await shared.place.async_wait(awaited);
            continue;
        }
        asio::ip::tcp::socket socket(shared.io);
        std::tie(error) = co_await acceptor.async_accept(socket, awaited);
        if (error && !shared.stopping) {
            asio::steady_timer pause(shared.io, accept_pause);
            co_await pause.async_wait(awaited);
        }
        // One that was accepted at the very moment of the stop is not in the set that the stop went through.
        if (error || shared.stopping) continue;
        const auto connection = std::make_shared<Connection>(std::move(socket), shared);
        // What a connection throws (only memory can run out) ends that connection.
        asio::co_spawn(shared.io, [connection] { return connection->serve(); }, [](const std::exception_ptr&) {});
    }
}

void HttpServer::Impl::stop() {
    error_code ignored;
    shared.stopping = true;
    acceptor.close(ignored);
    shared.place.cancel();
    for (Connection* connection : shared.connections) connection->stop();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() {
    stop();
}

std::expected<std::unique_ptr<HttpServer>, std::string> HttpServer::start(const Address& listen,
                                                                          HttpApplication& application,
                                                                          HttpTimeouts timeouts) {
    auto socket = listen_tcp(listen);
    if (!socket) return std::unexpected(std::move(socket.error().message));
    auto impl = std::make_unique<Impl>(application, timeouts);
    impl->address = local_address(socket->get());
    error_code error;
    impl->acceptor.assign(listen.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket->get(), error);
    if (error) return std::unexpected(fmt::format("admin at {}: {}", listen.text(), error.message()));
    socket->release();  // the acceptor's now

    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    impl->thread = std::thread([server = impl.get()] {
        asio::co_spawn(server->shared.io, [server] { return server->accept(); }, [](const std::exception_ptr&) {});
        server->shared.io.run();
    });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::wake_streams() {
    if (impl_->shared.woken.exchange(true)) return;
    asio::post(impl_->shared.io, [server = impl_.get()] {
        server->shared.woken = false;
        for (Connection* connection : server->shared.connections) connection->wake();
    });
}

Address HttpServer::address() const {
    return impl_->address;
}

void HttpServer::stop() {
    if (!impl_->thread.joinable()) return;
    asio::post(impl_->shared.io, [server = impl_.get()] { server->stop(); });
    impl_->thread.join();
}

}  // namespace uncut::harness

// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ctl.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "harness/admin/access.hpp"
#include "harness/admin/json_text.hpp"
#include "harness/cli/ctl_text.hpp"
#include "harness/cli/progress.hpp"
#include "harness/log/printable.hpp"

namespace uncut::harness {
namespace {

namespace json = boost::json;

constexpr std::string_view default_admin = "127.0.0.1:8053";  // where `uncut demo` listens
constexpr std::string_view scheme = "http://";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// What was given, and where: the option, or the variable that stands in for it.
struct Given {
    std::string text;
    std::string_view place;
};

Given given(const std::string& option, std::string_view option_name, const char* variable_name) {
    if (!option.empty()) return {option, option_name};
    return {variable(variable_name), variable_name};
}

CtlResult<Address> admin_address(const CtlOptions& options) {
    const Given where = given(options.admin, "--admin", "UNCUT_ADMIN");
    std::string_view text = where.text.empty() ? default_admin : std::string_view(where.text);
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    const auto address = Address::parse(text, std::nullopt);
    if (!address) return ctl_misused(fmt::format("{} {}", where.place, address.error()));
    if (address->port() == 0) return ctl_misused(fmt::format("{} {}: nothing listens at port 0", where.place, text));
    return *address;
}

CtlResult<std::string> admin_token(const CtlOptions& options) {
    const Given file = given(options.token_file, "--token-file", "UNCUT_TOKEN_FILE");
    if (file.text.empty()) return "";
    auto token = read_token_file(file.text);
    if (!token) return ctl_misused(fmt::format("{} {}", file.place, token.error()));
    return std::move(*token);
}

bool is_json(const HttpResponse& response) {
    return response.content_type.starts_with("application/json") ||
           response.content_type.starts_with("application/problem+json");
}

CtlResult<CtlReply> reply_of(HttpResponse response, const HttpPeer& peer) {
    if (response.status < 200 || response.status > 299) return std::unexpected(ctl_error_of(response, peer));
    CtlReply reply;
    if (is_json(response)) {
        auto body = parse_json(response.body);
        if (!body) return ctl_misused(fmt::format("{}: no JSON: {}", peer.url(), body.error().text()));
        reply.json = std::move(*body);
    }
    for (const HttpHeader& header : response.headers) {
        if (header.name == "ETag") reply.revision = header.value;
    }
    std::erase(reply.revision, '"');
    reply.body = std::move(response.body);
    return reply;
}

// If-Match takes entity-tags (RFC 9110 13.1.1); people type revisions.
std::string tag_of(const std::string& revision) {
    return revision == "*" || revision.starts_with('"') ? revision : fmt::format("\"{}\"", revision);
}

bool is_unreserved(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '.' || letter == '_' || letter == '~';
}

std::string percent_encoded(std::string_view text) {
    // A segment of dots alone would be taken for a step in the tree (RFC 3986 5.2.4).
    const bool dots = text == "." || text == "..";
    std::string out;
    for (const char letter : text) {
        if (is_unreserved(letter) && !dots) {
            out += letter;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
        }
    }
    return out;
}

// Looks first whether anybody reads: a pipe's reader that is gone is noticed also while there is nothing to write.
bool write_to_stdout(std::string_view text) {
    pollfd reader{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    if (poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0) {
        errno = EPIPE;
        return false;
    }
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace

std::unexpected<CtlError> ctl_refused(std::string text) {
    return std::unexpected(CtlError{1, std::move(text), 0});
}

std::unexpected<CtlError> ctl_misused(std::string text) {
    return std::unexpected(CtlError{2, std::move(text), 0});
}

Ctl::Ctl(HttpPeer peer, Write write, const CtlOptions& options)
    : peer_(std::move(peer)), write_(std::move(write)), if_match_(options.if_match), json_(options.json) {}

CtlResult<Ctl> Ctl::make(const CtlOptions& options, Write write) {
    const auto address = admin_address(options);
    if (!address) return std::unexpected(address.error());
    auto token = admin_token(options);
    if (!token) return std::unexpected(token.error());
    return Ctl(HttpPeer{.address = *address, .token = std::move(*token)}, std::move(write), options);
}

CtlResult<HttpResponse> Ctl::ask(const HttpRequest& request) const {
    const ShownProgress progress([this] { return fmt::format("waiting for {} ...", peer_.url()); });
    auto response = http_ask(peer_, request);
    if (!response) return std::unexpected(ctl_error_of(response.error(), peer_));
    return std::move(*response);
}

CtlResult<CtlReply> Ctl::send(std::string_view method, const std::string& target, const json::value* body) const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers.push_back({"Accept", "application/json, application/problem+json"});
    if (method != "GET" && !if_match_.empty()) request.headers.push_back({"If-Match", tag_of(if_match_)});
    if (body != nullptr) {
        // RFC 7396 for a PATCH.
        request.headers.push_back(
            {"Content-Type", method == "PATCH" ? "application/merge-patch+json" : "application/json"});
        request.body = json::serialize(*body);
    }
    auto response = ask(request);
    if (!response) return std::unexpected(std::move(response.error()));
    return reply_of(std::move(*response), peer_);
}

CtlResult<CtlReply> Ctl::get(const std::string& target) const {
    return send("GET", target, nullptr);
}

CtlResult<CtlReply> Ctl::put(const std::string& target, const json::value& body) const {
    return send("PUT", target, &body);
}

CtlResult<CtlReply> Ctl::post(const std::string& target, const json::value& body) const {
    return send("POST", target, &body);
}

CtlResult<CtlReply> Ctl::patch(const std::string& target, const json::value& body) const {
    return send("PATCH", target, &body);
}

CtlResult<CtlReply> Ctl::remove(const std::string& target) const {
    return send("DELETE", target, nullptr);
}

CtlDone Ctl::print(std::string_view text) const {
    errno = 0;
    if (write_(text)) return {};
    // Whoever read has had enough, as `head` has: no reason to complain.
    if (errno == EPIPE) return std::unexpected(CtlError{0, "", 0});
    return ctl_misused(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

CtlDone Ctl::show(const CtlReply& reply, const std::function<std::string(const json::value&)>& render) const {
    return print(json_ ? reply.body : render(reply.json));
}

CtlDone Ctl::done(const CtlReply& reply, std::string_view what) const {
    return show(reply, [&](const json::value&) {
        if (reply.revision.empty()) return fmt::format("{}\n", what);
        return fmt::format("{} (revision {})\n", what, printable(reply.revision));
    });
}

CtlError ctl_error_of(const HttpResponse& response, const HttpPeer& peer) {
    const auto body = parse_json(response.body);
    if (!body || !body->is_object() || !body->get_object().contains("detail")) {
        return {1, fmt::format("{}: HTTP status {}", peer.url(), response.status), response.status};
    }
    std::string text = ctl_text(member(*body, "detail"));
    const std::string pointer = ctl_text(member(*body, "pointer"));
    const std::string expected = ctl_text(member(*body, "expected"));
    if (member(*body, "pointer").is_string() && !pointer.empty() && !text.contains(pointer)) {
        text = fmt::format("{}: {}", pointer, text);
    }
    if (member(*body, "expected").is_string() && !text.contains(expected))
        text += fmt::format(": expected {}", expected);
    if (response.status == 401) text += " (--token-file FILE)";
    return {1, std::move(text), response.status};
}

CtlError ctl_error_of(const HttpFailure& failure, const HttpPeer& peer) {
    if (failure.nobody) {
        return {2, fmt::format("nothing listens at {}: is uncut running with --admin?", peer.url()), 0};
    }
    return {2, printable(failure.reason), 0};
}

std::string ctl_path(std::string_view base, std::initializer_list<std::string_view> segments) {
    std::string path(base);
    for (const std::string_view segment : segments) path += fmt::format("/{}", percent_encoded(segment));
    return path;
}

std::string ctl_query(std::initializer_list<std::pair<std::string_view, std::optional<std::string>>> parameters) {
    std::string query;
    for (const auto& [name, value] : parameters) {
        if (value) query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, percent_encoded(*value));
    }
    return query;
}

int run_ctl(const CtlOptions& options, const std::function<CtlDone(const Ctl&)>& verb) {
    signal(SIGPIPE, SIG_IGN);  // print() sees that nobody reads any more
    const auto ctl = Ctl::make(options, write_to_stdout);
    CtlDone done = ctl ? verb(*ctl) : CtlDone(std::unexpected(ctl.error()));
    if (done) return 0;
    if (!done.error().text.empty()) fmt::print(stderr, "uncut ctl: {}\n", done.error().text);
    return done.error().status;
}

}  // namespace uncut::harness

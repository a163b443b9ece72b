// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace uncut::test {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::size_t number(std::string_view text) {
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// The response if `text` holds all of it; `closed` says that no more will come.
std::optional<HttpResponse> parse(const std::string& text, bool closed) {
    const auto head_end = text.find("\r\n\r\n");
    if (head_end == std::string::npos) return std::nullopt;
    HttpResponse response;
    std::string_view head(text.data(), head_end);
    const auto line_end = head.find("\r\n");
    const auto status_line = head.substr(0, line_end);
    if (status_line.size() > 12) response.status = static_cast<int>(number(status_line.substr(9, 3)));
    while (line_end != std::string_view::npos && !head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const auto line = head.substr(0, end);
        const auto colon = line.find(':');
        if (colon != std::string_view::npos) {
            response.headers[lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
        }
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    response.body = text.substr(head_end + 4);
    const auto length = response.headers.find("content-length");
    if (length != response.headers.end()) {
        const auto octets = number(length->second);
        if (response.body.size() < octets) return std::nullopt;
        response.body.resize(octets);
        return response;
    }
    if (!closed && response.status != 204) return std::nullopt;
    return response;
}

}  // namespace

HttpResponse http(const Endpoint& server, const HttpRequest& request, Milliseconds timeout) {
    const Socket socket = open_socket(server, SOCK_STREAM);
    const SystemAddress address(server);
    if (::connect(socket.fd(), address.get(), address.octets) != 0) {
        throw std::runtime_error(fmt::format("cannot connect to {}: {}", server.text(), std::strerror(errno)));
    }
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", request.method,
                                   request.target, server.text());
    if (!request.content_type.empty()) text += fmt::format("Content-Type: {}\r\n", request.content_type);
    for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
    if (!request.body.empty() || request.method != "GET")
        text += fmt::format("Content-Length: {}\r\n", request.body.size());
    text += "\r\n" + request.body;
    std::string_view left = text;
    while (!left.empty()) {
        const auto sent = ::send(socket.fd(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent < 0) break;  // it may have answered and closed before it read all
        left.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string received;
    std::array<char, 16384> buffer;
    while (readable(socket, timeout)) {
        const auto octets = ::recv(socket.fd(), buffer.data(), buffer.size(), 0);
        if (octets > 0) received.append(buffer.data(), static_cast<std::size_t>(octets));
        if (auto response = parse(received, octets <= 0)) return *response;
        if (octets <= 0) break;
    }
    return {};
}

HttpResponse patch_policy(const Endpoint& admin, std::string_view merge_patch, std::string_view zone) {
    HttpRequest request;
    request.method = "PATCH";
    request.target = fmt::format("/v1/policies/{}", zone);
    request.content_type = "application/merge-patch+json";
    request.body = merge_patch;
    return http(admin, request);
}

}  // namespace uncut::test

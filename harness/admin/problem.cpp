// SPDX-License-Identifier: Apache-2.0
#include "harness/admin/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace uncut::harness {
namespace {

namespace json = boost::json;

struct Row {
    unsigned status;
    std::string_view name;
    std::string_view title;
};

Row row_of(Problem kind) {
    switch (kind) {
        case Problem::bad_request:
            return {400, "bad-request", "The request is malformed"};
        case Problem::malformed_json:
            return {400, "malformed-json", "The body is not JSON"};
        case Problem::unauthorized:
            return {401, "unauthorized", "A token is needed"};
        case Problem::foreign_host:
            return {403, "foreign-host", "The Host header does not name this server"};
        case Problem::foreign_origin:
            return {403, "foreign-origin", "The request comes from a page of another site"};
        case Problem::not_found:
            return {404, "not-found", "There is no such resource"};
        case Problem::method_not_allowed:
            return {405, "method-not-allowed", "The resource does not have this method"};
        case Problem::timeout:
            return {408, "timeout", "The request did not arrive in time"};
        case Problem::conflict:
            return {409, "conflict", "Not in this state"};
        case Problem::precondition_failed:
            return {412, "precondition-failed", "The resource has changed"};
        case Problem::body_too_large:
            return {413, "body-too-large", "The body is too large"};
        case Problem::unsupported_media_type:
            return {415, "unsupported-media-type", "The body is of another type than the resource takes"};
        case Problem::unknown_field:
            return {422, "unknown-field", "The body has a field that is not known"};
        case Problem::wrong_value:
            return {422, "wrong-value", "The body has a value that is not allowed"};
        case Problem::header_too_large:
            return {431, "header-too-large", "The header is too large"};
        case Problem::not_ready:
            return {503, "not-ready", "Something that answering needs is missing"};
        case Problem::busy:
            return {503, "busy", "There is no room for one more"};
        case Problem::internal:
            break;
    }
    return {500, "internal", "The server failed"};
}

json::object body_of(Problem kind, std::string_view detail) {
    const Row row = row_of(kind);
    return {{"type", problem_type(kind)},
            {"title", json::string(row.title)},
            {"status", row.status},
            {"detail", json::string(detail)}};
}

HttpResponse response(Problem kind, const json::object& body) {
    HttpResponse answer;
    answer.status = row_of(kind).status;
    answer.content_type = "application/problem+json";
    answer.body = json::serialize(body) + "\n";
    return answer;
}

}  // namespace

std::string problem_type(Problem kind) {
    return fmt::format("urn:uncut:problem:{}", row_of(kind).name);
}

HttpResponse problem(Problem kind, std::string_view detail) {
    return response(kind, body_of(kind, detail));
}

HttpResponse wrong_parameter(std::string_view name, std::string_view expected, std::string_view got) {
    json::object body = body_of(
        Problem::wrong_value, fmt::format("{}: expected {}, got {}", name, expected, json_excerpt(json::string(got))));
    body["parameter"] = json::string(name);
    body["expected"] = json::string(expected);
    return response(Problem::wrong_value, body);
}

HttpResponse unknown_parameter(std::string_view name, std::string_view expected) {
    json::object body =
        body_of(Problem::unknown_field, fmt::format("the query: expected {}, got the unknown parameter {}", expected,
                                                    json_excerpt(json::string(name))));
    body["parameter"] = json::string(name);
    body["expected"] = json::string(expected);
    return response(Problem::unknown_field, body);
}

HttpResponse not_ready(const std::vector<std::string>& what) {
    json::object body = body_of(Problem::not_ready, fmt::format("not ready: {}", fmt::join(what, ", ")));
    json::array names;
    for (const std::string& name : what) names.emplace_back(name);
    body["not_ready"] = std::move(names);
    return response(Problem::not_ready, body);
}

HttpResponse problem(const JsonError& error) {
    const Problem kind = error.kind == JsonError::Kind::unknown_field ? Problem::unknown_field : Problem::wrong_value;
    json::object body = body_of(kind, error.text());
    body["pointer"] = error.pointer;
    body["expected"] = error.expected;
    return response(kind, body);
}

HttpResponse problem(const JsonSyntaxError& error) {
    const Problem kind = error.pointer.empty() ? Problem::malformed_json : Problem::wrong_value;
    json::object body = body_of(kind, error.text());
    if (!error.pointer.empty()) body["pointer"] = error.pointer;
    body["line"] = error.line;
    body["column"] = error.column;
    return response(kind, body);
}

}  // namespace uncut::harness

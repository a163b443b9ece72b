// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <expected>
#include <string_view>
#include <utility>

#include "harness/admin/json_text.hpp"
#include "harness/upstream/rrset_spec.hpp"

namespace uncut::harness {

using Answer = std::pair<upstream::RrSetKey, upstream::RrSetSpec>;

/// Reads one RRset of the upstream. With `of` its name and type may be left out, and say nothing else.
std::expected<Answer, JsonError> read_answer(const boost::json::value& value, std::string_view pointer,
                                             const upstream::RrSetKey* of = nullptr);

/// Reads an array of them, each name and type once.
std::expected<upstream::Answers, JsonError> read_answers(const boost::json::value& value, std::string_view pointer);

/// Reads {"answers": [...]} or {"zone": "master-file text"}.
std::expected<upstream::Answers, JsonError> read_answers_document(const boost::json::value& value);

boost::json::object answer_to_json(const upstream::RrSetKey& key, const upstream::RrSetSpec& spec);
boost::json::array answers_to_json(const upstream::Answers& answers);

}  // namespace uncut::harness

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace uncut::harness::upstream {

/// Leads through two CNAMEs to 22 addresses: more than 512 octets, fewer than 1232.
constexpr std::string_view demo_chain_name = "quote-redis-cluster.default.svc.cluster.local";
/// 200 addresses: with an OPT (without options) the answer is 3,296 octets.
constexpr std::string_view demo_large_name = "endpoints.quote-redis-cluster-headless.production.svc.cluster.local";

/// The records of the story, and beside them one., sixty., text. and large-text.default.svc.cluster.local: 1 and 60
/// addresses, a TXT that fits and one of some 3,000 octets. Each name with A records has as many AAAA. The addresses
/// are those kept for documentation (RFC 5737, RFC 3849).
std::string demo_zone_text();

}  // namespace uncut::harness::upstream

// SPDX-License-Identifier: Apache-2.0
// Owners for what ldns allocates. Only the sources that talk to ldns include this.
#pragma once

#include <ldns/ldns.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace uncut::harness::upstream {

template <auto Free>
struct CallFree {
    template <typename T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};

using RdfPtr = std::unique_ptr<ldns_rdf, CallFree<ldns_rdf_deep_free>>;
using RrPtr = std::unique_ptr<ldns_rr, CallFree<ldns_rr_free>>;
using PktPtr = std::unique_ptr<ldns_pkt, CallFree<ldns_pkt_free>>;
using CharPtr = std::unique_ptr<char, CallFree<std::free>>;
using FilePtr = std::unique_ptr<std::FILE, CallFree<std::fclose>>;

}  // namespace uncut::harness::upstream

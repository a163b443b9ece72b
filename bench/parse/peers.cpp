// SPDX-License-Identifier: Apache-2.0
#include "bench/parse/peers.hpp"

#include <arpa/nameser.h>
#include <ldns/ldns.h>

#include <initializer_list>

namespace uncut::bench {

bool read_with_ldns(const std::uint8_t* data, std::size_t octets) {
    ldns_pkt* packet = nullptr;
    if (ldns_wire2pkt(&packet, data, octets) != LDNS_STATUS_OK) return false;
    ldns_pkt_free(packet);
    return true;
}

bool read_with_glibc(const std::uint8_t* data, std::size_t octets) {
    ns_msg handle;
    if (ns_initparse(data, static_cast<int>(octets), &handle) != 0) return false;
    for (const ns_sect section : {ns_s_qd, ns_s_an, ns_s_ns, ns_s_ar}) {
        const int records = ns_msg_count(handle, section);
        for (int i = 0; i < records; ++i) {
            ns_rr record;
            if (ns_parserr(&handle, section, i, &record) != 0) return false;
        }
    }
    return true;
}

}  // namespace uncut::bench

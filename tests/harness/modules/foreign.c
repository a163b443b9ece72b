/* SPDX-License-Identifier: Apache-2.0 */
/* A module of another major version, which refuses us as the contract says; or, built with ACCEPTS, one that does
 * not look at the version at all; or, built with SHORT_TABLE, one of our version whose table ends early. */
#include <uncut.h>

#ifdef SHORT_TABLE
#define TABLE_OCTETS UNCUT_STRUCT_SIZE(uncut_module, version)
#else
#define TABLE_OCTETS UNCUT_STRUCT_SIZE(uncut_module, engine_in_flight)
#endif

const uncut_module* uncut_module_open(uncut_handshake* handshake, uncut_status* status) {
#if defined(ACCEPTS) || defined(SHORT_TABLE)
    static uncut_module table;
    table.size = TABLE_OCTETS;
#endif
#ifdef SHORT_TABLE
    handshake->module_major = UNCUT_ABI_MAJOR;
#else
    handshake->module_major = 7;
#endif
    handshake->module_minor = 3;
    handshake->minor = 0;
#if defined(ACCEPTS) || defined(SHORT_TABLE)
    *status = UNCUT_OK;
    return &table;
#else
    *status = UNCUT_MISUSE_VERSION;
    return NULL;
#endif
}

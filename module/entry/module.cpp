// SPDX-License-Identifier: Apache-2.0
// The one exported function: it negotiates the version and hands out the table.
#include "module/entry/calls.hpp"
#include "module/entry/guard.hpp"
#include "module/entry/structs.hpp"

namespace uncut::entry {
namespace {

// In the order of uncut_module.
constexpr uncut_module table = {
    known_octets<uncut_module>,
    0,
    UNCUT_MODULE_VERSION,
    status_name,
    inspect,
    classify,
    clamp,
    fit,
    name_text,
    instance_create,
    instance_destroy,
    policy_preset,
    preset_name,
    set_policies,
    get_policy,
    forget_learned,
    counters,
    counter_info,
    exchange_needs,
    exchange_start,
    exchange_on_event,
    exchange_cancel,
    engine_defaults,
    engine_create,
    engine_destroy,
    engine_descriptor,
    engine_submit,
    engine_cancel,
    engine_process,
    engine_in_flight,
};

// Says which version the module has, also to a host that it refuses.
Status negotiate(uncut_handshake* handshake) noexcept {
    uncut_handshake words{};
    if (const Status misuse = copy_in(handshake, words)) return misuse;
    words.module_major = UNCUT_ABI_MAJOR;
    words.module_minor = UNCUT_ABI_MINOR;
    const bool matches = words.host_major == UNCUT_ABI_MAJOR;
    if (matches) words.minor = std::min(words.host_minor, std::uint32_t{UNCUT_ABI_MINOR});
    copy_out(handshake, words);
    return matches ? UNCUT_OK : UNCUT_MISUSE_VERSION;
}

}  // namespace
}  // namespace uncut::entry

extern "C" __attribute__((visibility("default"))) const uncut_module* uncut_module_open(uncut_handshake* handshake,
                                                                                        uncut_status* status) {
    using namespace uncut::entry;
    const uncut_status said = guarded([&] { return negotiate(handshake); });
    put(status, said);
    return said == UNCUT_OK ? &table : nullptr;
}

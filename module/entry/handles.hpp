// SPDX-License-Identifier: Apache-2.0
// The objects behind the border: a handle is the address of the object, under a name that says nothing of it.
#pragma once

#include "module/exchange/exchange.hpp"

namespace uncut::entry {

inline uncut_instance* to_handle(exchange::Instance* instance) noexcept {
    return reinterpret_cast<uncut_instance*>(instance);
}
inline exchange::Instance* from_handle(uncut_instance* handle) noexcept {
    return reinterpret_cast<exchange::Instance*>(handle);
}

inline uncut_exchange* to_handle(exchange::Exchange* exchange) noexcept {
    return reinterpret_cast<uncut_exchange*>(exchange);
}
inline exchange::Exchange* from_handle(uncut_exchange* handle) noexcept {
    return reinterpret_cast<exchange::Exchange*>(handle);
}

}  // namespace uncut::entry

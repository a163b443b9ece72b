// SPDX-License-Identifier: Apache-2.0
// The guard: what stands between C++ and the border. No exception crosses it; without one it costs nothing.
#pragma once

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "module/wire/header.hpp"

namespace uncut::entry {

// Runs the body of an entry point and returns its status, or a status of the unusable band for what it threw. With
// UNCUT_UNUSABLE_SYSTEM errno says why.
template <class Body>
Status guarded(Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const std::bad_alloc&) {
        return UNCUT_UNUSABLE_MEMORY;
    } catch (const std::system_error& error) {
        errno = error.code().value();
        return UNCUT_UNUSABLE_SYSTEM;
    } catch (...) {
        return UNCUT_UNUSABLE_INTERNAL;
    }
}

}  // namespace uncut::entry

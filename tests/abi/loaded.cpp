// SPDX-License-Identifier: Apache-2.0
#include "tests/abi/loaded.hpp"

#include <uncut_paths.hpp>

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace uncut::abi_test {

uncut_module_open_fn open_function() {
    static const uncut_module_open_fn function = [] {
        void* library = dlopen(UNCUT_SO, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) throw std::runtime_error(dlerror());
        void* symbol = dlsym(library, "uncut_module_open");
        if (symbol == nullptr) throw std::runtime_error(dlerror());
        return reinterpret_cast<uncut_module_open_fn>(symbol);
    }();
    return function;
}

const uncut_module& table() {
    static const uncut_module* opened = [] {
        auto handshake = sized<uncut_handshake>();
        handshake.host_major = UNCUT_ABI_MAJOR;
        handshake.host_minor = UNCUT_ABI_MINOR;
        const uncut_module* got = open_function()(&handshake, nullptr);
        if (got == nullptr) throw std::runtime_error("the module does not open for its own header's version");
        return got;
    }();
    return *opened;
}

Guarded::Guarded(std::size_t octets, std::uint8_t fill) : octets_(octets) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable = std::max<std::size_t>((octets + page - 1) / page, 1) * page;
    mapped_ = usable + page;
    pages_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages_ == MAP_FAILED) throw std::runtime_error("mmap");
    auto* first = static_cast<std::uint8_t*>(pages_);
    if (mprotect(first + usable, page, PROT_NONE) != 0) throw std::runtime_error("mprotect");
    data_ = first + usable - octets;
    std::fill_n(data_, octets, fill);
}

Guarded::Guarded(std::span<const std::uint8_t> content) : Guarded(content.size()) {
    std::copy(content.begin(), content.end(), data_);
}

Guarded::~Guarded() {
    munmap(pages_, mapped_);
}

bool Guarded::holds_only(std::uint8_t value) const {
    return std::all_of(data_, data_ + octets_, [value](std::uint8_t octet) { return octet == value; });
}

void Guarded::take_away() {
    if (mprotect(pages_, mapped_, PROT_NONE) != 0) throw std::runtime_error("mprotect");
}

namespace {

void put16(Octets& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

Octets opt(std::size_t bufsize) {
    Octets record{0};
    put16(record, 41);
    put16(record, bufsize);
    record.insert(record.end(), 6, 0);  // TTL (extended RCODE, version, flags) and RDLENGTH
    return record;
}

}  // namespace

Octets name(const std::string& text) {
    Octets out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t dot = std::min(text.find('.', at), text.size());
        out.push_back(static_cast<std::uint8_t>(dot - at));
        out.insert(out.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                   text.begin() + static_cast<std::ptrdiff_t>(dot));
        at = dot + 1;
    }
    out.push_back(0);
    return out;
}

Octets query(const std::string& qname, int bufsize, std::uint16_t id) {
    Octets out;
    put16(out, id);
    put16(out, 0x0100);                                                                       // RD
    for (const bool record : {true, false, false, bufsize != 0}) put16(out, record ? 1 : 0);  // the counts
    const Octets owner = name(qname);
    out.insert(out.end(), owner.begin(), owner.end());
    put16(out, 1);  // A
    put16(out, 1);  // IN
    if (bufsize != 0) {
        const Octets record = opt(static_cast<std::size_t>(bufsize));
        out.insert(out.end(), record.begin(), record.end());
    }
    return out;
}

Octets response(const Octets& query, std::size_t addresses, bool tc) {
    const bool has_opt = query[11] != 0;
    const std::size_t question_end = query.size() - (has_opt ? 11 : 0);
    Octets out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(question_end));
    out[2] = static_cast<std::uint8_t>(0x81 | (tc ? 2 : 0));  // QR, RD
    out[3] = 0x80;                                            // RA
    out[6] = static_cast<std::uint8_t>(addresses >> 8);
    out[7] = static_cast<std::uint8_t>(addresses);
    for (std::size_t i = 0; i < addresses; ++i) {
        put16(out, 0xc00c);  // the question's name
        put16(out, 1);
        put16(out, 1);
        put16(out, 0);
        put16(out, 300);
        put16(out, 4);
        put16(out, 0xc000);  // 192.0.x.y
        put16(out, i);
    }
    if (has_opt) {
        const Octets record = opt(1232);
        out.insert(out.end(), record.begin(), record.end());
    }
    return out;
}

bool same(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace uncut::abi_test

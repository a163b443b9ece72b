# SPDX-License-Identifier: Apache-2.0
# Writes files as arrays of octets: cmake -DOUT=FILE.cpp -DBASE=DIR -DFILES="a;b" -P embed.cmake
list(SORT FILES COMPARE STRING)
set(arrays "")
set(rows "")
set(index 0)
foreach(file IN LISTS FILES)
    file(READ "${BASE}/${file}" hex HEX)
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," octets "${hex}")
    string(APPEND arrays "constexpr char file_${index}[] = {${octets}'\\0'};\n")
    string(APPEND rows "    {\"${file}\", {file_${index}, sizeof file_${index} - 1}},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by embed.cmake.
#include \"harness/assets/assets.hpp\"

#include <array>

namespace uncut::harness {
namespace {
${arrays}constexpr std::array<Asset, ${index}> all = {{
${rows}}};
}  // namespace

std::span<const Asset> assets() {
    return all;
}
}  // namespace uncut::harness
")

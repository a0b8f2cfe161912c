// What the linker puts in place of a variable of libc: see CMakeLists.txt.
// SPDX-License-Identifier: Apache-2.0

/// As __libc_single_threaded: 0, more threads than one may run, so that counts are atomic.
extern "C" char attest_is_single_threaded;
char attest_is_single_threaded = 0;

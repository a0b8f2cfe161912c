// Findings as a person reads them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/finding.h"

#include <gtest/gtest.h>

#include <set>

namespace attest {
namespace {

Finding shared_read() {
  Finding f;
  f.kind = FindingKind::out_of_bounds;
  f.kernel = "attention_f32";
  f.party = {{0, 1, 0}, {3, 0, 0}, {"kernels/attention_f32.cu", 88, 412}, Access::read};
  f.space = Space::shared;
  f.address = 0x2040;
  f.size_bytes = 4;
  f.allocation = "tile_k";
  f.distance_bytes = 12;
  return f;
}

TEST(Describe, OutOfBoundsAfterAnAllocation) {
  EXPECT_EQ(describe(shared_read()),
            "Invalid __shared__ read of size 4 bytes\n"
            "    at attention_f32 in kernels/attention_f32.cu:88 (PTX line 412)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    Address 0x2040 is out of bounds: 12 bytes after the end of 'tile_k'");
}

TEST(Describe, OutOfBoundsBeforeAnAllocationWithoutASourceLine) {
  Finding f = shared_read();
  f.space = Space::global;
  f.party.access = Access::write;
  f.party.site = {"", 0, 7};
  f.size_bytes = 1;
  f.distance_bytes = -1;
  EXPECT_EQ(describe(f),
            "Invalid __global__ write of size 1 byte\n"
            "    at attention_f32 (PTX line 7)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    Address 0x2040 is out of bounds: 1 byte before the start of 'tile_k'");
}

TEST(Describe, StoreToAnInputIsInsideItsAllocation) {
  Finding f = shared_read();
  f.party.access = Access::write;
  f.distance_bytes = 0;
  f.message = "'tile_k' is read only";
  EXPECT_NE(describe(f).find("\n    Address 0x2040 is not allowed in 'tile_k'\n"
                             "    'tile_k' is read only"),
            std::string::npos);
}

TEST(Describe, RaceNamesBothParties) {
  Finding f = shared_read();
  f.kind = FindingKind::shared_race;
  f.distance_bytes = 0;
  f.other = Party{{0, 1, 0}, {64, 0, 0}, {"kernels/attention_f32.cu", 71, 300}, Access::write};
  EXPECT_EQ(describe(f),
            "Race on __shared__ read of size 4 bytes\n"
            "    at attention_f32 in kernels/attention_f32.cu:88 (PTX line 412)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    and Write access at attention_f32 in kernels/attention_f32.cu:71 (PTX line 300)\n"
            "    by thread (64,0,0) in block (0,1,0)\n"
            "    Address 0x2040 in 'tile_k'");
}

TEST(Describe, ARaceOnGlobalMemoryNamesBothBlocks) {
  Finding f = shared_read();
  f.kind = FindingKind::global_race;
  f.space = Space::global;
  f.party.access = Access::write;
  f.address = 0x7f0000001100;
  f.distance_bytes = 0;
  f.allocation = "o";
  f.other = Party{{7, 0, 0}, {64, 0, 0}, {"kernels/attention_f32.cu", 71, 300}, Access::read};
  EXPECT_EQ(describe(f),
            "Race on __global__ write of size 4 bytes\n"
            "    at attention_f32 in kernels/attention_f32.cu:88 (PTX line 412)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    and Read access at attention_f32 in kernels/attention_f32.cu:71 (PTX line 300)\n"
            "    by thread (64,0,0) in block (7,0,0)\n"
            "    Address 0x7f0000001100 in 'o'");
  f.kind = FindingKind::nc_write;
  EXPECT_EQ(describe(f).substr(0, describe(f).find('\n')),
            "Write and read-only (.nc) read in one launch: __global__ write of size 4 bytes");
}

TEST(Describe, MisuseOfAnMbarrierSaysWhereItIs) {
  Finding f = shared_read();
  f.kind = FindingKind::mbarrier_misuse;
  f.distance_bytes = 0;
  f.allocation = "full";
  f.message = "no mbarrier was initialised here";
  EXPECT_EQ(describe(f),
            "Barrier error: misused mbarrier\n"
            "    at attention_f32 in kernels/attention_f32.cu:88 (PTX line 412)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    Address 0x2040 in 'full'\n"
            "    no mbarrier was initialised here");
}

TEST(Describe, AnUndefinedRegisterHasNoAddress) {
  Finding f = shared_read();
  f.kind = FindingKind::undefined_register;
  f.message = "%r7";
  EXPECT_EQ(describe(f),
            "Undefined register read\n"
            "    at attention_f32 in kernels/attention_f32.cu:88 (PTX line 412)\n"
            "    by thread (3,0,0) in block (0,1,0)\n"
            "    %r7");
}

TEST(Describe, LaunchFaultsHaveNoThread) {
  Finding f;
  f.kind = FindingKind::invalid_launch;
  f.kernel = "attention_f32";
  f.message = "block of 2048 threads, allowed: 1024";
  EXPECT_EQ(describe(f),
            "Invalid launch\n"
            "    at attention_f32\n"
            "    block of 2048 threads, allowed: 1024");
}

TEST(Describe, MisalignedAndUninitialisedSayWhich) {
  Finding f = shared_read();
  f.distance_bytes = 0;
  f.kind = FindingKind::misaligned;
  EXPECT_NE(describe(f).find("Address 0x2040 is misaligned in 'tile_k'"), std::string::npos);
  f.kind = FindingKind::uninitialised_read;
  EXPECT_EQ(describe(f).rfind("Uninitialized __shared__ read of size 4 bytes\n", 0), 0u);
}

TEST(Describe, EveryKindHasItsOwnNameAndHeadline) {
  std::set<std::string> names;
  std::set<std::string> headlines;
  for (int kind = 0; kind <= static_cast<int>(FindingKind::timeout); ++kind) {
    Finding f = shared_read();
    f.kind = static_cast<FindingKind>(kind);
    f.message = "the rest";
    names.insert(std::string(name(f.kind)));
    const std::string text = describe(f);
    EXPECT_EQ(text.substr(text.rfind('\n')), "\n    the rest");
    if (f.kind != FindingKind::misaligned) headlines.insert(text.substr(0, text.find('\n')));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(FindingKind::timeout) + 1);
  // misaligned shares "Invalid .." with out_of_bounds, the two races theirs: the space tells
  EXPECT_EQ(headlines.size() + 2, names.size());
}

}  // namespace
}  // namespace attest
